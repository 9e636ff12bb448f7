"""Tables in texts that stay as they are: of Markdown, reStructuredText and separated values.

Spans are found, nothing is rewritten, so that offsets remain those of the file.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ragkit.parsers import columns
from ragkit.types import Span, Table

_SAMPLE = 50
"""Records by which it is told what separates values and whether the first one names them."""
_SEPARATORS = (",", ";", "\t", "|")
_LINE = re.compile(r"[^\n\r]*(?:\r\n|\n|\r|$)")
_FENCE = re.compile(r"[ ]{0,3}(```+|~~~+)")
_BELOW_HEADING = re.compile(r"\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?)?$")
"""Of a line without the space around it: no two runs of space may adjoin, or they take forever."""
_GRID = re.compile(r"\s*\+(?:[-=]+\+)+\s*$")
_SIMPLE = re.compile(r"\s*=+(?:\s+=+)+\s*$")


def of_markdown(text: str) -> tuple[Table, ...]:
    """Pipe tables outside fenced code: a row of headings, a line of dashes, and rows below."""
    return tuple(_pipe_tables(text, _lines(text)))


def of_rst(text: str) -> tuple[Table, ...]:
    """Grid tables, and simple tables, whose columns are under runs of "="."""
    lines = _lines(text)
    return tuple(
        _drawn_table(block, text, is_grid)
        for is_grid, mark in ((True, _GRID), (False, _SIMPLE))
        for block in _drawn_blocks(text, lines, mark)
    )


def of_values(text: str) -> tuple[Table, ...]:
    """The whole file as a table, if it has two columns; its first record of several, if it names them."""
    lines = [line for line in _lines(text) if text[line.start : line.end].strip("\ufeff \t")]
    words = [text[line.start : line.end] for line in lines]
    records = max((_records(words, separator) for separator in _SEPARATORS), key=_evenness)
    if not _evenness(records):
        return ()
    named = _first_names([record.values for record in records])
    heading = None
    if named is not None:
        first = records[named - 1].end if named else 0
        heading = Span(lines[first].start, lines[records[named].end - 1].end)
    return (Table(lines[0].start, lines[-1].end, heading),)


@dataclass(frozen=True, slots=True)
class _Record:
    """Values, and the line that follows them."""

    values: list[str]
    end: int


def _records(lines: Sequence[str], separator: str) -> list[_Record]:
    """The first records, as far as they can be told apart."""
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator)
    found: list[_Record] = []
    try:
        for values in itertools.islice(reader, _SAMPLE):
            found.append(_Record(values, reader.line_num))
    except csv.Error:
        return found
    return found


def _evenness(records: Sequence[_Record]) -> int:
    """How many separators stand in records of the usual width; 0 if that is one, or not usual."""
    widths = Counter(len(record.values) for record in records)
    width, count = widths.most_common(1)[0] if widths else (1, 0)
    return (width - 1) * count if 2 * count > len(records) else 0


def _first_names(rows: Sequence[Sequence[str]]) -> int | None:
    """Which record names the values: the first of several, of words, though all others are words."""
    at = next((at for at, row in enumerate(rows) if len(row) > 1), len(rows))
    if at + 1 >= len(rows):
        return None
    row = [cell.lstrip("\ufeff").replace("_", " ") for cell in rows[at]]
    return at if columns.are_headings(row, len(row)) else None


def _lines(text: str) -> list[Span]:
    """Every line, empty ones too, without its end."""
    found = []
    for match in _LINE.finditer(text):
        found.append(Span(match.start(), match.start() + len(match.group().rstrip("\r\n"))))
    return found


def _pipe_tables(text: str, lines: Sequence[Span]) -> Iterator[Table]:
    fence, at = "", 0
    words = [text[line.start : line.end] for line in lines]
    while at < len(lines):
        opened = _FENCE.match(words[at])
        if opened and (not fence or opened[1].startswith(fence)):
            fence = "" if fence else opened[1]
        if not fence and _is_pipe_heading(words, at):
            end = at + 2
            while end < len(lines) and "|" in words[end]:
                end += 1
            if end > at + 2:
                yield Table(lines[at].start, lines[end - 1].end, lines[at])
            at = end
        else:
            at += 1


def _is_pipe_heading(words: Sequence[str], at: int) -> bool:
    if (
        at + 1 >= len(words)
        or "|" not in words[at]
        or not _BELOW_HEADING.match(words[at + 1].strip())
    ):
        return False
    return words[at].strip().strip("|").count("|") == words[at + 1].strip().strip("|").count("|")


def _drawn_blocks(
    text: str, lines: Sequence[Span], mark: re.Pattern[str]
) -> Iterator[Sequence[Span]]:
    """Runs of lines that begin and end with a line of the table's drawing.

    An empty line ends a grid; a simple table only after its last line of "=".
    """
    first = last = -1
    borders = 0
    for at, line in enumerate([*lines, Span(len(text), len(text))]):
        words = text[line.start : line.end]
        if mark.match(words):
            first, last, borders = (at if first < 0 else first), at, borders + 1
        elif (
            first >= 0 and not words.strip() and (mark is _GRID or (last == at - 1 and borders > 1))
        ):
            if last > first + 1:
                yield lines[first : last + 1]
            first, borders = -1, 0


def _drawn_table(block: Sequence[Span], text: str, is_grid: bool) -> Table:
    """`block`: from the first line of the drawing to the last."""
    mark = _GRID if is_grid else _SIMPLE
    borders = [at for at, line in enumerate(block) if mark.match(text[line.start : line.end])]
    inner = borders[1:-1]
    if is_grid:
        inner = [at for at in inner if "=" in text[block[at].start : block[at].end]]
    heading = Span(block[1].start, block[inner[0] - 1].end) if inner else None
    return Table(block[0].start, block[-1].end, heading)
