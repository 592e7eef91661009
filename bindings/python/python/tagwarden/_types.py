"""What the engine answers: frozen, comparable, picklable."""

from __future__ import annotations

from ._answer import Answer

TYPE_CHECKING = False  # type checkers know the name; to import `typing` would take longer than everything else here
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta
    from decimal import Decimal
    from typing import Any, Literal, Protocol

    from ._native import Decision, Table
    from ._people import AppealStatus, ExemptionStatus, MarkStatus, PlannedStatus, SuspendedStatus

__all__ = [
    "Action",
    "ArrowStream",
    "BatchResult",
    "By",
    "Diagnostic",
    "EntryStatus",
    "Evidence",
    "KeywordHit",
    "Label",
    "Permit",
    "ProposalStatus",
    "Reason",
    "ReloadReport",
    "RuleInfo",
    "ScoreStatus",
    "Status",
    "TagStatus",
    "TestCheck",
    "TestReport",
    "WhyNot",
    "WhyNotPart",
    "WindowFate",
]


if TYPE_CHECKING:

    class ArrowStream(Protocol):
        """A table of any library that knows the Arrow PyCapsule interface."""

        def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
            """A capsule with its batches."""

else:

    class ArrowStream:
        """A table of any library that knows the Arrow PyCapsule interface. A type for checkers, not to be made."""


class Label(Answer):
    """Another place that a message is about."""

    text: str
    """The remark at it; may be empty."""
    file: str
    line: int
    """From 1."""
    column: int
    """From 1, in code points."""
    span: tuple[int, int]
    """Start and end in the file, in code points: ``text[start:end]``."""


class Diagnostic(Answer):
    """One message about a rulebook."""

    code: str
    """Which kind of mistake, such as ``E0101``. The guide has a page for each."""
    severity: Literal["error", "warning"]
    message: str
    label: str
    """The remark at the place; may be empty."""
    help: str | None
    """What to do about it."""
    file: str
    line: int
    """From 1."""
    column: int
    """From 1, in code points."""
    span: tuple[int, int]
    """Start and end in the file, in code points: ``text[start:end]``."""
    labels: tuple[Label, ...]
    """Other places that matter."""


class RuleInfo(Answer):
    """A rule as it is declared."""

    name: str
    version: str
    """A hash of its text."""
    title: str | None
    entity: str
    trigger: Literal["on", "when", "while", "every"]
    shadow: bool


class KeywordHit(Answer):
    """A keyword that was found."""

    pattern: str
    """The pattern as written; ``•••`` where the text is private."""
    category: str | None
    text: str
    """The part of the original text that was hit; ``•••`` where it is private."""
    start: int
    """Where in the text, in code points, as Python counts."""
    end: int
    bytes: tuple[int, int]
    """The same place in bytes of UTF-8."""
    utf16: tuple[int, int]
    """The same place in UTF-16 units."""
    undone: tuple[str, ...]
    """What had to be undone to find it: ``case``, ``width``, ``script``, ``invisible``, ``separators``, ``repeats``, ``leet``,
    ``lookalikes``, ``sound``."""
    except_phrase: str | None
    """The ``except`` phrase that the hit lies in, so that it does not count."""


class Evidence(Answer):
    """One comparison or predicate that mattered."""

    expr: str
    """The text of the expression."""
    value: str
    """Its value, as shown to people; ``none`` where there was none, ``•••`` where it is private."""
    op: str | None
    """The comparison, such as ``>=``."""
    than: str | None
    """What the value was compared with."""
    holds: bool
    events: int | None
    """How many events were counted."""
    first: datetime | None
    """The time of the first of them."""
    last: datetime | None
    warming_until: datetime | None
    """Until when a window that was read is not full, because a reload has started it."""
    hits: tuple[KeywordHit, ...]


class By(Answer):
    """Who gave a command, and when."""

    actor: str
    role: str | None
    time: datetime


class Reason(Answer):
    """Why a decision was made."""

    text: str | None
    """The rule's ``because``, filled in, or the reason that a person gave."""
    because: tuple[Evidence, ...]
    """Each part of the condition that mattered."""
    by: By | None = None
    """The person whose command it was; the text is then theirs."""

    def __str__(self) -> str:
        return self.text if self.text is not None else "; ".join(map(_evidence, self.because))


def _evidence(part: Evidence) -> str:
    than = "" if part.op is None else f" {part.op} {part.than}"
    return f"{part.expr} is {part.value}{than}"


