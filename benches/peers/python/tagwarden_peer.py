"""Tagwarden from Python: the events as an Arrow table, the decisions as one.

`batch-w1` and `batch-w2` hand the table to an engine, `backtest-w1` and `backtest-w2` to a backtest, which puts the rows in order and
counts coverage, overlap and tags over time as well. Both keep every decision. `-count` at the end: a backtest that only counts.

Customers are texts when the time begins; types and channels are categories already, as for polars.
"""

import common
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
import tagwarden

CHANNEL = '"wechat" | "app" | "web" | "phone" | "email"'

SCHEMA = f"""
entity customer
event message(customer) {{ channel: {CHANNEL} }}
event login(customer) {{}}
event order(customer) {{ amount: number, channel: {CHANNEL} }}
event refund(customer) {{ amount: number }}
event complaint(customer) {{}}
"""

ONE = ["count(message) over 24h > 50"]

TEN = [
    "count(message) over 24h > 50",
    'count(message where channel == "wechat") over 1h > 10',
    "sum(refund.amount) over 30d > 500",
    "count(refund) over 30d > 2",
    "sum(order.amount) over 30d > 5000",
    "count(order) over 24h > 5",
    "count(complaint) over 30d > 1",
    "count(login) over 1h > 5",
    'sum(order.amount where channel == "app") over 24h > 2000',
    "count(activity) over 1h > 20",
]


def prepare(data, workload, events):
    names = ["ts_ms", "customer", "type", "channel", "amount"]
    table = pyarrow.parquet.read_table(common.parquet(data), columns=names).slice(0, events)
    table = table.set_column(0, "time", table["ts_ms"].cast(pa.timestamp("ms", "UTC")))
    for name in ["type", "channel"]:
        table = table.set_column(table.column_names.index(name), name, table[name].dictionary_encode())
    table = table.combine_chunks()
    way, size, *more = workload.split("-")
    on, conditions = ("message", ONE) if size == "w1" else ("activity", TEN)
    rules = [f"rule r{at} {{ on {on} when {condition} then emit hit{at} }}\n" for at, condition in enumerate(conditions)]
    rulebook = tagwarden.Rulebook.compile(SCHEMA + "".join(rules))

    def answers(result):
        decisions = pa.table(result.decisions)
        assert len(result.refused) == 0
        counts = {row["values"]: row["counts"] for row in pc.value_counts(decisions["name"]).to_pylist()}
        return [counts.get(f"hit{at}", 0) for at in range(len(conditions))]

    def batch():
        return tagwarden.Engine(rulebook).process_batch(table)

    def backtest():
        threads = 1 if "alone" in more else None
        return tagwarden.backtest(rulebook, table, progress=False, decisions="count" not in more, threads=threads)

    if "count" in more:
        return lambda: [sum(row["decisions"] for row in backtest().coverage().to_pylist())]
    ran = batch if way == "batch" else backtest
    return lambda: answers(ran())


if __name__ == "__main__":
    common.run("tagwarden", prepare)
