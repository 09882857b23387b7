import java.util.List;
import java.util.Locale;
import org.javarosa.core.services.IPropertyManager;
import org.javarosa.core.services.properties.IPropertyRules;

/** What a phone says of itself: the number that Collect gave it, and nothing of its owner. */
final class PhoneProperties implements IPropertyManager {
    private static final String DEVICE = "collect:engine0000000001";

    @Override
    public String getSingularProperty(String name) {
        String asked = name.toLowerCase(Locale.ROOT);
        return asked.equals("deviceid") ? DEVICE : asked.equals("uri:deviceid") ? ":" + DEVICE : "";
    }

    @Override
    public List<String> getProperty(String name) { return List.of(getSingularProperty(name)); }

    @Override
    public void setProperty(String name, String value) { /* nothing to remember between interviews */ }

    @Override
    public void setProperty(String name, List<String> values) { /* as above */ }

    @Override
    public void addRules(IPropertyRules rules) { throw new UnsupportedOperationException(); }

    @Override
    public List<IPropertyRules> getRules() { return List.of(); }
}