class Action(Answer):
    """What a proposal would do, or what a guard has stopped."""

    kind: Literal["tag", "untag", "add", "remove", "level", "score", "notify", "emit"]
    tag: str | None = None
    list: str | None = None
    level: int | None = None
    category: str | None = None
    score: str | None = None
    value: Decimal | None = None
    channel: str | None = None
    text: str | None = None
    name: str | None = None
    fields: Mapping[str, Any] | None = None


class TagStatus(Answer):
    """A tag of a subject."""

    tag: str
    since: datetime
    """Since when it has been there without a break."""
    ends: datetime | None
    """When it ends by itself if nothing more happens."""
    rule: str | None
    """The rule that gave it first; ``None`` for a person."""
    reason: Reason


class EntryStatus(Answer):
    """An entry on a list."""

    list: str
    level: int
    """The strictest level among its grants."""
    label: str | None
    """The label of the level."""
    category: str | None
    since: datetime
    ends: datetime | None
    rule: str | None
    reason: Reason


class ScoreStatus(Answer):
    """A score of a subject."""

    score: str
    value: Decimal


class ProposalStatus(Answer):
    """A proposal that nobody has decided."""

    action: Action
    since: datetime
    rule: str | None
    """The rule that made it; ``None`` where a person needs a second one."""
    reason: Reason
    proposal: int = 0
    """Its number, by which a command names it."""


class Status(Answer):
    """What holds of a subject at a time."""

    tags: tuple[TagStatus, ...]
    entries: tuple[EntryStatus, ...]
    scores: tuple[ScoreStatus, ...]
    proposals: tuple[ProposalStatus, ...]
    suspended: tuple[SuspendedStatus, ...] = ()
    """Entries that do not count for a while."""
    planned: tuple[PlannedStatus, ...] = ()
    """Tags and entries that have yet to begin."""
    exemptions: tuple[ExemptionStatus, ...] = ()
    """What it is spared."""
    marks: tuple[MarkStatus, ...] = ()
    """What rules were wrong to set, and may not set again."""
    appeals: tuple[AppealStatus, ...] = ()
    """The appeals that nobody has decided."""

    def _repr_html_(self) -> str:
        from . import _show

        return _show.status_html(self)


class Permit(Answer):
    """Whether a message may go out. It is true where it may."""

    kind: Literal["allowed", "limited", "denied"]
    entry: EntryStatus | None
    """The entry that says so."""
    count: int | None
    """For ``limited``: how many are allowed …"""
    per: timedelta | None
    """… in what time …"""
    left: int | None
    """… and how many of them are left."""

    def __bool__(self) -> bool:
        return self.kind != "denied"


class WhyNotPart(Answer):
    """A part of a condition that fails."""

    evidence: Evidence
    missing: Decimal | None
    """By how much a comparison of numbers fails."""
    before: datetime | None
    """When the next of the events counted leaves its window: what is missing must come before then."""


class WhyNot(Answer):
    """Why a rule does not fire."""

    holds: bool
    """Whether its condition holds; then ``parts`` says why."""
    shadow: bool
    inactive: bool
    """Whether it is outside its ``active`` time."""
    quiet_until: datetime | None
    """Until when ``at most once per`` keeps it quiet."""
    parts: tuple[WhyNotPart, ...]
    exemptions: tuple[ExemptionStatus, ...] = ()
    """What people have spared the subject of it."""
    marks: tuple[MarkStatus, ...] = ()
    """What people have marked as wrong of it."""


class WindowFate(Answer):
    """What became of a window in a reload."""

    what: str
    kept: bool
    warming_until: datetime | None
    """When a window that starts anew is full; ``None`` for never."""


class ReloadReport(Answer):
    """What a reload has kept, and what starts anew."""

    rules: Mapping[str, Literal["kept", "changed", "new", "gone"]]
    windows: tuple[WindowFate, ...]
    orphaned_grants: int
    """How many grants had a rule that is gone."""
    decisions: tuple[Decision, ...]
    """What the ending of those grants changed."""


class TestCheck(Answer):
    """One ``expect`` of a test, or an event that was refused."""

    time: datetime
    local: str
    """The time by the clock of the rulebook's zone."""
    passed: bool
    expected: str
    found: str
    rule: str | None
    """The rule that made what was found."""


class TestReport(Answer):
    """How a ``test`` block went."""

    name: str
    passed: bool
    events: int
    checks: tuple[TestCheck, ...]


class BatchResult(Answer):
    """What came of a table."""

    decisions: Table
    """Every decision, in order."""
    refused: Table
    """The rows that were refused: ``row``, ``kind``, ``path``, ``message``."""
    rows: int
    """How many rows there were."""
