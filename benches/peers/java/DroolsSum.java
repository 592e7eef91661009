import java.io.ObjectInput;
import java.io.ObjectOutput;
import org.drools.core.base.accumulators.AbstractAccumulateFunction;

/** The sum of amounts, subtracted again when an event leaves its window. */
public final class DroolsSum extends AbstractAccumulateFunction<double[]> {
    @Override
    public double[] createContext() {
        return new double[1];
    }

    @Override
    public void init(double[] sum) {
        sum[0] = 0;
    }

    @Override
    public void accumulate(double[] sum, Object fact) {
        sum[0] += ((DroolsFusion.Fact) fact).amount();
    }

    @Override
    public void reverse(double[] sum, Object fact) {
        sum[0] -= ((DroolsFusion.Fact) fact).amount();
    }

    @Override
    public Object getResult(double[] sum) {
        return sum[0];
    }

    @Override
    public boolean supportsReverse() {
        return true;
    }

    @Override
    public Class<?> getResultType() {
        return Double.class;
    }

    @Override
    public void writeExternal(ObjectOutput out) {}

    @Override
    public void readExternal(ObjectInput in) {}
}
