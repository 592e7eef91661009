"""durable_rules: one rule a condition, over counts that are kept by hand and posted as events."""

import common
from counts import LIMITS, Ten
from durable.lang import m, post, ruleset, when_all


def counter(hits, at):
    def count(context):
        hits[at] += 1

    return count


def prepare(data, workload, events):
    rows = common.columns(data, events, ["ts_ms", "customer", "type", "channel", "amount"])
    first = workload == "w1"
    limits = LIMITS[:1] if first else LIMITS
    hits = [0] * len(limits)
    with ruleset("conditions"):
        for at, (field, limit) in enumerate(limits):
            # A message that is matched is used up, so each condition has one of its own; one that nothing matches is an error.
            when_all((m.rule == at) & (m.value > limit))(counter(hits, at))
            when_all((m.rule == at) & (m.value <= limit))(lambda context: None)

    def evaluate():
        hits[:] = [0] * len(limits)
        state = {}
        for time, customer, kind, channel, amount in zip(*rows):
            if first and kind != "message":
                continue
            own = state.get(customer)
            if own is None:
                own = state[customer] = Ten()
            own.take(time, kind, channel, amount)
            values = own.values()
            for at, (field, limit) in enumerate(limits):
                post("conditions", {"rule": at, "value": values[field]})
        return hits

    return evaluate


if __name__ == "__main__":
    common.run("durable_rules", prepare)
