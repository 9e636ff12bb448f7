"""Rows of a document's tables, and the headings of their columns for the rows that lack them.

A table is the text as it stands: "cell | cell" as the parsers write it, a pipe table of Markdown, a
grid or simple table of reStructuredText, or separated values.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ragkit.types import CELL_SEPARATOR, Span, Table

CELL_END = re.compile(r"\s\|\s|\t")
"""Where a row that is longer than a window is cut first."""
LONGEST_CELL = 300
"""Characters. A row with a longer cell is prose set side by side: its sentences are told apart."""
_LONGEST_TITLES = 160
_LONGEST_LABEL = 60
_MOST_LINES = 40
"""Lines that a cell in quotes may have; with more a quote was left open by mistake."""
_LINE = re.compile(r"[^\n\r\f]+")
_SPACED = {ord(mark): " " for mark in ">_"}
"""Not in a title: ">" separates the parts of a path, "_" the words of a name in a data file."""
_DRAWN = re.compile(r"[-=+|: ]+")
_OPEN_QUOTE = re.compile(r'(?:^|[,;\t])"')
_PLAIN_SEPARATORS = ("\t", ";", ",")


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row; `is_prose` where its cells hold paragraphs."""

    span: Span
    is_prose: bool


class Tables:
    """The tables of one document, in reading order; overlapping ones count once."""

    def __init__(self, tables: Sequence[Table], text: str) -> None:
        self._text = text
        self._tables = list(_apart(tables))
        self._starts = [table.start for table in self._tables]
        self.rows = [row for table in self._tables for row in _rows(text, table)]
        self._row_starts = [row.span.start for row in self.rows]
        self._titles = {table: _column_titles(text, table.columns) for table in self._tables}

    def row_at(self, position: int) -> TableRow | None:
        at = bisect.bisect_right(self._row_starts, position) - 1
        return self.rows[at] if at >= 0 and position < self.rows[at].span.end else None

    def is_heading(self, span: Span) -> bool:
        """Whether a piece is in the heading row of a table, or is the line drawn below it."""
        table = self._table_at(span.start)
        if table is None or table.columns is None or span.start < table.columns.start:
            return False
        return span.end <= table.columns.end or self._next_row(table.columns.end) >= span.end

    def named_length_at(self, position: int) -> int:
        """Characters of the table at `position`; 0 if there is none, or its columns have no headings."""
        table = self._table_at(position)
        return table.end - table.start if table is not None and table.columns else 0

    def titles_at(self, position: int) -> str:
        """What a chunk that begins at `position` lacks of its table: "Service | Fee | Notice".

        Where it begins within a row, the row's first cell is put in front: "Hosting: Service | Fee".
        Empty outside of tables, and where the heading row itself follows.
        """
        table, row = self._table_at(position), self.row_at(position)
        if table is None:
            return ""
        heading = table.columns
        titles = self._titles[table] if heading and heading.end <= position else ""
        if row is None or position == row.span.start:
            return titles
        cells = _cells(self._text[row.span.start : row.span.end])
        label = " ".join(cells[0].translate(_SPACED).split())[:_LONGEST_LABEL]
        return f"{label}: {titles}" if titles and label else titles or label

    def _next_row(self, position: int) -> int:
        """Where the first row at or after `position` begins; before all text if there is none."""
        at = bisect.bisect_left(self._row_starts, position)
        return self._row_starts[at] if at < len(self.rows) else -1

    def _table_at(self, position: int) -> Table | None:
        at = bisect.bisect_right(self._starts, position) - 1
        return self._tables[at] if at >= 0 and position < self._tables[at].end else None


def shortened_titles(titles: str) -> str:
    """For people: whole headings, as many as fit a line."""
    if len(titles) <= _LONGEST_TITLES:
        return titles
    return titles[:_LONGEST_TITLES].rsplit(CELL_SEPARATOR, 1)[0] + "…"


def _apart(tables: Sequence[Table]) -> Iterator[Table]:
    end = 0
    for table in sorted(tables, key=lambda item: (item.start, -item.end)):
        if table.start >= end:
            yield table
            end = table.end


