"""zen-engine: each condition compiled once, over counts that are kept by hand.

A decision table of the same conditions takes some two hundred times as long, so it is not what is shown.
"""

import common
import zen
from counts import LIMITS, Ten


def prepare(data, workload, events):
    rows = common.columns(data, events, ["ts_ms", "customer", "type", "channel", "amount"])
    first = workload == "w1"
    limits = LIMITS[:1] if first else LIMITS
    conditions = [zen.compile_expression(f"{field} > {limit}") for field, limit in limits]

    def evaluate():
        state, hits = {}, [0] * len(limits)
        for time, customer, kind, channel, amount in zip(*rows):
            if first and kind != "message":
                continue
            own = state.get(customer)
            if own is None:
                own = state[customer] = Ten()
            own.take(time, kind, channel, amount)
            values = {"messages_day": own.messages_day} if first else own.values()
            for at, condition in enumerate(conditions):
                if condition.evaluate(values):
                    hits[at] += 1
        return hits

    return evaluate


if __name__ == "__main__":
    common.run("zen-engine", prepare)
