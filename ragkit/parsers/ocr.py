"""Pages without a text layer: from the picture of a page to its text, and how sure that is.

Used where a document is read. Who recognises the words is handed in: in a worker's child that is a
helper process at the other end of a pipe (see ocr_line.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ragkit.parsers.ocr_page import NotRecognised, OcrPage, PageImage
from ragkit.parsers.ocr_skew import levelled
from ragkit.parsers.ocr_words import text_of
from ragkit.parsers.tesseract import SWITCHED_OFF

FINE_DPI, COARSE_DPI = 300, 200
"""How pages are drawn: scans with their own resolution between these two, all else FINE.

On scans of 150 dpi COARSE reads as many words as FINE (99.7 and 96.4 % to 99.7 and 96.3 %) in three
quarters of the time; drawn with their own 150 dpi they lose a percent.
"""
LEAST_CONFIDENCE = 0.6
"""Below this a page is not shown. Pages upside down read 0.45, Arabic and Chinese without their
languages 0.32 to 0.53, letters 7 pixels high 0.44; a third of the words wrong 0.68, a fifth 0.79."""
NOTHING_FOUND = "no text found by OCR"
NOT_DRAWN = "it is damaged: it cannot be drawn for OCR"
_CONTRAST = 48
"""Levels of grey (of 256) by which ink differs from the paper, which may be the darker one."""
_BLANK, _SPECKS = 1 / 20_000, 1 / 500
"""Share of ink up to which a page holds not one letter, and, where OCR reads none, only dirt."""
_MARGIN = 0.04
"""Of the width and height, on each side: shadows of the scanner's lid."""


AskWords = Callable[[PageImage, int, int], str]
"""(picture, page, pages) -> its words as tesseract writes them. Raises NotRecognised."""


@dataclass(frozen=True, slots=True)
class Ocr:
    """The way to recognise pages; without `ask` there is none, and `absent` says why (see OcrEngine)."""

    ask: AskWords | None = None
    absent: str = SWITCHED_OFF

    def read(
        self, pictures: Iterable[tuple[int, PageImage | None]], pages: int
    ) -> dict[int, OcrPage]:
        """What was made of each picture, by its number; None is a page that could not be drawn.

        pages: how many there are, for progress.
        """
        return {
            number: self.read_page(picture, place, pages) if picture else OcrPage(reason=NOT_DRAWN)
            for place, (number, picture) in enumerate(pictures, start=1)
        }

    def read_page(self, picture: PageImage, page: int, pages: int) -> OcrPage:
        """The text of one picture, levelled, and tried upside down too where it makes no sense."""
        ink = _share_of_ink(picture)
        if ink < _BLANK:
            return OcrPage()
        if self.ask is None:
            return OcrPage(reason=self.absent)
        picture = levelled(picture)
        try:
            text, confidence = text_of(self.ask(picture, page, pages))
            if text and confidence < LEAST_CONFIDENCE:
                turned = text_of(self.ask(picture.upside_down(), page, pages))
                text, confidence = max((text, confidence), turned, key=lambda found: found[1])
        except NotRecognised as failure:
            return OcrPage(reason=str(failure))
        if text and confidence >= LEAST_CONFIDENCE:
            return OcrPage(text, confidence)
        if ink < _SPECKS:
            return OcrPage()
        if not text:
            return OcrPage(reason=NOTHING_FOUND)
        return OcrPage(reason=f"OCR can hardly read it (confidence {confidence:.0%})")


NO_OCR = Ocr()


def _share_of_ink(picture: PageImage) -> float:
    """The share of pixels that differ clearly from the paper, margins aside."""
    import numpy as np

    grey = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width)
    rows, columns = round(picture.height * _MARGIN), round(picture.width * _MARGIN)
    inner = grey[rows : picture.height - rows, columns : picture.width - columns]
    if not inner.size:
        return 0.0
    paper = int(np.median(inner[::7, ::7]))
    is_ink = (inner < paper - _CONTRAST) | (inner > paper + _CONTRAST)
    return float(np.mean(is_ink))
