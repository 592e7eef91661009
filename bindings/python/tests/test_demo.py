"""The demo's stream gives the same decisions, to the byte, as the command line, by every way in."""

from __future__ import annotations

import json
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from conftest import ROOT, needed

import tagwarden as tw

RULES = ROOT / "examples" / "rules" / "support.tw"
END = "2026-01-01T00:00:00+08:00"


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return Path(needed("TAGWARDEN_EVENTS")).read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def book() -> tw.Rulebook:
    return tw.Rulebook.from_file(RULES)


@pytest.fixture(scope="module")
def expected() -> list[str]:
    arguments = [needed("TAGWARDEN_CLI"), "run", str(RULES), needed("TAGWARDEN_EVENTS"), "--until", END, "--format", "jsonl"]
    done = subprocess.run(arguments, check=True, capture_output=True, encoding="utf-8")
    decisions = done.stdout.splitlines()
    assert len(decisions) > 10_000
    return decisions


@pytest.fixture(scope="module")
def table(lines: list[str]) -> pa.Table:
    events = [json.loads(line, parse_float=Decimal) for line in lines]
    names = dict.fromkeys(name for event in events for name in event)
    columns: dict[str, pa.Array] = {}
    for name in names:
        values = [event.get(name) for event in events]
        if name in ("time", "birthday"):
            texts = pd.to_datetime(pd.Series(values), utc=True, format="ISO8601")
            columns[name] = pa.array(texts).cast(pa.timestamp("us", "UTC"))
        elif name == "amount":
            columns[name] = pa.array([None if value is None else Decimal(value) for value in values], pa.decimal128(18, 2))
        else:
            columns[name] = pa.array(values)
    return pa.table(columns)


def same(given: list[str], expected: list[str]) -> None:
    # Not one assertion over everything: to explain how 40,000 lines differ would take minutes.
    for at, (one, other) in enumerate(zip(given, expected)):
        assert one == other, f"decision {at}"
    assert len(given) == len(expected)


def test_process(book: tw.Rulebook, lines: list[str], expected: list[str]) -> None:
    engine = tw.Engine(book)
    events = (json.loads(line, parse_float=Decimal) for line in lines)
    decisions = engine.process(events) + engine.advance_to(END)
    same([decision.to_json() for decision in decisions], expected)
    for decision in decisions[::97]:
        assert tw.Decision.from_json(decision.to_json()) == decision


def forms(table: pa.Table) -> dict[str, Any]:
    # Not by `cast`, which makes 39.800000000000004 of 39.80.
    amounts = [None if amount is None else float(amount) for amount in table["amount"].to_pylist()]
    floats = table.set_column(table.column_names.index("amount"), "amount", pa.array(amounts, pa.float64()))
    con = duckdb.connect()
    con.execute("set timezone = 'Asia/Shanghai'")
    con.register("events", table)
    return {
        "pyarrow": table,
        "polars": pl.DataFrame(floats),
        "pandas": floats.to_pandas(),
        "duckdb": con.sql("select * from events"),
    }


@pytest.mark.parametrize("library", ["pyarrow", "polars", "pandas", "duckdb"])
def test_process_batch(book: tw.Rulebook, table: pa.Table, expected: list[str], library: str) -> None:
    engine = tw.Engine(book)
    result = engine.process_batch(forms(table)[library], reasons=True)
    assert result.refused.to_pylist() == []
    given = result.decisions.to_pyarrow()["json"].to_pylist()
    same(given + [decision.to_json() for decision in engine.advance_to(END)], expected)


@pytest.mark.parametrize("library", ["pyarrow", "polars", "pandas", "duckdb"])
def test_backtest(book: tw.Rulebook, table: pa.Table, expected: list[str], library: str) -> None:
    result = tw.backtest(book, forms(table)[library], until=END, reasons=True)
    assert result.refused.to_pylist() == []
    same(result.decisions.to_pyarrow()["json"].to_pylist(), expected)


def test_a_backtest_of_a_table_for_each_type(book: tw.Rulebook, table: pa.Table) -> None:
    frame = pl.DataFrame(table)
    tables = {kind: frame.filter(pl.col("type") == kind) for kind in frame["type"].unique(maintain_order=True)}
    result = tw.backtest(book, tables, until=END, reasons=True)
    # Events of one time stand in the order of the tables.
    place = {kind: at for at, kind in enumerate(tables)}
    ordered = table.append_column("place", pa.array([place[kind] for kind in table["type"].to_pylist()]))
    ordered = ordered.append_column("row", pa.array(range(len(ordered))))
    ordered = ordered.sort_by([("time", "ascending"), ("place", "ascending"), ("row", "ascending")])
    again = tw.backtest(book, ordered, until=END, reasons=True)
    given = result.decisions.to_pyarrow()["json"].to_pylist()
    same(given, again.decisions.to_pyarrow()["json"].to_pylist())
    assert len(given) > 10_000
