"""The owner of pypdfium2: what Chrome's PDF engine reads of a file, and draws, page by page."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from ragkit.errors import UnreadableDocument
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.ocr import COARSE_DPI, FINE_DPI
from ragkit.parsers.ocr_page import MOST_PIXELS, PageImage
from ragkit.parsers.pdf_forms import Field, cut_at, with_fields
from ragkit.parsers.pdf_hidden import counted, hidden_ranges, masked
from ragkit.parsers.pdf_layer import PdfLayer
from ragkit.parsers.pdf_notes import Note, Widget, notes_of, widgets_of
from ragkit.parsers.pdf_objects import Drawing, drawing_of
from ragkit.parsers.pdf_words import (
    Sheet,
    char_boxes,
    is_plain,
    quarters_of,
    run_together,
    sheet_of,
    text_of,
    unmapped_share,
    whole_lines,
    words_of,
)

_POINTS = 72
"""To an inch: the unit of sizes in a PDF."""
_SCAN = 0.5
"""Share of the page that an image covers if the page is a scan."""
_UPRIGHT = 8.0
"""Points: the least height of a rule that may part two cells."""
UNSEEN_NOTE = "in a note that is not shown"
_STAMP = 200
"""Most characters of a stamp: a case number, the number of an exhibit, of an electronic signature."""


@dataclass(frozen=True, slots=True)
class PdfContent:
    """A PDF as one of its readers sees it.

    pages: the text layer of each page. drawn: pages (from 0) that draw text, whether or not it could be
    read. blank: pages (from 0) that draw nothing. stamped: pages (from 0) with no more text than a
    stamp, on a picture that covers them. attachments: names and contents of embedded files.
    """

    pages: tuple[PdfLayer, ...]
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
        _prepare_form(pdf)
        for number in range(len(pdf)):
            pages.append(_read_page(pdf, number))
            length += len(pages[-1].layer.text)
            limits.check_characters(length)
        return PdfContent(
            pages=tuple(page.layer for page in pages),
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


@contextmanager
def one_page(data: bytes, number: int) -> Iterator[tuple[Any, PdfLayer]]:
    """A page (from 0), to be drawn, and its text layer.

    Raises UnreadableDocument if PDFium cannot open the file or that page.
    """
    import pypdfium2

    with _open(data) as pdf:
        _prepare_form(pdf)
        layer = _read_page(pdf, number).layer
        try:
            page = _load(pdf, number)
        except pypdfium2.PdfiumError as error:
            raise UnreadableDocument("That page is damaged, or there is none.") from error
        yield page, layer
        page.close()


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
    return _load_with_notes(pdf, number)[0]


def _load_with_notes(pdf: Any, number: int) -> tuple[Any, list[Note], list[Widget]]:
    """A page as `_load` gives it, what was written onto it, drawn or not, and the fields of its form."""
    import pypdfium2

    page = pdf[number]
    notes: list[Note] = []
    widgets: list[Widget] = []
    if pypdfium2.raw.FPDFPage_GetAnnotCount(page):
        notes = notes_of(page)
        widgets = widgets_of(page, pdf.formenv) if pdf.formenv else []
        pypdfium2.raw.FPDFPage_Flatten(page, pypdfium2.raw.FLAT_NORMALDISPLAY)
        page.close()
        page = pdf[number]
    return page, notes, widgets


def _numbers(flags: Iterable[bool]) -> frozenset[int]:
    return frozenset(number for number, flag in enumerate(flags) if flag)


def _prepare_form(pdf: Any) -> None:
    """Let PDFium draw what was filled into the document's form where the file does not."""
    import pypdfium2

    if pdf.get_formtype() != pypdfium2.raw.FORMTYPE_NONE:
        logging.getLogger("pypdfium2").setLevel(logging.CRITICAL)
        pdf.init_forms()


@dataclass(frozen=True, slots=True)
class _PageRead:
    """A page's layer; whether it draws text, draws anything, and is a scan with a stamp."""

    layer: PdfLayer = field(default_factory=PdfLayer)
    draws_text: bool = True
    draws: bool = True
    is_stamped: bool = False


