"""PDF: a Page for each page with a text layer or words that OCR finds, the others named as not read.

PDFium reads. A file that it cannot open is first written anew by pypdf. A page whose text is of little
quality (see pdf_quality.py) is read by pypdf too, and then by OCR, and the best of them is taken. Pages
on which nothing is drawn are blank, which is no failure. What cannot be seen on a page is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ragkit.errors import UnreadableDocument
from ragkit.invisible import KIND as INVISIBLE
from ragkit.invisible import count_invisible, visible
from ragkit.parsers import pdf_pdfium, pdf_pypdf
from ragkit.parsers.assemble import TITLE_LENGTH, clean, title_from
from ragkit.parsers.limits import Reading
from ragkit.parsers.lines import count_words
from ragkit.parsers.names import child_names
from ragkit.parsers.ocr import NOTHING_FOUND, Ocr
from ragkit.parsers.ocr_page import OcrPage
from ragkit.parsers.pages import up_to_the_last
from ragkit.parsers.pdf_columns import read_columns
from ragkit.parsers.pdf_compose import composed, with_notes
from ragkit.parsers.pdf_edges import without_repeats
from ragkit.parsers.pdf_layer import SECOND_HALF, Line, PdfLayer, lines_of, parted
from ragkit.parsers.pdf_pdfium import PdfContent
from ragkit.parsers.pdf_quality import GOOD, USABLE, compared, score
from ragkit.parsers.pdf_tables import read_tables
from ragkit.types import (
    NEEDS_OCR,
    READ_OCR,
    READ_PYPDF,
    READ_TEXT_LAYER,
    HiddenText,
    Page,
    ParsedChild,
    ParsedDocument,
    ReadAs,
    Table,
    UnreadPage,
)

NO_TEXT_LAYER = "no text layer"
GARBLED = "its text layer is unreadable"
STAMPED = "its text layer is no more than a stamp"
_BETTER = 1.2
"""How many times the characters of a stamp OCR must read to be believed."""
_TITLE_PAGES = 3
_WORD = re.compile(r"\w+")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_PROGRAM_TITLE = re.compile(r"microsoft word|untitled|\.(docx?|pdf|indd|tmp|dvi|tex)\b|^\W*$", re.I)


def preload() -> None:
    pdf_pdfium.preload()
    pdf_pypdf.preload()


def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """Pages with text, pages without, embedded files. Raises UnreadableDocument if there is no text."""
    data, content = _opened(data, reading)
    children = tuple(_children(content, reading))
    found = _with_ocr(data, content, _layers(data, content, reading), reading.ocr)
    pages, tables = _composed(found, content.pages)
    unread = tuple(
        UnreadPage(number, page.reason, NEEDS_OCR)
        for number, page in enumerate(found, start=1)
        if page.reason
    )
    if unread and not pages and not children:
        raise UnreadableDocument(f"The PDF cannot be read: {unread[0].reason}.", kind=NEEDS_OCR)
    title = _title(content.title, pages) or title_from("".join(page.text for page in pages[:1]))
    hidden = tuple(_hidden(content.pages, found))
    every = up_to_the_last(pages, unread, len(found))
    return ParsedDocument(every, (), title, unread, children, hidden=hidden, tables=tuple(tables))


@dataclass(frozen=True, slots=True)
class _PageFound:
    """A page's lines, how and how well they were read, or why there are none; or neither: blank.

    height: of the page, in points; 0 where the places of its lines are not known.
    """

    lines: tuple[Line, ...] = ()
    read_as: ReadAs = READ_TEXT_LAYER
    quality: float = 0.0
    height: float = 0.0
    reason: str = ""

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


def _opened(data: bytes, reading: Reading) -> tuple[bytes, PdfContent]:
    """The bytes that PDFium could open, and what it reads of them."""
    try:
        return data, pdf_pdfium.read(data, reading.limits)
    except UnreadableDocument:
        data = pdf_pypdf.rewritten(data, reading.passwords)
        return data, pdf_pdfium.read(data, reading.limits)


def _layers(data: bytes, content: PdfContent, reading: Reading) -> list[_PageFound]:
    """Every page by its text layer, as PDFium reads it or, where that is better, as pypdf does."""
    found = [_by_pdfium(layer) for layer in content.pages]
    doubtful = {n for n in content.drawn if found[n].quality < GOOD and _may_be_other(content, n)}
    if not doubtful:
        return found
    try:
        second = pdf_pypdf.page_texts(data, reading.limits, doubtful)
    except UnreadableDocument:
        return found
    for number, text in second.items():
        found[number] = _better(found[number], _by_pypdf(text))
    return found


def _may_be_other(content: PdfContent, number: int) -> bool:
    """Whether pypdf may read a page: it tells what is hidden, and does not tell what a form holds."""
    layer = content.pages[number]
    return not layer.hidden and not layer.has_fields


def lines_in_order(layer: PdfLayer) -> list[Line]:
    """The lines of a layer as they are read: columns one after the other, rows of tables whole."""
    lines = lines_of(layer.text, layer.words)
    if layer.hidden:
        lines = _closed_up(lines)
    if not layer.is_plain:
        lines = parted(lines, layer.text)
        if not _RIGHT_TO_LEFT.search(layer.text):
            lines = read_columns(lines, layer.text)
        lines = read_tables(lines, layer.rules, layer.text)
    return lines


def _by_pdfium(layer: PdfLayer) -> _PageFound:
    lines = lines_in_order(layer)
    quality = score(layer.text, lines, layer.unmapped)
    return _PageFound(tuple(lines), READ_TEXT_LAYER, quality, layer.height if layer.words else 0.0)


def _closed_up(lines: Iterable[Line]) -> list[Line]:
    """The lines without the white space that hidden words leave."""
    closed = (replace(line, text=" ".join(line.text.split())) for line in lines)
    return [line for line in closed if line.text]


def _by_pypdf(text: str) -> _PageFound:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _PageFound(tuple(lines_of(text)), READ_PYPDF, score(text))


def _better(first: _PageFound, second: _PageFound) -> _PageFound:
    """The one with the higher score, each against the longer of the two texts."""
    lengths = compared(first.text, second.text)
    return second if second.quality * lengths[1] > first.quality * lengths[0] else first


def _with_ocr(
    data: bytes, content: PdfContent, layers: Sequence[_PageFound], ocr: Ocr
) -> list[_PageFound]:
    """The pages, those by OCR whose layer is missing, garbled, doubtful or no more than a stamp."""
    wanted = [
        number
        for number, layer in enumerate(layers)
        if number not in content.blank and (layer.quality < GOOD or number in content.stamped)
    ]
    if ocr.ask is not None:
        recognised = ocr.read(pdf_pdfium.pictures(data, wanted), len(wanted))
    else:
        why = {number: _why(layers[number]) for number in wanted}
        recognised = {n: OcrPage(reason=f"{reason}: {ocr.absent}") for n, reason in why.items()}
    return [
        _chosen(layer, recognised.get(number), stamped=number in content.stamped)
        for number, layer in enumerate(layers)
    ]


def _why(layer: _PageFound) -> str:
    """Why a page is wanted by OCR."""
    if layer.quality >= USABLE:
        return STAMPED
    return GARBLED if layer.text.strip() else NO_TEXT_LAYER


def _chosen(layer: _PageFound, recognised: OcrPage | None, *, stamped: bool) -> _PageFound:
    """What OCR reads, if that is more than a stamp, or better than the text layer."""
    if recognised is None:
        return layer if layer.quality >= USABLE else _PageFound()
    by_ocr = _PageFound(tuple(lines_of(recognised.text)), READ_OCR, recognised.confidence)
    if layer.quality < USABLE:
        return replace(by_ocr, reason=recognised.reason)
    if stamped:
        if len(recognised.text) > _BETTER * len(layer.text):
            return by_ocr
        missed = recognised.reason if recognised.reason != NOTHING_FOUND else ""
        return replace(layer, reason=missed)
    return _better(layer, by_ocr)


def _composed(
    found: Sequence[_PageFound], layers: Sequence[PdfLayer]
) -> tuple[list[Page], list[Table]]:
    """The pages that have text, and the tables of the document."""
    kept = without_repeats([page.lines for page in found], [page.height for page in found])
    words = count_words(line.text for lines in kept for line in lines)
    pages: list[Page] = []
    tables: list[Table] = []
    start = 0
    for number, (page, lines, layer) in enumerate(zip(found, kept, layers, strict=True), start=1):
        text, here = composed(with_notes(lines, layer.notes), words, start)
        if text:
            # Notes beside a page that draws no text are as they were written.
            quality = page.quality if page.lines else None
            pages.append(Page(number, start, text, page.read_as, quality))
            tables += here
            start += len(text)
    return pages, tables


def _hidden(layers: Sequence[PdfLayer], found: Sequence[_PageFound]) -> Iterator[HiddenText]:
    for number, (layer, page) in enumerate(zip(layers, found, strict=True), start=1):
        for kind, characters in layer.hidden.items():
            yield HiddenText(number, kind, characters)
        texts = (page.text.replace(SECOND_HALF, ""), *(note.text for note in layer.notes))
        if characters := sum(map(count_invisible, texts)):
            yield HiddenText(number, INVISIBLE, characters)


def _title(stated: str, pages: Sequence[Page]) -> str:
    """The title in the document's metadata if its words are read on the first pages as well.

    Programs leave titles of their own there, and anyone can write there what no page shows.
    """
    title = " ".join(clean(visible(stated)).split())
    shown = _WORD.findall(" ".join(page.text for page in pages[:_TITLE_PAGES]).casefold())
    usable = " " in title and len(title) <= TITLE_LENGTH and not _PROGRAM_TITLE.search(title)
    return title if usable and set(_WORD.findall(title.casefold())) <= set(shown) else ""


def _children(content: PdfContent, reading: Reading) -> list[ParsedChild]:
    """What is attached; beyond the limits each is named with why it is not read."""
    names = child_names(name for name, _ in content.attachments)
    attached = zip(names, content.attachments, strict=True)
    return [reading.child(name, data) for name, (_, data) in attached]
