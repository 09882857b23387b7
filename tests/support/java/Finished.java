import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.data.StringData;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.xform.parse.XFormParser;

/** A finished interview that is opened again, as Collect opens one that may still be edited after it was sent. */
final class Finished {
    private Finished() {
    }

    /** Puts the answers of the interview in `folder` into the form, and its attachments into `files`. */
    static void open(FormDef form, TreeElement blank, Path folder, Map<String, byte[]> files) throws Exception {
        byte[] xml = Files.readAllBytes(folder.resolve(folder.getFileName() + ".xml"));
        TreeElement root = blank.deepCopy(true);
        root.populate(XFormParser.restoreDataModel(xml, null).getRoot(), form);
        form.getMainInstance().setRoot(root);
        try (var found = Files.list(folder)) {
            for (Path file : (Iterable<Path>) found::iterator) {
                if (!file.toString().endsWith(".xml")) files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
    }

    /** The interview becomes one that takes the place of itself as it was sent. */
    static void replace(FormDef form) {
        TreeElement meta = form.getMainInstance().getRoot().getFirstChild("meta");
        TreeElement id = meta.getFirstChild("instanceID");
        TreeElement former = meta.getFirstChild("deprecatedID");
        if (former == null) {
            former = new TreeElement("deprecatedID");
            former.setNamespace(id.getNamespace());
            meta.addChild(former);
        }
        former.setValue(new StringData(id.getValue().uncast().getString()));
        id.setValue(new StringData("uuid:" + UUID.randomUUID()));
    }
}
