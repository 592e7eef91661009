"""duckdb: one query with a window per length of time, on all cores."""

import common
import duckdb

ONE = """
select count(*) filter (n > 50) from (
    select count(*) over (partition by customer order by ts_ms range between 86399999 preceding and current row) as n
    from events where type = 'message')
"""

TEN = """
select count(*) filter (a > 50), count(*) filter (b > 10), count(*) filter (c > 500), count(*) filter (d > 2),
    count(*) filter (e > 5000), count(*) filter (f > 5), count(*) filter (g > 1), count(*) filter (h > 5),
    count(*) filter (i > 2000), count(*) filter (j > 20)
from (
    select
        count(*) filter (type = 'message') over day as a,
        count(*) filter (type = 'message' and channel = 'wechat') over hour as b,
        sum(amount) filter (type = 'refund') over month as c,
        count(*) filter (type = 'refund') over month as d,
        sum(amount) filter (type = 'order') over month as e,
        count(*) filter (type = 'order') over day as f,
        count(*) filter (type = 'complaint') over month as g,
        count(*) filter (type = 'login') over hour as h,
        sum(amount) filter (type = 'order' and channel = 'app') over day as i,
        count(*) over hour as j
    from events
    window
        hour as (partition by customer order by ts_ms range between 3599999 preceding and current row),
        day as (partition by customer order by ts_ms range between 86399999 preceding and current row),
        month as (partition by customer order by ts_ms range between 2591999999 preceding and current row))
"""


def prepare(data, workload, events):
    connection = duckdb.connect()
    connection.execute(
        f"create table events as select ts_ms, customer, type, channel, amount from read_parquet('{common.parquet(data)}') limit {events}"
    )
    query = ONE if workload == "w1" else TEN
    return lambda: connection.execute(query).fetchone()


if __name__ == "__main__":
    common.run("duckdb", prepare)
