"""The owner of pypdfium2: what Chrome's PDF engine reads of a file, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ragkit.errors import UnreadableDocument
from ragkit.parsers.limits import ParseLimits

LINE_END_HYPHEN = "\ufffe"
"""What PDFium writes for a hyphen at a line's end, where the next line goes on with the word."""


@dataclass(frozen=True, slots=True)
class PdfContent:
    """A PDF as one of its readers sees it.

    pages: the raw text of each page. drawn: pages (from 0) that draw text, whether or not it could be
    read. attachments: names and contents of embedded files.
    """

    pages: tuple[str, ...]
    drawn: frozenset[int] = frozenset()
    title: str = ""
    attachments: tuple[tuple[str, bytes], ...] = ()


def preload() -> None:
    import pypdfium2  # noqa: F401 - imported to be there before the fork


def read(data: bytes, limits: ParseLimits) -> PdfContent:
    """Raises UnreadableDocument if PDFium cannot open the file."""
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise UnreadableDocument("It is protected by a password.", kind="password") from error
        raise UnreadableDocument("It is damaged or cut off.") from error
    with pdf:
        pages, drawn, length = [], set(), 0
        for number in range(len(pdf)):
            text, draws = _read_page(pdf, number)
            pages.append(text)
            length += len(text)
            limits.check_characters(length)
            if draws:
                drawn.add(number)
        title = pdf.get_metadata_value("Title")
        return PdfContent(tuple(pages), frozenset(drawn), title, tuple(_attachments(pdf)))


def _read_page(pdf: Any, number: int) -> tuple[str, bool]:
    """Text of a page and whether it draws any; a page that cannot be loaded may draw some."""
    import pypdfium2

    try:
        page = pdf[number]
        if pypdfium2.raw.FPDFPage_GetAnnotCount(page):
            # What people filled into a form or wrote onto the page becomes part of it.
            pypdfium2.raw.FPDFPage_Flatten(page, pypdfium2.raw.FLAT_NORMALDISPLAY)
            page.close()
            page = pdf[number]
        textpage = page.get_textpage()
    except pypdfium2.PdfiumError:
        return "", True
    text = textpage.get_text_range()
    draws = bool(text.strip()) or _draws_text(page)
    textpage.close()
    page.close()
    return text, draws


def _draws_text(page: Any) -> bool:
    import pypdfium2

    objects = page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT], max_depth=4)
    return next(iter(objects), None) is not None


def _attachments(pdf: Any) -> Iterator[tuple[str, bytes]]:
    import pypdfium2

    for index in range(pdf.count_attachments()):
        try:
            attachment = pdf.get_attachment(index)
            yield attachment.get_name(), bytes(attachment.get_data())
        except pypdfium2.PdfiumError:
            # A name without a file: there is nothing to read and nothing to tell.
            continue
