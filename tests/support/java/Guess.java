import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Invents what a respondent might say, as text. The rule that an answer must satisfy is not solved: its
 * numbers, dates and patterns, and the earlier answers that it mentions, are taken as clues, and the engine
 * itself says whether a guess will do.
 */
final class Guess {
    private static final Pattern NUMBER = Pattern.compile("(?<![\\w.])-?\\d+(\\.\\d+)?(?![\\w.])");
    private static final Pattern DAY = Pattern.compile("\\d{4}-\\d\\d-\\d\\d");
    private static final Pattern QUOTED = Pattern.compile("'([^']*)'|\"([^\"]*)\"");
    private static final Pattern REGEX = Pattern.compile("regex\\(\\s*\\.\\s*,\\s*(?:" + QUOTED.pattern() + ")");
    private static final String[] WORDS =
        "route pluie marché puits école frère champ bétail départ retour famille travail saison crédit".split(" ");
    private static final int LONGEST = 200;

    private final Random random;
    private final LocalDate today;

    Guess(Random random, LocalDate today) {
        this.random = random;
        this.today = today;
    }

    /** A whole number, or one with two decimals, near the numbers of the rule or between two of them. */
    String number(String rule, List<String> mentioned, boolean whole) {
        List<Double> clues = numbers(rule, mentioned);
        double low = 0;
        double high = 100;
        if (clues.size() == 1) {
            double spread = Math.max(10, Math.abs(clues.get(0)));
            low = clues.get(0) - spread;
            high = clues.get(0) + spread;
        } else if (!clues.isEmpty()) {
            int first = random.nextInt(clues.size() - 1);
            int second = first + 1 + random.nextInt(clues.size() - first - 1);
            low = clues.get(first);
            high = clues.get(second);
        }
        double made = low + random.nextDouble() * (high - low);
        if (!clues.isEmpty() && random.nextInt(8) == 0) made = clues.get(random.nextInt(clues.size()));
        return whole ? String.valueOf(Math.round(made)) : String.format(Locale.ROOT, "%.2f", made);
    }

    /** A day between two days of the rule, or at a distance from one that grows with the tries. */
    String day(String rule, List<String> mentioned, int tries) {
        TreeSet<LocalDate> clues = new TreeSet<>();
        List<String> texts = new ArrayList<>(mentioned);
        texts.add(rule);
        for (String text : texts) {
            Matcher found = DAY.matcher(text);
            while (found.find()) addDay(clues, found.group());
        }
        if (rule.isEmpty() || rule.contains("today()") || rule.contains("now()")) clues.add(today);
        if (clues.isEmpty()) clues.add(today);
        if (clues.size() > 1 && tries % 2 == 0) {
            long span = clues.last().toEpochDay() - clues.first().toEpochDay();
            return clues.first().plusDays((long) (random.nextDouble() * (span + 1))).toString();
        }
        LocalDate from = new ArrayList<>(clues).get(random.nextInt(clues.size()));
        int distance = random.nextInt(List.of(30, 365, 3_650, 20_000).get(tries % 4) + 1);
        return from.plusDays(tries % 3 == 2 ? distance : -distance).toString();
    }

    /** Some words, of a length that the rule mentions, or what its pattern asks for. */
    String words(String rule, List<String> mentioned) {
        List<String> patterns = new ArrayList<>();
        Matcher found = REGEX.matcher(rule);
        while (found.find()) patterns.add(found.group(1) == null ? found.group(2) : found.group(1));
        if (!patterns.isEmpty()) return matching(Pattern.compile(patterns.get(random.nextInt(patterns.size()))));
        List<Double> lengths = numbers(rule, mentioned);
        double length = lengths.isEmpty() ? 1 + random.nextInt(60) : lengths.get(random.nextInt(lengths.size()));
        if (!lengths.isEmpty()) length += random.nextInt(12) - 2;
        StringBuilder made = new StringBuilder();
        while (made.length() < Math.min(Math.max(length, 1), LONGEST)) {
            made.append(made.length() == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
        }
        // Words are cut only where the rule speaks of a length.
        return lengths.isEmpty() ? made.toString() : cut(made, (int) length);
    }

    /** One or several of the names offered, joined by spaces; each try may be shorter than the last. */
    String some(List<String> names, int tries) {
        List<String> mixed = new ArrayList<>(names);
        Collections.shuffle(mixed, random);
        int most = Math.min(mixed.size(), tries % 2 == 0 ? 4 : 1);
        return String.join(" ", mixed.subList(0, 1 + random.nextInt(most)));
    }

    /** All the names offered, in some order. */
    String order(List<String> names) {
        List<String> mixed = new ArrayList<>(names);
        Collections.shuffle(mixed, random);
        return String.join(" ", mixed);
    }

    /** A time of day. */
    String time() {
        return String.format("%02d:%02d:00.000", random.nextInt(24), random.nextInt(60));
    }

    /** Points in Mali, "latitude longitude altitude accuracy"; a closed line ends where it began. */
    String points(int count, boolean closed) {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            made.add(String.format(Locale.ROOT, "%.6f %.6f %d.0 %d.0", 12 + 3 * random.nextDouble(),
                -11 + 6 * random.nextDouble(), 200 + random.nextInt(200), 3 + random.nextInt(20)));
        }
        if (closed) made.add(made.get(0));
        return String.join("; ", made);
    }

    /**
     * Grows a text letter by letter: a letter is kept when the text matches, or could still come to match.
     */
    private String matching(Pattern pattern) {
        List<Character> letters = new ArrayList<>();
        for (char c = ' '; c < 127; c++) letters.add(c);
        StringBuilder text = new StringBuilder();
        boolean grew = true;
        while (grew && text.length() < LONGEST) {
            if (pattern.matcher(text).matches() && random.nextInt(3) == 0) break;
            Collections.shuffle(letters, random);
            grew = false;
            for (int i = 0; i < letters.size() && !grew; i++) {
                text.append(letters.get(i));
                Matcher longer = pattern.matcher(text);
                grew = longer.matches() || longer.hitEnd();
                if (!grew) text.setLength(text.length() - 1);
            }
        }
        return text.toString();
    }

    private static List<Double> numbers(String rule, List<String> mentioned) {
        TreeSet<Double> found = new TreeSet<>();
        List<String> texts = new ArrayList<>(mentioned);
        texts.add(QUOTED.matcher(rule).replaceAll(" "));
        for (String text : texts) {
            Matcher number = NUMBER.matcher(DAY.matcher(text).matches() ? text.replace('-', ' ') : text);
            while (number.find()) found.add(Double.parseDouble(number.group()));
        }
        return new ArrayList<>(found);
    }

    private static void addDay(TreeSet<LocalDate> clues, String text) {
        try {
            clues.add(LocalDate.parse(text));
        } catch (DateTimeException e) {
            // Looks like a day and is none: no clue.
        }
    }

    private static String cut(StringBuilder text, int length) {
        char[] kept = Arrays.copyOf(text.toString().toCharArray(), Math.max(1, Math.min(length, text.length())));
        return new String(kept).trim();
    }
}
