"""Tables of other libraries, in every form in which they hold their columns."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import duckdb
import nanoarrow
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import tagwarden as tw

UTC = timezone.utc
START = datetime(2026, 1, 1, tzinfo=UTC)
COUNT = 500

BURST = range(480, 485)


def event(at: int) -> dict[str, Any]:
    """An event every 97 minutes, and a burst of logins."""
    order = at % 3 > 0 and at not in BURST
    minutes = 97 * BURST[0] + at - BURST[0] if at in BURST else 97 * at
    return {
        "type": "order" if order else "login",
        "time": START + timedelta(minutes=minutes, microseconds=at),
        "customer": "c1" if at in BURST else f"c{at % 11}",
        "amount": (Decimal("1234.5") if at % 50 == 1 else Decimal(at * 37 % 800) / 4) if order else None,
        "channel": ("app", "web")[at % 2] if order else None,
        "note": None if at % 5 else f"note {at}",
        "gift": None if at % 4 else at % 8 == 0,
        "paid": START if at % 7 == 0 else None,
    }


EVENTS = [event(at) for at in range(COUNT)]

ZONED = pa.timestamp("us", "UTC")
FIELDS: dict[str, pa.DataType] = {
    "type": pa.string(),
    "time": ZONED,
    "customer": pa.string(),
    "amount": pa.decimal128(12, 2),
    "channel": pa.string(),
    "note": pa.string(),
    "gift": pa.bool_(),
    "paid": ZONED,
}


def arrow(events: list[dict[str, Any]] = EVENTS, **types: pa.DataType) -> pa.Table:
    fields = {**FIELDS, **types}
    columns = {}
    for name, ty in fields.items():
        values = [event.get(name) for event in events]
        if pa.types.is_floating(ty) and name == "amount":
            values = [None if value is None else float(value) for value in values]
        columns[name] = pa.array(values, ty)
    return pa.table(columns)


def engine(shop: str, **options: Any) -> tw.Engine:
    return tw.Engine(tw.Rulebook.compile(shop), **options)


@pytest.fixture
def expected(shop: str) -> list[str]:
    decisions = [decision.to_json() for decision in engine(shop).process(EVENTS)]
    assert len(decisions) > 20
    return decisions


def decided(shop: str, table: Any, **options: Any) -> list[str]:
    result = engine(shop).process_batch(table, reasons=True, **options)
    assert result.refused.to_pylist() == []
    assert result.rows == COUNT
    return [row["json"] for row in result.decisions.to_pylist()]


def chunked(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table.slice(0, 7), table.slice(7, 0), table.slice(7, 200), table.slice(207)])


def dictionary(ty: pa.DataType, values: pa.DataType) -> pa.DataType:
    return pa.dictionary(ty, values)


FORMS: dict[str, dict[str, pa.DataType]] = {
    "large": {name: pa.large_string() for name in ("type", "customer", "channel", "note")},
    "view": {name: pa.string_view() for name in ("type", "customer", "channel", "note")},
    "dictionary": {name: dictionary(pa.int8(), pa.string()) for name in ("type", "channel")}
    | {"customer": dictionary(pa.uint16(), pa.large_string()), "note": dictionary(pa.int64(), pa.string())},
    "float": {"amount": pa.float64()},
    "single": {"amount": pa.float32()},
    "decimal32": {"amount": pa.decimal32(8, 2)},
    "decimal64": {"amount": pa.decimal64(12, 2)},
    "long decimal": {"amount": pa.decimal128(38, 9)},
    "nanoseconds": {"time": pa.timestamp("ns", "UTC"), "paid": pa.timestamp("ns", "Asia/Shanghai")},
    "seconds": {"paid": pa.timestamp("s", "UTC")},
}


@pytest.mark.parametrize("types", FORMS.values(), ids=FORMS)
def test_every_form_of_a_column(shop: str, expected: list[str], types: dict[str, pa.DataType]) -> None:
    if pa.types.is_dictionary(types.get("type", pa.null())):
        columns = arrow()
        table = pa.table({name: columns[name].cast(types.get(name, FIELDS[name])) for name in FIELDS})
    else:
        table = arrow(**types)
    assert decided(shop, table) == expected
    assert decided(shop, chunked(table)) == expected
    padded = pa.concat_tables([table.slice(0, 3), table, table.slice(0, 3)]).combine_chunks()
    assert decided(shop, padded.slice(3, COUNT)) == expected


def test_texts_and_whole_numbers_as_times(shop: str, expected: list[str]) -> None:
    texts = [{**event, "time": event["time"].astimezone(timezone(timedelta(hours=8))).isoformat()} for event in EVENTS]
    assert decided(shop, arrow(texts, time=pa.string())) == expected
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    micros = [{**event, "time": (event["time"] - epoch) // timedelta(microseconds=1)} for event in EVENTS]
    for ty in (pa.int64(), pa.uint64()):
        table = arrow(micros, time=ty)
        assert decided(shop, table, time_unit="us") == expected


def test_times_without_a_zone_are_refused_unless_one_is_given(shop: str, expected: list[str]) -> None:
    shanghai = timezone(timedelta(hours=8))
    local = [
        {name: value.astimezone(shanghai).replace(tzinfo=None) if isinstance(value, datetime) else value for name, value in event.items()}
        for event in EVENTS
    ]
    table = arrow(local, time=pa.timestamp("us"), paid=pa.timestamp("us"))
    with pytest.raises(tw.TableError, match='without one; say which zone .*zone="UTC"') as raised:
        engine(shop).process_batch(table)
    assert raised.value.column == "time"
    assert decided(shop, table, zone="Asia/Shanghai") == expected
    assert decided(shop, arrow(), zone="America/New_York") == expected
    with pytest.raises(ValueError, match="Mars"):
        engine(shop).process_batch(table, zone="Mars/Olympus")
    days = pa.table({"ts": [date(2026, 1, 1)], "customer": ["c1"]})
    decisions = engine(shop).process_batch(days, event_type="login", zone="Asia/Shanghai")
    assert decisions.refused.num_rows == 0


def test_every_library(shop: str, expected: list[str]) -> None:
    table = arrow()
    frame = pl.DataFrame(table)
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'")
    con.register("events", table)
    tables = {
        "pyarrow": table,
        "batch": table.combine_chunks().to_batches()[0],
        "reader": table.to_reader(),
        "polars": frame,
        "polars categorical": frame.with_columns(pl.col("type", "channel", "customer").cast(pl.Categorical)),
        "polars enum": frame.with_columns(pl.col("channel").cast(pl.Enum(["web", "app"]))),
        "pandas": pd.DataFrame.from_arrow(table) if hasattr(pd.DataFrame, "from_arrow") else table.to_pandas(),
        "pandas objects": table.to_pandas(),
        "pandas categories": table.to_pandas().astype({"type": "category", "customer": "category"}),
        "duckdb": con.sql("select * from events"),
        "nanoarrow": nanoarrow.ArrayStream(table),
    }
    for name, each in tables.items():
        assert decided(shop, each) == expected, name
    with pytest.raises(tw.TableError, match="__arrow_c_stream__.*found list"):
        engine(shop).process_batch(EVENTS)  # type: ignore[arg-type]


def test_results_go_into_every_library(shop: str) -> None:
    result = engine(shop).process_batch(arrow(), reasons=True)
    rows = result.decisions.to_pylist()
    names = result.decisions.column_names
    assert names[:4] == ["time", "kind", "entity", "subject"] and names[-2:] == ["reason", "json"]
    decisions = [tw.Decision.from_json(row["json"]) for row in rows]
    for row, decision in zip(rows, decisions):
        for name in ("time", "kind", "entity", "subject", "rule", "version", "shadow", "tag", "until", "cause", "list"):
            assert row[name] == getattr(decision, name), name
        assert (row["level"], row["from"], row["value"]) == (decision.level, decision.from_level, decision.value)
        assert row["reason"] == decision.reason.text
    assert {row["kind"] for row in rows} >= {"tagged", "untagged", "scored"}

    frame = result.decisions.to_polars()
    assert frame["time"].dtype == pl.Datetime("us", "UTC") and frame["value"].dtype == pl.Decimal(24, 6)
    assert frame["kind"].cast(pl.String).to_list() == [row["kind"] for row in rows]
    assert result.decisions.to_pyarrow().num_rows == len(rows) == len(result.decisions)
    assert list(result.decisions.to_pandas()["subject"]) == [row["subject"] for row in rows]
    decided = result.decisions  # noqa: F841
    relation = duckdb.sql("select count(*) from decided where kind = 'tagged'")
    assert relation is not None
    ((count,),) = relation.fetchall()
    assert count == sum(row["kind"] == "tagged" for row in rows)
    assert nanoarrow.ArrayStream(result.decisions).read_all()
    assert "Table(" in repr(result.decisions) and "<table>" in result.decisions._repr_html_()
    assert "reason" not in engine(shop).process_batch(arrow()).decisions.column_names


def test_bad_rows_come_back(shop: str) -> None:
    rows: list[dict[str, Any]] = [
        {"type": "login", "time": START, "customer": "c1"},
        {"type": "logn", "time": START, "customer": "c1"},
        {"type": None, "time": START, "customer": "c1"},
        {"type": "login", "time": None, "customer": "c1"},
        {"type": "login", "time": START, "customer": ""},
        {"type": "login", "time": START, "customer": None},
        {"type": "order", "time": START, "customer": "c1", "channel": "app"},
        {"type": "order", "time": START, "customer": "c1", "amount": float("nan"), "channel": "app"},
        {"type": "order", "time": START, "customer": "c1", "amount": 1e18, "channel": "app"},
        {"type": "order", "time": START, "customer": "c1", "amount": 1 / 3, "channel": "app"},
        {"type": "order", "time": START, "customer": "c1", "amount": 1.0, "channel": "fax"},
        {"type": "login", "time": START - timedelta(days=1), "customer": "c1"},
        {"type": "login", "time": START, "customer": "c1"},
    ]
    result = engine(shop).process_batch(arrow(rows, amount=pa.float64()))
    refused = [(row["row"], row["kind"], row["path"]) for row in result.refused.to_pylist()]
    assert refused == [
        (1, "invalid", "type"),
        (2, "invalid", "type"),
        (3, "invalid", "time"),
        (4, "invalid", "customer"),
        (5, "invalid", "customer"),
        (6, "invalid", "amount"),
        (7, "invalid", "amount"),
        (8, "invalid", "amount"),
        (9, "invalid", "amount"),
        (10, "invalid", "channel"),
        (11, "late", "time"),
    ]
    messages = {row["row"]: row["message"] for row in result.refused.to_pylist()}
    assert 'the nearest is "login"' in messages[1]
    assert messages[7] == 'invalid: amount: expected number, found "NaN"'
    assert result.rows == 13
    # The same words as for the same event alone.
    for at in (1, 4, 9, 10):
        with pytest.raises(tw.EventError) as raised:
            engine(shop).process({name: value for name, value in rows[at].items() if value is not None})
        assert str(raised.value) == messages[at]


def test_columns_that_do_not_fit(shop: str) -> None:
    table = arrow()

    def message(table: pa.Table, **options: Any) -> str:
        fresh = engine(shop)
        with pytest.raises(tw.TableError) as raised:
            fresh.process_batch(table, **options)
        assert fresh.clock is None
        return str(raised.value)

    assert "column `amount`: expected number, as `order` has it, found Utf8" in message(arrow([], amount=pa.string()))
    assert "column `gift`: expected bool" in message(arrow([], gift=pa.int8()))
    assert "column `customer`: expected keys" in message(arrow([], customer=pa.float64()))
    assert "column `time`: expected times" in message(arrow([], time=pa.float64()))
    assert "column `kind`: expected the name of each row's event type" in message(table, event="kind")
    assert "no such column among `type`, `time`" in message(table, time="when")
    assert 'the nearest is "order"' in message(table, event_type="ordre")
    assert "column `amount`: expected number" in message(table.drop_columns("amount"), event_type="order")
    assert "none of the rulebook's" in message(table, columns={"amuont": "amount"})
    assert "no such column" in message(table, columns={"amount": "total"})


def test_columns_with_other_names(shop: str, expected: list[str]) -> None:
    names = {"type": "kind", "time": "at", "customer": "user", "amount": "total"}
    table = arrow().rename_columns([names.get(name, name) for name in FIELDS])
    table = table.append_column("amount", pa.array(["not this"] * COUNT))
    options: dict[str, Any] = {"event": "kind", "time": "at", "columns": {"customer": "user", "order.amount": "total"}}
    assert decided(shop, table, **options) == expected
    absent = engine(shop).process_batch(arrow(), columns={"note": None, "order.paid": None})
    assert absent.refused.num_rows == 0
    empty = arrow(note=pa.null(), gift=pa.null(), paid=pa.null(), events=[{**event, "note": None, "gift": None, "paid": None} for event in EVENTS])
    assert engine(shop).process_batch(empty).decisions.num_rows == absent.decisions.num_rows


def test_whole_numbers_as_keys(shop: str) -> None:
    rows = [{**event, "customer": 1000 + int(event["customer"][1:])} for event in EVENTS]
    numbers = engine(shop)
    numbers.process_batch(arrow(rows, customer=pa.int32()))
    assert numbers.status("customer", "1003").tags == numbers.status("customer", "1003").tags
    texts = engine(shop)
    texts.process_batch(arrow([{**row, "customer": str(row["customer"])} for row in rows]))
    assert numbers.memberships().to_pylist() == texts.memberships().to_pylist() != []


def test_ids(shop: str) -> None:
    rows = [{**EVENTS[at // 2], "id": at // 2} for at in range(20)]
    table = arrow(rows, id=pa.int64())
    result = engine(shop, dedup=timedelta(days=1)).process_batch(table)
    assert [(row["row"], row["kind"]) for row in result.refused.to_pylist()] == [(at, "duplicate") for at in range(1, 20, 2)]


def test_progress_and_what_it_raises(shop: str) -> None:
    told: list[tuple[int, int | None]] = []
    engine(shop).process_batch(arrow(), progress=lambda rows, total: told.append((rows, total)))
    assert told == [(COUNT, COUNT)]

    def stop(rows: int, total: int | None) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        engine(shop).process_batch(arrow(), progress=stop)


def test_the_interpreter_is_free_meanwhile(shop: str) -> None:
    table = pa.concat_tables([arrow()] * 400).sort_by("time")
    results: dict[int, int] = {}

    def work(number: int) -> None:
        results[number] = engine(shop).process_batch(table).decisions.num_rows

    ticks = 0
    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        ticks += 1
        threads[0].join(timeout=0.001)
    for thread in threads:
        thread.join()
    assert results[0] == results[1] > 0
    assert ticks > 5


def test_an_empty_table(shop: str) -> None:
    result = engine(shop).process_batch(arrow([]))
    assert (result.rows, len(result.decisions), len(result.refused)) == (0, 0, 0)
    assert pl.DataFrame(result.decisions).shape == (0, 21)
    assert result.decisions.to_pandas().empty
