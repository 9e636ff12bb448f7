"""Grids of rules: from the lines that a page draws to the rows and columns that they make."""

from __future__ import annotations

import bisect
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ragkit.parsers.pdf_layer import Box

_NEAR = 3.0
"""Points: lines that are no farther apart meet, or are one."""
MOST_RULES = 1_000
"""Of a page; drawings have more."""
_MOST_ROWS, _MOST_COLUMNS = 200, 30


@dataclass(frozen=True, slots=True)
class Grid:
    """columns: x of the lines between and around the columns. rows: y of those of the rows, from above.

    uprights: the upright rules from left to right; by them it is told where cells of a row are one.
    """

    columns: tuple[float, ...]
    rows: tuple[float, ...]
    uprights: tuple[Box, ...]

    @property
    def width(self) -> int:
        return len(self.columns) - 1

    @property
    def height(self) -> int:
        return len(self.rows) - 1

    def holds(self, box: Box) -> bool:
        return (
            self.columns[0] < box.centre < self.columns[-1]
            and self.rows[-1] < box.middle < self.rows[0]
        )

    def row_of(self, box: Box) -> int:
        """From 0, the uppermost, of a box that it holds."""
        return bisect.bisect_left(self.rows[1:-1], -box.middle, key=operator.neg)

    def column_of(self, box: Box, row: int) -> int:
        """From 0; the first one of those that are one cell in this row."""
        column = bisect.bisect_left(self.columns[1:-1], box.centre)
        middle = (self.rows[row] + self.rows[row + 1]) / 2
        while column > 0 and not self._is_ruled(self.columns[column], middle):
            column -= 1
        return column

    def _is_ruled(self, x: float, y: float) -> bool:
        centre = operator.attrgetter("centre")
        first = bisect.bisect_left(self.uprights, x - _NEAR, key=centre)
        last = bisect.bisect_right(self.uprights, x + _NEAR, key=centre)
        return any(
            rule.bottom - _NEAR <= y <= rule.top + _NEAR for rule in self.uprights[first:last]
        )


def grids(rules: Sequence[Box]) -> list[Grid]:
    """The grids of two rows and two columns or more that the rules make."""
    if len(rules) > MOST_RULES:
        return []
    found = [_grid(group) for group in _groups(rules)]
    return [grid for grid in found if grid is not None]


def _groups(rules: Iterable[Box]) -> list[list[Box]]:
    """Rules that meet each other."""
    groups: list[tuple[Box, list[Box]]] = []
    for rule in rules:
        wide = Box(rule.left - _NEAR, rule.bottom - _NEAR, rule.right + _NEAR, rule.top + _NEAR)
        met = [group for group in groups if group[0].meets(wide) and _meets_one(wide, group[1])]
        members = [rule, *(member for _, group in met for member in group)]
        groups = [group for group in groups if group not in met]
        boxes = (wide, *(box for box, _ in met))
        groups.append((_hull(boxes), members))
    return [members for _, members in groups]


def _meets_one(rule: Box, members: Iterable[Box]) -> bool:
    return any(
        rule.left <= member.right
        and member.left <= rule.right
        and rule.bottom <= member.top
        and member.bottom <= rule.top
        for member in members
    )


def _hull(boxes: Iterable[Box]) -> Box:
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return Box(min(lefts), min(bottoms), max(rights), max(tops))


def _grid(rules: Sequence[Box]) -> Grid | None:
    level = [rule for rule in rules if rule.right - rule.left >= rule.height]
    upright = [rule for rule in rules if rule.right - rule.left < rule.height]
    if len(level) < 2 or not upright:
        return None
    hull = _hull(rules)
    columns = _apart([hull.left, hull.right, *(rule.centre for rule in upright)])
    rows = _apart([hull.bottom, hull.top, *(rule.middle for rule in level)])[::-1]
    if not (3 <= len(rows) <= _MOST_ROWS and 3 <= len(columns) <= _MOST_COLUMNS):
        return None
    upright.sort(key=operator.attrgetter("centre"))
    return Grid(tuple(columns), tuple(rows), tuple(upright))


def _apart(values: Iterable[float]) -> list[float]:
    """In rising order, those that are nearly the same once."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _NEAR:
            found.append(value)
    return found
