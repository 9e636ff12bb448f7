"""An answer with its evidence, page by page: what an evidence page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ragkit.types.answers import Answer, Citation
from ragkit.types.documents import ReadAs
from ragkit.types.drawings import DrawnPage

FileState = Literal["same", "changed", "gone", "unknown"]
"""How a cited file is now: the very bytes that were read, others, not there, or it was not opened."""


@dataclass(frozen=True, slots=True)
class PackedQuote:
    """A quote, or the part of it that stands on one page, with the words around it.

    citation: of a nearest passage with a mark below 0. text: the part. earlier: how often the same
    words stand on the page before these.
    """

    citation: Citation
    text: str
    before: str = ""
    after: str = ""
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class PackedPage:
    """A page with the quotes on it; of a document without pages, the document.

    picture: with a place for each of the quotes, in their order, or why there is no picture: a
    sentence, or the code "too many", "no pages", "changed", "gone" or "other index".
    """

    document: str
    sha256: str
    page: int | None
    read_as: ReadAs
    confidence: float | None
    file: FileState
    quotes: tuple[PackedQuote, ...]
    picture: DrawnPage


@dataclass(frozen=True, slots=True)
class EvidencePack:
    """made: UTC, ISO 8601."""

    answer: Answer
    pages: tuple[PackedPage, ...]
    made: str
