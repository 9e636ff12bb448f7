"""A page's text layer as it lies on the page: words and lines with their places, and the rules drawn.

All places are in points, as the page is shown (turned by its /Rotate): x from its left edge, y upwards
from its lower edge.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ragkit.parsers.lines import LINE_END_HYPHEN
from ragkit.parsers.pdf_notes import Note

WORD = re.compile(rf"[^\s{LINE_END_HYPHEN}]+")
SECOND_HALF = "\uffff"
"""What stands for the second of the two numbers under which PDFium keeps a character such as an emoji."""
_LINE = re.compile(rf"[^\n{LINE_END_HYPHEN}]*(?:{LINE_END_HYPHEN}(?: ?\n)?|\n|$)")


class Box(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float

    @property
    def middle(self) -> float:
        """The height of its middle line."""
        return (self.bottom + self.top) / 2

    @property
    def centre(self) -> float:
        return (self.left + self.right) / 2

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def area(self) -> float:
        return max(0.0, self.right - self.left) * max(0.0, self.top - self.bottom)

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )


def around(boxes: Iterable[Box]) -> Box:
    """The box around all of them; at least one must be given."""
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return Box(min(lefts), min(bottoms), max(rights), max(tops))


class Word(NamedTuple):
    """A word of the layer: its text, where that starts in the layer's, and its place."""

    text: str
    start: int
    box: Box


@dataclass(frozen=True, slots=True)
class PdfLayer:
    """The text layer of one page.

    text: as it was read, what cannot be seen left out. words: in the order of the text; empty where
    places are not known. is_plain: nothing on the page stands beside anything else, and each of the
    `words` is a whole line. rules: lines of tables and frames. unmapped: the share of glyphs, 0 to 1,
    that the file gives no meaning. hidden: characters left out, by the way in which they are hidden.
    notes: what people wrote beside the page. has_fields: whether values of a form are in the text,
    which other readers do not see.
    """

    text: str = ""
    words: tuple[Word, ...] = ()
    is_plain: bool = True
    height: float = 0.0
    unmapped: float = 0.0
    rules: tuple[Box, ...] = ()
    hidden: dict[str, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    has_fields: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page, or a row of a table.

    words: empty where places are not known. table: 0, or which of the page's tables (from 1) it is a
    row of; is_heading: whether it holds the headings of that table's columns.
    """

    text: str
    words: tuple[Word, ...] = ()
    table: int = 0
    is_heading: bool = False

    @property
    def box(self) -> Box | None:
        if len(self.words) == 1:
            return self.words[0].box
        return around(word.box for word in self.words) if self.words else None


def lines_of(text: str, words: Sequence[Word] = ()) -> list[Line]:
    """The lines of a layer as they stand in its text; each text keeps a hyphen at its end."""
    lines, place = [], 0
    for found in _LINE.finditer(text):
        first = place
        while place < len(words) and words[place].start < found.end():
            place += 1
        lines.append(Line(found[0].rstrip(" \n"), tuple(words[first:place])))
    return lines[:-1] if lines and not lines[-1].text else lines


def parted(lines: Iterable[Line], text: str) -> list[Line]:
    """The lines, each cut where a word stands wholly above or below the one before it.

    PDFium runs the fields of a form together. text: the layer's.
    """
    result = []
    for line in lines:
        cuts = [
            place
            for place, (word, after) in enumerate(itertools.pairwise(line.words), start=1)
            if after.box.top < word.box.bottom or after.box.bottom > word.box.top
        ]
        if cuts:
            ends = [*cuts, len(line.words)]
            parts = zip([0, *cuts], ends, strict=True)
            result += [line_from(line.words[first:end], text) for first, end in parts]
        else:
            result.append(line)
    return result


def line_from(words: Sequence[Word], text: str) -> Line:
    """A line of these words, in this order. text: the layer's, for a hyphen after the last of them."""
    shown = " ".join(word.text for word in words)
    end = words[-1].start + len(words[-1].text)
    return Line(
        shown + (LINE_END_HYPHEN if text[end : end + 1] == LINE_END_HYPHEN else ""), tuple(words)
    )


def visual_rows(words: Iterable[Word]) -> list[list[Word]]:
    """Words that stand beside each other, from the top of the page; each row from left to right."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: -word.box.middle):
        last = rows[-1][0].box if rows else None
        if last and last.middle - word.box.middle < 0.5 * min(last.height, word.box.height):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda word: word.box.left) for row in rows]
