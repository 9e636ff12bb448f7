"""Two columns of prose, where the file writes across both of them: read one column after the other.

Nothing is changed unless there is a gutter, enough lines of prose on both sides fill their column,
and the order of the file goes to and fro between them.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from ragkit.parsers.pdf_layer import Line, Word, line_from, visual_rows

_LEAST_WORDS = 40
_LEAST_GUTTER = 8.0
"""Points."""
_STEP = 2.0
_MIDDLE = (0.3, 0.7)
"""Where, between the left and the right end of the text, a gutter may lie."""
_CROSSING = 0.12
"""Share of the words' usual number, at one x, that may cross a gutter: titles, footnotes."""
_LEAST_LINES = 5
_LEAST_ON_A_LINE, _LEAST_FILLED = 3.5, 0.6
"""Words on a line of prose, and the share of its column that it fills, on average and at the median."""
_TO_AND_FRO = 3
"""Changes of column, in the order of the file, from which it is not the order of reading."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A part of a page in two columns: the words of each, from the top of the page."""

    left: tuple[Word, ...]
    right: tuple[Word, ...]


def read_columns(lines: Sequence[Line], text: str) -> list[Line]:
    """The lines in reading order. text: the layer's, from which they are."""
    for part in prose_columns([word for line in lines for word in line.words]):
        if _is_interleaved(part):
            lines = _one_by_one(lines, part, text)
    return list(lines)


def prose_columns(words: Sequence[Word]) -> list[Columns]:
    """The parts of the page where two columns of prose stand beside each other."""
    gutter = find_gutter(words)
    parts = [] if gutter is None else columns_at(words, gutter)
    return [part for part in parts if _is_prose(part)]


def find_gutter(words: Sequence[Word]) -> tuple[float, float] | None:
    """The left and right end of the widest band, near the middle, that few words cross."""
    if len(words) < _LEAST_WORDS:
        return None
    left, right = min(word.box.left for word in words), max(word.box.right for word in words)
    steps = [0] * (int((right - left) / _STEP) + 2)
    for word in words:
        for step in range(
            int((word.box.left - left) / _STEP), int((word.box.right - left) / _STEP) + 1
        ):
            steps[step] += 1
    most = max(1.0, _CROSSING * sorted(steps)[len(steps) // 2])
    start, end = (int(share * len(steps)) for share in _MIDDLE)
    first, last = _longest_run([count <= most for count in steps[start:end]])
    if (last - first) * _STEP < _LEAST_GUTTER:
        return None
    return left + (start + first) * _STEP, left + (start + last) * _STEP


def _longest_run(flags: Sequence[bool]) -> tuple[int, int]:
    """The first and the one after the last of the longest run of true ones."""
    best, start = (0, 0), 0
    for place, flag in enumerate((*flags, False)):
        if not flag:
            if place - start > best[1] - best[0]:
                best = (start, place)
            start = place + 1
    return best


def columns_at(words: Sequence[Word], gutter: tuple[float, float]) -> list[Columns]:
    """The parts of the page that lie between what crosses the gutter."""
    middle = sum(gutter) / 2
    parts: list[Columns] = []
    left: list[Word] = []
    right: list[Word] = []
    for row in (*visual_rows(words), None):
        if row is None or any(word.box.left < middle < word.box.right for word in row):
            parts.append(Columns(tuple(left), tuple(right)))
            left, right = [], []
        else:
            left += [word for word in row if word.box.centre < middle]
            right += [word for word in row if word.box.centre >= middle]
    return parts


def _is_prose(part: Columns) -> bool:
    return all(is_prose_column(side) for side in (part.left, part.right))


def is_prose_column(words: Sequence[Word]) -> bool:
    """Whether these words are lines of prose, one below the other, that fill their column."""
    rows = visual_rows(words)
    if len(rows) < _LEAST_LINES or len(words) < _LEAST_ON_A_LINE * len(rows):
        return False
    widths = sorted(row[-1].box.right - row[0].box.left for row in rows)
    return widths[len(rows) // 2] > _LEAST_FILLED * widths[-1]


def _is_interleaved(part: Columns) -> bool:
    order = sorted(
        [(word.start, 0) for word in part.left] + [(word.start, 1) for word in part.right]
    )
    sides = [side for _, side in order]
    changes = sum(side != after for side, after in itertools.pairwise(sides))
    return changes >= _TO_AND_FRO


def _one_by_one(lines: Sequence[Line], part: Columns, text: str) -> list[Line]:
    """The lines with those of the part taken out, and put in again column by column."""
    inside = {word.start for word in (*part.left, *part.right)}
    first = next(n for n, line in enumerate(lines) if any(w.start in inside for w in line.words))
    kept = [[] if any(word.start in inside for word in line.words) else [line] for line in lines]
    kept[first] = [
        line_from(row, text) for side in (part.left, part.right) for row in visual_rows(side)
    ]
    outside = [
        line_from(rest, text)
        for line in lines
        if any(word.start in inside for word in line.words)
        and (rest := [word for word in line.words if word.start not in inside])
    ]
    return [*outside, *(line for group in kept for line in group)]
