"""pandas: rolling windows by time over each customer."""

import common
import pandas as pd


def prepare(data, workload, events):
    frame = pd.read_parquet(common.parquet(data), columns=["ts_ms", "customer", "type", "channel", "amount"]).head(events)
    frame["ts"] = pd.to_datetime(frame.pop("ts_ms"), unit="ms")
    frame["amount"] = frame["amount"].fillna(0.0)
    for name in ["customer", "type", "channel"]:
        frame[name] = frame[name].astype("category")
    return (lambda: one(frame)) if workload == "w1" else (lambda: ten(frame))


def windows(frame, names, length):
    return frame.groupby("customer", observed=True, sort=False).rolling(length, on="ts")[names].sum()


def one(frame):
    messages = frame.loc[frame["type"] == "message", ["ts", "customer"]].assign(one=1.0)
    return [(windows(messages, ["one"], "24h")["one"] > 50).sum()]


def ten(frame):
    kind, channel, amount = frame["type"], frame["channel"], frame["amount"]
    order = kind == "order"
    values = pd.DataFrame(
        {
            "ts": frame["ts"],
            "customer": frame["customer"],
            "a": (kind == "message") * 1.0,
            "b": ((kind == "message") & (channel == "wechat")) * 1.0,
            "c": amount.where(kind == "refund", 0.0),
            "d": (kind == "refund") * 1.0,
            "e": amount.where(order, 0.0),
            "f": order * 1.0,
            "g": (kind == "complaint") * 1.0,
            "h": (kind == "login") * 1.0,
            "i": amount.where(order & (channel == "app"), 0.0),
            "j": 1.0,
        }
    )
    hour = windows(values, list("bhj"), "1h")
    day = windows(values, list("afi"), "24h")
    month = windows(values, list("cdeg"), "720h")
    limits = [
        (day.a, 50), (hour.b, 10), (month.c, 500), (month.d, 2), (month.e, 5000),
        (day.f, 5), (month.g, 1), (hour.h, 5), (day.i, 2000), (hour.j, 20),
    ]  # fmt: skip
    return [(sums > limit).sum() for sums, limit in limits]


if __name__ == "__main__":
    common.run("pandas", prepare)
