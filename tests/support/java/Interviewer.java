import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.CoreModelModule;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.GroupDef;
import org.javarosa.core.model.RangeQuestion;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.ValidateOutcome;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.data.StringData;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.core.reference.ReferenceManager;
import org.javarosa.core.services.PropertyManager;
import org.javarosa.core.services.PrototypeManager;
import org.javarosa.core.util.JavaRosaCoreModule;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.model.xform.XFormSerializingVisitor;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.util.XFormUtils;
import org.javarosa.xpath.XPathConditional;

/**
 * Holds interviews on a form with JavaRosa, the engine inside ODK Collect, and writes each as Collect does.
 * Its one argument is a job in JSON: form, media, out, seed, count, and answers (name to text; "{i}" in a text
 * becomes the interview's number). What no answer is given for is guessed; in an interview that is opened again
 * (edit: its folder) it stays. Run by javarosa.py.
 */
public final class Interviewer {
    private static final int TRIES = 400;
    private static final int ROUNDS = 50;
    private static final int MOST_REPEATS = 3;
    private static final int LEFT_BLANK_ONE_IN = 10;

    /** The interview cannot go on; the text says where. */
    private static final class Stuck extends RuntimeException {
        Stuck(String text) {
            super(text);
        }
    }

    private final FormDef form;
    private final FormEntryModel model;
    private final FormEntryController entry;
    private final TreeElement blank;
    private final JsonNode answers;
    private final long seed;
    private final Path edited; // a finished interview to be opened again, or null

    // Of the interview that is under way.
    private int number;
    private Random random;
    private Guess guess;
    private Map<String, byte[]> files;
    private Map<String, Integer> wanted;
    private AuditLog audit;

    private Interviewer(JsonNode job) throws Exception {
        PrototypeManager.registerPrototypes(JavaRosaCoreModule.classNames);
        PrototypeManager.registerPrototypes(CoreModelModule.classNames);
        new XFormsModule().registerModule();
        PropertyManager.setPropertyManager(new PhoneProperties());
        ReferenceManager.instance().addReferenceFactory(new MediaFolder(new File(job.get("media").asText())));
        form = XFormUtils.getFormFromFormXml(job.get("form").asText(), null);
        blank = form.getMainInstance().getRoot().deepCopy(true);
        model = new FormEntryModel(form);
        entry = new FormEntryController(model);
        answers = job.get("answers");
        seed = job.get("seed").asLong();
        edited = job.path("edit").asText("").isEmpty() ? null : Path.of(job.get("edit").asText());
        refuseUnknown(new TreeSet<>(names(blank, new ArrayList<>())));
    }

    public static void main(String[] arguments) throws Exception {
        JsonNode job = new ObjectMapper().readTree(new File(arguments[0]));
        int current = 0;
        try {
            Interviewer interviewer = new Interviewer(job);
            for (current = 1; current <= job.get("count").asInt(); current++) {
                interviewer.hold(current, Path.of(job.get("out").asText()).resolve(String.valueOf(current)));
            }
        } catch (Stuck e) {
            System.err.println("interview " + current + ": " + e.getMessage());
            System.exit(3);
        }
    }

