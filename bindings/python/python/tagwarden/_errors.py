"""What goes wrong, as exceptions."""

from __future__ import annotations


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal
    from ._native import Decision
    from ._types import Diagnostic

__all__ = ["EventError", "RuleError", "SnapshotError", "StatusError", "TableError"]


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
