"""pathway: its interval join of the messages with themselves, which is its way to windows that slide with every event."""

import common
import pathway as pw


def prepare(data, workload, events):
    rows = zip(*common.columns(data, events, ["customer", "ts_ms", "type"]))
    messages = [(customer, time) for customer, time, kind in rows if kind == "message"]

    def evaluate():
        table = pw.debug.table_from_rows(pw.schema_from_types(customer=str, time=int), messages)
        day = pw.temporal.interval(1 - common.DAY, 0)
        joined = table.interval_join(
            table.copy(), pw.left.time, pw.right.time, day, pw.left.customer == pw.right.customer
        ).select(event=pw.left.id)
        counts = joined.groupby(pw.this.event).reduce(n=pw.reducers.count())
        answer = counts.filter(pw.this.n > 50).reduce(hits=pw.reducers.count())
        _, columns = pw.debug.table_to_dicts(answer)
        return list(columns["hits"].values())

    return evaluate


if __name__ == "__main__":
    common.run("pathway", prepare)
