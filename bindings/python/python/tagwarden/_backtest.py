"""What a rulebook would have done with the events of a table."""

from __future__ import annotations


from . import _progress
from ._native import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, TypeAlias
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from ._native import Rulebook, Table
    from ._progress import ProgressCallback
    from ._types import ArrowStream

    Period: TypeAlias = Literal["hour", "day", "week", "month", "year"]

__all__ = ["BacktestResult", "Comparison", "backtest"]


def backtest(
    rulebook: Rulebook,
    table: ArrowStream | Mapping[str, ArrowStream],
    *,
    event: str = "type",
    event_type: str | None = None,
    time: str | None = None,
    id: str = "id",
    columns: Mapping[str, str | None] | None = None,
    zone: str | None = None,
    time_unit: Literal["s", "ms", "us"] = "ms",
    until: datetime | int | str | None = None,
    dedup: timedelta | None = None,
    hash_key: bytes | None = None,
    limits: Mapping[str, int] | None = None,
    decisions: bool = True,
    reasons: bool = False,
    threads: int | None = None,
    progress: bool | ProgressCallback | None = None,
) -> BacktestResult:
    """Run a rulebook over a table of events and say what it would have done.

    ``table`` is anything with the Arrow PyCapsule interface: a frame or lazy result of polars, pyarrow, pandas, duckdb, ….
    Or a dictionary, with a table for each event type. Rows are put in order of time first; rows of one time keep theirs.

    :param event: the column with each row's event type.
    :param event_type: the event type of every row, instead.
    :param time: the column with the time; by default ``ts`` or ``time``, whichever there is.
    :param id: the column with the identifiers by which duplicates are known (see ``dedup``); it may be missing.
    :param columns: the column of a field or entity, where it has another name: ``{"amount": "total_price"}``, or for one event
        type alone ``{"order.amount": "total_price"}``. ``None`` for a field that no column has.
    :param zone: the zone of times that have none, such as ``"Asia/Shanghai"``. Without it such a column is refused.
    :param time_unit: what times count that are whole numbers.
    :param until: pass over events after this time, and at the end let everything happen that is due by it.
    :param dedup: for how long an ``id`` is remembered, so that a second one is refused as a duplicate.
    :param hash_key: 16 bytes, as for :class:`Engine`.
    :param limits: as for :class:`Engine`.
    :param decisions: whether every decision is kept, and not only counted.
    :param reasons: whether decisions have the columns ``reason`` and ``json``. That costs several times the time.
    :param threads: how many may run at most; by default as many as the machine has cores. The result does not depend on it.
    :param progress: a bar (by default where a terminal or notebook shows it), or who is told how many rows are done.
    :raises TableError: the columns do not fit; no row has been read.
    """
    report, close = _progress.reporter(progress, "backtest")
    try:
        run = Run(
            rulebook,
            _tables(table),
            event=event,
            event_type=event_type,
            time=time,
            id=id,
            columns=None if columns is None else dict(columns),
            zone=zone,
            time_unit=time_unit,
            until=until,
            dedup=dedup,
            hash_key=hash_key,
            limits=None if limits is None else dict(limits),
            decisions=decisions,
            reasons=reasons,
            threads=threads,
            progress=report,
        )
    finally:
        close()
    return BacktestResult(run)


def _tables(table: Any) -> Any:
    """A dictionary where several tables are given, in whatever mapping."""
    from collections.abc import Mapping as AnyMapping

    if hasattr(table, "__arrow_c_stream__") or not isinstance(table, AnyMapping):
        return table
    return dict(table)  # pyright: ignore


