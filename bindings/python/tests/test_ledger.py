"""Ledgers: kept over crashes, answered the same, verified, imported, and worked with by people."""

from __future__ import annotations

import copy
import json
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import tagwarden as tw

UTC = timezone.utc
START = datetime(2026, 1, 1, tzinfo=UTC)
KEY = b"an example's key"

RULES = """
entity customer
event complaint(customer) { text: string private }
event order(customer) { amount: number }
keywords abuse { "scam" "liars" }
list blacklist {
  level 1 "no contact" denies all
  level 2 "e-mail only" allows email
  level 3 "few" limits 2 per 1d
  category "abuse"
  review every 90d
}
tag vip
role agent may view, tag
role manager may view, tag, list blacklist, release, suspend, approve, review, appeal, exempt, merge, forget, export
rule abusive { on complaint where text has abuse  then add to blacklist level 2 category "abuse" }
rule repeated { when count(complaint) over 30d >= 3  then propose add to blacklist level 1 category "abuse" }
rule active { while count(order) over 90d >= 1 then tag active }
"""

MIA: dict[str, Any] = {"actor": "mia", "role": "manager", "reason": "settled by phone"}
WHO: dict[str, Any] = {"actor": "joe", "role": "agent"}


def at(**more: float) -> datetime:
    return START + timedelta(**more)


def complaint(time: datetime, text: str = "a scam", customer: str = "c1", **more: Any) -> dict[str, Any]:
    return {"type": "complaint", "time": time, "customer": customer, "text": text, **more}


@pytest.fixture
def rulebook() -> tw.Rulebook:
    return tw.Rulebook.compile(RULES)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "crm.ledger"


@pytest.fixture
def ledger(path: Path, rulebook: tw.Rulebook) -> Iterator[tw.Ledger]:
    with tw.Ledger.init(path, rulebook, key=KEY) as ledger:
        yield ledger


def kinds(answer: tw.Answer) -> list[str]:
    return [decision.kind for decision in answer.decisions]


def test_what_was_applied_is_there_after_opening_again(path: Path, rulebook: tw.Rulebook) -> None:
    with tw.Ledger(path, rulebook, key=KEY) as ledger:
        assert ledger.opening.created and ledger.path == path
        first, second = ledger.apply([complaint(START, id="e-1"), {"tick": at(hours=1)}])
        assert first and kinds(first) == ["listed"] and first.decisions[0].list == "blacklist"
        assert (first.input, first.repeated, first.refused, first.numbers) == (1, False, None, (1,))
        assert not second.decisions and ledger.clock == at(hours=1)
        head = ledger.audit_head
    with tw.Ledger.open(path, key=KEY) as ledger:
        assert (ledger.opening.created, ledger.opening.inputs, ledger.opening.replayed) == (False, 2, 2)
        assert ledger.opening.clock == at(hours=1) and ledger.audit_head == head
        assert ledger.rulebook.sources == rulebook.sources
        (again,) = ledger.apply(complaint(START, id="e-1"))
        assert again.repeated and again.decisions == first.decisions and again.numbers == first.numbers
        (other,) = ledger.apply(complaint(START, text="another", id="e-1"))
        assert not other and other.refused is not None and other.refused.startswith("key reused")
        (late,) = ledger.apply(complaint(START, id="e-2"))
        assert late.refused is not None and late.refused.startswith("late")
        assert ledger.history("customer", "c1") == first.decisions
        assert ledger.inputs == 3
    # The tables are plain: any program can join them.
    with sqlite3.connect(path) as connection:
        assert connection.execute("select subject, list, level from entries").fetchall() == [("c1", "blacklist", 2)]
        assert b"a scam" not in path.read_bytes()


def test_answers_are_values(ledger: tw.Ledger) -> None:
    (answer,) = ledger.apply(complaint(START))
    for value in (answer, ledger.stats(), ledger.list()[0], ledger.opening, ledger.status("customer", "c1", **WHO)):
        assert pickle.loads(pickle.dumps(value)) == value and copy.deepcopy(value) == value
        assert type(value).__name__ in repr(value)
    with pytest.raises(AttributeError):
        answer.repeated = True  # type: ignore[misc]
    assert repr(ledger).startswith("Ledger('")


