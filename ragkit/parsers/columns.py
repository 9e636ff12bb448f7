"""Which rows of a table hold the headings of its columns, where its format does not say.

A wrong guess puts words before other rows that do not belong to them, so in doubt there are none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

Row = Sequence[str]

MOST_HEADING_ROWS = 3
_LONGEST_HEADING = 60
"""Characters of a column's heading."""
_FIGURES_SHARE = 0.6
"""Share of a column's cells that hold figures, or are of one shape, for it to be a column of them."""
_SHORTER = 0.6
"""Headings are that much shorter than the rows of a table without figures."""
_FEWEST_PAIRS = 3
_FIGURE = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_VALUE = re.compile(r"[\d.,:/%\s+()€$£-]*\d[\d.,:/%\s+()€$£-]*|\S+@\S+\.\S+|https?://\S+")


def stated(marked: Sequence[bool], rows: Sequence[Row]) -> range | None:
    """The rows that their format marks as headings: the first run, if it is short and rows follow."""
    first = next((at for at, is_marked in enumerate(marked) if is_marked), len(rows))
    if any(_filled(row) > 1 for row in rows[:first]):
        return None
    end = first
    while end < len(rows) and marked[end]:
        end += 1
    return range(first, end) if 0 < end - first <= MOST_HEADING_ROWS and end < len(rows) else None


def guessed(rows: Sequence[Row]) -> range | None:
    """The first row of several cells, if it is one of short words over rows of another kind."""
    at = next((at for at, row in enumerate(rows) if _filled(row) > 1), len(rows))
    below = [row for row in rows[at + 1 :] if _filled(row) > 1]
    if not below or not are_headings(rows[at], max(map(len, rows))):
        return None
    is_heading = _tops_pairs(rows[at], below) if len(rows[at]) == 2 else _tops(rows[at], below)
    return range(at, at + 1) if is_heading else None


def are_headings(row: Row, width: int) -> bool:
    """Whether the cells may be column headings: short words, all different, one for each column.

    width: columns of the table; the first of them may have no heading.
    """
    words = [cell.strip() for cell in row if cell.strip()]
    return (
        2 <= len(words) >= width - 1
        and len({word.casefold() for word in words}) == len(words)
        and all(len(word) <= _LONGEST_HEADING for word in words)
        and all(_is_words(word) or (at and _YEAR.fullmatch(word)) for at, word in enumerate(words))
    )


def _is_words(cell: str) -> bool:
    """Not a value: "Year 1" and "Fee (EUR)" are words; "30 days", "EUR 9" and "2024" are not."""
    if not _LETTER.search(cell) or cell.endswith(":") or _VALUE.fullmatch(cell):
        return False
    return not _FIGURE.search(cell) or len(_LETTER.findall(cell)) >= 4 * len(_FIGURE.findall(cell))


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell.strip())


def _tops(heading: Row, below: Sequence[Row]) -> bool:
    """Whether a column under `heading` is one of figures, or all rows say more than it does."""
    if any(
        _YEAR.fullmatch(cell) and _are_years(_column(below, at)) for at, cell in enumerate(heading)
    ):
        return False
    if any(_figures(_column(below, at)) >= _FIGURES_SHARE for at in range(len(heading))):
        return True
    mean = sum(sum(map(len, row)) for row in below) / len(below)
    return len(below) > 1 and sum(map(len, heading)) <= _SHORTER * mean


def _tops_pairs(heading: Row, below: Sequence[Row]) -> bool:
    """Two columns are often labels and values: headings have values of one shape below them."""
    values = _column(below, 1)
    shapes = Counter(map(_shape, values))
    alike = max(shapes.values(), default=0)
    return (
        len(values) >= _FEWEST_PAIRS
        and _figures(values) == 1.0
        and alike >= _FIGURES_SHARE * len(values)
    )


def _column(rows: Sequence[Row], at: int) -> list[str]:
    return [row[at] for row in rows if at < len(row) and row[at].strip()]


def _are_years(cells: Sequence[str]) -> bool:
    return all(_YEAR.fullmatch(cell.strip()) for cell in cells)


def _figures(cells: Sequence[str]) -> float:
    """The share of cells that hold a figure; 0 without cells."""
    return sum(1 for cell in cells if _FIGURE.search(cell)) / len(cells) if cells else 0.0


def _shape(cell: str) -> str:
    """ "EUR 900.50" and "USD 7" -> "a 9"."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d[\d.,]*", "9", cell.casefold()))
