"""Drawn pages as JSON between processes; what comes from a reader of strangers' files is checked."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from ragkit.parsers.wire import BadFrame
from ragkit.types.drawings import LONGEST_SIDE, DrawnPage, PageWanted, QuoteToFind, Rectangle

_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_RECTANGLES = 2_000


def wanted_to_plain(pages: Sequence[PageWanted]) -> list[list[object]]:
    """For `wire.pack`."""
    return [
        [page.page, [[q.words, q.earlier] for q in page.quotes], list(page.inside), page.by_ocr]
        for page in pages
    ]


def wanted_from_plain(plain: Sequence[Any]) -> list[PageWanted]:
    """It comes from the program itself."""
    return [
        PageWanted(page, tuple(QuoteToFind(*quote) for quote in quotes), tuple(inside), by_ocr)
        for page, quotes, inside, by_ocr in plain
    ]


def drawn_to_plain(pages: Sequence[DrawnPage]) -> list[list[object]]:
    """For `wire.pack`."""
    return [
        [page.sha256, page.width, page.height, page.png, _places_to_plain(page), page.reason]
        for page in pages
    ]


def _places_to_plain(page: DrawnPage) -> list[list[list[int]]]:
    return [[[r.left, r.top, r.right, r.bottom] for r in place] for place in page.places]


def drawn_from_plain(plain: Any, wanted: Sequence[PageWanted]) -> tuple[DrawnPage, ...]:
    """Raises BadFrame unless there is one for each page that was wanted, with a picture or a reason."""
    try:
        return tuple(_page(asked, *page) for page, asked in zip(plain, wanted, strict=True))
    except (TypeError, ValueError) as error:
        raise BadFrame("a drawn page is missing or of a wrong type") from error


def _page(
    asked: PageWanted, sha256: Any, width: Any, height: Any, png: Any, places: Any, reason: Any
) -> DrawnPage:
    if not all(isinstance(text, str) for text in (sha256, png, reason)):
        raise BadFrame("a text is of a wrong type")
    if not png:
        return DrawnPage(reason=reason or "It could not be drawn.")
    _require_picture(png)
    if not len(places) == len(asked.quotes):
        raise BadFrame("a quote has no place")
    found = tuple(tuple(_rectangle(*each) for each in place) for place in places)
    if sum(map(len, found)) > _MOST_RECTANGLES:
        raise BadFrame("more rectangles than words")
    return DrawnPage(sha256, _side(width), _side(height), png, found)


def _require_picture(png: str) -> None:
    """What is put into a page is PNG: nothing that a browser takes for anything else."""
    try:
        data = base64.b64decode(png, validate=True)
    except binascii.Error as error:
        raise BadFrame("a picture is not base64") from error
    if not data.startswith(_PNG):
        raise BadFrame("a picture is of another kind")


def _rectangle(left: Any, top: Any, right: Any, bottom: Any) -> Rectangle:
    sides = (left, top, right, bottom)
    is_number = all(isinstance(side, int) and abs(side) < LONGEST_SIDE for side in sides)
    if not is_number or not (left <= right and top <= bottom):
        raise BadFrame("a rectangle is of a wrong type")
    return Rectangle(left, top, right, bottom)


def _side(value: Any) -> int:
    if not isinstance(value, int) or not 0 < value < LONGEST_SIDE:
        raise BadFrame("a side of a picture is of a wrong type")
    return value
