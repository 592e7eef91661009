"""bytewax: windows kept by hand in the state of each customer, since its own windows only tumble, slide by steps or follow gaps.

One worker in one process: more of them would share one Python.
"""

from collections import deque

import bytewax.operators as op
import common
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import TestingSource, run_main
from counts import Ten

# Events that are handed on together. Larger ones gain nothing.
BATCH = 1000


class Kept(StatefulBatchLogic):
    """State that lives as long as the stream and is not written anywhere."""

    def snapshot(self):
        return None


class One(Kept):
    def __init__(self, _resumed):
        self.window = deque()

    def on_batch(self, times):
        window, out = self.window, []
        for time in times:
            window.append(time)
            left = time - common.DAY
            while window[0] <= left:
                window.popleft()
            out.append(len(window) > 50)
        return out, StatefulBatchLogic.RETAIN


class AllTen(Kept):
    def __init__(self, _resumed):
        self.windows = Ten()

    def on_batch(self, events):
        own, out = self.windows, []
        for event in events:
            own.take(*event)
            out.append((
                own.messages_day > 50, own.wechat_hour > 10, own.refund_sum > 500, own.refunds > 2, own.order_sum > 5000,
                own.orders_day > 5, own.complaints > 1, own.logins_hour > 5, own.app_sum > 2000, len(own.hour) > 20,
            ))  # fmt: skip
        return out, StatefulBatchLogic.RETAIN


class Counting(DynamicSink):
    """Counts at how many events each condition is true."""

    def __init__(self, conditions):
        self.hits = [0] * conditions

    def build(self, _step, _worker, _workers):
        return Part(self.hits)


class Part(StatelessSinkPartition):
    def __init__(self, hits):
        self.hits = hits

    def write_batch(self, items):
        hits = self.hits
        for _, answer in items:
            if answer is True:
                hits[0] += 1
            elif answer:
                for at, true in enumerate(answer):
                    hits[at] += true


def prepare(data, workload, events):
    rows = zip(*common.columns(data, events, ["customer", "ts_ms", "type", "channel", "amount"]))
    if workload == "w1":
        logic, conditions = One, 1
        keyed = [(customer, time) for customer, time, kind, _, _ in rows if kind == "message"]
    else:
        logic, conditions = AllTen, 10
        keyed = [(customer, tuple(event)) for customer, *event in rows]

    def evaluate():
        sink = Counting(conditions)
        flow = Dataflow("peer")
        stream = op.input("events", flow, TestingSource(keyed, batch_size=BATCH))
        op.output("answers", op.stateful_batch("windows", stream, logic), sink)
        run_main(flow)
        return sink.hits

    return evaluate


if __name__ == "__main__":
    common.run("bytewax", prepare)