def test_errors_say_what_it_is(path: Path, tmp_path: Path, rulebook: tw.Rulebook) -> None:
    def kind(call: Any) -> str:
        with pytest.raises(tw.LedgerError) as raised:
            call()
        assert pickle.loads(pickle.dumps(raised.value)).kind == raised.value.kind
        return raised.value.kind

    assert kind(lambda: tw.Ledger.open(path, key=KEY)) == "missing"
    assert kind(lambda: tw.Ledger(path, rulebook, key=KEY, create=False)) == "missing"
    ledger = tw.Ledger.init(path, rulebook, key=KEY, lateness=timedelta(hours=1))
    assert kind(lambda: tw.Ledger.init(path, rulebook, key=KEY)) == "exists"
    assert kind(lambda: tw.Ledger.open(path, key=bytes(16))) == "key"
    assert kind(lambda: tw.Ledger(path, rulebook, key=KEY)) == "setting"
    stricter = tw.Rulebook.compile(RULES.replace(">= 3", ">= 4"))
    assert kind(lambda: tw.Ledger(path, stricter, key=KEY, lateness=timedelta(hours=1))) == "rulebook"
    (tmp_path / "text").write_text("this is not a ledger, but a text that is long enough")
    assert kind(lambda: tw.Ledger.open(tmp_path / "text", key=KEY)) == "foreign"
    assert kind(lambda: ledger.record_contact("custmer", "c1")) == "refused"
    assert kind(lambda: ledger.export_audit(tmp_path / "no" / "log")) == "io"
    assert kind(lambda: ledger.change_encryption_key("new")) == "refused"
    ledger.close()
    ledger.close()
    assert kind(lambda: ledger.stats()) == "closed"
    with pytest.raises(ValueError, match="16 bytes"):
        tw.Ledger(path, rulebook, key=b"short")
    with pytest.raises(ValueError, match="cats 3y"):
        tw.Ledger(path, rulebook, key=KEY, keep=["cats 3y"])


def test_an_input_that_cannot_be_read_stops_all_of_them(ledger: tw.Ledger) -> None:
    with pytest.raises(tw.EventError) as raised:
        ledger.apply([complaint(START), {"type": "complant", "time": START, "customer": "c1"}])
    assert raised.value.index == 1 and "complaint" in str(raised.value)
    assert ledger.inputs == 0
    with pytest.raises(tw.EventError, match="customer"):
        ledger.release("custmer", "c1", "blacklist", **MIA)
    with pytest.raises(ValueError, match="one for each"):
        ledger.apply([complaint(START)], keys=["a", "b"])


