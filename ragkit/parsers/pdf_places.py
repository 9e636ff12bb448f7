"""A PDF's page drawn, and where quotes stand on it: the reader's own words, with the boxes of their letters."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from ragkit.parsers.ocr_page import PageImage
from ragkit.parsers.pdf import lines_in_order
from ragkit.parsers.pdf_layer import Box, PdfLayer, Word, around
from ragkit.parsers.pdf_pdfium import one_page, rendered
from ragkit.parsers.pdf_words import Sheet, char_boxes, quarters_of, sheet_of, text_of
from ragkit.parsers.quote_places import Letters, letters_of, places_of
from ragkit.types.drawings import LONGEST_SIDE, QuoteToFind, Rectangle

_APART = 3.0
"""Heights of a letter: farther right than that, or to the left, is another rectangle."""
_FINEST = 2.0
"""Pixels to a point, 144 to the inch: a small page is not drawn larger than that."""


def drawn_page(
    data: bytes, number: int, quotes: Sequence[QuoteToFind], most_pixels: int
) -> tuple[PageImage, tuple[tuple[Rectangle, ...], ...]]:
    """The page (from 0) as it is shown, and for each quote its rectangles in reading order.

    Raises UnreadableDocument if PDFium cannot open it.
    """
    with one_page(data, number) as (page, layer):
        width, height = page.get_size()
        longest = LONGEST_SIDE / max(1.0, width, height)
        scale = min(_FINEST, math.sqrt(most_pixels / max(1.0, width * height)), 0.95 * longest)
        picture = rendered(page, scale)
        placed = _Placed(page, layer)
        places = tuple(
            tuple(_pixels(box, height, scale) for box in placed.boxes(quote)) for quote in quotes
        )
        return picture, places


def _pixels(box: Box, height: float, scale: float) -> Rectangle:
    return Rectangle(
        math.floor(box.left * scale),
        math.floor((height - box.top) * scale),
        math.ceil(box.right * scale),
        math.ceil((height - box.bottom) * scale),
    )


class _Placed:
    """The words of a page in the order in which they are read, and the place of each letter as shown."""

    def __init__(self, page: Any, layer: PdfLayer) -> None:
        self._textpage = page.get_textpage()  # kept: PDFium asks it for each letter
        lines = lines_in_order(layer)
        self._words: list[Word] = [word for line in lines for word in line.words]
        self._letters: Letters = letters_of(word.text for word in self._words)
        self._place = _place_of(self._textpage, sheet_of(page))

    def boxes(self, quote: QuoteToFind) -> list[Box]:
        """Of the quote's lines, each as far as it goes; none where its words are not found."""
        found = places_of(quote.words, quote.earlier, self._letters)
        places = (self._of_letter(number) for stretch in found for number in stretch)
        return [
            _with_extent(box) for box in _joined(place for place in places if place is not None)
        ]

    def _of_letter(self, number: int) -> Letter | None:
        word = self._words[self._letters.pieces[number]]
        return self._place(word, self._letters.characters[number])


class Letter(NamedTuple):
    """Where a letter stands: as its line is read, upright, and as the page is shown."""

    read: Box
    shown: Box


def _place_of(textpage: Any, sheet: Sheet) -> Callable[[Word, int], Letter | None]:
    """What tells the place of a character of a word.

    A word that is not of PDFium's text, as the value of a form's field may be, has one place for all
    its letters; and none where the page's lines are read turned.
    """
    text, places, quarters = text_of(textpage), char_boxes(textpage), quarters_of(textpage)
    reading = sheet if quarters is None else sheet.flat.turned(quarters)

    def place(word: Word, character: int) -> Letter | None:
        if text[word.start : word.start + len(word.text)] == word.text:
            sides = places(word.start + character)
            return Letter(reading.place(*sides), sheet.place(*sides))
        return Letter(word.box, word.box) if reading == sheet else None

    return place


def _joined(letters: Iterable[Letter]) -> list[Box]:
    """The boxes of lines as shown, of letters in the order in which they are read."""
    lines: list[Letter] = []
    for letter in letters:
        if lines and _goes_on(lines[-1].read, letter.read):
            pairs = zip(lines[-1], letter, strict=True)
            lines[-1] = Letter(*(around(pair) for pair in pairs))
        else:
            lines.append(letter)
    return [line.shown for line in lines]


def _with_extent(box: Box) -> Box:
    """At least one point wide and high: PDFium gives some letters no extent."""
    return Box(box.left, box.bottom, max(box.right, box.left + 1), max(box.top, box.bottom + 1))


def _goes_on(line: Box, box: Box) -> bool:
    """Whether a letter stands in the line that was begun, also of one written from right to left."""
    reach = _APART * max(line.height, box.height, 1.0)
    is_level = line.bottom < box.middle < line.top or box.bottom < line.middle < box.top
    return is_level and box.left - line.right < reach and line.left - box.right < reach