def _rows(text: str, table: Table) -> Iterator[TableRow]:
    """The rows: lines, but that a cell of some styles goes on in the next line."""
    lines = [
        Span(match.start(), match.end())
        for match in _LINE.finditer(text, table.start, table.end)
        if match.group().strip()
    ]
    rows: list[Span] = []
    for line, goes_on in zip(lines, _continuations(text, lines), strict=True):
        words = text[line.start : line.end]
        if _is_border(words):
            continue
        start = line.start + len(words) - len(words.lstrip())
        end = line.start + len(words.rstrip())
        rows.append(Span(rows.pop().start if goes_on and rows else start, end))
    yield from (TableRow(row, _is_prose(text[row.start : row.end])) for row in rows)


def _is_prose(row: str) -> bool:
    return max(map(len, _cells(row)), default=0) > LONGEST_CELL


def _is_border(line: str) -> bool:
    """Whether a line only draws: "+---+---+", "|---|:-:|" or "====  ====  ===="."""
    bare = line.strip()
    return bool(_DRAWN.fullmatch(bare)) and ("--" in bare or "==" in bare)


def _continuations(text: str, lines: Sequence[Span]) -> list[bool]:
    """For each line, whether it goes on with the row of the line before it."""
    words = [text[line.start : line.end] for line in lines]
    first = words[0].strip() if words else ""
    if _is_border(first):
        is_grid = first.startswith("+")
        after = [True, *map(_is_border, words)]
        return [not after[at] and (is_grid or line[0].isspace()) for at, line in enumerate(words)]
    goes_on = [False] * len(words)
    for at, line in enumerate(words):
        if not goes_on[at] and _is_half_quoted(line) and _OPEN_QUOTE.search(line):
            below = range(at + 1, min(at + 1 + _MOST_LINES, len(words)))
            closed = next((later for later in below if _is_half_quoted(words[later])), at)
            goes_on[at + 1 : closed + 1] = [True] * (closed - at)
    return goes_on


def _is_half_quoted(line: str) -> bool:
    """Whether a cell of separated values begins or ends here and not both."""
    return line.count('"') % 2 == 1 and CELL_SEPARATOR not in line


def _column_titles(text: str, columns: Span | None) -> str:
    """The headings as one line; of two rows of them the lower ones with the upper ones in front."""
    if columns is None:
        return ""
    lines = _rows(text, Table(columns.start, columns.end))
    rows = [_cells(text[line.span.start : line.span.end]) for line in lines]
    captions = itertools.takewhile(lambda row: sum(map(bool, row)) < 2, rows)
    rows = rows[sum(1 for _ in captions) :] or rows
    titles: list[str] = []
    for row in rows:
        titles = _under(titles, row) if titles else row
    cleaned = (" ".join(title.translate(_SPACED).split()) for title in titles)
    return CELL_SEPARATOR.join(title for title in cleaned if title)


def _under(upper: list[str], lower: list[str]) -> list[str]:
    """Each lower heading below the upper one of its column, which may reach over several columns."""
    joined, above = [], ""
    for at, title in enumerate(lower):
        above = upper[at] if at < len(upper) and upper[at] else above
        joined.append(title if title == above else f"{above} {title}".strip())
    return joined + upper[len(lower) :]


def _cells(row: str) -> list[str]:
    """The cells of a row of any of the styles, without their outer whitespace."""
    if "|" in row:
        # Bars at both ends frame a row; one alone follows or precedes an empty cell.
        framed = row.startswith("|") and row.endswith("|") and len(row) > 1
        return [cell.strip() for cell in (row[1:-1] if framed else row).split("|")]
    for separator in _PLAIN_SEPARATORS:
        if separator in row:
            return list(_values(row, separator))
    return [cell.strip() for cell in re.split(r"\s{2,}", row)]


def _values(row: str, separator: str) -> Iterator[str]:
    """Separated values, without the quotes around them."""
    opened: list[str] = []
    quotes = 0
    for part in row.split(separator):
        opened.append(part)
        quotes += part.count('"')
        if quotes % 2 == 0:
            yield separator.join(opened).strip().strip('"').replace('""', '"')
            opened = []
    if opened:
        yield separator.join(opened).strip()
