"""Where quotes stand on a page whose text was recognised: from tesseract's table of words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ragkit.parsers.ocr import LEAST_CONFIDENCE, Ocr
from ragkit.parsers.ocr_page import NotRecognised, PageImage
from ragkit.parsers.ocr_skew import levelled
from ragkit.parsers.ocr_words import rows_of_words, text_of
from ragkit.parsers.quote_places import letters_of, places_of
from ragkit.types.drawings import QuoteToFind, Rectangle


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    place: Rectangle
    line: tuple[str, ...]


def recognised_places(
    picture: PageImage, quotes: Sequence[QuoteToFind], ocr: Ocr
) -> tuple[PageImage, tuple[tuple[Rectangle, ...], ...]]:
    """The picture as it was recognised, levelled and upright, and the rectangles of each quote.

    Raises NotRecognised where nothing recognises pages here.
    """
    if ocr.ask is None:
        raise NotRecognised(ocr.absent)
    picture = levelled(picture)
    table = ocr.ask(picture, 1, 1)
    if (confidence := text_of(table)[1]) < LEAST_CONFIDENCE:
        turned = picture.upside_down()
        again = ocr.ask(turned, 1, 1)
        if text_of(again)[1] > confidence:
            picture, table = turned, again
    words = [_word(cells) for cells in rows_of_words(table)]
    letters = letters_of(word.text for word in words)
    found = []
    for quote in quotes:
        stretches = places_of(quote.words, quote.earlier, letters)
        pieces = dict.fromkeys(letters.pieces[number] for each in stretches for number in each)
        found.append(_by_line(words[piece] for piece in pieces))
    return picture, tuple(found)


def _word(cells: Sequence[str]) -> _Word:
    left, top, width, height = (int(cell) for cell in cells[6:10])
    place = Rectangle(left, top, left + width, top + height)
    return _Word(cells[11].strip(), place, tuple(cells[1:5]))


def _by_line(words: Iterable[_Word]) -> tuple[Rectangle, ...]:
    """One rectangle for the words of each line."""
    lines: dict[tuple[str, ...], Rectangle] = {}
    for word in words:
        one, other = lines.get(word.line, word.place), word.place
        lines[word.line] = Rectangle(
            min(one.left, other.left),
            min(one.top, other.top),
            max(one.right, other.right),
            max(one.bottom, other.bottom),
        )
    return tuple(lines.values())
