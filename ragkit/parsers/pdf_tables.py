"""Tables of a page: rows whose cells stand in columns become lines "a | b | c".

Two ways: a grid of rules that encloses the words, or, without rules, at least three rows with the same
white bands between their cells. Whatever may be prose, a list or a label with its value stays as it
is: a wrong table is worse than none.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ragkit.parsers.pdf_columns import prose_columns
from ragkit.parsers.pdf_grid import Grid, grids
from ragkit.parsers.pdf_layer import Box, Line, Word, around, line_from, visual_rows

Band = tuple[float, float]
"""White space between two columns: its left and right end."""

_LEAST_BAND = 6.0
"""Points: the narrowest white space between two columns; also wider than most words' distance."""
_GAP = 0.9
"""Of the letters' height: the least white space between two cells of a row."""
_LEAST_ROWS = 3
_LEADING = 2.4
"""Of a row's height: the farthest distance of two rows of a table without rules."""
_TIGHT = 1.45
"""Of a row's height: the farthest distance of two lines of one cell."""
_MOST_WORDS = 8
"""In a cell, on average of the column with the most, of a table without rules."""
_WORDY = 3.0
"""Words in a cell, on average of a column: two such columns may be prose."""
_MOST_WORDS_IN_GRID = 60
_FULL = 0.6
_LABEL = re.compile(r"\W*(?:[^\W\d_]{1,4}|\d{1,3}(?:\.\d{1,3})*)?[.)\]:]?|\W")
_BULLET = re.compile(r"[^\w\s\"'“‘«(\[$€£+<>=~±-](?:\s|$)|[\ue000-\uf8ff]|[^\W\d]$")
_SIGNED = re.compile(r"/s/|(?:by|name|title|date|signature|por|firma|nombre|cargo|fecha)\s*:", re.I)
_FIGURE = re.compile(r"\d")

Cells = list[list[Word]]
"""The words of each cell of a row, in reading order; one list a column, empty for an empty cell."""


@dataclass(frozen=True, slots=True)
class FoundTable:
    """rows: from the top, each with as many cells as there are columns."""

    rows: list[Cells]

    def texts(self) -> list[list[str]]:
        return [[" ".join(word.text for word in cell) for cell in row] for row in self.rows]


def read_tables(lines: Sequence[Line], rules: Sequence[Box], text: str) -> list[Line]:
    """The lines with those of tables replaced by their rows. text: the layer's, for cut lines."""
    words = [word for line in lines for word in line.words]
    found = [table for grid in grids(rules) if (table := _in_grid(words, grid))]
    inside = {word.start for table in found for row in table.rows for cell in row for word in cell}
    for part in prose_columns(words):
        inside |= {word.start for word in (*part.left, *part.right)}
    found += _without_rules([word for word in words if word.start not in inside])
    result = list(lines)
    for number, table in enumerate(found, start=1):
        result = _put_in(result, table, number, text)
    return result


def _put_in(lines: Sequence[Line], table: FoundTable, number: int, text: str) -> list[Line]:
    """The rows where the first of their words stood; what else stood in their lines before them."""
    inside = {word.start for row in table.rows for cell in row for word in cell}
    result: list[Line] = []
    rows = _rows(table, number)
    for line in lines:
        taken = [word.start in inside for word in line.words]
        if not any(taken):
            result.append(line)
            continue
        if rest := [word for word, gone in zip(line.words, taken, strict=True) if not gone]:
            result.append(line_from(rest, text))
        result, rows = [*result, *rows], []
    return result


def _rows(table: FoundTable, number: int) -> list[Line]:
    heading = _has_heading(table)
    return [
        Line(
            " | ".join(" ".join(word.text for word in cell) for cell in row),
            tuple(word for cell in row for word in cell),
            number,
            is_heading=heading and place == 0,
        )
        for place, row in enumerate(table.rows)
    ]


def _has_heading(table: FoundTable) -> bool:
    """Whether the first row names the columns: words in each, over figures in one or more."""
    first, *rest = table.texts()
    if not all(cell and not _is_figure(cell) for cell in first[1:]) or _is_figure(first[0]):
        return False
    bodies = list(zip(*rest, strict=True))
    return any(
        sum(_is_figure(cell) for cell in body) * 2 > len([cell for cell in body if cell])
        for body in bodies
    ) or (len(rest) >= 2 and all(first) and all(len(cell) <= 40 for cell in first))


def _is_figure(cell: str) -> bool:
    return sum(map(len, _FIGURE.findall(cell))) * 3 >= len(cell) > 0


def _in_grid(words: Iterable[Word], grid: Grid) -> FoundTable | None:
    """The grid's rows with what stands in them; None unless two rows have two cells each."""
    by_row: list[list[Word]] = [[] for _ in range(grid.height)]
    for word in words:
        if grid.holds(word.box):
            by_row[grid.row_of(word.box)].append(word)
    rows: list[Cells] = []
    for row, inner in enumerate(by_row):
        lines = visual_rows(inner)
        rows += _rows_of_lines([_grid_cells(line, grid, row) for line in lines])
    table = FoundTable(_without_empty_columns(rows))
    filled = [sum(map(bool, cells)) for cells in table.rows]
    if sum(count >= 2 for count in filled) < 2 or _longest(table) > _MOST_WORDS_IN_GRID:
        return None
    return table


def _grid_cells(line: Iterable[Word], grid: Grid, row: int) -> Cells:
    cells: Cells = [[] for _ in range(grid.width)]
    for word in line:
        cells[grid.column_of(word.box, row)].append(word)
    return cells


