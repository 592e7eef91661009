"""Spark: one query with a window per length of time, on all cores of this machine; the events are cached in memory as columns."""

import os

import common
from pyspark import SparkContext
from pyspark.sql import SparkSession

ONE = """
select count_if(n > 50) from (
    select count(*) over (partition by customer order by ts_ms range between 86399999 preceding and current row) as n
    from events where type = 'message')
"""

TEN = """
select count_if(a > 50), count_if(b > 10), count_if(c > 500), count_if(d > 2), count_if(e > 5000), count_if(f > 5), count_if(g > 1),
    count_if(h > 5), count_if(i > 2000), count_if(j > 20)
from (
    select
        count_if(type = 'message') over day as a,
        count_if(type = 'message' and channel = 'wechat') over hour as b,
        sum(if(type = 'refund', amount, 0)) over month as c,
        count_if(type = 'refund') over month as d,
        sum(if(type = 'order', amount, 0)) over month as e,
        count_if(type = 'order') over day as f,
        count_if(type = 'complaint') over month as g,
        count_if(type = 'login') over hour as h,
        sum(if(type = 'order' and channel = 'app', amount, 0)) over day as i,
        count(*) over hour as j
    from events
    window
        hour as (partition by customer order by ts_ms range between 3599999 preceding and current row),
        day as (partition by customer order by ts_ms range between 86399999 preceding and current row),
        month as (partition by customer order by ts_ms range between 2591999999 preceding and current row))
"""


def prepare(data, workload, events):
    cores = os.cpu_count() or 1
    spark = (
        SparkSession.builder.master(f"local[{cores}]")
        .config("spark.driver.memory", "4g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", str(cores))
        .config("spark.sql.adaptive.coalescePartitions.enabled", "false")
        .getOrCreate()
    )
    table = spark.read.parquet(common.parquet(data)).select("ts_ms", "customer", "type", "channel", "amount")
    if events < table.count():
        table = table.limit(events)
    table = table.repartition(cores)
    table.cache().count()
    table.createOrReplaceTempView("events")
    query = ONE if workload == "w1" else TEN
    return lambda: spark.sql(query).first()


def peak():
    """Of the Java process; 0 where the system does not tell."""
    java = SparkContext._gateway.proc.pid
    try:
        with open(f"/proc/{java}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        return 0


if __name__ == "__main__":
    common.run("pyspark", prepare, peak)
