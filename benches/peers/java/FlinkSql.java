import java.util.List;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/** Flink, SQL: its own OVER windows. A streaming query may have one such window only, so W2 is three queries in one another. */
public final class FlinkSql {
    private static final String ONE = """
            select case when n > 50 then 1 else 0 end from (
                select count(*) over (partition by customer order by moment
                    range between interval '23:59:59.999' hour to second(3) preceding and current row) as n
                from events where type = 'message')
            """;

    private static final String TEN = """
            select case when a > 50 then 1 else 0 end + case when b > 10 then 2 else 0 end + case when c > 500 then 4 else 0 end
                + case when d > 2 then 8 else 0 end + case when e > 5000 then 16 else 0 end + case when f > 5 then 32 else 0 end
                + case when g > 1 then 64 else 0 end + case when h > 5 then 128 else 0 end + case when i > 2000 then 256 else 0 end
                + case when j > 20 then 512 else 0 end
            from (
                select *,
                    sum(case when type = 'refund' then amount else 0 end) over w as c,
                    sum(case when type = 'refund' then 1 else 0 end) over w as d,
                    sum(case when type = 'order' then amount else 0 end) over w as e,
                    sum(case when type = 'complaint' then 1 else 0 end) over w as g
                from (
                    select *,
                        sum(case when type = 'message' then 1 else 0 end) over w as a,
                        sum(case when type = 'order' then 1 else 0 end) over w as f,
                        sum(case when type = 'order' and channel = 'app' then amount else 0 end) over w as i
                    from (
                        select *,
                            sum(case when type = 'message' and channel = 'wechat' then 1 else 0 end) over w as b,
                            sum(case when type = 'login' then 1 else 0 end) over w as h,
                            count(*) over w as j
                        from events
                        window w as (partition by customer order by moment
                            range between interval '59:59.999' minute to second(3) preceding and current row))
                    window w as (partition by customer order by moment
                        range between interval '23:59:59.999' hour to second(3) preceding and current row))
                window w as (partition by customer order by moment
                    range between interval '29 23:59:59.999' day to second(3) preceding and current row))
            """;

    public static void main(String[] arguments) throws Exception {
        boolean first = Peer.first(arguments);
        Peer.run(arguments, EnvironmentInformation.getVersion(), all -> evaluate(all, first));
    }

    private static long[] evaluate(List<Event> all, boolean first) throws Exception {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2);
        environment.getConfig().enableObjectReuse();
        StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
        Schema schema = Schema.newBuilder()
                .column("time", DataTypes.BIGINT())
                .column("customer", DataTypes.STRING())
                .column("type", DataTypes.STRING())
                .column("channel", DataTypes.STRING())
                .column("amount", DataTypes.DOUBLE())
                .columnByExpression("moment", "to_timestamp_ltz(`time`, 3)")
                .watermark("moment", "moment - interval '0.001' second")
                .build();
        tables.createTemporaryView("events", FlinkStream.stream(environment, all), schema);
        Table table = tables.sqlQuery(first ? ONE : TEN);
        tables.toDataStream(table)
                .map(row -> (Integer) row.getField(0))
                .returns(Integer.class)
                .map(new FlinkStream.Counting(first ? 1 : 10))
                .sinkTo(new DiscardingSink<>());
        return FlinkStream.answers(environment, first ? 1 : 10);
    }
}
