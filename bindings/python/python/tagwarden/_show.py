"""How things look in a terminal and in a notebook."""

from __future__ import annotations

from html import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from collections.abc import Iterable, Mapping, Sequence

    from ._types import Reason, Status

_QUIET = {"version", "reason"}


def decision(values: Mapping[str, Any]) -> str:
    """``Decision(time='…', kind='tagged', …)``, without what is long."""
    shown = ", ".join(f"{key}={value!r}" for key, value in values.items() if key not in _QUIET)
    return f"Decision({shown})"


def decision_html(values: Mapping[str, Any]) -> str:
    """A small table with the reason below."""
    known = {"time", "kind", "entity", "subject", "rule", *_QUIET}
    what = ", ".join(f"{key} {value}" for key, value in values.items() if key not in known)
    cells = [values["time"], values["kind"], f"{values['entity']} {values['subject']}", what, values.get("rule", "")]
    reason = values.get("reason", {})
    parts: list[str] = []
    if "text" in reason:
        parts.append(f"<b>{escape(str(reason['text']))}</b>")
    for part in reason.get("because", []):
        than = f" {part['op']} {part['than']}" if "op" in part else ""
        count = f" ({part['events']} events)" if "events" in part else ""
        parts.append(escape(f"{part['expr']} = {part['value']}{than}{count}"))
    why = f"<div style='margin-left:1em'>{'<br>'.join(parts)}</div>" if parts else ""
    return f"<table><tr>{_cells(cells)}</tr></table>{why}"


def table(names: Sequence[str], rows: Sequence[Mapping[str, Any]], count: int) -> str:
    """The first rows, in columns."""
    shown = [name for name in names if any(row[name] is not None for row in rows)] or list(names)
    lines = [[_short(row[name]) for name in shown] for row in rows]
    widths = [max(len(line[at]) for line in [shown, *lines]) for at in range(len(shown))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in [shown, *lines]]
    more = f"… {count - len(rows):,} more\n" if count > len(rows) else ""
    return "\n".join([f"Table({count:,} rows, {len(names)} columns)", *text, more]).rstrip()


def table_html(names: Sequence[str], rows: Sequence[Mapping[str, Any]], count: int) -> str:
    """The first rows, as HTML; columns in which they have nothing are left out."""
    shown = [name for name in names if any(row[name] is not None for row in rows)] or list(names)
    head = "".join(f"<th>{escape(name)}</th>" for name in shown)
    body = "".join(f"<tr>{_cells(_short(row[name], 80) for name in shown)}</tr>" for row in rows)
    left = len(names) - len(shown)
    hidden = f", {left} empty columns not shown" if left else ""
    return (
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"<small>{min(count, len(rows)):,} of {count:,} rows{hidden}</small>"
    )


def status_html(status: Status) -> str:
    """What holds of a subject, a row each."""
    rows: list[list[object]] = []
    for tag in status.tags:
        rows.append(["tag", tag.tag, tag.since, tag.ends or "", tag.rule, _why(tag.reason)])
    for entry in status.entries:
        what = f"{entry.list} level {entry.level} {entry.label or ''}"
        rows.append(["list", what, entry.since, entry.ends or "", entry.rule, _why(entry.reason)])
    for score in status.scores:
        rows.append(["score", f"{score.score} = {score.value}", "", "", "", ""])
    for proposal in status.proposals:
        rows.append(["proposal", proposal.action.kind, proposal.since, "", proposal.rule, _why(proposal.reason)])
    head = "".join(f"<th>{name}</th>" for name in ("", "what", "since", "ends", "rule", "why"))
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _why(reason: Reason) -> str:
    return str(reason)


def _cells(values: Iterable[object]) -> str:
    return "".join(f"<td style='text-align:left'>{escape(str(value))}</td>" for value in values)


def _short(value: object, most: int = 32) -> str:
    if value is None:
        return ""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= most else text[: most - 1] + "…"
