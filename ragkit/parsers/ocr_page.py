"""What OCR speaks of, in every process it takes part in. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, replace

MOST_PIXELS = 25_000_000
"""A3 at 300 dpi has 17 million; larger pages are drawn with fewer dots to the inch."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as the eye sees it. pixels: one byte of grey each (0 black), rows from the top."""

    width: int
    height: int
    dpi: int
    pixels: bytes

    def upside_down(self) -> PageImage:
        return replace(self, pixels=self.pixels[::-1])


@dataclass(frozen=True, slots=True)
class OcrPage:
    """What was made of a page's picture; a page without `text` and `reason` is blank.

    confidence: 0 to 1, the mean over the words weighted by their length. reason: why there is no text.
    """

    text: str = ""
    confidence: float = 0.0
    reason: str = ""


class NotRecognised(Exception):
    """A page could not be recognised; the message is the reason for a person."""
