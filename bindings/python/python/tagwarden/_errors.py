"""What goes wrong, as exceptions."""

from __future__ import annotations


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal
    from ._native import Decision
    from ._types import Diagnostic

__all__ = [
    "AuditError",
    "EventError",
    "LedgerError",
    "RefusedError",
    "RuleError",
    "SnapshotError",
    "StatusError",
    "TableError",
]


class RuleError(ValueError):
    """A rulebook does not compile. ``str()`` draws every message with the lines that it is about."""

    diagnostics: tuple[Diagnostic, ...]
    """Every error and warning, by place."""

    def __init__(self, text: str, diagnostics: tuple[Diagnostic, ...] = ()) -> None:
        super().__init__(text, diagnostics)
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        return str(self.args[0])


class EventError(ValueError):
    """An event was refused. It has changed nothing; those before it in the same call have been applied."""

    kind: Literal["late", "duplicate", "invalid", "limit"]
    """Why, in one word."""
    path: str
    """The field that is wrong; empty for the whole event."""
    expected: str
    """What was expected there."""
    found: str
    """What came."""
    index: int
    """The place of the event among those of the call, from 0."""
    decisions: list[Decision]
    """What the call had decided before."""

    def __init__(
        self,
        text: str,
        kind: Literal["late", "duplicate", "invalid", "limit"] = "invalid",
        path: str = "",
        expected: str = "",
        found: str = "",
        index: int = 0,
        decisions: list[Decision] | None = None,
    ) -> None:
        decisions = [] if decisions is None else decisions
        super().__init__(text, kind, path, expected, found, index, decisions)
        self.kind = kind
        self.path = path
        self.expected = expected
        self.found = found
        self.index = index
        self.decisions = decisions

    def __str__(self) -> str:
        return str(self.args[0])


class TableError(ValueError):
    """The columns of a table do not fit the rulebook. No row has been read."""

    column: str
    """The column, or the name that was looked for."""
    expected: str
    """What was expected there."""
    found: str
    """What is there."""

    def __init__(self, text: str, column: str = "", expected: str = "", found: str = "") -> None:
        super().__init__(text, column, expected, found)
        self.column = column
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        return str(self.args[0])


class StatusError(ValueError):
    """A question has no answer: there is no such entity or rule, or its time is before the clock."""


class SnapshotError(ValueError):
    """A snapshot is damaged, foreign, newer, or of another rulebook or hash key."""


class LedgerError(Exception):
    """A ledger did not do what was asked. Nothing has changed in the file."""

    kind: Literal[
        "missing",
        "exists",
        "foreign",
        "newer",
        "key",
        "setting",
        "rulebook",
        "damaged",
        "refused",
        "io",
        "database",
        "closed",
    ]
    """Why, in one word: there is no file; there is one already; it is no ledger, or encrypted; a newer version has written it; the key,
    a setting or the rulebook is another; it is damaged; what was asked for cannot be done; another file cannot be read or written;
    SQLite could not do its work; the ledger is closed."""

    def __init__(
        self,
        text: str,
        kind: Literal[
            "missing",
            "exists",
            "foreign",
            "newer",
            "key",
            "setting",
            "rulebook",
            "damaged",
            "refused",
            "io",
            "database",
            "closed",
        ] = "refused",
    ) -> None:
        super().__init__(text, kind)
        self.kind = kind

    def __str__(self) -> str:
        return str(self.args[0])


class RefusedError(Exception):
    """The rulebook's roles do not let somebody look. The refusal is on record."""

    decision: Decision
    """The refusal."""

    def __init__(self, text: str, decision: Decision) -> None:
        super().__init__(text, decision)
        self.decision = decision

    def __str__(self) -> str:
        return str(self.args[0])


class AuditError(ValueError):
    """An exported audit log does not hold: it was changed, cut off, or put together of parts."""

    line: int
    """The first line that does not hold, from 1. Record N stands on line N + 1."""
    what: str
    """What is wrong there."""

    def __init__(self, text: str, line: int = 0, what: str = "") -> None:
        super().__init__(text, line, what)
        self.line = line
        self.what = what

    def __str__(self) -> str:
        return str(self.args[0])