def _read_page(pdf: Any, number: int) -> _PageRead:
    """A page that cannot be loaded may draw some text."""
    import pypdfium2

    try:
        page, notes, widgets = _load_with_notes(pdf, number)
        textpage = page.get_textpage()
    except pypdfium2.PdfiumError:
        return _PageRead()
    layer = _layer(page, textpage, notes, widgets)
    if not pypdfium2.raw.FPDFPage_CountObjects(page):
        # Of a damaged page: what is noted beside it is not its text.
        layer = replace(layer, notes=())
    is_empty = not layer.text.strip()
    draws = not is_empty or pypdfium2.raw.FPDFPage_CountObjects(page) != 0
    draws_text = not is_empty or (draws and _draws_text(page))
    is_stamped = 0 < len(layer.text.strip()) <= _STAMP and _resolution(page) > 0
    textpage.close()
    page.close()
    return _PageRead(layer, draws_text, draws, is_stamped)


def _layer(page: Any, textpage: Any, notes: Sequence[Note], widgets: Sequence[Widget]) -> PdfLayer:
    """The page's text as it can be seen, with places where PDFium can tell them."""
    text = text_of(textpage)
    sheet = sheet_of(page)
    shown = PdfLayer(
        text,
        height=sheet.shown[1],
        unmapped=unmapped_share(textpage),
        hidden=_unseen(notes),
        notes=tuple(note for note in notes if note.seen),
    )
    if not text.strip():
        return shown
    drawing = drawing_of(page, sheet.flat)
    ranges = hidden_ranges(page, textpage, text, drawing, sheet)
    hidden = dict(Counter(shown.hidden) + Counter(counted(ranges)))
    seen = replace(shown, text=masked(text, ranges), hidden=hidden)
    shown_fields = _shown(widgets, textpage, ranges)
    return _with_places(textpage, seen, drawing, sheet, shown_fields)


def _shown(
    widgets: Sequence[Widget], textpage: Any, ranges: Sequence[tuple[int, int, str]]
) -> list[Widget]:
    """The fields in which nothing is hidden: what nobody sees is not read from a field's value either."""
    places = char_boxes(textpage)
    hidden = [places(number) for start, end, _ in ranges for number in range(start, end)]
    return [widget for widget in widgets if not any(map(widget.holds, hidden))]


def _unseen(notes: Iterable[Note]) -> dict[str, int]:
    count = sum(len("".join(note.text.split())) for note in notes if not note.seen)
    return {UNSEEN_NOTE: count} if count else {}


def _with_places(
    textpage: Any, layer: PdfLayer, drawing: Drawing, sheet: Sheet, widgets: Sequence[Widget]
) -> PdfLayer:
    """The layer with its words and rules, as its lines are read, whichever way the page is shown.

    drawing: in the page's own coordinates.
    """
    quarters = quarters_of(textpage)
    reading = sheet if quarters is None else sheet.flat.turned(quarters)
    beside = Sheet(0.0, 0.0, sheet.width, sheet.height, reading.quarters)
    rules = tuple(beside.place(*rule) for rule in drawing.rules)
    texts = [beside.place(*text.box) for text in drawing.texts.values()]
    words = whole_lines(textpage, layer.text, reading)
    plain = (
        is_plain(words, texts)
        and not any(rule.height > _UPRIGHT for rule in rules)
        and not run_together(textpage, layer.text)
    )
    if widgets or not plain:
        words = words_of(textpage, layer.text, reading)
    placed = replace(layer, words=words, is_plain=plain, rules=rules, height=reading.shown[1])
    return _with_fields(textpage, placed, widgets, reading) if widgets else placed


def _with_fields(
    textpage: Any, layer: PdfLayer, widgets: Sequence[Widget], sheet: Sheet
) -> PdfLayer:
    fields = [Field(sheet.place(*each.sides), each) for each in widgets]
    places = char_boxes(textpage)
    words = cut_at(fields, layer.words, lambda number: sheet.place(*places(number)))
    return with_fields(replace(layer, words=words, is_plain=False), fields)


def _draws_text(page: Any) -> bool:
    import pypdfium2

    objects = page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT], max_depth=4)
    return next(iter(objects), None) is not None


def _draw(page: Any) -> PageImage:
    """The page in grey, as fine as its scan is within limits, and not larger than is recognised."""
    width, height = (max(1.0, points) for points in page.get_size())
    most = math.sqrt(MOST_PIXELS / (width + _POINTS) / (height + _POINTS))
    return rendered(page, min(_dpi(page) / _POINTS, most))


def rendered(page: Any, scale: float) -> PageImage:
    """The page in grey. scale: pixels to a point."""
    import numpy as np

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