def test_people_work_with_it(ledger: tw.Ledger) -> None:
    ledger.apply([complaint(at(days=day), id=f"m-{day}") for day in range(3)])
    (waiting,) = ledger.proposals()
    assert (waiting.subject, waiting.proposal, waiting.rule) == ("c1", 1, "repeated")
    assert waiting.action == tw.Action("add", list="blacklist", level=1, category="abuse")

    # A role that may not is refused on record; it is no exception, and the answer is false.
    refused = ledger.approve("customer", "c1", 1, actor="joe", role="agent", reason="three", time=at(days=3))
    assert not refused and kinds(refused) == ["refused"]
    (decision,) = refused.decisions
    assert (decision.command, decision.code) == ("approve", "role") and decision.why
    assert decision.reason.by == tw.By("joe", "agent", at(days=3))
    approved = ledger.approve("customer", "c1", 1, **MIA, time=at(days=3), id="cmd-1")
    assert kinds(approved) == ["approved", "level_changed"] and approved.decisions[0].proposal == 1
    assert ledger.approve("customer", "c1", 1, **MIA, time=at(days=3), id="cmd-1") == tw.Answer(
        approved.input, True, None, approved.decisions, approved.numbers
    )

    # A release for an hour ends to the second, without an event.
    suspended = ledger.suspend("customer", "c1", "blacklist", for_=timedelta(hours=1), time=at(days=4), **MIA)
    assert suspended.decisions[0].until == at(days=4, hours=1)
    (entry,) = ledger.list("blacklist")
    assert entry.suspended == at(days=4, hours=1)
    ends = at(days=4, hours=1)
    assert ledger.permits("customer", "c1", "sms", ends - timedelta(microseconds=1)).kind == "allowed"
    assert ledger.permits("customer", "c1", "sms", ends).kind == "denied"
    status = ledger.status("customer", "c1", **WHO, time=at(days=4, minutes=1))
    assert status.suspended[0].until == ends and status.suspended[0].reason.text == MIA["reason"]
    (resumed,) = ledger.apply({"tick": at(days=5)})[0].decisions
    assert (resumed.kind, resumed.time) == ("resumed", ends)

    # Review, appeal, and what a rule was wrong about.
    ledger.apply({"tick": at(days=91)})
    (due,) = ledger.reviews_due(at(days=91))
    assert due.review_due == at(days=90)
    reviewed = ledger.review("customer", "c1", "blacklist", "change", level=2, next=at(days=200), **MIA, time=at(days=92))
    assert (reviewed.decisions[0].outcome, reviewed.decisions[0].next) == ("change", at(days=200))
    assert ledger.appeal("customer", "c1", list="blacklist", **MIA, time=at(days=93))
    (appealing,) = ledger.appeals()
    assert (appealing.against, appealing.name, appealing.since) == ("list", "blacklist", at(days=93))
    status = ledger.status("customer", "c1", **WHO, time=at(days=93))
    assert status.appeals[0].list == "blacklist" and status.appeals[0].tag is None
    assert ledger.settle("customer", "c1", "rejected", list="blacklist", **MIA, time=at(days=94)).decisions[0].outcome == "rejected"
    wrong = ledger.wrong("customer", "c1", "abusive", list="blacklist", **MIA, time=at(days=95))
    assert wrong.decisions[0].marked == "abusive"
    status = ledger.status("customer", "c1", **WHO, time=at(days=95))
    assert status.marks[0].rule == "abusive"
    exempted = ledger.exempt("customer", "c1", rule="repeated", until=at(days=300), **MIA, time=at(days=96))
    assert exempted.decisions[0].spared == tw.Spared("repeated", None, None)
    assert ledger.lift("customer", "c1", rule="repeated", **MIA, time=at(days=97)).decisions[0].kind == "lifted"
    assert ledger.release("customer", "c1", "blacklist", **MIA, time=at(days=98))
    assert ledger.list() == ()


def test_people_add_and_take_away(ledger: tw.Ledger) -> None:
    ledger.apply(complaint(START, "late", "c5"))
    ledger.tag("customer", "c2", "vip", for_="30d", **MIA, time=at(days=1))
    planned = ledger.tag("customer", "c3", "vip", start=at(days=5), until="never", **MIA, time=at(days=1))
    assert (planned.decisions[0].kind, planned.decisions[0].start) == ("planned", at(days=5))
    assert ledger.status("customer", "c3", **WHO, time=at(days=2)).planned[0].tag == "vip"
    added = ledger.add("customer", "c4", "blacklist", level=3, category="abuse", review="30d", **MIA, time=at(days=1))
    assert kinds(added) == ["listed"] and added.decisions[0].level == 3
    ledger.record_contact("customer", "c4", at(days=1, hours=1))
    permit = ledger.permits("customer", "c4", "sms", at(days=1, hours=2))
    assert permit and permit.left == 1
    assert ledger.level("customer", "c4", "blacklist", 2, **MIA, time=at(days=2)).decisions[0].from_level == 3
    suspended = ledger.suspend("customer", "c4", "blacklist", for_="1d", session="call 7", **MIA, time=at(days=2))
    assert suspended.decisions[0].session == "call 7"
    assert kinds(ledger.resume("customer", "c4", "blacklist", session="call 7", **MIA, time=at(days=2, hours=1))) == ["resumed"]
    assert kinds(ledger.untag("customer", "c2", "vip", **MIA, time=at(days=3))) == ["untagged"]
    merged = ledger.merge("customer", "c4", "c5", **MIA, time=at(days=4))
    assert merged.decisions[0].kind == "merged" and merged.decisions[0].into == "c5"
    assert [entry.subject for entry in ledger.list()] == ["c5"]
    assert ledger.reject("customer", "c5", 1, **MIA, time=at(days=4)).decisions[0].code == "absent"
    assert ledger.lapse("customer", "c5", 1, **MIA, time=at(days=4)).decisions[0].code == "absent"


