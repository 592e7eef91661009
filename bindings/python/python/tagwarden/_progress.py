"""Progress, where somebody can see it."""

from __future__ import annotations

import sys
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    ProgressCallback: TypeAlias = Callable[[int, int | None], object]
    """Told how many rows are done, and of how many where that is known. What it raises ends the call."""
_PATIENCE = 1.0
"""So many seconds pass before anything is shown: what is quick needs no bar."""


def reporter(progress: bool | ProgressCallback | None, what: str) -> tuple[ProgressCallback | None, Callable[[], None]]:
    """Who is told of progress, and what to call at the end."""
    if callable(progress):
        return progress, _nothing
    if progress is None:
        progress = _visible()
    if not progress:
        return None, _nothing
    bar = _Bar(what)
    return bar.update, bar.close


def _nothing() -> None:
    pass


def _visible() -> bool:
    """Whether a terminal or a notebook shows it."""
    if "ipykernel" in sys.modules:
        return True
    stream = sys.stderr
    return stream is not None and stream.isatty()


class _Bar:
    """A bar of tqdm where that is installed, and a line of text otherwise."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._start = monotonic()
        self._bar: Any = None
        self._shown = False

    def update(self, rows: int, total: int | None) -> None:
        if monotonic() - self._start < _PATIENCE:
            return
        if not self._shown:
            self._shown = True
            import warnings
            from importlib import import_module

            try:
                with warnings.catch_warnings():
                    # Where a notebook lacks widgets it takes the bar of a terminal, and need not say so.
                    warnings.simplefilter("ignore")
                    tqdm = import_module("tqdm.auto").tqdm
            except ImportError:
                pass
            else:
                self._bar = tqdm(total=total, desc=self._what, unit=" rows", unit_scale=True, leave=False)
        if self._bar is not None:
            self._bar.update(rows - self._bar.n)
            return
        rate = rows / (monotonic() - self._start)
        share = f"{rows / total:4.0%} " if total else ""
        sys.stderr.write(f"\r{self._what}: {share}{rows:,} rows, {rate:,.0f} a second")
        sys.stderr.flush()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        elif self._shown:
            sys.stderr.write("\n")
