import static org.drools.model.DSL.accFunction;
import static org.drools.model.DSL.accumulate;
import static org.drools.model.DSL.declarationOf;
import static org.drools.model.DSL.on;
import static org.drools.model.DSL.window;
import static org.drools.model.PatternDSL.alphaIndexedBy;
import static org.drools.model.PatternDSL.betaIndexedBy;
import static org.drools.model.PatternDSL.pattern;
import static org.drools.model.PatternDSL.rule;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.drools.core.base.accumulators.CountAccumulateFunction;
import org.drools.model.Index.ConstraintType;
import org.drools.model.Model;
import org.drools.model.PatternDSL.PatternDef;
import org.drools.model.Rule;
import org.drools.model.Variable;
import org.drools.model.WindowDefinition;
import org.drools.model.functions.Predicate1;
import org.drools.model.impl.ModelImpl;
import org.drools.modelcompiler.KieBaseBuilder;
import org.kie.api.KieBase;
import org.kie.api.KieServices;
import org.kie.api.conf.EventProcessingOption;
import org.kie.api.definition.type.Role;
import org.kie.api.definition.type.Timestamp;
import org.kie.api.runtime.KieSession;
import org.kie.api.runtime.KieSessionConfiguration;
import org.kie.api.runtime.conf.ClockTypeOption;
import org.kie.api.runtime.rule.FactHandle;
import org.kie.api.time.SessionPseudoClock;

/**
 * Drools Fusion: its own sliding windows, joined to the customer by its own indexes, in one session with a clock that the events set.
 *
 * <p>A rule is carried out where its window of a customer is over the limit and that customer's event is the one of now. The rules are
 * stated in the executable form that Drools makes of its rule files. A session for each customer takes half as long again, and more memory.
 */
public final class DroolsFusion {
    /** What the rules count into; one thread runs them. */
    private static long[] hits;

    /** An event as Drools wants it. */
    @Role(Role.Type.EVENT)
    @Timestamp("time")
    public static final class Fact {
        private final Event event;

        Fact(Event event) {
            this.event = event;
        }

        public long getTime() {
            return event.time;
        }

        public String customer() {
            return event.customer;
        }

        public String type() {
            return event.type;
        }

        public String channel() {
            return event.channel;
        }

        public double amount() {
            return event.amount;
        }
    }

    public record Customer(String id) {}

    /** Whose event it is; changed at every event. */
    public static final class Now {
        private String customer;

        public String customer() {
            return customer;
        }
    }

    public static void main(String[] arguments) throws Exception {
        boolean first = Peer.first(arguments);
        KieBase rules = KieBaseBuilder.createKieBaseFromModel(first ? one() : ten(), EventProcessingOption.STREAM);
        KieSessionConfiguration configuration = KieServices.Factory.get().newKieSessionConfiguration();
        configuration.setOption(ClockTypeOption.PSEUDO);
        Peer.run(arguments, version(), events -> {
            hits = new long[first ? 1 : 10];
            KieSession session = rules.newKieSession(configuration, null);
            evaluate(events, session, first);
            session.dispose();
            return hits;
        });
    }

    private static void evaluate(List<Event> events, KieSession session, boolean first) {
        SessionPseudoClock clock = session.getSessionClock();
        Set<String> customers = new HashSet<>();
        Now now = new Now();
        FactHandle handle = session.insert(now);
        for (Event event : events) {
            if (first && !event.message()) continue;
            clock.advanceTime(event.time - clock.getCurrentTime(), TimeUnit.MILLISECONDS);
            if (customers.add(event.customer)) session.insert(new Customer(event.customer));
            session.insert(new Fact(event));
            now.customer = event.customer;
            session.update(handle, now);
            session.fireAllRules();
        }
    }

    private static Model one() {
        return new ModelImpl().addRule(count(0, 24, of("message"), 50));
    }

    private static Model ten() {
        return new ModelImpl()
                .addRule(count(0, 24, of("message"), 50))
                .addRule(count(1, 1, of("message", "wechat"), 10))
                .addRule(sum(2, 720, of("refund"), 500))
                .addRule(count(3, 720, of("refund"), 2))
                .addRule(sum(4, 720, of("order"), 5000))
                .addRule(count(5, 24, of("order"), 5))
                .addRule(count(6, 720, of("complaint"), 1))
                .addRule(count(7, 1, of("login"), 5))
                .addRule(sum(8, 24, of("order", "app"), 2000))
                .addRule(count(9, 1, fact -> fact, 20));
    }

    /** Narrows which events are meant. */
    private interface Which {
        PatternDef<Fact> narrow(PatternDef<Fact> facts);
    }

    private static Which of(String type) {
        return facts -> facts.expr(
                type,
                fact -> fact.type().equals(type),
                alphaIndexedBy(String.class, ConstraintType.EQUAL, 0, Fact::type, type));
    }

    private static Which of(String type, String channel) {
        return facts -> of(type).narrow(facts).expr(
                channel,
                fact -> fact.channel().equals(channel),
                alphaIndexedBy(String.class, ConstraintType.EQUAL, 1, Fact::channel, channel));
    }

    private static Rule count(int at, int hours, Which which, long limit) {
        return condition(at, hours, which, CountAccumulateFunction::new, declarationOf(Long.class), count -> count > limit);
    }

    private static Rule sum(int at, int hours, Which which, double limit) {
        return condition(at, hours, which, DroolsSum::new, declarationOf(Double.class), sum -> sum > limit);
    }

    private static <T> Rule condition(
            int at, int hours, Which which, Supplier<?> function, Variable<T> value, Predicate1<T> over) {
        Variable<Customer> customer = declarationOf(Customer.class);
        Variable<Fact> fact = declarationOf(Fact.class, window(WindowDefinition.Type.TIME, hours, TimeUnit.HOURS));
        Variable<Now> now = declarationOf(Now.class);
        PatternDef<Fact> events = which.narrow(pattern(fact)).expr(
                "of the customer",
                customer,
                (event, whose) -> event.customer().equals(whose.id()),
                betaIndexedBy(String.class, ConstraintType.EQUAL, 2, Fact::customer, Customer::id));
        PatternDef<Now> current = pattern(now).expr(
                "is the one of now",
                customer,
                (event, whose) -> event.customer().equals(whose.id()),
                betaIndexedBy(String.class, ConstraintType.EQUAL, 3, Now::customer, Customer::id));
        return rule("condition" + at)
                .build(
                        pattern(customer),
                        accumulate(events, accFunction(function, fact).as(value)),
                        pattern(value).expr("over" + at, over),
                        current,
                        on(value).execute(found -> hits[at]++));
    }

    private static String version() throws IOException {
        Properties properties = new Properties();
        String path = "/META-INF/maven/org.drools/drools-core/pom.properties";
        try (InputStream file = KieBaseBuilder.class.getResourceAsStream(path)) {
            if (file != null) properties.load(file);
        }
        return properties.getProperty("version", "");
    }
}