def test_without_a_time_it_is_now(ledger: tw.Ledger) -> None:
    before = datetime.now(UTC)
    (tagged,) = ledger.tag("customer", "c1", "vip", **MIA).decisions
    assert before <= tagged.time <= datetime.now(UTC)
    # A ledger of sample data may be ahead of the clock on the wall.
    ahead = before + timedelta(days=30)
    ledger.apply({"tick": ahead})
    assert ledger.untag("customer", "c1", "vip", **MIA).decisions[0].time == ahead + timedelta(microseconds=1)
    assert ledger.permits("customer", "c1", "sms")


def test_who_looks_is_on_record(ledger: tw.Ledger, tmp_path: Path) -> None:
    ledger.apply(complaint(START))
    ledger.status("customer", "c1", **WHO, time=at(hours=1))
    with pytest.raises(tw.RefusedError, match="no role") as raised:
        ledger.status("customer", "c1", actor="eve", time=at(hours=1))
    assert raised.value.decision.code == "role" and pickle.loads(pickle.dumps(raised.value)).decision == raised.value.decision
    assert ledger.may("agent", "view") and not ledger.may("agent", "export") and not ledger.may(None, "view")
    with pytest.raises(ValueError, match="veiw"):
        ledger.may("agent", "veiw")
    ledger.note_view(actor="joe", role="agent", what="queue", time=at(hours=1))
    with pytest.raises(tw.StatusError, match="before the clock"):
        ledger.status("customer", "c1", **WHO, time=at(days=-1))
    log = tmp_path / "log.jsonl"
    exported = ledger.export_audit(log)
    records = [json.loads(line) for line in log.read_text("utf-8").splitlines()[1:-1]]
    views = [record["record"] for record in records if record["kind"] == "view"]
    assert [(view["actor"], view["what"]) for view in views] == [("joe", "status"), ("eve", "refused"), ("joe", "queue")]
    assert exported.records == len(records) and exported.head == ledger.audit_head


def test_an_exported_audit_log_proves_itself(ledger: tw.Ledger, tmp_path: Path) -> None:
    ledger.apply([complaint(at(days=day), customer=f"c{day}") for day in range(40)])
    log = tmp_path / "log.jsonl"
    exported = ledger.export_audit(log)
    report = tw.verify_audit(log)
    assert (report.records, report.head, report.erased) == (exported.records, exported.head, 0)
    assert ledger.verify_audit() == report == tw.verify_audit(log.read_bytes())
    whole = log.read_bytes()
    lines = whole.splitlines(keepends=True)
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    added = lines[:9] + [lines[8]] + lines[9:]
    moved = lines[:9] + [lines[10], lines[9]] + lines[11:]
    for broken in (bytes(flipped), b"".join(lines[:9] + lines[10:]), b"".join(added), b"".join(moved), whole[:-40]):
        with pytest.raises(tw.AuditError) as raised:
            tw.verify_audit(broken)
        assert raised.value.line > 1 and raised.value.what in str(raised.value)
    with pytest.raises(FileNotFoundError):
        tw.verify_audit(tmp_path / "none")


