"""The owner of Pillow: pictures of pages (.png .jpg .tif .bmp .gif .webp), read by OCR.

Each frame of a TIFF is a page; of an animation the first frame is read.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ragkit.errors import UnreadableDocument
from ragkit.parsers.assemble import title_from
from ragkit.parsers.limits import SPLIT_HINT, Reading
from ragkit.parsers.lines import count_words, page_text
from ragkit.parsers.ocr import COARSE_DPI
from ragkit.parsers.ocr_page import MOST_PIXELS, PageImage
from ragkit.parsers.pages import up_to_the_last
from ragkit.types import NEEDS_OCR, READ_OCR, Page, ParsedDocument, UnreadPage

if TYPE_CHECKING:
    from PIL.Image import Image

_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")
_PAGED = "TIFF"
_MOST_OPENED = 150_000_000
"""Pixels of one picture: 600 MB at four bytes each, within what a document may take."""
_PAPER_INCHES = 11.7
"""The long side of A4: what a picture most likely shows, whose own resolution says nothing."""
_MOST_ENLARGED = 3.0
_LEAST_SIDE = 16
"""In pixels; a smaller picture is an ornament."""


def preload() -> None:
    import numpy  # noqa: F401 - imported to be there before the fork
    from PIL import Image, ImageOps  # noqa: F401

    Image.init()


def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """A Page with the words of each picture. Raises UnreadableDocument if there are none."""
    if reading.ocr.ask is None:
        raise UnreadableDocument(f"An image {reading.ocr.absent}.", kind=NEEDS_OCR)
    image = _open(data)
    count = getattr(image, "n_frames", 1) if image.format == _PAGED else 1
    found = reading.ocr.read(_pictures(image, count), count)
    words = count_words(page.text for page in found.values())
    pages, unread, start = [], [], 0
    for number, page in found.items():
        if page.reason:
            unread.append(UnreadPage(number, page.reason, NEEDS_OCR))
        if text := page_text(page.text, words):
            place = number if count > 1 else None
            pages.append(Page(place, start, text, READ_OCR, page.confidence))
            start += len(text)
    if unread and not pages:
        raise UnreadableDocument(f"The image cannot be read: {unread[0].reason}.", kind=NEEDS_OCR)
    title = title_from("".join(page.text for page in pages[:1]))
    every = up_to_the_last(pages, unread, count if count > 1 else 0)
    return ParsedDocument(every, (), title, tuple(unread))


def picture(data: bytes, number: int) -> PageImage | None:
    """A frame (from 1) as it is recognised; None if it is damaged. Raises UnreadableDocument."""
    image = _open(data)
    frames = getattr(image, "n_frames", 1) if image.format == _PAGED else 1
    if number > frames:
        raise UnreadableDocument("There is no such page.")
    return next(drawn for at, drawn in _pictures(image, frames) if at == number)


def _open(data: bytes) -> Image:
    import PIL.Image

    try:
        return PIL.Image.open(io.BytesIO(data), formats=_FORMATS)
    except PIL.UnidentifiedImageError as error:
        raise UnreadableDocument("It is damaged or no image of a known kind.") from error
    except PIL.Image.DecompressionBombError as error:
        raise _too_large() from error


def _too_large() -> UnreadableDocument:
    message = f"It is an image of more than {_MOST_OPENED // 1_000_000} megapixels."
    return UnreadableDocument(message, kind="too_large", hint=SPLIT_HINT)


def _pictures(image: Image, count: int) -> Iterator[tuple[int, PageImage | None]]:
    """The first `count` frames, numbered from 1; None for one that is damaged."""
    for number in range(1, count + 1):
        try:
            if count > 1:
                image.seek(number - 1)
            if image.width * image.height > _MOST_OPENED:
                raise _too_large()
            picture = _prepared(image)
        except (OSError, EOFError, SyntaxError) as error:
            if count == 1:
                raise UnreadableDocument("It is damaged or cut off.") from error
            picture = None
        yield number, picture


def _prepared(image: Image) -> PageImage:
    """Upright, in grey on white, and of a size at which letters are recognised."""
    from PIL import Image, ImageOps

    dpi = _dpi(image)
    ImageOps.exif_transpose(image, in_place=True)
    grey = _grey(image)
    factor = min(max(COARSE_DPI / dpi, 1.0), _MOST_ENLARGED)
    factor = min(factor, math.sqrt(MOST_PIXELS / grey.width / grey.height))
    if factor != 1.0 and min(grey.size) >= _LEAST_SIDE:
        width, height = (max(1, math.floor(side * factor)) for side in grey.size)
        grey = grey.resize((width, height), Image.Resampling.BICUBIC)
    return PageImage(grey.width, grey.height, max(1, round(dpi * factor)), grey.tobytes())


def _dpi(image: Image) -> float:
    """Dots to the inch: as stated, or more if the picture would be larger than a sheet of paper.

    Cameras state 72 whatever they took.
    """
    stated = float(image.info.get("dpi", (0, 0))[0])
    guessed = max(image.size) / _PAPER_INCHES
    return max(stated, guessed) if math.isfinite(stated) else guessed


def _grey(image: Any) -> Image:
    """Eight bits of grey, transparent parts white, deeper greys spread over what they use."""
    from PIL import Image

    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _spread(image)
    if image.has_transparency_data:
        colours = image.convert("RGBA")
        paper = Image.new("RGBA", colours.size, "white")
        paper.alpha_composite(colours)
        image = paper
    return image.convert("L")  # type: ignore[no-any-return]


def _spread(image: Any) -> Image:
    import numpy as np
    from PIL import Image

    values = np.nan_to_num(np.asarray(image, np.float32))
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) * (255.0 / max(high - low, 1e-6))
    return Image.fromarray(scaled.astype(np.uint8), "L")
