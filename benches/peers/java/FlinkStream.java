import java.util.List;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.apache.flink.runtime.util.EnvironmentInformation;

/** Flink, DataStream: state by hand for each customer on the heap, one source, two subtasks for the customers. */
public final class FlinkStream {
    /** The cluster runs in this process, so its source can read them here. */
    private static List<Event> events;

    public static void main(String[] arguments) throws Exception {
        boolean first = Peer.first(arguments);
        Peer.run(arguments, EnvironmentInformation.getVersion(), all -> evaluate(all, first));
    }

    /** The events as a stream, in their order. */
    static DataStream<Event> stream(StreamExecutionEnvironment environment, List<Event> all) {
        events = all;
        return environment
                .fromSource(new NumberSequenceSource(0, all.size() - 1), WatermarkStrategy.noWatermarks(), "events")
                .setParallelism(1)
                .map(at -> events.get(at.intValue()))
                .returns(Event.class)
                .setParallelism(1);
    }

    private static long[] evaluate(List<Event> all, boolean first) throws Exception {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2);
        environment.getConfig().enableObjectReuse();
        DataStream<Event> stream = stream(environment, all);
        if (first) stream = stream.filter(Event::message).setParallelism(1);
        stream.keyBy(event -> event.customer)
                .process(new Conditions(first))
                .map(new Counting(first ? 1 : 10))
                .sinkTo(new DiscardingSink<>());
        return answers(environment, first ? 1 : 10);
    }

    static long[] answers(StreamExecutionEnvironment environment, int conditions) throws Exception {
        var result = environment.execute();
        long[] answers = new long[conditions];
        for (int at = 0; at < conditions; at++) answers[at] = result.<Long>getAccumulatorResult("condition" + at);
        return answers;
    }

    /** From an event to one bit for each condition that is true at it. */
    private static final class Conditions extends KeyedProcessFunction<String, Event, Integer> {
        private final boolean first;
        private transient ValueState<Windows> state;

        Conditions(boolean first) {
            this.first = first;
        }

        @Override
        public void open(OpenContext context) {
            state = getRuntimeContext().getState(new ValueStateDescriptor<>("windows", TypeInformation.of(Windows.class)));
        }

        @Override
        public void processElement(Event event, Context context, Collector<Integer> out) throws Exception {
            Windows windows = state.value();
            if (windows == null) state.update(windows = new Windows());
            out.collect(first ? (windows.one(event) ? 1 : 0) : windows.ten(event));
        }
    }

    /** Counts the bits. */
    static final class Counting extends RichMapFunction<Integer, Integer> {
        private final LongCounter[] hits;

        Counting(int conditions) {
            hits = new LongCounter[conditions];
        }

        @Override
        public void open(OpenContext context) {
            for (int at = 0; at < hits.length; at++) {
                hits[at] = new LongCounter();
                getRuntimeContext().addAccumulator("condition" + at, hits[at]);
            }
        }

        @Override
        public Integer map(Integer bits) {
            for (int at = 0; at < hits.length; at++) if ((bits >> at & 1) == 1) hits[at].add(1);
            return bits;
        }
    }
}
