"""PDF: a Page for each page with a text layer or words that OCR finds, the others named as not read.

PDFium reads. A file that it cannot open is first written anew by pypdf, and pypdf's text is taken for
pages whose text is missing or unreadable although text is drawn on them. What is then still without
text is drawn and recognised. Pages on which nothing is drawn are blank, which is no failure.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace

from ragkit.errors import UnreadableDocument
from ragkit.parsers import pdf_pdfium, pdf_pypdf
from ragkit.parsers.assemble import TITLE_LENGTH, clean, title_from
from ragkit.parsers.limits import Reading
from ragkit.parsers.lines import LINE_END_HYPHEN, count_words, page_text
from ragkit.parsers.names import child_names
from ragkit.parsers.ocr import NOTHING_FOUND, Ocr
from ragkit.parsers.ocr_page import OcrPage
from ragkit.parsers.pdf_pdfium import PdfContent
from ragkit.types import (
    NEEDS_OCR,
    READ_OCR,
    READ_TEXT_LAYER,
    Page,
    ParsedChild,
    ParsedDocument,
    UnreadPage,
)

NO_TEXT_LAYER = "no text layer"
GARBLED = "its text layer is unreadable"
STAMPED = "its text layer is no more than a stamp"
_READABLE = 0.7
"""Least share of characters with a meaning, white space aside, in a text layer that is kept."""
_FEW, _MIXED = 5, 0.3
"""A text is unreadable when this many, and this share, of its words mix scripts."""
_UNUSUAL_WORD = re.compile(r"\w*[^\W\d_\x00-\u024f]\w*")
_MIXING_SCRIPTS = frozenset(
    (
        *("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO"),
        *("FULLWIDTH", "HALFWIDTH", "MODIFIER", "MATHEMATICAL", "IDEOGRAPHIC"),
    )
)
_UNREADABLE_CATEGORIES = ("Cc", "Cn", "Co", "Cs")
_BETTER = 1.2
_PROGRAM_TITLE = re.compile(r"microsoft word|untitled|\.(docx?|pdf|indd|tmp|dvi|tex)\b|^\W*$", re.I)


def preload() -> None:
    pdf_pdfium.preload()
    pdf_pypdf.preload()


def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """Pages with text, pages without, embedded files. Raises UnreadableDocument if there is no text."""
    data, content = _read(data, reading)
    children = tuple(_children(content, reading))
    found = _read_pages(data, content, reading.ocr)
    words = count_words(page.text for page in found)
    pages, unread, start = [], [], 0
    for number, page in enumerate(found, start=1):
        if page.reason:
            unread.append(UnreadPage(number, page.reason, NEEDS_OCR))
        if text := page_text(page.text, words):
            read_as = READ_TEXT_LAYER if page.confidence is None else READ_OCR
            pages.append(Page(number, start, text, read_as, page.confidence))
            start += len(text)
    if unread and not pages and not children:
        raise UnreadableDocument(f"The PDF cannot be read: {unread[0].reason}.", kind=NEEDS_OCR)
    title = _title(content.title) or title_from("".join(page.text for page in pages[:1]))
    return ParsedDocument(tuple(pages), (), title, tuple(unread), children)


@dataclass(frozen=True, slots=True)
class _PageFound:
    """A page's text, with OCR's confidence if that read it, or why there is none; or neither: blank."""

    text: str = ""
    confidence: float | None = None
    reason: str = ""


def _read_pages(data: bytes, content: PdfContent, ocr: Ocr) -> list[_PageFound]:
    """Every page by its text layer, or by OCR where that is missing, garbled or no more than a stamp."""
    layers = [_normalise(text) for text in content.pages]
    readable = [_is_readable(text) for text in layers]
    wanted = [
        number
        for number in range(len(layers))
        if number not in content.blank and (not readable[number] or number in content.stamped)
    ]
    if ocr.ask is not None:
        recognised = ocr.read(pdf_pdfium.pictures(data, wanted), len(wanted))
    else:
        why = {
            n: STAMPED if readable[n] else GARBLED if layers[n].strip() else NO_TEXT_LAYER
            for n in wanted
        }
        recognised = {n: OcrPage(reason=f"{reason}: {ocr.absent}") for n, reason in why.items()}
    return [
        _chosen(text if readable[number] else "", recognised.get(number))
        for number, text in enumerate(layers)
    ]


def _chosen(layer: str, recognised: OcrPage | None) -> _PageFound:
    """What OCR reads, if that is more than the readable part of the text layer."""
    if recognised is None:
        return _PageFound(layer)
    if len(recognised.text) > _BETTER * len(layer):
        return _PageFound(recognised.text, recognised.confidence)
    nothing_missed = layer and recognised.reason == NOTHING_FOUND
    return _PageFound(layer, reason="" if nothing_missed else recognised.reason)


def _read(data: bytes, reading: Reading) -> tuple[bytes, PdfContent]:
    """What PDFium reads, or for the pages where that is poor and pypdf reads more, what pypdf does.

    With it the bytes that PDFium could open.
    """
    try:
        content = pdf_pdfium.read(data, reading.limits)
    except UnreadableDocument:
        data = pdf_pypdf.rewritten(data)
        content = pdf_pdfium.read(data, reading.limits)
    doubtful = {page for page in content.drawn if not _is_readable(content.pages[page])}
    if not doubtful:
        return data, content
    try:
        second = pdf_pypdf.page_texts(data, reading.limits, doubtful)
    except UnreadableDocument:
        return data, content
    pages = [_better(text, second.get(page, "")) for page, text in enumerate(content.pages)]
    return data, replace(content, pages=tuple(pages))


def _better(first: str, second: str) -> str:
    return second if _meaningful(second) > _BETTER * _meaningful(first) else first


def _meaningful(text: str) -> int:
    """How many characters have a meaning: not space, control, private use or unassigned."""
    counted = Counter(character for character in text if not character.isspace())
    return sum(
        count
        for character, count in counted.items()
        if character == LINE_END_HYPHEN
        or (character != "\ufffd" and unicodedata.category(character) not in _UNREADABLE_CATEGORIES)
    )


def _is_readable(text: str) -> bool:
    visible = sum(1 for character in text if not character.isspace())
    if visible == 0 or _meaningful(text) < _READABLE * visible:
        return False
    words = _UNUSUAL_WORD.findall(text)
    mixed = sum(1 for word in words if _mixes_scripts(word))
    return mixed < max(_FEW, _MIXED * len(words))


def _mixes_scripts(word: str) -> bool:
    """Whether letters of scripts that no language mixes stand in one word, as a wrong table makes them."""
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in word if letter.isalpha()}
    return len(scripts - _MIXING_SCRIPTS) > 1


def _normalise(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _title(stated: str) -> str:
    """The title in the document's metadata, unless a program left it there."""
    title = " ".join(clean(stated).split())
    usable = " " in title and len(title) <= TITLE_LENGTH and not _PROGRAM_TITLE.search(title)
    return title if usable else ""


def _children(content: PdfContent, reading: Reading) -> list[ParsedChild]:
    attachments = content.attachments[: reading.limits.children]
    names = child_names(name for name, _ in attachments)
    return [reading.child(name, data) for name, (_, data) in zip(names, attachments, strict=True)]
