"""What people have done to a subject, and what a ledger answers: frozen, comparable, picklable."""

from __future__ import annotations

from ._answer import Answer as Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Literal

    from ._native import Decision
    from ._types import Action, Reason, ReloadReport

__all__ = [
    "Answer",
    "AppealStatus",
    "Appealing",
    "AuditReport",
    "ExemptionStatus",
    "Exported",
    "ImportReport",
    "Listed",
    "MarkStatus",
    "Opening",
    "PlannedStatus",
    "RowReport",
    "Spared",
    "Stats",
    "SuspendedStatus",
    "Waiting",
]


class Spared(Value):
    """What a subject is spared: one of these."""

    rule: str | None
    tag: str | None
    list: str | None


class SuspendedStatus(Value):
    """An entry that does not count for a while."""

    list: str
    level: int
    """The strictest level among its suspended grants."""
    since: datetime
    """Since when it has been suspended."""
    until: datetime
    """When it comes back by itself."""
    session: str | None
    """The session that it is suspended for."""
    reason: Reason


class PlannedStatus(Value):
    """A tag or entry that has yet to begin."""

    tag: str | None
    list: str | None
    level: int | None
    """The level of the entry."""
    start: datetime
    until: datetime | None
    """When it ends, as far as the clock alone decides that."""
    rule: str | None
    """The rule that gave it; ``None`` for a person."""
    reason: Reason


class ExemptionStatus(Value):
    """Something that the subject is spared."""

    spared: Spared
    since: datetime
    until: datetime | None
    reason: Reason


class MarkStatus(Value):
    """What a rule was wrong to set, and may not set again."""

    rule: str
    tag: str | None
    list: str | None
    since: datetime
    reason: Reason


class AppealStatus(Value):
    """An appeal that nobody has decided."""

    tag: str | None
    list: str | None
    """Against which tag or list it is."""
    since: datetime
    reason: Reason


class Opening(Value):
    """What opening a ledger found."""

    created: bool
    """Whether the file was made."""
    inputs: int
    """How many inputs it holds, refused ones included: where a host that was cut off goes on."""
    replayed: int
    """How many of them were applied again, because they came after the snapshot."""
    clock: datetime | None
    reloaded: ReloadReport | None
    """What a new rulebook meant for the state."""


class Answer(Value):
    """What became of one input. It is true unless something was refused."""

    input: int
    """The number of the input in the ledger, from 1."""
    repeated: bool
    """Whether an input with its idempotency key was there before: the answer is that of then, and nothing has changed."""
    refused: str | None
    """Why the input as a whole was refused, beginning with ``late``, ``duplicate``, ``invalid``, ``limit`` or ``key reused``. What a
    role may not do is refused by a decision instead."""
    decisions: tuple[Decision, ...]
    """What was decided."""
    numbers: tuple[int, ...]
    """The numbers of the decisions in the ledger, as in its table ``decisions``."""

    def __bool__(self) -> bool:
        return self.refused is None and all(decision.kind != "refused" for decision in self.decisions)


class Listed(Value):
    """An entry on a list."""

    entity: str
    subject: str
    list: str
    level: int
    category: str | None
    since: datetime
    until: datetime | None
    """When it ends, as it was announced."""
    suspended: datetime | None
    """Until when it does not count."""
    review_due: datetime | None
    """Since when a review is due."""
    rule: str | None
    """The rule that made it; ``None`` for a person."""


class Waiting(Value):
    """A proposal that nobody has decided."""

    entity: str
    subject: str
    proposal: int
    """Its number among the proposals of the subject."""
    action: Action
    """What it would do."""
    since: datetime
    rule: str | None
    """The rule that asks; ``None`` where a person needs a second one."""


class Appealing(Value):
    """An appeal that nobody has decided."""

    entity: str
    subject: str
    against: Literal["tag", "list"]
    name: str
    """Which tag or list."""
    since: datetime


class Stats(Value):
    """How much there is of everything."""

    inputs: Mapping[str, int]
    """Inputs by kind."""
    refused: int
    """How many of them were refused."""
    decisions: Mapping[str, int]
    """Decisions by kind."""
    tags: Mapping[str, int]
    """Subjects by tag."""
    entries: Mapping[str, int]
    """Entries by list and level."""
    proposals: int
    """Proposals that are open."""
    appeals: int
    """Appeals that are open."""
    reviews: int
    """Reviews that are due."""
    audit: int
    """Records of the audit log."""
    forgotten: int
    """Subjects that were forgotten."""


class RowReport(Value):
    """What became of a row of a table."""

    row: int
    """Its line, or its row in the sheet; the header has 1."""
    outcome: Literal["done", "proposed", "repeated", "refused"]
    why: str | None
    """Why it was refused."""


class ImportReport(Value):
    """What became of a table. It is true if no row was refused."""

    rows: tuple[RowReport, ...]
    kept: bool
    """Whether anything was kept: not in a dry run, nor where a row was refused and all or nothing was asked for."""

    def count(self, outcome: Literal["done", "proposed", "repeated", "refused"]) -> int:
        """How many rows came out so."""
        return sum(row.outcome == outcome for row in self.rows)

    def __bool__(self) -> bool:
        return self.count("refused") == 0


class Exported(Value):
    """What was written of an audit log."""

    records: int
    head: str
    """The hash of the last record. Noted elsewhere, it proves that the log was not written anew since."""


class AuditReport(Value):
    """What a whole audit log holds."""

    records: int
    erased: int
    """How many of them have been erased, each with a later record that says so."""
    head: str
    """The hash of the last record."""
