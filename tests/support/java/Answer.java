import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.data.MultipleItemsData;
import org.javarosa.core.model.data.SelectMultiData;
import org.javarosa.core.model.data.SelectOneData;
import org.javarosa.core.model.data.StringData;
import org.javarosa.core.model.data.helper.Selection;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.xform.util.XFormAnswerDataParser;

/** Turns a text into an answer as the engine holds it. */
final class Answer {
    private static final Set<Integer> FILES = Set.of(Constants.CONTROL_IMAGE_CHOOSE, Constants.CONTROL_AUDIO_CAPTURE,
        Constants.CONTROL_VIDEO_CAPTURE, Constants.CONTROL_FILE_CAPTURE, Constants.CONTROL_UPLOAD);
    private static final Set<Integer> SELECTS =
        Set.of(Constants.CONTROL_SELECT_ONE, Constants.CONTROL_SELECT_MULTI, Constants.CONTROL_RANK);

    private Answer() { }

    static boolean isFile(FormEntryPrompt prompt) {
        return FILES.contains(prompt.getControlType());
    }

    static boolean isSelect(FormEntryPrompt prompt) {
        return SELECTS.contains(prompt.getControlType());
    }

    /** Null when the text is no answer to this question; several choices are joined by spaces. */
    static IAnswerData of(FormEntryPrompt prompt, String text) {
        if (text == null || text.isEmpty()) return null;
        if (isSelect(prompt)) return chosen(prompt, Arrays.asList(text.trim().split("\\s+")));
        if (isFile(prompt)) return new StringData(text);
        if (prompt.getControlType() == Constants.CONTROL_TRIGGER) return new StringData("OK");
        try {
            return XFormAnswerDataParser.getAnswerData(text, prompt.getDataType(), prompt.getQuestion());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static IAnswerData chosen(FormEntryPrompt prompt, List<String> names) {
        List<Selection> found = new ArrayList<>();
        List<SelectChoice> offered = prompt.getSelectChoices();
        int control = prompt.getControlType();
        if (control == Constants.CONTROL_RANK) {
            for (String name : names) {
                offered.stream().filter(c -> c.getValue().equals(name)).limit(1).forEach(c -> found.add(c.selection()));
            }
        } else {
            // Collect writes them in the order of the list, whatever the order of ticking.
            for (SelectChoice choice : offered) {
                if (names.contains(choice.getValue())) found.add(choice.selection());
            }
        }
        if (found.size() != names.size()) return null;
        if (control == Constants.CONTROL_SELECT_ONE) return found.size() == 1 ? new SelectOneData(found.get(0)) : null;
        return control == Constants.CONTROL_RANK ? new MultipleItemsData(found) : new SelectMultiData(found);
    }
}
