"""The owner of `unstructured`: its elements as blocks of an Assembler. Offline by construction.

The library sends a ping for each document unless told not to, and downloads a spaCy model for its
guesses at what is prose. Neither is wanted: its switches are set before it is imported, and its
loader is replaced by a blank spaCy pipeline, since here every guess makes the same paragraph. spaCy
also imports torch where it finds it, which doubles time and memory, so torch is hidden from it.
"""

from __future__ import annotations

import functools
import io
import os
import re
import sys
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from typing import Any

from ragkit.parsers import columns
from ragkit.parsers.assemble import Assembler

_SWITCHES = {
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "true",
    "UNSTRUCTURED_DISABLE_NOTICE": "1",
}
LINE_BREAK = "\ue00a"
"""Stands for a line break inside a paragraph of HTML, which unstructured would make a space."""
HEADING_MARK = "\ue00b"
"""Begins the cells that their format makes headings of columns, which unstructured would not tell."""
_AROUND_LINE_BREAK = re.compile(f" *{LINE_BREAK} *")

_SPANS = re.compile("\ue00c([0-9]+),([0-9]+)\ue00c")
_TALLEST, _WIDEST = 1_000, 100
"""Rows and columns that a cell may span."""
_MOST_ADDED = 100_000
"""Cells that spans may add to one table; those beyond are taken for cells that span nothing."""

Partition = Callable[..., Iterable[Any]]


def preload() -> None:
    """Import what takes seconds, so that a worker does it once and not for every document."""
    _partitions()


@functools.cache
def _partitions() -> tuple[Partition, Partition]:
    """unstructured's readers of Word and HTML, cut off from the network."""
    os.environ.update(_SWITCHES)
    if "torch" not in sys.modules:
        sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        import spacy
    finally:
        if sys.modules.get("torch") is None:
            sys.modules.pop("torch", None)
    import unstructured.nlp.tokenize as tokenize
    from unstructured.partition.docx import partition_docx
    from unstructured.partition.html import partition_html

    pipeline = spacy.blank("xx")
    pipeline.add_pipe("sentencizer")
    tokenize._load_spacy_model = lambda: pipeline
    tokenize._get_nlp.cache_clear()
    return partition_docx, partition_html


def add_word(data: bytes, assembler: Assembler) -> None:
    """The body of a .docx; what is repeated on every page (headers, footers) is left out."""
    partition_docx, _ = _partitions()
    elements = partition_docx(file=io.BytesIO(data), include_page_breaks=False, languages=[""])
    _add_elements(elements, assembler)


def add_html(html: str, assembler: Assembler) -> None:
    """The body of an HTML page."""
    _, partition_html = _partitions()
    _add_elements(partition_html(text=html, languages=[""]), assembler)


def _add_elements(elements: Iterable[Any], assembler: Assembler) -> None:
    for element in elements:
        text = _SPANS.sub("", _AROUND_LINE_BREAK.sub("\n", element.text)).replace(HEADING_MARK, "")
        match element.category:
            case "Header" | "Footer" | "PageBreak":
                continue
            case "Title":
                assembler.add("heading", text, level=1 + (element.metadata.category_depth or 0))
            case "ListItem":
                assembler.add("item", text)
            case "Table" if element.metadata.text_as_html:
                _add_table(table_rows(element.metadata.text_as_html), assembler)
            case _:
                assembler.add("paragraph", text)


def _add_table(marked: list[list[str]], assembler: Assembler) -> None:
    """`marked`: the rows, headings of columns with their mark."""
    rows = [[cell.replace(HEADING_MARK, "") for cell in cells] for cells in marked]
    are_headings = [_is_marked(cells) for cells in marked]
    assembler.add_table(rows, columns.stated(are_headings, rows) or columns.guessed(rows))


def _is_marked(cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and all(cell.lstrip().startswith(HEADING_MARK) for cell in filled)


def table_rows(html: str) -> list[list[str]]:
    """The rows of the table in `html`.

    A cell that spans rows is repeated in each of them; one that spans columns leaves its others empty.
    """
    reader = _TableReader()
    reader.feed(html)
    reader.close()
    return reader.rows


class _TableReader(HTMLParser):
    """Collects the cells of a flat table, as unstructured writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._carried: dict[int, tuple[str, int]] = {}
        self._down = self._across = 1
        self._added = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("tr", "caption"):
            self.rows.append([])
        if tag in ("td", "th", "caption"):
            self._carry_down()
            self._row().append("")
            said = dict(attrs)
            self._down, self._across = _reach(said.get("rowspan"), said.get("colspan"))
        elif tag == "br":
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        if self._row():
            self._row()[-1] += data.replace(LINE_BREAK, " ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag == "tr":
            self._carry_down()

    def _end_cell(self) -> None:
        """Put empty cells for the other columns of a cell, and keep it for its other rows."""
        row = self._row()
        column, text = len(row) - 1, row[-1] if row else ""
        if spans := _SPANS.search(text):
            self._down, self._across = _reach(spans[1], spans[2])
            row[-1] = text = _SPANS.sub("", text)
        self._added += self._across - 1
        if self._added > _MOST_ADDED:
            self._down = self._across = 1
        row += [""] * (self._across - 1)
        if self._down > 1:
            for at in range(self._across):
                self._carried[column + at] = (text if at == 0 else "", self._down - 1)
        self._down = self._across = 1

    def _row(self) -> list[str]:
        if not self.rows:
            self.rows.append([])
        return self.rows[-1]

    def _carry_down(self) -> None:
        """Put the cells that reach down from rows above in front of the next cell."""
        while (column := len(self._row())) in self._carried:
            text, left = self._carried.pop(column)
            self._added += 1
            if self._added > _MOST_ADDED:
                self._carried.clear()
            self._row().append(text)
            if left > 1 and self._added <= _MOST_ADDED:
                self._carried[column] = (text, left - 1)


def spans_mark(rows: str | None, columns: str | None) -> str:
    """What to put into a cell of HTML that spans so many of each: unstructured forgets it."""
    down, across = _reach(rows, columns)
    return f"\ue00c{down},{across}\ue00c" if (down, across) != (1, 1) else ""


def _reach(rows: str | None, columns: str | None) -> tuple[int, int]:
    """How many rows and columns a cell takes: 1 where that is not said or beyond belief."""
    return _span(rows, _TALLEST), _span(columns, _WIDEST)


def _span(said: str | None, most: int) -> int:
    return int(said) if said and re.fullmatch(r"[0-9]{1,4}", said) and 1 <= int(said) <= most else 1
