"""The owner of pypdfium2: what Chrome's PDF engine reads of a file, and draws, page by page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ragkit.errors import UnreadableDocument
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.ocr import COARSE_DPI, FINE_DPI
from ragkit.parsers.ocr_page import MOST_PIXELS, PageImage

_POINTS = 72
"""To an inch: the unit of sizes in a PDF."""
_SCAN = 0.5
"""Share of the page that an image covers if the page is a scan."""
_STAMP = 200
"""Most characters of a stamp: a case number, the number of an exhibit, of an electronic signature."""


@dataclass(frozen=True, slots=True)
class PdfContent:
    """A PDF as one of its readers sees it.

    pages: the raw text of each page. drawn: pages (from 0) that draw text, whether or not it could be
    read. blank: pages (from 0) that draw nothing. stamped: pages (from 0) with no more text than a
    stamp, on a picture that covers them. attachments: names and contents of embedded files.
    """

    pages: tuple[str, ...]
    drawn: frozenset[int] = frozenset()
    blank: frozenset[int] = frozenset()
    stamped: frozenset[int] = frozenset()
    title: str = ""
    attachments: tuple[tuple[str, bytes], ...] = ()


def preload() -> None:
    import numpy  # noqa: F401 - imported to be there before the fork
    import pypdfium2  # noqa: F401


def read(data: bytes, limits: ParseLimits) -> PdfContent:
    """Raises UnreadableDocument if PDFium cannot open the file."""
    with _open(data) as pdf:
        pages, length = [], 0
        for number in range(len(pdf)):
            pages.append(_read_page(pdf, number))
            length += len(pages[-1].text)
            limits.check_characters(length)
        return PdfContent(
            pages=tuple(page.text for page in pages),
            drawn=_numbers(page.draws_text for page in pages),
            blank=_numbers(not page.draws for page in pages),
            stamped=_numbers(page.is_stamped for page in pages),
            title=pdf.get_metadata_value("Title"),
            attachments=tuple(_attachments(pdf)),
        )


def pictures(data: bytes, wanted: Iterable[int]) -> Iterator[tuple[int, PageImage | None]]:
    """Each of those pages (from 0) with its picture, drawn when it is asked for; None if it cannot be.

    Raises UnreadableDocument if PDFium cannot open the file.
    """
    import pypdfium2

    with _open(data) as pdf:
        for number in wanted:
            try:
                page = _load(pdf, number)
                picture = _draw(page)
                page.close()
            except pypdfium2.PdfiumError:
                picture = None
            yield number, picture


def _open(data: bytes) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise UnreadableDocument("It is protected by a password.", kind="password") from error
        raise UnreadableDocument("It is damaged or cut off.") from error


def _load(pdf: Any, number: int) -> Any:
    """A page; what people filled into a form or wrote onto it becomes part of it."""
    import pypdfium2

    page = pdf[number]
    if pypdfium2.raw.FPDFPage_GetAnnotCount(page):
        pypdfium2.raw.FPDFPage_Flatten(page, pypdfium2.raw.FLAT_NORMALDISPLAY)
        page.close()
        page = pdf[number]
    return page


def _numbers(flags: Iterable[bool]) -> frozenset[int]:
    return frozenset(number for number, flag in enumerate(flags) if flag)


@dataclass(frozen=True, slots=True)
class _PageText:
    """A page's text; whether it draws text, draws anything, and is a scan with a stamp."""

    text: str = ""
    draws_text: bool = True
    draws: bool = True
    is_stamped: bool = False


def _read_page(pdf: Any, number: int) -> _PageText:
    """A page that cannot be loaded may draw some text."""
    import pypdfium2

    try:
        page = _load(pdf, number)
        textpage = page.get_textpage()
    except pypdfium2.PdfiumError:
        return _PageText()
    text = textpage.get_text_range()
    draws = bool(text.strip()) or pypdfium2.raw.FPDFPage_CountObjects(page) != 0
    draws_text = bool(text.strip()) or (draws and _draws_text(page))
    is_stamped = 0 < len(text.strip()) <= _STAMP and _resolution(page) > 0
    textpage.close()
    page.close()
    return _PageText(text, draws_text, draws, is_stamped)


def _draws_text(page: Any) -> bool:
    import pypdfium2

    objects = page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT], max_depth=4)
    return next(iter(objects), None) is not None


def _draw(page: Any) -> PageImage:
    """The page in grey, as fine as its scan is within limits, and not larger than is recognised."""
    import numpy as np

    width, height = (max(1.0, points) for points in page.get_size())
    most = math.sqrt(MOST_PIXELS / (width + _POINTS) / (height + _POINTS))
    scale = min(_dpi(page) / _POINTS, most)
    bitmap = page.render(scale=scale, grayscale=True)
    grey = np.ascontiguousarray(bitmap.to_numpy()).reshape(bitmap.height, bitmap.width)
    return PageImage(bitmap.width, bitmap.height, round(scale * _POINTS) or 1, grey.tobytes())


def _dpi(page: Any) -> int:
    """How fine to draw it: as fine as its scan is, within limits."""
    resolution = _resolution(page)
    return round(min(max(resolution, COARSE_DPI), FINE_DPI)) if resolution else FINE_DPI


def _resolution(page: Any) -> float:
    """Dots to the inch of the finest image that covers the page; 0 where none does."""
    import pypdfium2

    width, height = page.get_size()
    finest = 0.0
    for image in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        left, bottom, right, top = image.get_bounds()
        if (right - left) * (top - bottom) > _SCAN * width * height:
            inches = max(right - left, top - bottom) / _POINTS
            finest = max(finest, max(image.get_px_size()) / inches)
    return finest


def _attachments(pdf: Any) -> Iterator[tuple[str, bytes]]:
    import pypdfium2

    for index in range(pdf.count_attachments()):
        try:
            attachment = pdf.get_attachment(index)
            yield attachment.get_name(), bytes(attachment.get_data())
        except pypdfium2.PdfiumError:
            # A name without a file: there is nothing to read and nothing to tell.
            continue
