"""Rulebooks, engines and what they answer."""

from __future__ import annotations

import copy
import pickle
import threading
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import tagwarden as tw

UTC = timezone.utc
START = datetime(2026, 1, 1, tzinfo=UTC)


def order(minutes: float = 0, amount: Any = 50, customer: str = "c1", **more: Any) -> dict[str, Any]:
    time = START + timedelta(minutes=minutes)
    return {"type": "order", "time": time, "customer": customer, "amount": amount, "channel": "app", **more}


def login(minutes: float = 0, customer: str = "c1") -> dict[str, Any]:
    return {"type": "login", "time": START + timedelta(minutes=minutes), "customer": customer}


@pytest.fixture
def engine(shop: str) -> tw.Engine:
    return tw.Engine(tw.Rulebook.compile(shop))


def test_a_decision_tells_what_and_why(engine: tw.Engine) -> None:
    assert engine.process(order(0, 5)) == []
    decisions = engine.process([order(1, Decimal("19.90")), order(2, 100.6), order(3, 1000)])
    assert [decision.kind for decision in decisions] == ["tagged", "emitted", "scored"]
    tagged, emitted, scored = decisions
    assert tagged.time == START + timedelta(minutes=2)
    assert tagged.time.tzinfo is UTC
    assert (tagged.entity, tagged.subject, tagged.rule, tagged.tag) == ("customer", "c1", "gold", "gold")
    assert tagged.until is None
    assert tagged.list is None and not tagged.shadow and tagged.version
    assert tagged.reason.text == "125.5 in a day"
    assert str(tagged.reason) == "125.5 in a day"
    (part,) = tagged.reason.because
    assert (part.value, part.op, part.than, part.holds, part.events) == ("125.5", ">=", "100", True, 3)
    assert part.first == START
    assert emitted.fields == {"amount": Decimal(1000), "channel": "app"}
    assert scored.value == Decimal("5.5")
    (proposed,) = [one for one in engine.process(order(4, 5000)) if one.kind == "proposed"]
    assert proposed.action == tw.Action("add", list="blacklist", level=1)


def test_decisions_are_values(engine: tw.Engine) -> None:
    first, *rest = engine.process(order(0, 6000))
    assert first == tw.Decision.from_json(first.to_json())
    assert first != rest[0] and first != "text"
    assert pickle.loads(pickle.dumps([first, *rest])) == [first, *rest]
    assert copy.deepcopy(first) == first
    assert len({first, tw.Decision.from_json(first.to_json())}) == 1
    assert first.to_dict()["kind"] == first.kind
    assert list(first.to_dict())[:4] == ["time", "kind", "entity", "subject"]
    assert repr(first).startswith("Decision(time='2026-01-01T00:00:00Z', kind='tagged'")
    assert "<table>" in first._repr_html_()
    with pytest.raises(AttributeError):
        first.tag = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        _ = first < rest[0]
    with pytest.raises(ValueError, match="kind"):
        tw.Decision.from_json('{"time":"2026-01-01T00:00:00Z","kind":"odd","entity":"e","subject":"s"}')


def test_html_is_escaped() -> None:
    text = 'entity customer  event a(customer) { text: string }  rule r { on a because "{text}" then tag t }'
    engine = tw.Engine(tw.Rulebook.compile(text))
    (decision,) = engine.process({"type": "a", "time": 0, "customer": "<b>", "text": "<script>"})
    assert "<script>" not in decision._repr_html_() and "<b> " not in decision._repr_html_()
    assert "&lt;script&gt;" in decision._repr_html_()


def test_answers(engine: tw.Engine) -> None:
    engine.process([login(0), login(1), login(2), order(3, 150)])
    now = START + timedelta(hours=1)
    status = engine.status("customer", "c1", now)
    assert [tag.tag for tag in status.tags] == ["gold"]
    (entry,) = status.entries
    assert (entry.list, entry.level, entry.label, entry.category) == ("blacklist", 2, "some", "spam")
    assert entry.ends == START + timedelta(minutes=2, days=7)
    assert pickle.loads(pickle.dumps(status)) == status
    assert "blacklist" in status._repr_html_()
    permit = engine.permits("customer", "c1", "sms", now)
    assert permit and (permit.kind, permit.count, permit.per, permit.left) == ("limited", 2, timedelta(days=1), 2)
    engine.record_contact("customer", "c1", now)
    engine.record_contact("customer", "c1", now)
    assert not engine.permits("customer", "c1", "sms", now)
    assert engine.permits("customer", "somebody", "sms").kind == "allowed"
    why = engine.why_not("gold", "customer", "c2", now)
    assert not why.holds and why.parts[0].missing == Decimal(100)
    with pytest.raises(tw.StatusError, match="no rule"):
        engine.why_not("silver", "customer", "c1")
    with pytest.raises(tw.StatusError, match="before the clock"):
        engine.status("customer", "c1", START)
    held = engine.memberships().to_pylist()
    assert [(row["kind"], row["name"], row["rule"]) for row in held] == [("list", "blacklist", "busy"), ("tag", "gold", "gold")]
    forgotten = engine.forget("customer", "c1")
    assert forgotten is not None and forgotten.kind == "forgotten" and forgotten.rule is None
    assert engine.forget("customer", "c1") is None
    assert len(engine.memberships()) == 0


