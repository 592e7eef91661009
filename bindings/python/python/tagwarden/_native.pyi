from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeAlias, final, overload

import polars

from ._people import (
    Answer,
    Appealing,
    AuditReport,
    Exported,
    ImportReport,
    Listed,
    Opening,
    Spared,
    Stats,
    Waiting,
)
from ._progress import ProgressCallback
from ._types import (
    Action,
    ArrowStream,
    BatchResult,
    Diagnostic,
    Permit,
    Reason,
    ReloadReport,
    RuleInfo,
    Status,
    TestReport,
    WhyNot,
)

__all__ = [
    "Decision",
    "Engine",
    "LedgerFile",
    "Rulebook",
    "Run",
    "Table",
    "__version__",
    "format",
    "verify_audit",
]

__version__: str

_Time: TypeAlias = datetime | int | str
_Event: TypeAlias = Mapping[str, Any] | str | bytes
_Unit: TypeAlias = Literal["s", "ms", "us"]
_Limits: TypeAlias = Mapping[str, int]

def format(text: str) -> str:
    """Formats the text of a rulebook: one style for all.

    :raises RuleError: the text cannot be read.
    """

@final
class Rulebook:
    """A compiled rulebook. Any number of engines, on any number of threads, can share it."""

    @staticmethod
    def compile(text: str, *, name: str = "rulebook.tw", limits: _Limits | None = None) -> Rulebook:
        """Compile one text that names no other file.

        :param name: what messages call it.
        :param limits: what it may grow to, such as ``{"rules": 100}``; others keep their default.
        :raises RuleError: every mistake in the text, at once.
        """

    @staticmethod
    def from_file(path: str | PathLike[str], *, limits: _Limits | None = None) -> Rulebook:
        """Compile a file. ``use`` and ``keywords … from`` find files beside it.

        :raises RuleError: every mistake, at once.
        :raises OSError: the file cannot be read.
        """

    @staticmethod
    def from_files(
        sources: dict[str, str],
        resolver: Callable[[str], str | None] | None = None,
        *,
        limits: _Limits | None = None,
    ) -> Rulebook:
        """Compile several texts, by name. ``use`` finds them by their names.

        :param resolver: asked for the text of each further file that ``use`` or ``keywords … from`` names; ``None`` says that there is
            none. What it raises is raised.
        :raises RuleError: every mistake in every text, at once.
        """

    @property
    def rules(self) -> tuple[RuleInfo, ...]:
        """The rules, in the order in which they run."""

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What compiled, but probably does not mean what was meant."""

    @property
    def sources(self) -> dict[str, str]:
        """The texts that it was compiled from, by name."""

    @property
    def entities(self) -> tuple[str, ...]:
        """The names of the entities."""

    @property
    def events(self) -> dict[str, dict[str, str]]:
        """The event types: for each the columns that its events have, and what they hold; ``?`` marks those that may be absent."""

    @property
    def zone(self) -> str:
        """The time zone of calendar windows and schedules."""

    def run_tests(self) -> tuple[TestReport, ...]:
        """Run the ``test`` blocks of the rulebook."""

@final
class Decision:
    """A change, or something that a rule wants done, with the reason for it. Frozen, comparable, hashable, picklable.

    Which attributes are not ``None`` depends on the :attr:`kind`.
    """

    @staticmethod
    def from_json(text: str) -> Decision:
        """The decision of a line of JSON, as :meth:`to_json` or the command line writes it.

        :raises ValueError: it is no decision.
        """

    @property
    def time(self) -> datetime:
        """The instant of the change, in UTC."""

    @property
    def kind(
        self,
    ) -> Literal[
        "tagged",
        "untagged",
        "listed",
        "level_changed",
        "unlisted",
        "scored",
        "proposed",
        "withheld",
        "notified",
        "review_due",
        "emitted",
        "forgotten",
        "planned",
        "renewed",
        "suspended",
        "resumed",
        "approved",
        "rejected",
        "lapsed",
        "reviewed",
        "appealed",
        "settled",
        "marked_wrong",
        "exempted",
        "lifted",
        "merged",
        "refused",
    ]:
        """What happened, in one word."""

    @property
    def entity(self) -> str:
        """The kind of subject."""

    @property
    def subject(self) -> str:
        """The subject's key."""

    @property
    def rule(self) -> str | None:
        """The name of the rule that made it; ``None`` for what the host asked for."""

    @property
    def version(self) -> str | None:
        """A hash of the rule's text."""

    @property
    def shadow(self) -> bool:
        """Whether the rule is a shadow for this subject: nothing has changed."""

    @property
    def tag(self) -> str | None:
        """The tag that begins or ends (``tagged``, ``untagged``), or that a person's decision is about."""

    @property
    def start(self) -> datetime | None:
        """When what a person has set begins (``planned``)."""

    @property
    def until(self) -> datetime | None:
        """When it ends, as far as the clock alone decides that (``tagged``, ``listed``, ``planned``, ``renewed``, ``suspended``,
        ``exempted``)."""

    @property
    def cause(
        self,
    ) -> (
        Literal[
            "expired", "until", "withdrawn", "removed", "superseded", "rule_gone", "wrong", "appeal", "review"
        ]
        | None
    ):
        """What ended it (``untagged``, ``unlisted``, ``lifted``)."""

    @property
    def list(self) -> str | None:
        """The list (``listed``, ``level_changed``, ``unlisted``, ``review_due``, ``suspended``, ``resumed``, ``reviewed``), or that a
        person's decision is about."""

    @property
    def level(self) -> int | None:
        """The level of the entry (``listed``, ``level_changed``, ``review_due``, ``planned``, ``renewed``, ``resumed``,
        ``reviewed``)."""

    @property
    def from_level(self) -> int | None:
        """The level before (``level_changed``). In JSON and tables it is called ``from``."""

    @property
    def category(self) -> str | None:
        """The category of the entry (``listed``)."""

    @property
    def score(self) -> str | None:
        """The score (``scored``)."""

    @property
    def value(self) -> Decimal | None:
        """The value of the score now (``scored``)."""

    @property
    def channel(self) -> str | None:
        """The channel of a message (``notified``)."""

    @property
    def text(self) -> str | None:
        """The text of a message (``notified``)."""

    @property
    def name(self) -> str | None:
        """The name of an event for the host (``emitted``)."""

    @property
    def fields(self) -> dict[str, Any] | None:
        """The fields of an event for the host, in the order written (``emitted``)."""

    @property
    def action(self) -> Action | None:
        """What a proposal would do, or a guard has stopped (``proposed``, ``withheld``, ``approved``, ``rejected``, ``lapsed``)."""

    @property
    def proposal(self) -> int | None:
        """The number of a proposal among those of the subject (``proposed``, ``approved``, ``rejected``, ``lapsed``)."""

    @property
    def session(self) -> str | None:
        """The session that an entry is suspended for (``suspended``)."""

    @property
    def outcome(self) -> Literal["keep", "change", "release", "granted", "rejected"] | None:
        """What came of a review or an appeal (``reviewed``, ``settled``)."""

    @property
    def next(self) -> datetime | None:
        """When the next review falls due (``reviewed``)."""

    @property
    def marked(self) -> str | None:
        """The rule that was wrong (``marked_wrong``, ``lifted``)."""

    @property
    def spared(self) -> Spared | None:
        """What the subject is spared, or no longer (``exempted``, ``lifted``). In JSON it is called ``from``."""

    @property
    def into(self) -> str | None:
        """The key that the subject is known as from now on (``merged``)."""

    @property
    def command(self) -> str | None:
        """The command that was refused; ``view`` for a look (``refused``)."""

    @property
    def code(
        self,
    ) -> (
        Literal[
            "role",
            "second_person",
            "unknown_subject",
            "unknown_tag",
            "unknown_list",
            "unknown_level",
            "unknown_category",
            "unknown_rule",
            "absent",
            "already",
            "time",
        ]
        | None
    ):
        """Why it was refused, for programs (``refused``)."""

    @property
    def why(self) -> str | None:
        """Why it was refused, for people (``refused``)."""

    @property
    def reason(self) -> Reason:
        """Why."""

    def to_json(self) -> str:
        """The decision as one line of JSON, the same as the command line writes. The same decision always gives the same text."""

    def to_dict(self) -> dict[str, Any]:
        """What :meth:`to_json` says, as a dictionary of plain values."""

    def _repr_html_(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __lt__(self, other: object, /) -> bool: ...
    def __le__(self, other: object, /) -> bool: ...
    def __gt__(self, other: object, /) -> bool: ...
    def __ge__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Callable[[str], Decision], tuple[str]]: ...

