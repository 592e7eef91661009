"""Pictures of a backtest, with matplotlib."""

from __future__ import annotations


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from ._backtest import BacktestResult, Period

# Faces that have Chinese characters, wherever one of them is installed.
_FONTS = ["Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei"]


def figure(result: BacktestResult, every: Period, most: int) -> Any:
    """Tags over time, and beside it which rules meet the same subjects."""
    try:
        import matplotlib
        from matplotlib import font_manager
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("plot() needs matplotlib: pip install 'tagwarden[plot]'") from error

    installed = {font.name for font in font_manager.fontManager.ttflist}
    family = [name for name in _FONTS if name in installed] + list(matplotlib.rcParams["font.family"])
    with matplotlib.rc_context({"font.family": family, "axes.unicode_minus": False}):  # pyright: ignore[reportUnknownMemberType]
        class Picture(Figure):
            """Shown in a notebook as it is, whether or not pyplot has been imported."""

            def _repr_png_(self) -> bytes:
                from io import BytesIO

                file = BytesIO()
                with matplotlib.rc_context({"font.family": family, "axes.unicode_minus": False}):  # pyright: ignore[reportUnknownMemberType]
                    self.savefig(file, format="png", dpi=110)  # pyright: ignore[reportUnknownMemberType]
                return file.getvalue()

        drawn = Picture(figsize=(13, 5), layout="constrained")
        left, right = drawn.subplots(1, 2, width_ratios=[3, 2])
        _over_time(result, every, most, left)
        _overlap(result, most, right)
    return drawn


def _over_time(result: BacktestResult, every: Period, most: int, axes: Any) -> None:
    series: dict[str, tuple[list[Any], list[int]]] = {}
    for row in result.tags_over_time(every).to_pylist():
        times, members = series.setdefault(row["name"], ([], []))
        times.append(row["time"])
        members.append(row["members"])
    largest = sorted(series.items(), key=lambda item: -max(item[1][1]))[:most]
    for name, (times, members) in largest:
        axes.plot(times, members, label=name, linewidth=1.2)
    axes.set_title("members over time")
    axes.set_ylim(bottom=0)
    axes.tick_params(axis="x", rotation=30)
    if largest:
        axes.legend(fontsize="small", ncols=2)


def _overlap(result: BacktestResult, most: int, axes: Any) -> None:
    rules = [row for row in result.coverage().to_pylist() if row["subjects"] > 0]
    names = [row["rule"] for row in sorted(rules, key=lambda row: -row["subjects"])[:most]]
    place = {name: at for at, name in enumerate(names)}
    shares = [[float(row == column) for column in range(len(names))] for row in range(len(names))]
    for row in result.overlap().to_pylist():
        a, b = place.get(row["a"]), place.get(row["b"])
        if a is not None and b is not None:
            shares[a][b] = row["both"] / row["subjects_a"]
            shares[b][a] = row["both"] / row["subjects_b"]
    axes.set_title("of those whom the rule on the left meets,\nthe share whom the rule below meets too")
    if not names:
        return
    image = axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right", fontsize="small")
    axes.set_yticks(range(len(names)), names, fontsize="small")
    axes.figure.colorbar(image, ax=axes, shrink=0.7)