def test_forgetting_leaves_a_tombstone(ledger: tw.Ledger, path: Path) -> None:
    ledger.apply([complaint(START, customer="Erika Mustermann"), complaint(at(hours=1), customer="c2")])
    assert ledger.forgotten("customer", "Erika Mustermann") is None
    answer = ledger.forget("customer", "Erika Mustermann", **MIA, time=at(days=1))
    assert kinds(answer) == ["forgotten"] and ledger.forgotten("customer", "Erika Mustermann") == at(days=1)
    assert b"Mustermann" not in path.read_bytes()
    assert ledger.verify_audit().erased > 0 and ledger.stats().forgotten == 1
    assert ledger.history("customer", "Erika Mustermann") == ()


def test_pseudonyms_and_retention(path: Path, rulebook: tw.Rulebook) -> None:
    keep = ["inputs 30d", "decisions 1y", "commands 10y", "views 90d"]
    with tw.Ledger.init(path, rulebook, key=KEY, pseudonyms=True, keep=keep, name="shop") as ledger:
        ledger.apply([complaint(START, customer="Erika", id="e-1"), {"tick": at(days=40)}])
        assert ledger.stats().inputs == {"tick": 1}
        (entry,) = ledger.list()
        assert entry.subject == ledger.pseudonym("customer", "Erika") != "Erika"
        assert not ledger.permits("customer", "Erika", "sms", at(days=41))
        ledger.checkpoint()
        ledger.scrub()
    with tw.Ledger.open(path, key=KEY) as ledger:
        assert ledger.opening.replayed == 0
        assert ledger.pseudonym("customer", "Erika") == entry.subject
    assert b"Erika" not in path.read_bytes()


def test_another_rulebook_is_taken_over_where_asked(path: Path, rulebook: tw.Rulebook) -> None:
    with tw.Ledger.init(path, rulebook, key=KEY) as ledger:
        ledger.apply([complaint(START), {"type": "order", "time": at(days=1), "customer": "c1", "amount": 5}])
    without = tw.Rulebook.compile(RULES.replace('rule abusive { on complaint where text has abuse  then add to blacklist level 2 category "abuse" }', ""))
    with tw.Ledger.open(path, key=KEY, rulebook=without) as ledger:
        report = ledger.opening.reloaded
        assert report is not None and report.rules["abusive"] == "gone" and report.orphaned_grants == 1
        assert ledger.list() == () and ledger.rulebook.sources == without.sources
    with tw.Ledger(path, rulebook, key=KEY, reload="keep") as ledger:
        assert ledger.opening.reloaded is not None


TABLE = "Customer No;level;category;until\n" + "".join(
    f"c{row};{2 + row % 2};abuse;2027-01-31\n" for row in range(1000)
)
IMPORT: dict[str, Any] = {
    "actor": "mia",
    "role": "manager",
    "list": "blacklist",
    "reason": "the list of 2025",
    "columns": {"identifier": "Customer No"},
    "time": START,
}


