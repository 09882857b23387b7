import java.nio.charset.StandardCharsets;

/** Collect's log of what was shown when, with the columns that every form's log has. */
final class AuditLog {
    static final String FILE = "audit.csv";

    private final StringBuilder lines = new StringBuilder("event,node,start,end\n");

    AuditLog() {
        note("form start", "");
    }

    /** Times are milliseconds since 1970. */
    void note(String event, String node) {
        long now = System.currentTimeMillis();
        lines.append(event).append(',').append(node).append(',').append(now).append(',');
        lines.append(node.isEmpty() ? "" : String.valueOf(now)).append('\n');
    }

    byte[] bytes() {
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }
}