def _rows_of_lines(lines: Sequence[Cells]) -> list[Cells]:
    """The lines between two rules: one row, or as many as there are if most fill most of the columns."""
    if not lines:
        return []
    width = sum(any(cells[column] for cells in lines) for column in range(len(lines[0])))
    full = sum(sum(map(bool, cells)) >= max(2, width - 1) for cells in lines)
    if len(lines) >= _LEAST_ROWS and full > _FULL * len(lines):
        return list(lines)
    return [[[word for cells in lines for word in cells[n]] for n in range(len(lines[0]))]]


def _without_empty_columns(rows: list[Cells]) -> list[Cells]:
    used = [any(cells[place] for cells in rows) for place in range(len(rows[0]) if rows else 0)]
    return [[cell for cell, use in zip(cells, used, strict=True) if use] for cells in rows]


def _longest(table: FoundTable) -> float:
    """Words to a cell, on average over the filled ones, of the column with the most."""
    columns = [[len(cell) for cell in column if cell] for column in zip(*table.rows, strict=True)]
    return max((sum(column) / len(column) for column in columns if column), default=0.0)


def _without_rules(words: Iterable[Word]) -> list[FoundTable]:
    """Runs of rows that share the white bands between their cells."""
    found: list[FoundTable] = []
    rows = visual_rows(words)
    place = 0
    while place < len(rows):
        length, bands = _run(rows[place:])
        table = _table_of(rows[place : place + length], bands) if length >= _LEAST_ROWS else None
        if table is not None:
            found.append(table)
        place += length if table is not None else 1
    return found


def _run(rows: Sequence[list[Word]]) -> tuple[int, list[Band]]:
    """How many rows from the first share all their bands, and these; the last has two cells."""
    bands = _bands(rows[0])
    length = 1
    for number, row in enumerate(rows[1:], start=1):
        if not bands or _distance(rows[number - 1], row) > _LEADING:
            break
        shared = _shared(bands, row)
        if len(shared) < len(bands):
            break
        bands = shared
        if _filled(row, bands) > 1:
            length = number + 1
    return length, bands


def _bands(row: Sequence[Word]) -> list[Band]:
    """White spaces of a row that may part two cells."""
    return [
        (word.box.right, after.box.left)
        for word, after in itertools.pairwise(row)
        if after.box.left - word.box.right > max(_LEAST_BAND, _GAP * word.box.height)
    ]


def _shared(bands: Sequence[Band], row: Sequence[Word]) -> list[Band]:
    """What the row leaves white of each band, where that is wide enough."""
    left_free = []
    for start, end in bands:
        for word in row:
            if word.box.left < end and word.box.right > start:
                if word.box.centre < (start + end) / 2:
                    start = max(start, word.box.right)
                else:
                    end = min(end, word.box.left)
        if end - start >= _LEAST_BAND:
            left_free.append((start, end))
    return left_free


def _distance(above: Sequence[Word], below: Sequence[Word]) -> float:
    """From row to row, in heights of the upper one's letters."""
    upper, lower = around(w.box for w in above), around(w.box for w in below)
    return (upper.middle - lower.middle) / max(1.0, min(above[0].box.height, below[0].box.height))


def _cells(row: Iterable[Word], bands: Sequence[Band]) -> Cells:
    cells: Cells = [[] for _ in range(len(bands) + 1)]
    for word in row:
        cells[sum(word.box.centre > (start + end) / 2 for start, end in bands)].append(word)
    return cells


def _filled(row: Sequence[Word], bands: Sequence[Band]) -> int:
    return sum(map(bool, _cells(row, bands)))


def _table_of(rows: Sequence[list[Word]], bands: Sequence[Band]) -> FoundTable | None:
    """The rows with lines of one cell joined; None where they may be anything but a table."""
    joined: list[Cells] = []
    for number, row in enumerate(rows):
        cells = _cells(row, bands)
        if joined and not cells[0] and _distance(rows[number - 1], row) < _TIGHT:
            joined[-1] = [[*above, *below] for above, below in zip(joined[-1], cells, strict=True)]
        else:
            joined.append(cells)
    table = FoundTable(joined)
    return table if _is_table(table) else None


def _is_table(table: FoundTable) -> bool:
    texts = table.texts()
    if sum(sum(map(bool, row)) > 1 for row in texts) < _LEAST_ROWS:
        return False
    if sum(sum(map(bool, row)) == 1 for row in texts) * 3 > len(texts):
        return False
    columns = [[cell for cell in column if cell] for column in zip(*texts, strict=True)]
    wordy = sum(_words_to_a_cell(column) >= _WORDY for column in columns)
    if wordy > 1 or _longest(table) > _MOST_WORDS or any(map(_is_list, columns)):
        return False
    return not (_are_labels(columns[0]) and len(columns) == 2) and not _is_signatures(texts)


def _words_to_a_cell(column: Sequence[str]) -> float:
    return sum(len(cell.split()) for cell in column) / max(1, len(column))


def _are_labels(column: Sequence[str]) -> bool:
    labels = sum(1 for cell in column if _LABEL.fullmatch(cell) or cell.endswith(":"))
    return labels * 2 >= len(column)


def _is_list(column: Sequence[str]) -> bool:
    """Whether it is made of bullets, or of items that begin with one."""
    bullets = sum(1 for cell in column if _BULLET.match(cell))
    return bullets * 2 > len(column)


def _is_signatures(texts: Sequence[Sequence[str]]) -> bool:
    """Two blocks of signatures side by side, or columns of blanks to fill in."""
    if sum(1 for row in texts for cell in row if _SIGNED.match(cell)) > 1:
        return True
    cells = [cell for row in texts for cell in row if cell]
    blank = sum(1 for cell in cells if "__" in cell or "...." in cell or cell.endswith(":"))
    return blank * 4 > len(cells)