def test_times(engine: tw.Engine) -> None:
    shanghai = timezone(timedelta(hours=8))
    engine.process({**login(), "time": datetime(2026, 1, 1, 8, tzinfo=shanghai)})
    assert engine.clock == START
    engine.process({**login(), "time": 1767225600001})
    assert engine.clock == START + timedelta(milliseconds=1)
    engine.advance_to("2026-01-02T00:00:00+08:00")
    assert engine.clock == datetime(2026, 1, 1, 16, tzinfo=UTC)
    seconds = tw.Engine(engine.rulebook, time_unit="s")
    seconds.advance_to(1767225600)
    assert seconds.clock == START
    with pytest.raises(tw.EventError, match="with a zone.*2026-01-01 00:00:00 without one") as raised:
        engine.process({**login(), "time": datetime(2026, 1, 1)})
    assert (raised.value.kind, raised.value.path) == ("invalid", "time")
    with pytest.raises(ValueError, match="without one"):
        engine.advance_to(datetime(2027, 1, 1))
    for wrong in (True, 1.5, None):
        with pytest.raises(TypeError):
            engine.advance_to(wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="years 1 to 9999"):
        engine.advance_to(10**18)
    with pytest.raises(ValueError, match="time_unit"):
        tw.Engine(engine.rulebook, time_unit="ns")  # type: ignore[arg-type]


def test_refusals_say_where(engine: tw.Engine) -> None:
    with pytest.raises(tw.EventError) as raised:
        engine.process([order(0, 200), order(1, "much"), order(2)])
    error = raised.value
    assert (error.kind, error.path, error.index) == ("invalid", "amount", 1)
    assert (error.expected, error.found) == ("number", '"much"')
    assert [decision.kind for decision in error.decisions] == ["tagged"]
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.path, again.decisions) == (str(error), error.path, error.decisions)
    with pytest.raises(tw.EventError) as raised:
        engine.process(order(-1))
    assert (raised.value.kind, raised.value.index) == ("late", 0)
    cases = {
        "nearest is \"order\"": {**order(1), "type": "ordr"},
        "a number": order(1, float("nan")),
        "a text, a number": order(1, object()),
        "one of \"app\", \"web\"": order(1, channel="fax"),
        "found an array": order(1, [1]),
        "expected number, found nothing": order(1, None),
        "at most 6 digits": order(1, 0.1 + 0.2),
    }
    for message, event in cases.items():
        with pytest.raises(tw.EventError, match=message):
            engine.process(event)
    with pytest.raises(TypeError):
        engine.process(3)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        engine.process([3])  # type: ignore[list-item]


def test_an_iterator_that_fails_raises_its_own_error(engine: tw.Engine) -> None:
    def events() -> Any:
        yield order(0, 200)
        raise KeyError("out of events")

    with pytest.raises(KeyError):
        engine.process(events())
    assert len(engine.memberships()) == 1


def test_rules_and_their_errors(tmp_path: Path) -> None:
    text = 'entity customer\nevent order(customer) { 金额: number }\nrule 🥇 { when count(ordr) > 3 then tag gold }\n'
    with pytest.raises(tw.RuleError) as raised:
        tw.Rulebook.compile(text)
    text = text.replace("🥇", "gold")
    with pytest.raises(tw.RuleError) as raised:
        tw.Rulebook.compile(text, name="gold.tw")
    error = raised.value
    assert isinstance(error, ValueError)
    (found,) = [one for one in error.diagnostics if one.severity == "error"]
    assert found.code == "E0101" and text[slice(*found.span)] == "ordr" and found.line == 3
    assert found.help is not None
    assert "gold.tw:3" in str(error) and "^^^^" in str(error) and "does not compile" in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert again.diagnostics == error.diagnostics and str(again) == str(error)

    (tmp_path / "schema.tw").write_text("entity customer  event login(customer) {}", encoding="utf-8")
    (tmp_path / "main.tw").write_text('use "schema.tw"\nrule all { on login then tag seen }', encoding="utf-8")
    book = tw.Rulebook.from_file(tmp_path / "main.tw")
    assert [rule.name for rule in book.rules] == ["all"] and len(book.sources) == 2
    with pytest.raises(FileNotFoundError):
        tw.Rulebook.from_file(tmp_path / "none.tw")

    def resolver(name: str) -> str:
        raise PermissionError(name)

    with pytest.raises(PermissionError, match=r"schema\.tw"):
        tw.Rulebook.from_files({"main.tw": 'use "schema.tw"'}, resolver)
    with pytest.raises(ValueError, match="no limit"):
        tw.Rulebook.compile("", limits={"nothing": 1})


