"""What a rulebook would have done."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from test_tables import COUNT, EVENTS, arrow

import tagwarden as tw

UTC = timezone.utc


def rows(table: tw.Table) -> list[dict[str, Any]]:
    return table.to_pylist()


@pytest.fixture
def book(shop: str) -> tw.Rulebook:
    return tw.Rulebook.compile(shop)


def test_the_same_decisions_in_whatever_order_the_rows_stand(book: tw.Rulebook) -> None:
    expected = [decision.to_json() for decision in tw.Engine(book).process(EVENTS)]
    shuffled = list(EVENTS)
    random.Random(7).shuffle(shuffled)
    for events in (EVENTS, shuffled):
        result = tw.backtest(book, arrow(events), time="time", reasons=True)
        assert [row["json"] for row in rows(result.decisions)] == expected
        assert (result.rows, len(result.refused)) == (COUNT, 0)
    orders = [event for event in EVENTS if event["type"] == "order"]
    logins = [event for event in shuffled if event["type"] == "login"]
    tables = {"order": pl.DataFrame(arrow(orders)), "login": arrow(logins).drop_columns(["type", "amount"])}
    result = tw.backtest(book, tables, reasons=True)
    assert [row["json"] for row in rows(result.decisions)] == expected
    assert result.span == (EVENTS[0]["time"], EVENTS[-1]["time"])
    assert result.subjects == {"customer": 11}


def test_until_lets_everything_happen_that_is_due(book: tw.Rulebook) -> None:
    end = datetime(2026, 6, 1, tzinfo=UTC)
    engine = tw.Engine(book)
    expected = engine.process(EVENTS) + engine.advance_to(end)
    result = tw.backtest(book, arrow(), until=end, reasons=True)
    assert [row["json"] for row in rows(result.decisions)] == [decision.to_json() for decision in expected]
    assert rows(result.memberships()) == rows(engine.memberships())
    middle = EVENTS[100]["time"]
    engine = tw.Engine(book)
    expected = engine.process(EVENTS[:101])
    result = tw.backtest(book, arrow(), until=middle, reasons=True)
    assert [row["json"] for row in rows(result.decisions)] == [decision.to_json() for decision in expected]


def test_memberships_are_those_of_status(book: tw.Rulebook) -> None:
    engine = tw.Engine(book)
    engine.process(EVENTS)
    held = {(row["subject"], row["name"]): (row["since"], row["rule"]) for row in rows(tw.backtest(book, arrow()).memberships())}
    told = {}
    for number in range(11):
        status = engine.status("customer", f"c{number}")
        told.update({(f"c{number}", tag.tag): (tag.since, tag.rule) for tag in status.tags})
        told.update({(f"c{number}", entry.list): (entry.since, entry.rule) for entry in status.entries})
    assert held == told and held


def test_tags_over_time(book: tw.Rulebook) -> None:
    end = datetime(2026, 3, 1, tzinfo=UTC)
    result = tw.backtest(book, arrow(), until=end)
    decisions = rows(result.decisions)
    for every, step in (("hour", timedelta(hours=1)), ("day", timedelta(days=1)), ("week", timedelta(days=7))):
        series = [row for row in rows(result.tags_over_time(every)) if row["name"] == "gold"]  # type: ignore[arg-type]
        assert series[0]["time"] <= EVENTS[0]["time"] and series[-1]["time"] + step >= end - step
        for row in series:
            before = [one for one in decisions if one["tag"] == "gold" and one["time"] < row["time"] + step]
            members = sum(1 if one["kind"] == "tagged" else -1 for one in before)
            assert row["members"] == members, (every, row)
            inside = [one["kind"] for one in before if one["time"] >= row["time"]]
            assert (row["gained"], row["lost"]) == (inside.count("tagged"), inside.count("untagged"))
    assert sum(row["gained"] for row in series) > 0
    with pytest.raises(ValueError, match="every"):
        result.tags_over_time("minute")  # type: ignore[arg-type]


def test_coverage_and_overlap(book: tw.Rulebook) -> None:
    result = tw.backtest(book, arrow())
    decisions = rows(result.decisions)
    met = {rule.name: {one["subject"] for one in decisions if one["rule"] == rule.name} for rule in book.rules}
    coverage = rows(result.coverage())
    assert [row["rule"] for row in coverage] == [rule.name for rule in book.rules]
    for row in coverage:
        own = [one for one in decisions if one["rule"] == row["rule"]]
        assert row["subjects"] == len(met[row["rule"]]) and row["decisions"] == len(own)
        assert row["share"] == row["subjects"] / 11
        assert row["first"] == (own[0]["time"] if own else None) and row["last"] == (own[-1]["time"] if own else None)
    verdicts = {row["rule"]: row["verdict"] for row in coverage}
    assert verdicts["ask"] == "never" and verdicts["gold"] == "wide"
    assert {row["verdict"] for row in rows(result.coverage(wide=1.0)) if row["decisions"]} == {"fits"}
    pairs = {(row["a"], row["b"]): row for row in rows(result.overlap())}
    for (a, b), row in pairs.items():
        assert row["both"] == len(met[a] & met[b]) > 0
        assert row["jaccard"] == row["both"] / len(met[a] | met[b])
    tags = {row["name"]: row for row in rows(result.coverage("tags"))}
    assert tags["gold"]["subjects"] == len({one["subject"] for one in decisions if one["tag"] == "gold"})
    assert tags["gold"]["now"] == sum(row["name"] == "gold" for row in rows(result.memberships()))
    assert rows(result.overlap("tags")) is not None
    with pytest.raises(TypeError, match="of:"):
        result.overlap("lists")  # type: ignore[arg-type]


def test_compare(book: tw.Rulebook, shop: str) -> None:
    result = tw.backtest(book, arrow())
    assert rows(result.compare(book).changes()) == []
    text = shop.replace(">= 100 ", ">= 1300 ").replace("rule busy", "rule often")
    other = tw.Rulebook.compile(text.replace("add to blacklist level 2", "add to blacklist level 1"))
    comparison = result.compare(other)
    changes = rows(comparison.changes())
    before = {(row["subject"], row["name"]): row for row in rows(result.memberships())}
    after = {(row["subject"], row["name"]): row for row in rows(tw.backtest(other, arrow()).memberships())}
    assert {(row["subject"], row["name"]) for row in changes if row["change"] == "loses"} == before.keys() - after.keys()
    assert {(row["subject"], row["name"]) for row in changes if row["change"] == "gains"} == after.keys() - before.keys()
    for row in changes:
        if row["change"] == "loses":
            assert (row["rule_before"], row["rule"]) == (before[row["subject"], row["name"]]["rule"], None)
        if row["change"] == "level":
            assert (row["level"], row["level_before"]) == (1, 2)
    summary = comparison.summary()
    assert sum(row["subjects"] for row in summary) == len(changes) > 0
    assert "losses" in repr(comparison) and "<table>" in comparison._repr_html_()
    reverse = rows(comparison.after.compare(result).changes())
    assert len(reverse) == len(changes)
    ever = rows(comparison.changes(ever=True))
    assert {row["change"] for row in ever} <= {"gains", "loses"}


def test_shadows_change_nothing(shop: str) -> None:
    book = tw.Rulebook.compile(shop.replace("rule gold", "shadow rule gold"))
    result = tw.backtest(book, arrow())
    assert "gold" not in {row["name"] for row in rows(result.memberships())}
    assert {row["rule"]: row["subjects"] for row in rows(result.coverage())}["gold"] > 0


def test_refused_rows_say_in_which_table(book: tw.Rulebook) -> None:
    orders = arrow([{**EVENTS[1]}, {**EVENTS[1], "channel": None}])
    logins = arrow([{**EVENTS[0], "time": None}, EVENTS[0]])
    result = tw.backtest(book, {"order": orders, "login": logins})
    refused = [(row["table"], row["row"], row["path"]) for row in rows(result.refused)]
    assert refused == [("order", 1, "channel"), ("login", 0, "time")]
    one = tw.backtest(book, arrow([EVENTS[3], {**EVENTS[1], "channel": None}]))
    assert [(row["row"], row["path"]) for row in rows(one.refused)] == [(1, "channel")]


def test_without_decisions_everything_else_is_there(book: tw.Rulebook) -> None:
    result = tw.backtest(book, arrow(), decisions=False)
    assert len(result.decisions) == 0
    assert rows(result.coverage()) == rows(tw.backtest(book, arrow()).coverage())
    assert "decisions" in repr(result) and "<table>" in result._repr_html_()


def test_threads_change_nothing(book: tw.Rulebook) -> None:
    one, many = (tw.backtest(book, arrow(), threads=threads) for threads in (1, 4))
    assert rows(one.decisions) == rows(many.decisions)
    assert rows(one.coverage("tags")) == rows(many.coverage("tags"))
    with pytest.raises(ValueError, match="threads: expected 1 or more"):
        tw.backtest(book, arrow(), threads=0)


def test_an_empty_table(book: tw.Rulebook) -> None:
    result = tw.backtest(book, arrow([]))
    assert result.rows == 0 and result.span is None
    for table in (result.decisions, result.memberships(), result.tags_over_time(), result.overlap()):
        assert len(table) == 0 and pa.table(table).num_rows == 0
    assert {row["verdict"] for row in rows(result.coverage())} == {"never"}


def test_progress(book: tw.Rulebook, capsys: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[int, int | None]] = []
    tw.backtest(book, arrow(), progress=lambda rows, total: told.append((rows, total)))
    assert told[-1] == (COUNT, COUNT)
    tw.backtest(book, arrow(), progress=True)
    assert capsys.readouterr().err == ""

    def stop(rows: int, total: int | None) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        tw.backtest(book, arrow(), progress=stop)


def test_plot(book: tw.Rulebook) -> None:
    result = tw.backtest(book, arrow())
    pytest.importorskip("matplotlib")
    figure = result.plot(every="hour")
    left, right, _ = figure.axes
    assert left.lines and right.images
    assert tw.backtest(book, arrow([])).plot().axes
