import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One event. A plain class with public fields, which every engine here knows how to handle best. */
public class Event {
    public long time;
    public String customer;
    public String type;
    /** Empty where the event has none. */
    public String channel;
    public double amount;

    public Event() {}

    /** The first events of the file. Its lines are written by the harness, with the fields in this order. */
    static List<Event> read(Path data, int count) throws IOException {
        List<Event> events = new ArrayList<>(count);
        try (BufferedReader lines = Files.newBufferedReader(data.resolve("events.jsonl"))) {
            for (String line; events.size() < count && (line = lines.readLine()) != null; ) {
                Event event = new Event();
                event.time = Long.parseLong(field(line, "ts_ms"));
                event.customer = field(line, "customer").intern();
                event.type = field(line, "type").intern();
                String channel = field(line, "channel");
                event.channel = channel.equals("null") ? "" : channel.intern();
                String amount = field(line, "amount");
                event.amount = amount.equals("null") ? 0 : Double.parseDouble(amount);
                events.add(event);
            }
        }
        return events;
    }

    private static String field(String line, String name) {
        int start = line.indexOf("\"" + name + "\":") + name.length() + 3;
        if (line.charAt(start) == '"') return line.substring(start + 1, line.indexOf('"', start + 1));
        return line.substring(start, line.indexOf(',', start));
    }

    boolean message() {
        return type.equals("message");
    }
}
