"""Plain Python: deques of one customer's events, by hand."""

from collections import deque

import common
from counts import Ten


def prepare(data, workload, events):
    if workload == "w1":
        times, customers, kinds = common.columns(data, events, ["ts_ms", "customer", "type"])
        return lambda: [one(times, customers, kinds)]
    rows = common.columns(data, events, ["ts_ms", "customer", "type", "channel", "amount"])
    return lambda: ten(rows)


def one(times, customers, kinds):
    hits = 0
    windows = {}
    for time, customer, kind in zip(times, customers, kinds):
        if kind != "message":
            continue
        window = windows.get(customer)
        if window is None:
            window = windows[customer] = deque()
        window.append(time)
        left = time - common.DAY
        while window[0] <= left:
            window.popleft()
        if len(window) > 50:
            hits += 1
    return hits


def ten(rows):
    state = {}
    hits = [0] * 10
    for time, customer, kind, channel, amount in zip(*rows):
        own = state.get(customer)
        if own is None:
            own = state[customer] = Ten()
        own.take(time, kind, channel, amount)
        if own.messages_day > 50:
            hits[0] += 1
        if own.wechat_hour > 10:
            hits[1] += 1
        if own.refund_sum > 500:
            hits[2] += 1
        if own.refunds > 2:
            hits[3] += 1
        if own.order_sum > 5000:
            hits[4] += 1
        if own.orders_day > 5:
            hits[5] += 1
        if own.complaints > 1:
            hits[6] += 1
        if own.logins_hour > 5:
            hits[7] += 1
        if own.app_sum > 2000:
            hits[8] += 1
        if len(own.hour) > 20:
            hits[9] += 1
    return hits


if __name__ == "__main__":
    common.run(None, prepare)
