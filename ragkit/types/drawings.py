"""Pages drawn with the places of quotes: what is asked of a reader of files, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_SIDE = 20_000
"""Pixels of a picture's longer side: browsers show no longer ones."""


@dataclass(frozen=True, slots=True)
class QuoteToFind:
    """Words of a page. earlier: how often the same words stand on the page before these."""

    words: str
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class PageWanted:
    """A page of a file, or of a document inside it, to be drawn.

    inside: names from the file down to the document; none for the file itself. page: 1-based.
    by_ocr: its text was recognised, so its picture is drawn as that was done.
    """

    page: int
    quotes: tuple[QuoteToFind, ...]
    inside: tuple[str, ...] = ()
    by_ocr: bool = False


@dataclass(frozen=True, slots=True)
class Rectangle:
    """In pixels of the picture, from its upper left corner."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page's picture and where quotes stand on it; or the reason, for a person, why there is none.

    png: base64. sha256: of the document that was drawn. places: for each quote its rectangles in
    reading order, none where its words were not found.
    """

    sha256: str = ""
    width: int = 0
    height: int = 0
    png: str = ""
    places: tuple[tuple[Rectangle, ...], ...] = ()
    reason: str = ""