    private void refuseUnknown(Set<String> known) {
        answers.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) throw new Stuck("the form has no question " + name);
        });
    }

    private static List<String> names(TreeElement element, List<String> found) {
        found.add(element.getName());
        for (int i = 0; i < element.getNumChildren(); i++) names(element.getChildAt(i), found);
        return found;
    }

    /** One interview from the first question to the files in `folder`. */
    private void hold(int ordinal, Path folder) throws Exception {
        number = ordinal;
        random = new Random(seed * 1_000_003 + ordinal);
        guess = new Guess(random, LocalDate.now());
        files = new LinkedHashMap<>();
        wanted = new HashMap<>();
        audit = new AuditLog();
        form.getMainInstance().setRoot(blank.deepCopy(true));
        if (edited != null) Finished.open(form, blank, edited, files);
        form.initialize(edited == null, new InstanceInitializationFactory());
        if (edited != null) Finished.replace(form);
        walk(FormIndex.createBeginningOfFormIndex());
        settle();
        audit.note("form finalize", "");
        keepAudit();
        entry.finalizeFormEntry();
        byte[] xml = new XFormSerializingVisitor().serializeInstance(form.getMainInstance());
        String text = new String(xml, StandardCharsets.UTF_8);
        Files.createDirectories(folder);
        Files.write(folder.resolve(ordinal + ".xml"), xml);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            // A question that is no longer asked leaves no file.
            if (text.contains(">" + file.getKey() + "<")) Files.write(folder.resolve(file.getKey()), file.getValue());
        }
    }

    /** The log of events goes with the interview when the form asks for one. */
    private void keepAudit() {
        TreeElement meta = form.getMainInstance().getRoot().getFirstChild("meta");
        TreeElement log = meta == null ? null : meta.getFirstChild("audit");
        if (log == null) return;
        log.setValue(new StringData(AuditLog.FILE));
        files.put(AuditLog.FILE, audit.bytes());
    }

    /** The path as the log of events has it: with a position only on repeats. */
    private String path(TreeReference place) {
        StringBuilder made = new StringBuilder();
        for (int i = 0; i < place.size(); i++) {
            made.append('/').append(place.getName(i));
            TreeElement element = form.getMainInstance().resolveReference(place.getSubReference(i));
            if (element.isRepeatable()) made.append('[').append(place.getMultiplicity(i) + 1).append(']');
        }
        return made.toString();
    }

    /** Asks again what later answers have made wrong, as Collect does when an interview is finished. */
    private void settle() {
        ValidateOutcome wrong = form.validate();
        for (int round = 0; wrong != null; round++, wrong = form.validate()) {
            if (round == ROUNDS) throw new Stuck(wrong.failedPrompt.getReference() + " cannot be put right");
            entry.jumpToIndex(wrong.failedPrompt);
            ask(true);
            walk(wrong.failedPrompt);
        }
    }

    /** Goes through all that comes after `start`. */
    private void walk(FormIndex start) {
        entry.jumpToIndex(start);
        int event = entry.stepToNextEvent();
        while (event != FormEntryController.EVENT_END_OF_FORM) {
            FormIndex index = model.getFormIndex();
            if (event == FormEntryController.EVENT_QUESTION) ask(false);
            if (event == FormEntryController.EVENT_PROMPT_NEW_REPEAT && index.getElementMultiplicity() < repeats(index)) {
                entry.newRepeat();
            }
            boolean none = event == FormEntryController.EVENT_REPEAT && repeats(index) == 0 && mayDelete(index);
            event = none ? entry.jumpToIndex(entry.deleteRepeat()) : entry.stepToNextEvent();
        }
    }

    private boolean mayDelete(FormIndex index) {
        GroupDef group = (GroupDef) form.getChild(index);
        return index.getElementMultiplicity() == 0 && group.getCountReference() == null && !group.noAddRemove;
    }

    /** How often the repeat at `index` shall be filled in its parent: decided once in an interview. */
    private int repeats(FormIndex index) {
        TreeReference place = index.getReference();
        String key = place.getParentRef().toString(true) + "/" + place.getNameLast();
        String given = given(place);
        return wanted.computeIfAbsent(key, k -> given == null ? random.nextInt(MOST_REPEATS + 1) : Integer.parseInt(given));
    }

    private String given(TreeReference place) {
        JsonNode text = answers.get(place.getNameLast());
        return text == null ? null : text.asText().replace("{i}", String.valueOf(number));
    }

    /** Answers the question that the form is at: as given, as it stands, or by guessing until the form agrees. */
    private void ask(boolean again) {
        FormEntryPrompt prompt = model.getQuestionPrompt();
        FormIndex index = prompt.getIndex();
        audit.note("question", path(index.getReference()));
        if (prompt.isReadOnly()) return;
        String given = again ? null : given(index.getReference());
        if (given != null && accepts(index, answer(prompt, given))) return;
        if (edited != null && !again) return;
        IAnswerData standing = prompt.getAnswerValue();
        if (standing != null && given == null && !again && accepts(index, standing)) return;
        boolean skip = !again && random.nextInt(LEFT_BLANK_ONE_IN) == 0;
        if (skip && accepts(index, null)) return;
        for (int tries = 0; tries < TRIES; tries++) {
            IAnswerData made = answer(prompt, invent(prompt, tries));
            if (made != null && accepts(index, made)) return;
        }
        if (!accepts(index, null)) throw new Stuck("no answer that " + index.getReference() + " accepts was found");
    }

    private boolean accepts(FormIndex index, IAnswerData answer) {
        return entry.answerQuestion(index, answer, true) == FormEntryController.ANSWER_OK;
    }

    private IAnswerData answer(FormEntryPrompt prompt, String text) {
        IAnswerData made = Answer.of(prompt, text);
        if (made != null && Answer.isFile(prompt)) files.put(text, ("made up for " + text).getBytes(StandardCharsets.UTF_8));
        return made;
    }

    private String invent(FormEntryPrompt prompt, int tries) {
        int control = prompt.getControlType();
        if (Answer.isSelect(prompt)) return pick(prompt, control, tries);
        if (Answer.isFile(prompt)) return (1_700_000_000_000L + random.nextInt()) + "." + extension(control);
        if (control == Constants.CONTROL_TRIGGER) return "OK";
        if (prompt.getQuestion() instanceof RangeQuestion) return step((RangeQuestion) prompt.getQuestion());
        TreeElement element = form.getMainInstance().resolveReference(prompt.getIndex().getReference());
        String rule = element.getConstraint() == null ? "" : ((XPathConditional) element.getConstraint().constraint).xpath;
        List<String> mentioned = rule.isEmpty() ? List.of() : mentioned(element);
        switch (prompt.getDataType()) {
            case Constants.DATATYPE_INTEGER: return guess.number(rule, mentioned, true);
            case Constants.DATATYPE_DECIMAL: return guess.number(rule, mentioned, false);
            case Constants.DATATYPE_DATE: return guess.day(rule, mentioned, tries);
            case Constants.DATATYPE_TIME: return guess.time();
            case Constants.DATATYPE_DATE_TIME: return guess.day(rule, mentioned, tries) + "T" + guess.time();
            case Constants.DATATYPE_GEOPOINT: return guess.points(1, false);
            case Constants.DATATYPE_GEOTRACE: return guess.points(3, false);
            case Constants.DATATYPE_GEOSHAPE: return guess.points(4, true);
            default: return guess.words(rule, mentioned);
        }
    }

    private String pick(FormEntryPrompt prompt, int control, int tries) {
        List<String> names = new ArrayList<>();
        for (SelectChoice choice : prompt.getSelectChoices()) names.add(choice.getValue());
        if (names.isEmpty()) return null;
        if (control == Constants.CONTROL_RANK) return guess.order(names);
        return control == Constants.CONTROL_SELECT_ONE ? names.get(random.nextInt(names.size())) : guess.some(names, tries);
    }

    private String step(RangeQuestion range) {
        double steps = range.getRangeEnd().subtract(range.getRangeStart()).doubleValue() / range.getRangeStep().doubleValue();
        int taken = random.nextInt((int) Math.abs(steps) + 1) * (steps < 0 ? -1 : 1);
        return range.getRangeStart().add(range.getRangeStep().multiply(new BigDecimal(taken))).toPlainString();
    }

    private static String extension(int control) {
        if (control == Constants.CONTROL_IMAGE_CHOOSE) return "jpg";
        if (control == Constants.CONTROL_AUDIO_CAPTURE) return "m4a";
        return control == Constants.CONTROL_VIDEO_CAPTURE ? "mp4" : "pdf";
    }

    /** The answers given so far that the question's rule speaks of. */
    private List<String> mentioned(TreeElement element) {
        List<String> texts = new ArrayList<>();
        for (TreeReference other : element.getConstraint().constraint.getTriggers(element.getRef())) {
            for (TreeReference place : form.getEvaluationContext().expandReference(other.contextualize(element.getRef()))) {
                IAnswerData value = form.getMainInstance().resolveReference(place).getValue();
                if (value != null && !place.equals(element.getRef())) texts.add(value.uncast().getString());
            }
        }
        return texts;
    }
}