class BacktestResult:
    """What a rulebook would have done. Every table can be taken by polars, pyarrow, pandas or duckdb as it is."""

    def __init__(self, run: Run) -> None:
        """Made by :func:`backtest`."""
        self._run = run

    @property
    def rulebook(self) -> Rulebook:
        """The rulebook that was run."""
        return self._run.rulebook

    @property
    def rows(self) -> int:
        """How many rows there were."""
        return self._run.rows

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """The time of the first event, and the end."""
        return self._run.span

    @property
    def subjects(self) -> dict[str, int]:
        """How many subjects of each entity the events name."""
        return self._run.subjects

    @property
    def decisions(self) -> Table:
        """Every decision in order, with a column for each key of the JSON form; empty with ``decisions=False``."""
        return self._run.decisions

    @property
    def refused(self) -> Table:
        """The rows that were refused: ``row`` (from 0, as it stands in the table), ``kind``, ``path``, ``message``."""
        return self._run.refused

    def memberships(self) -> Table:
        """Who has which tag and is on which list at the end, since when, until when and by which rule."""
        return self._run.memberships()

    def tags_over_time(self, every: Period = "day") -> Table:
        """How many had each tag and were on each list at the end of each period, in the rulebook's time zone.

        Columns: ``time`` (the start of the period), ``kind``, ``name``, ``members``, ``gained``, ``lost``.
        """
        return self._run.over_time(every)

    def coverage(self, of: Literal["rules", "tags"] = "rules", *, narrow: float = 0.001, wide: float = 0.5) -> Table:
        """How far each rule, or each tag, list, message, event and proposal, reaches.

        Among the columns: how many ``subjects``, their ``share`` of those that the events name, ``first`` and ``last`` time, and a
        ``verdict``: ``never``, ``narrow`` (a share below ``narrow``), ``wide`` (above ``wide``), or ``fits``.
        """
        return self._run.coverage(of, narrow, wide)

    def overlap(self, of: Literal["rules", "tags"] = "rules") -> Table:
        """For each two rules, or tags and so on, how many subjects were met by ``both``, and by each alone."""
        return self._run.overlap(of)

    def compare(self, other: Rulebook | BacktestResult, *, progress: bool | ProgressCallback | None = None) -> Comparison:
        """Run another rulebook over the same events, and say who gains and who loses what, and by which rule."""
        if not isinstance(other, BacktestResult):
            report, close = _progress.reporter(progress, "compare")
            try:
                other = BacktestResult(self._run.again(other, report))
            finally:
                close()
        return Comparison(self, other)

    def _compared(self, other: BacktestResult, ever: bool) -> Table:
        return self._run.compare(other._run, ever)

    def plot(self, *, every: Period = "day", most: int = 12) -> Any:
        """Draw the tags over time and the overlap of the rules. Needs matplotlib: ``pip install tagwarden[plot]``.

        Returns the figure. ``most`` is how many tags, and how many rules, are drawn: those with most subjects.
        """
        from . import _plot

        return _plot.figure(self, every, most)

    def _summary(self) -> str:
        span = "" if self.span is None else f", {self.span[0]:%Y-%m-%d} to {self.span[1]:%Y-%m-%d}"
        return f"{self.rows:,} rows{span}, {len(self.decisions):,} decisions, {len(self.refused):,} refused"

    def __repr__(self) -> str:
        return f"BacktestResult({self._summary()})"

    def _repr_html_(self) -> str:
        return f"<p>{self._summary()}</p>{self.coverage()._repr_html_()}"


class Comparison:
    """Two rulebooks over the same events."""

    def __init__(self, before: BacktestResult, after: BacktestResult) -> None:
        """Made by :meth:`BacktestResult.compare`."""
        self.before = before
        self.after = after

    def changes(self, *, ever: bool = False) -> Table:
        """A row for each subject that gains or loses something, with the rule that gives it and the rule that gave it.

        Columns: ``entity``, ``subject``, ``kind``, ``name``, ``change`` (``gains``, ``loses``, or ``level``), ``rule``,
        ``rule_before``, ``level``, ``level_before``, ``since``, ``since_before``. With ``ever`` it compares what subjects had at any
        time, and what messages, events and proposals they got; otherwise what they have at the end.
        """
        return self.before._compared(self.after, ever)  # pyright: ignore[reportPrivateUsage]

    def summary(self, *, ever: bool = False) -> list[dict[str, Any]]:
        """How many gain and lose what, by which rule: the most first."""
        counts: dict[tuple[Any, ...], int] = {}
        for row in self.changes(ever=ever).to_pylist():
            rule = row["rule_before"] if row["change"] == "loses" else row["rule"]
            key = (row["entity"], row["kind"], row["name"], row["change"], rule)
            counts[key] = counts.get(key, 0) + 1
        names = ("entity", "kind", "name", "change", "rule")
        ordered = sorted(counts.items(), key=lambda item: (-item[1], tuple(map(str, item[0]))))
        return [{**dict(zip(names, key)), "subjects": count} for key, count in ordered]

    def __repr__(self) -> str:
        counts = {"gains": 0, "loses": 0, "level": 0}
        for row in self.summary():
            counts[row["change"]] += row["subjects"]
        return f"Comparison({counts['gains']:,} gains, {counts['loses']:,} losses, {counts['level']:,} changes of level)"

    def _repr_html_(self) -> str:
        from . import _show

        rows = self.summary()
        names = ["entity", "kind", "name", "change", "rule", "subjects"]
        return _show.table_html(names, rows[:20], len(rows))
