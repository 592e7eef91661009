"""The ten windows of one customer, kept by hand: for plain Python, and for engines that have conditions but no windows."""

from collections import deque

from common import DAY, HOUR, MONTH


class Ten:
    __slots__ = (
        "hour", "day", "month", "messages_day", "wechat_hour", "refund_sum", "refunds", "order_sum", "orders_day",
        "complaints", "logins_hour", "app_sum",
    )  # fmt: skip

    def __init__(self):
        # What each window length needs, and nothing else: a month without messages and logins is short.
        self.hour, self.day, self.month = deque(), deque(), deque()
        self.messages_day = self.wechat_hour = self.refunds = self.orders_day = self.complaints = self.logins_hour = 0
        self.refund_sum = self.order_sum = self.app_sum = 0.0

    def take(self, time, kind, channel, amount):
        hour, day, month = self.hour, self.day, self.month
        left = time - HOUR
        while hour and hour[0][0] <= left:
            what = hour.popleft()[1]
            if what == 1:
                self.wechat_hour -= 1
            elif what == 2:
                self.logins_hour -= 1
        left = time - DAY
        while day and day[0][0] <= left:
            _, what, value = day.popleft()
            if what == 0:
                self.messages_day -= 1
            else:
                self.orders_day -= 1
                if what == 2:
                    self.app_sum -= value
        left = time - MONTH
        while month and month[0][0] <= left:
            _, what, value = month.popleft()
            if what == 0:
                self.refunds -= 1
                self.refund_sum -= value
            elif what == 1:
                self.order_sum -= value
            else:
                self.complaints -= 1
        if kind == "message":
            self.messages_day += 1
            day.append((time, 0, 0.0))
            if channel == "wechat":
                self.wechat_hour += 1
                hour.append((time, 1))
            else:
                hour.append((time, 0))
        elif kind == "login":
            self.logins_hour += 1
            hour.append((time, 2))
        elif kind == "order":
            self.orders_day += 1
            self.order_sum += amount
            if channel == "app":
                self.app_sum += amount
                day.append((time, 2, amount))
            else:
                day.append((time, 1, amount))
            month.append((time, 1, amount))
            hour.append((time, 0))
        elif kind == "refund":
            self.refunds += 1
            self.refund_sum += amount
            month.append((time, 0, amount))
            hour.append((time, 0))
        else:
            self.complaints += 1
            month.append((time, 2, 0.0))
            hour.append((time, 0))

    def values(self):
        return {
            "messages_day": self.messages_day,
            "wechat_hour": self.wechat_hour,
            "refund_sum": self.refund_sum,
            "refunds": self.refunds,
            "order_sum": self.order_sum,
            "orders_day": self.orders_day,
            "complaints": self.complaints,
            "logins_hour": self.logins_hour,
            "app_sum": self.app_sum,
            "any_hour": len(self.hour),
        }


# The conditions of W2 over those values, in their order.
LIMITS = [
    ("messages_day", 50),
    ("wechat_hour", 10),
    ("refund_sum", 500),
    ("refunds", 2),
    ("order_sum", 5000),
    ("orders_day", 5),
    ("complaints", 1),
    ("logins_hour", 5),
    ("app_sum", 2000),
    ("any_hour", 20),
]
