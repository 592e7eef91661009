import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What every peer in Java shares: its arguments, its events, taking time, and the line that it prints.
 *
 * <p>A peer is called with DATA WORKLOAD EVENTS REPEATS and prints one JSON object. What is timed goes from events in memory to the
 * number of events at which each condition is true.
 */
final class Peer {
    static final long HOUR = 3_600_000, DAY = 24 * HOUR, MONTH = 30 * DAY;

    /** From the events to the answers, once. */
    interface Evaluate {
        long[] over(List<Event> events) throws Exception;
    }

    private Peer() {}

    static boolean first(String[] arguments) {
        return arguments[1].equals("w1");
    }

    static void run(String[] arguments, String version, Evaluate evaluate) throws Exception {
        List<Event> events = Event.read(Path.of(arguments[0]), Integer.parseInt(arguments[2]));
        int repeats = Integer.parseInt(arguments[3]);
        double[] seconds = new double[repeats];
        long[] answers = {};
        for (int repeat = 0; repeat < repeats; repeat++) {
            long start = System.nanoTime();
            answers = evaluate.over(events);
            seconds[repeat] = (System.nanoTime() - start) / 1e9;
        }
        Arrays.sort(seconds);
        String list = Arrays.stream(answers).mapToObj(Long::toString).collect(Collectors.joining(","));
        System.out.printf(
                java.util.Locale.ROOT,
                "{\"seconds\":%.6f,\"answers\":[%s],\"peak\":%s,\"version\":\"%s\"}%n",
                seconds[repeats / 2], list, peak(), version);
        // Engines may leave threads behind that would keep the process.
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    /** The most memory that the process has held, in bytes; null where the system does not tell. */
    private static String peak() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmHWM:")) return String.valueOf(1024 * Long.parseLong(line.replaceAll("\\D", "")));
            }
        } catch (IOException error) {
            // Not Linux.
        }
        return "null";
    }
}
