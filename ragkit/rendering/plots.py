"""Small plots as SVG inside a page: no script, no style attribute, nothing loaded.

Colours come from the page's classes (see evaluation_page.py), so that they follow light and dark.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ragkit.rendering.terminal import shortened

WIDTH = 640
LEFT = 210
"""Room for the names of bars."""
RIGHT = 60
ROW = 22
LONGEST_NAME = 26


@dataclass(frozen=True, slots=True)
class Point:
    """A value from 0 to 1 with its interval, if there is one. label: of its place, such as "8"."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    points: tuple[Point, ...]


def line_plot(series: Sequence[Series], across: str) -> str:
    """Lines over equally spaced places, each with its interval as a bar; at most two series.

    across: what the places are.
    """
    top, bottom, left, right = 16, 230, 50, WIDTH - 20
    count = max(len(each.points) for each in series)

    def place(index: int) -> float:
        return left + (right - left) * (index + 0.5) / count

    def height(value: float) -> float:
        return bottom - (bottom - top) * value

    parts = [*_grid(left, right, height)]
    for index, point in enumerate(series[0].points):
        parts.append(_text(place(index), bottom + 16, point.label, "middle"))
    parts.append(_text((left + right) / 2, bottom + 34, across, "middle"))
    for number, each in enumerate(series):
        kind = f"s{number}"
        at = [(place(i) + 6 * number, point) for i, point in enumerate(each.points)]
        path = " ".join(f"{x:.1f},{height(p.value):.1f}" for x, p in at)
        parts.append(f'<polyline class="{kind}" points="{path}"/>')
        for x, p in at:
            if p.low is not None and p.high is not None:
                parts.append(_line(x, height(p.low), x, height(p.high), f"{kind} thin"))
            parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{height(p.value):.1f}" r="4"/>')
        parts += _key(each.name, kind, left + 10 + 250 * number, bottom + 52)
    return _svg(parts, bottom + 62, f"{', '.join(each.name for each in series)} by {across}")


def bar_plot(points: Sequence[Point], what: str) -> str:
    """One bar for each point, from the left, with its interval."""
    height = ROW * len(points) + 30
    right = WIDTH - RIGHT

    def place(value: float) -> float:
        return LEFT + (right - LEFT) * min(1.0, max(0.0, value))

    parts = []
    for mark in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(_line(place(mark), 4, place(mark), height - 22, "grid"))
        parts.append(_text(place(mark), height - 6, f"{mark:g}", "middle"))
    for number, point in enumerate(points):
        y = 4 + ROW * number
        width = max(1.0, place(point.value) - LEFT)
        parts.append(
            f'<rect class="bar" x="{LEFT}" y="{y + 4}" width="{width:.1f}" height="{ROW - 8}"/>'
        )
        if point.low is not None and point.high is not None:
            middle = y + ROW / 2
            parts.append(_line(place(point.low), middle, place(point.high), middle, "whisker"))
        parts.append(_text(LEFT - 8, y + ROW - 7, shortened(point.label, LONGEST_NAME), "end"))
        parts.append(_text(right + 8, y + ROW - 7, f"{point.value:.2f}", "start"))
    return _svg(parts, height, what)


def _grid(left: float, right: float, height: Callable[[float], float]) -> Iterator[str]:
    for mark in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = height(mark)
        yield _line(left, y, right, y, "grid")
        yield _text(left - 8, y + 4, f"{mark:g}", "end")


def _key(name: str, kind: str, x: float, y: float) -> list[str]:
    return [
        f'<circle class="{kind}" cx="{x}" cy="{y - 4}" r="4"/>',
        _text(x + 10, y, shortened(name, LONGEST_NAME), "start"),
    ]


def _line(x: float, y: float, to_x: float, to_y: float, kind: str) -> str:
    ends = [f"{number:.1f}" for number in (x, y, to_x, to_y)]
    return f'<line class="{kind}" x1="{ends[0]}" y1="{ends[1]}" x2="{ends[2]}" y2="{ends[3]}"/>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    assert math.isfinite(x + y)
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(words)}</text>'


def _svg(parts: Sequence[str], height: float, what: str) -> str:
    inner = "\n".join(parts)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{html.escape(what)}">\n'
        f"{inner}\n</svg>"
    )