@final
class Table:
    """A table of results. Any library that knows the Arrow PyCapsule interface takes it without copying:
    ``polars.DataFrame(table)``, ``pyarrow.table(table)``, ``pandas.DataFrame.from_arrow(table)``, ``duckdb.sql("from table")``."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """A capsule with its batches."""

    def __arrow_c_schema__(self) -> Any:
        """A capsule with its columns."""

    def __len__(self) -> int: ...
    @property
    def num_rows(self) -> int:
        """How many rows it has."""

    @property
    def column_names(self) -> list[str]:
        """The names of its columns."""

    def to_pylist(self, limit: int | None = None) -> list[dict[str, Any]]:
        """The first rows, or all, as dictionaries. For many rows take them into a library instead."""

    def to_polars(self) -> polars.DataFrame:
        """The table in polars."""

    def to_pyarrow(self) -> Any:
        """The table in pyarrow."""

    def to_pandas(self) -> Any:
        """The table in pandas, by way of pyarrow."""

    def _repr_html_(self) -> str: ...

@final
class Engine:
    """A stream of events under a rulebook: the only thing that changes.

    Time comes in with the events, so the same events always give the same decisions. Threads may share an engine: each call has it for
    itself. Times are aware datetimes, whole numbers in ``time_unit``, or RFC 3339 texts with an offset.
    """

    def __new__(
        cls,
        rulebook: Rulebook,
        *,
        lateness: timedelta | None = None,
        dedup: timedelta | None = None,
        hash_key: bytes | None = None,
        limits: _Limits | None = None,
        time_unit: _Unit = "ms",
    ) -> Engine:
        """A new engine.

        :param lateness: how much older than the newest an event may be. For so long events are held back and put in order.
        :param dedup: for how long the ``id`` of an event is remembered, so that a second one is a duplicate.
        :param hash_key: 16 bytes: the key of the hashes that stand for private values in the state. Keep it secret, and the same
            across restarts.
        :param limits: what the state may grow to, such as ``{"subjects": 1_000_000}``; others keep their default.
        :param time_unit: what times count that are whole numbers.
        """

    @staticmethod
    def restore(
        rulebook: Rulebook,
        snapshot: bytes,
        *,
        lateness: timedelta | None = None,
        dedup: timedelta | None = None,
        hash_key: bytes | None = None,
        limits: _Limits | None = None,
        time_unit: _Unit = "ms",
    ) -> Engine:
        """An engine that goes on where a snapshot was taken, with the same rulebook and options.

        :raises SnapshotError: it is damaged, foreign, newer, of another rulebook or key, or beyond a limit.
        """

    @property
    def rulebook(self) -> Rulebook:
        """The rulebook that it runs."""

    @property
    def clock(self) -> datetime | None:
        """The time of the last event applied, or tick."""

    @property
    def subjects(self) -> int:
        """How many subjects it knows."""

    @property
    def saturations(self) -> int:
        """How many instants had a number beyond the range, which was saturated."""

    @overload
    def process(self, events: Mapping[str, Any]) -> list[Decision]:
        """Apply one event, or many in their order, and return what follows from them and from the time that has passed.

        An event is a mapping, ``{"type": "order", "time": …, "customer": "c1", "amount": Decimal("19.90")}``, or the same as a JSON
        object in ``str`` or ``bytes``. ``{"tick": time}`` moves the clock alone.

        :raises EventError: an event was refused: late, a duplicate, not of the rulebook, or beyond a limit. Those before it have been
            applied; what followed is in ``decisions``.
        """

    @overload
    def process(self, events: str | bytes) -> list[Decision]: ...
    @overload
    def process(self, events: Iterable[_Event]) -> list[Decision]: ...
    def process_batch(
        self,
        table: ArrowStream,
        *,
        event: str = "type",
        event_type: str | None = None,
        time: str | None = None,
        id: str = "id",
        columns: Mapping[str, str | None] | None = None,
        zone: str | None = None,
        time_unit: _Unit | None = None,
        reasons: bool = False,
        progress: ProgressCallback | None = None,
    ) -> BatchResult:
        """Apply the rows of a table, in their order. The arguments are those of :func:`backtest`.

        Rows that are refused do not stop it: they come back in a table. The interpreter is free for other threads meanwhile.

        :raises TableError: the columns do not fit; no row has been read.
        """

    def command(self, command: Mapping[str, object] | str | bytes) -> list[Decision]:
        """Carry out what a person asks for, such as ``{"command": "release", "time": …, "actor": "u7", "role": "manager",
        "customer": "c1", "list": "blacklist", "reason": "…"}``. A refusal is a decision too.

        :raises EventError: no command of the rulebook, or the clock is later already.
        """

    def advance_to(self, time: _Time) -> list[Decision]:
        """Move the clock: everything due up to ``time`` happens, and every event up to it counts as seen.

        :raises EventError: the clock is later already.
        """

    def finish(self) -> list[Decision]:
        """Apply the events that lateness holds back, as at the end of a stream."""

    def status(self, entity: str, key: str, time: _Time | None = None) -> Status:
        """What holds of a subject at ``time`` (by default now, by the engine's clock), with reasons and ends, if nothing more comes.

        :raises StatusError: no such entity, or a time before the clock.
        """

    def permits(self, entity: str, key: str, channel: str, time: _Time | None = None) -> Permit:
        """Whether a message may go out to a subject over a channel, by the levels of the lists that it is on.

        :raises StatusError: no such entity, or a time before the clock.
        """

    def why_not(self, rule: str, entity: str, key: str, time: _Time | None = None) -> WhyNot:
        """Which parts of a rule's condition fail for a subject, and by how much.

        :raises StatusError: no such rule or entity, or a time before the clock.
        """

    def record_contact(self, entity: str, key: str, time: _Time) -> None:
        """Note that a message went out to a subject, for the allowances of limited levels."""

    def forget(self, entity: str, key: str) -> Decision | None:
        """Remove every trace of a subject, also from the events that are held back; ``None`` where there is none."""

    def memberships(self) -> Table:
        """Who has which tag and is on which list now, since when, until when and by which rule.

        :raises RuntimeError: the engine was restored from a snapshot: then it does not know everybody.
        """

    def snapshot(self) -> bytes:
        """Write down the whole state. What follows after a :meth:`restore` is the same as if it had never stopped."""

    def reload(self, rulebook: Rulebook, *, orphans: Literal["end", "keep"] = "end") -> ReloadReport:
        """Go on with a new rulebook. What is the same goes on, what is new starts, and the report says which is which.

        :param orphans: what becomes of a tag or entry whose rule is gone: it ends, or is kept until its own end.
        """

@final
class Run:
    """A run of a rulebook over tables; see :class:`tagwarden.BacktestResult`."""

    def __new__(
        cls,
        rulebook: Rulebook,
        table: ArrowStream | dict[str, ArrowStream],
        *,
        event: str,
        event_type: str | None,
        time: str | None,
        id: str,
        columns: dict[str, str | None] | None,
        zone: str | None,
        time_unit: _Unit,
        until: _Time | None,
        dedup: timedelta | None,
        hash_key: bytes | None,
        limits: dict[str, int] | None,
        decisions: bool,
        reasons: bool,
        threads: int | None,
        progress: ProgressCallback | None,
    ) -> Run: ...
    def again(self, rulebook: Rulebook, progress: ProgressCallback | None) -> Run: ...
    @property
    def rulebook(self) -> Rulebook: ...
    @property
    def rows(self) -> int: ...
    @property
    def span(self) -> tuple[datetime, datetime] | None: ...
    @property
    def subjects(self) -> dict[str, int]: ...
    @property
    def decisions(self) -> Table: ...
    @property
    def refused(self) -> Table: ...
    def memberships(self) -> Table: ...
    def over_time(self, every: str) -> Table: ...
    def coverage(self, of: str, narrow: float, wide: float) -> Table: ...
    def overlap(self, of: str) -> Table: ...
    def compare(self, other: Run, ever: bool) -> Table: ...

@final
class LedgerFile:
    """The native half of :class:`tagwarden.Ledger`."""

    @staticmethod
    def open(
        path: str | PathLike[str],
        rulebook: Rulebook | None,
        key: bytes,
        *,
        create: bool,
        fresh: bool,
        kept: bool,
        name: str,
        lateness: timedelta | None,
        dedup: timedelta | None,
        pseudonyms: bool,
        keep: list[str],
        limits: _Limits | None,
        snapshot_every: int,
        power_safe: bool,
        reload: Literal["end", "keep"] | None,
        encryption: str | None,
        time_unit: _Unit,
    ) -> LedgerFile: ...
    def close(self) -> None: ...
    @property
    def opening(self) -> Opening: ...
    @property
    def path(self) -> Path: ...
    @property
    def rulebook(self) -> Rulebook: ...
    @property
    def clock(self) -> datetime | None: ...
    @property
    def inputs(self) -> int: ...
    @property
    def audit_head(self) -> str: ...
    def apply(
        self, inputs: _Event | Iterable[_Event], keys: list[str | None] | None = None
    ) -> tuple[Answer, ...]: ...
    def command(self, fields: dict[str, Any]) -> Answer: ...
    def view(self, entity: str, key: str, actor: str, role: str | None, time: _Time | None) -> Status: ...
    def note_view(
        self, actor: str, role: str | None, what: Mapping[str, str], time: _Time | None
    ) -> None: ...
    def may(self, role: str | None, verb: str, list: str | None) -> bool: ...
    def permits(self, entity: str, key: str, channel: str, time: _Time | None) -> Permit: ...
    def record_contact(self, entity: str, key: str, time: _Time | None) -> None: ...
    def entries(self, list: str | None) -> tuple[Listed, ...]: ...
    def reviews_due(self, by: _Time | None) -> tuple[Listed, ...]: ...
    def proposals(self) -> tuple[Waiting, ...]: ...
    def appeals(self) -> tuple[Appealing, ...]: ...
    def history(self, entity: str, key: str) -> tuple[Decision, ...]: ...
    def stats(self) -> Stats: ...
    def pseudonym(self, entity: str, key: str) -> str: ...
    def forgotten(self, entity: str, key: str) -> datetime | None: ...
    def checkpoint(self) -> None: ...
    def scrub(self) -> None: ...
    def change_encryption_key(self, key: str) -> None: ...
    def import_table(
        self,
        table: bytes | str | PathLike[str],
        format: str | None,
        entity: str | None,
        list: str | None,
        tag: str | None,
        actor: str,
        role: str | None,
        reason: str | None,
        columns: Mapping[str, str],
        row_by_row: bool,
        dry_run: bool,
        batch: str | None,
        time: _Time | None,
    ) -> ImportReport: ...
    def export_table(
        self,
        format: str,
        list: str | None,
        tag: str | None,
        actor: str,
        role: str | None,
        time: _Time | None,
    ) -> tuple[bytes, int]: ...
    def export_audit(self, path: str | PathLike[str]) -> Exported: ...
    def verify_audit(self) -> AuditReport: ...

def verify_audit(source: bytes | str | PathLike[str]) -> AuditReport:
    """Hold an exported audit log to its chain of hashes: nothing is needed but the file, by its path, or its bytes.

    A bit that was changed, a record that was removed, added, moved or emptied, a missing end: all are found.

    :raises AuditError: with the first line that does not hold.
    :raises OSError: the file cannot be read.
    """