def test_a_rulebook_tells_of_itself(shop: str) -> None:
    book = tw.Rulebook.compile(shop + 'test "t" { login at 2026-01-01 for "c1"  expect "c1" tagged gold at 2026-01-02 }')
    assert book.entities == ("customer",)
    assert book.events["login"] == {"customer": "key"}
    assert book.events["order"]["note"] == "string?"
    assert book.zone == "UTC" and book.warnings == ()
    assert book.rules[0].trigger in ("on", "when", "while") and "gold" in repr(book)
    (report,) = book.run_tests()
    assert not report.passed and report.events == 1 and "gold" in report.checks[0].expected
    assert tw.format("entity   customer") == "entity customer\n"
    with pytest.raises(tw.RuleError):
        tw.format("entity {")


def test_lateness_and_duplicates(shop: str) -> None:
    book = tw.Rulebook.compile(shop)
    engine = tw.Engine(book, lateness=timedelta(minutes=10), dedup=timedelta(days=1))
    assert engine.process([order(5, 60, id="a"), order(0, 60, id="b")]) == []
    with pytest.raises(tw.EventError) as raised:
        engine.process(order(6, 60, id="a"))
    assert raised.value.kind == "duplicate"
    assert [decision.tag for decision in engine.finish()] == ["gold"]
    with pytest.raises(TypeError, match="timedelta"):
        tw.Engine(book, lateness=60)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="16 bytes"):
        tw.Engine(book, hash_key=b"short")


def test_snapshot_and_reload(shop: str) -> None:
    book = tw.Rulebook.compile(shop)
    engine = tw.Engine(book)
    engine.process(order(0, 200))
    restored = tw.Engine.restore(book, engine.snapshot())
    later = START + timedelta(days=40)
    with pytest.raises(RuntimeError, match="restored"):
        restored.memberships()
    other = tw.Rulebook.compile(shop.replace("rule gold", "rule golden"))
    with pytest.raises(tw.SnapshotError, match="another rulebook"):
        tw.Engine.restore(other, engine.snapshot())
    with pytest.raises(tw.SnapshotError):
        tw.Engine.restore(book, b"nothing")
    assert restored.advance_to(later) == engine.advance_to(later)
    engine.process({**order(0, 200), "time": later + timedelta(days=1)})
    report = engine.reload(other, orphans="end")
    assert report.rules["golden"] == "new" and report.rules["gold"] == "gone" and report.orphaned_grants == 1
    assert [decision.kind for decision in report.decisions] == ["untagged"]
    assert engine.rulebook.rules == other.rules
    with pytest.raises(TypeError, match="orphans"):
        engine.reload(other, orphans="drop")  # type: ignore[arg-type]


def test_threads_share_a_rulebook_and_an_engine(shop: str) -> None:
    book = tw.Rulebook.compile(shop)
    alone = tw.Engine(book)
    events = [order(at, 30, customer=f"c{at % 7}") for at in range(2000)]
    expected = alone.process(events)
    results: dict[int, list[tw.Decision]] = {}

    def own(number: int) -> None:
        results[number] = tw.Engine(book).process(events)

    shared = tw.Engine(book)
    failures: list[Exception] = []

    def both(number: int) -> None:
        try:
            for _ in range(300):
                shared.process({**login(0, f"t{number}"), "time": START})
                shared.status("customer", f"t{number}")
                assert shared.snapshot()
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=own, args=(number,)) for number in range(4)]
    threads += [threading.Thread(target=both, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive()
    assert not failures
    assert all(results[number] == expected for number in range(4))
    assert shared.subjects == 4
    assert len(shared.memberships()) == 4


def test_a_person_acts_and_is_refused() -> None:
    rulebook = tw.Rulebook.compile(
        """entity customer  event message(customer) {}
        list blocked  role agent may view  role manager may list blocked, release, view"""
    )
    engine = tw.Engine(rulebook)
    act: dict[str, object] = {"time": START, "actor": "u7", "role": "manager", "customer": "c1", "list": "blocked"}
    (listed,) = engine.command({**act, "command": "list", "reason": "spam"})
    assert (listed.kind, listed.rule, listed.reason.text) == ("listed", None, "spam")
    (refused,) = engine.command({**act, "command": "release", "role": "agent", "reason": "please"})
    assert refused.kind == "refused"
    assert pickle.loads(pickle.dumps(refused)) == refused
    (entry,) = engine.status("customer", "c1").entries
    assert entry.rule is None
    with pytest.raises(tw.EventError) as error:
        engine.command({"type": "message", "time": START, "customer": "c1"})
    assert error.value.path == "command"
    # As JSON, and with a length of time.
    line = '{"command":"suspend","time":"2026-01-01T00:00:01Z","actor":"u7","role":"manager","customer":"c1","list":"blocked","for":"1h","reason":"x"}'
    (refused,) = engine.command(line)
    assert (refused.command, refused.code) == ("suspend", "role")
    later = START + timedelta(minutes=1)
    (renewed,) = engine.command({**act, "time": later, "command": "list", "reason": "again", "for": timedelta(hours=1)})
    assert renewed.kind == "renewed" and renewed.reason.by == tw.By("u7", "manager", later)
