import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.javarosa.core.reference.PrefixedRootFactory;
import org.javarosa.core.reference.Reference;

/** Finds every file that a form names by jr:// in one folder, as a phone does in the form's media folder. */
final class MediaFolder extends PrefixedRootFactory {
    private final File folder;

    MediaFolder(File folder) {
        // With their slash: the engine looks for a root anywhere in the address, and file is in file-csv.
        super(new String[] {"file/", "file-csv/", "images/", "audio/", "video/"});
        this.folder = folder;
    }

    @Override
    protected Reference factory(String name, String uri) {
        File file = new File(folder, name);
        return new Reference() {
            public boolean doesBinaryExist() { return file.exists(); }
            public InputStream getStream() throws IOException { return new FileInputStream(file); }
            public String getURI() { return uri; }
            public String getLocalURI() { return file.getAbsolutePath(); }
            public boolean isReadOnly() { return true; }
            public OutputStream getOutputStream() { throw new UnsupportedOperationException(); }
            public void remove() { throw new UnsupportedOperationException(); }
            public Reference[] probeAlternativeReferences() { return new Reference[0]; }
        };
    }
}
