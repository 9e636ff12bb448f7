"""The lines of a PDF's page -> the page's text, and where its tables stand in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from ragkit.invisible import visible
from ragkit.parsers.assemble import clean
from ragkit.parsers.lines import page_text
from ragkit.parsers.pdf_layer import SECOND_HALF, Line
from ragkit.parsers.pdf_notes import Note
from ragkit.types import Span, Table


def composed(lines: Sequence[Line], words: Counter[str], start: int) -> tuple[str, list[Table]]:
    """The text of a page, closed by an empty line ("" if there is none), and its tables.

    words: those of the whole document. start: where the page begins in the document's text. Tables
    stand apart, between empty lines.
    """
    text, tables = "", []
    for table, group in groupby(lines, key=lambda line: line.table):
        if table:
            rows = [(clean(_seen(line.text)), line.is_heading) for line in group]
            tables.append(_table(rows, start + len(text)))
            text += "\n".join(row for row, _ in rows) + "\n\n"
        else:
            text += page_text("\n".join(_seen(line.text) for line in group), words)
    return text, tables


def _seen(text: str) -> str:
    return visible(text.replace(SECOND_HALF, ""))


def _table(rows: Sequence[tuple[str, bool]], start: int) -> Table:
    end = start + sum(len(row) + 1 for row, _ in rows) - 1
    first, is_heading = rows[0]
    return Table(start, end, Span(start, start + len(first)) if is_heading else None)


def with_notes(lines: Sequence[Line], notes: Sequence[Note]) -> list[Line]:
    """The lines, and after them the notes that they do not show already, a paragraph each."""
    shown = _squeezed(" ".join(line.text for line in lines))
    more = [note.text for note in notes if _squeezed(note.text) not in shown]
    return [*lines, *(line for text in more for line in (Line(""), Line(f"Note: {text}")))]


def _squeezed(text: str) -> str:
    return "".join(clean(text).split()).casefold()