def test_a_thousand_rows_are_imported(ledger: tw.Ledger, tmp_path: Path) -> None:
    dry = ledger.import_table(TABLE.encode(), **IMPORT, dry_run=True)
    assert dry and not dry.kept and dry.count("done") == 1000 and ledger.list() == ()
    bad = TABLE + "c1001;7;abuse;\n"
    refused = ledger.import_table(bad.encode(), **IMPORT)
    assert not refused and not refused.kept and ledger.list() == ()
    (row,) = [row for row in refused.rows if row.outcome == "refused"]
    assert row.row == 1002 and row.why and "level" in row.why
    file = tmp_path / "list.csv"
    file.write_text(bad)
    real = ledger.import_table(file, **IMPORT, row_by_row=True, batch="2025")
    assert real.kept and (real.count("done"), real.count("refused")) == (1000, 1)
    assert len(ledger.list()) == 1000 and ledger.stats().entries == {"blacklist level 2": 500, "blacklist level 3": 500}
    again = ledger.import_table(file, **IMPORT, row_by_row=True, batch="2025")
    assert again.count("repeated") == 1000
    with pytest.raises(tw.LedgerError, match="Customer No"):
        ledger.import_table(b"a,b\n", **IMPORT)

    # Out and in again, as CSV and as Excel.
    ledger.tag("customer", "=1+1", "vip", **MIA, time=START)
    out: dict[str, Any] = {"actor": "mia", "role": "manager", "time": START}
    table = ledger.export_table(**out)
    assert table.count(b"\n") == 1002 and b"\n'=1+1," in table
    excel = ledger.export_table(**out, format="excel")
    for name, copy_of in (("csv", table), ("xlsx", excel)):
        copied = tmp_path / f"copy.{name}"
        copied.write_bytes(copy_of)
        with tw.Ledger.init(tmp_path / f"{name}.ledger", ledger.rulebook, key=KEY) as other:
            report = other.import_table(copied, actor="mia", role="manager", time=START)
            assert report.kept and len(report.rows) == 1001
            assert [row[:4] for row in csv_rows(other, out)] == [row[:4] for row in csv_rows(ledger, out)]
    assert ledger.export_table(**out, tag="vip").count(b"\n") == 2
    with pytest.raises(tw.LedgerError, match="export"):
        ledger.export_table(actor="joe", role="agent", time=START)


def csv_rows(ledger: tw.Ledger, out: dict[str, Any]) -> list[list[str]]:
    return [line.split(",") for line in ledger.export_table(**out).decode().splitlines()]


def stream(count: int) -> list[dict[str, Any]]:
    return [
        complaint(at(minutes=n), "a scam" if n % 7 == 0 else "late", f"c{n % 40}", id=f"m-{n}") for n in range(count)
    ]


WRITER = """
import sys
sys.path.insert(0, {tests!r})
from test_ledger import KEY, RULES, stream
import tagwarden as tw

with tw.Ledger({path!r}, tw.Rulebook.compile(RULES), key=KEY, snapshot_every=100) as ledger:
    inputs = stream(2000)
    for at in range(ledger.opening.inputs, len(inputs), 10):
        ledger.apply(inputs[at : at + 10])
        print(at, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_a_killed_process_loses_and_doubles_nothing(tmp_path: Path, rulebook: tw.Rulebook) -> None:
    expected: list[str] = []
    with tw.Ledger(tmp_path / "whole.ledger", rulebook, key=KEY) as ledger:
        for answer in ledger.apply(stream(2000)):
            expected += [decision.to_json() for decision in answer.decisions]
        head = ledger.audit_head
    path = tmp_path / "killed.ledger"
    script = WRITER.format(tests=str(Path(__file__).parent), path=str(path))
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    for round in range(5):
        writer = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment)
        assert writer.stdout is not None
        for _ in range(1 + round * 7):
            writer.stdout.readline()
        writer.kill()
        writer.wait()
        writer.stdout.close()
    with tw.Ledger.open(path, key=KEY) as ledger:
        done = ledger.opening.inputs
        assert 0 < done < 2000 and done % 10 == 0
        # The host does not know how far it came: what was there before is answered as the first time.
        answers = ledger.apply(stream(2000))
        assert [answer.repeated for answer in answers] == [n < done for n in range(2000)]
        assert [decision.to_json() for answer in answers for decision in answer.decisions] == expected
        assert ledger.audit_head == head and ledger.verify_audit().head == head


def test_threads_share_it(ledger: tw.Ledger) -> None:
    def work(number: int) -> None:
        for turn in range(50):
            ledger.apply({"tick": START}, keys=[f"{number}-{turn}"])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.inputs == 200


def test_the_interpreter_is_free_meanwhile(ledger: tw.Ledger) -> None:
    done = threading.Event()
    turns = 0

    def work() -> None:
        ledger.import_table(TABLE.encode(), **IMPORT, dry_run=True)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    while not done.wait(0.001):
        turns += 1
    thread.join()
    assert turns > 3
