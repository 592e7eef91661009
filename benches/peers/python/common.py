"""What every Python peer shares: its arguments, reading events, taking time, and the line that it prints.

A peer is a script that is called with DATA WORKLOAD EVENTS REPEATS and prints one JSON object. What is timed goes from events in
memory, in the form that suits the peer best, to the number of events at which each condition is true.
"""

import importlib.metadata
import json
import os
import resource
import statistics
import sys
import time

HOUR = 3_600_000
DAY = 24 * HOUR
MONTH = 30 * DAY


def parquet(data):
    """The events as Parquet, written once by whoever comes first."""
    path = os.path.join(data, "events.parquet")
    if not os.path.exists(path):
        import pyarrow.json
        import pyarrow.parquet

        table = pyarrow.json.read_json(os.path.join(data, "events.jsonl"))
        table = table.select(["ts_ms", "customer", "type", "channel", "amount", "text"])
        pyarrow.parquet.write_table(table, path + ".part")
        os.replace(path + ".part", path)
    return path


def columns(data, events, names):
    """Columns of the first events as lists."""
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(parquet(data), columns=names).slice(0, events)
    return [table.column(name).to_pylist() for name in names]


def texts(data, events):
    """The texts that are not empty, and the keywords."""
    (all_texts,) = columns(data, events, ["text"])
    with open(os.path.join(data, "keywords.txt"), encoding="utf-8") as file:
        keywords = file.read().splitlines()
    return [text for text in all_texts if text], keywords


def run(package, prepare, elsewhere=None):
    """Calls prepare(data, workload, events), which gives a function from nothing to the answers, and takes its time.

    Where the work is done in another process, elsewhere() gives the most bytes that it has held.
    """
    data, workload, events, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    evaluate = prepare(data, workload, events)
    seconds, computed = [], []
    for _ in range(repeats):
        start, before = time.perf_counter(), time.process_time()
        answers = evaluate()
        seconds.append(time.perf_counter() - start)
        computed.append(time.process_time() - before)
    version = importlib.metadata.version(package) if package else ".".join(map(str, sys.version_info[:3]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    result = {
        "seconds": statistics.median(seconds),
        "computed": statistics.median(computed),
        "answers": [int(answer) for answer in answers],
        "peak": peak,
        "version": version,
    }
    if elsewhere:
        result["peak"] += elsewhere()
        # That of this process says nothing.
        del result["computed"]
    print(json.dumps(result))
