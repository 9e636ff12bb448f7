"""Blocks in reading order -> the text of a document without pages, and where its headings are.

Paragraphs are separated by an empty line; the rows of a table and the items of a list by a line
break, so that what belongs together stays together when the text is cut.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from ragkit.invisible import KIND as INVISIBLE
from ragkit.invisible import count_invisible, visible
from ragkit.parsers.limits import ParseLimits
from ragkit.types import (
    CELL_SEPARATOR,
    Heading,
    HiddenText,
    Page,
    ParsedChild,
    ParsedDocument,
    Span,
    Table,
)

TITLE_LENGTH = 120
"""A longer first line is a paragraph, not a title."""

BlockKind = Literal["paragraph", "heading", "item", "row"]

_REMOVED = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t\f"}
_REMOVED |= dict.fromkeys((0xAD, 0x200B, 0x2060, 0xFEFF, 0xFFFE, 0xFFFF))
_REMOVED |= dict.fromkeys((0x0D, 0x85, 0x2028, 0x2029), "\n")  # type: ignore[arg-type]
_PRESENTATION_FORMS = re.compile("[\ufb00-\ufdff\ufe70-\ufefc]+")
_WORD = re.compile(r"[^\W\d_]{2}|[\u3040-\u9fff\uac00-\ud7a3]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LIST_LABEL = re.compile(
    r"[^\w\s\"'“‘«(\[]\s"  # a bullet
    r"|\(?\w{1,5}(\.\w{1,5})*[.)]\s|\d+(\.\d+)+\s"  # 1. a) (iv) 2.1.
)


def clean(text: str) -> str:
    """Extracted text without control, zero-width and soft hyphen characters; ligatures spelt out."""
    text = text.replace("\r\n", "\n").translate(_REMOVED)
    text = _SURROGATES.sub("\ufffd", text)
    return _PRESENTATION_FORMS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


def title_from(text: str) -> str:
    """The first line with a word in it, if it is short enough to be a title; else an empty string."""
    for line in text[:4000].splitlines():
        if _WORD.search(line):
            line = " ".join(visible(line).split())
            return line if len(line) <= TITLE_LENGTH else ""
    return ""


class Assembler:
    """Collects blocks and makes the document of them. Not to be used after `document()`."""

    def __init__(self, limits: ParseLimits) -> None:
        self._limits = limits
        self._parts: list[str] = []
        self._length = 0
        self._last: BlockKind | None = None
        self._headings: list[Heading] = []
        self._tables: list[Table] = []
        self._hidden: Counter[str] = Counter()

    def add(self, kind: BlockKind, text: str, *, level: int = 1) -> Span | None:
        """Append a block; returns where. One without a visible character is left out."""
        text = clean(self._seen(text)).strip()
        if not text:
            return None
        if kind == "item" and not _LIST_LABEL.match(text):
            text = f"- {text}"
        together = kind == self._last and kind in ("item", "row")
        self._append("\n" if together else "\n\n" if self._parts else "")
        if kind == "heading":
            text = " ".join(text.split())
            self._headings.append(Heading(self._length, self._length + len(text), level, text))
        self._append(text)
        self._last = kind
        return Span(self._length - len(text), self._length)

    def note_hidden(self, kind: str, text: str) -> None:
        """Count what a reader of the page cannot see, and what is left out for that reason."""
        self._hidden[kind] += len("".join(text.split()))

    def _seen(self, text: str) -> str:
        self._hidden[INVISIBLE] += count_invisible(text)
        return visible(text)

    def add_table(self, rows: Sequence[Sequence[str]], heading_rows: range | None = None) -> None:
        """Append a table of its own, a line for each row that is not empty: "cell | cell".

        Empty cells keep their place, but for those at a row's end. heading_rows: which of `rows` hold
        the headings of its columns, one after the other; None where that cannot be told.
        """
        self.end_rows()
        lines = [_line(cells) for cells in rows]
        places = [self.add("row", line) for line in lines]
        if any(CELL_SEPARATOR in line for line in lines):
            whole = _around(places)
            heading = _around([places[at] for at in heading_rows or ()])
            self._tables.append(Table(whole.start, whole.end, heading if heading.end else None))
        self.end_rows()

    def end_rows(self) -> None:
        """Let the next row start a table of its own."""
        self._last = None

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        self._limits.check_characters(self._length)

    @property
    def length(self) -> int:
        """Characters so far."""
        return self._length

    def document(
        self, *, title: str = "", children: tuple[ParsedChild, ...] = ()
    ) -> ParsedDocument:
        """The document; without `title`, its first line or first heading is its title."""
        text = "".join(self._parts) + ("\n" if self._parts else "")
        title = " ".join(clean(visible(title)).split())[: 2 * TITLE_LENGTH]
        if not title:
            title = title_from(text) or (self._headings[0].text if self._headings else "")
        page = Page(number=None, start=0, text=text)
        tables = tuple(self._tables)
        return ParsedDocument(
            (page,),
            tuple(self._headings),
            title,
            children=children,
            tables=tables,
            hidden=self._hidden_text(),
        )

    def _hidden_text(self) -> tuple[HiddenText, ...]:
        counted = sorted(self._hidden.items())
        return tuple(HiddenText(None, kind, count) for kind, count in counted if count)


def _line(cells: Sequence[str]) -> str:
    joined = [" ".join(cell.split()) for cell in cells]
    while joined and not joined[-1]:
        joined.pop()
    return CELL_SEPARATOR.join(joined)


def _around(places: Sequence[Span | None]) -> Span:
    """From the first to the last that is there; an empty span at 0 if none is."""
    there = [place for place in places if place]
    return Span(there[0].start, there[-1].end) if there else Span(0, 0)
