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

from ragkit.parsers.assemble import Assembler

_SWITCHES = {
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "true",
    "UNSTRUCTURED_DISABLE_NOTICE": "1",
}
LINE_BREAK = "\ue00a"
"""Stands for a line break inside a paragraph of HTML, which unstructured would make a space."""
_AROUND_LINE_BREAK = re.compile(f" *{LINE_BREAK} *")

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
        text = _AROUND_LINE_BREAK.sub("\n", element.text)
        match element.category:
            case "Header" | "Footer" | "PageBreak":
                continue
            case "Title":
                assembler.add("heading", text, level=1 + (element.metadata.category_depth or 0))
            case "ListItem":
                assembler.add("item", text)
            case "Table" if element.metadata.text_as_html:
                for cells in table_rows(element.metadata.text_as_html):
                    assembler.add_row(cells)
            case _:
                assembler.add("paragraph", text)


def table_rows(html: str) -> list[list[str]]:
    """The rows of the table in `html`; a cell that spans rows is repeated in each of them."""
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
        self._span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("tr", "caption"):
            self.rows.append([])
        if tag in ("td", "th", "caption"):
            self._carry_down()
            self._row().append("")
            span = dict(attrs).get("rowspan") or "1"
            self._span = int(span) if span.isdigit() else 1
        elif tag == "br":
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        if self._row():
            self._row()[-1] += data.replace(LINE_BREAK, " ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            if self._span > 1:
                self._carried[len(self._row()) - 1] = (self._row()[-1], self._span - 1)
            self._span = 1
        elif tag == "tr":
            self._carry_down()

    def _row(self) -> list[str]:
        if not self.rows:
            self.rows.append([])
        return self.rows[-1]

    def _carry_down(self) -> None:
        """Put the cells that reach down from rows above in front of the next cell."""
        while (column := len(self._row())) in self._carried:
            text, left = self._carried.pop(column)
            self._row().append(text)
            if left > 1:
                self._carried[column] = (text, left - 1)
