"""PDF: one Page for each page that has a text layer, the others named as not read.

PDFium reads. A file that it cannot open is first written anew by pypdf, and pypdf's text is taken for
pages whose text is missing or unreadable although text is drawn on them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace

from ragkit.errors import UnreadableDocument
from ragkit.parsers import pdf_pdfium, pdf_pypdf
from ragkit.parsers.assemble import TITLE_LENGTH, clean, title_from
from ragkit.parsers.limits import Reading
from ragkit.parsers.names import child_names
from ragkit.parsers.pdf_pdfium import LINE_END_HYPHEN, PdfContent
from ragkit.types import READ_TEXT_LAYER, Page, ParsedChild, ParsedDocument, UnreadPage

NO_TEXT_LAYER = "no text layer: needs OCR, which this version does not do"
GARBLED = "its text layer is unreadable: needs OCR, which this version does not do"
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
_CUT_WORD = re.compile(rf"(\w+)(?:{LINE_END_HYPHEN}\n?|-\n)(\w+)")
_WORD = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]+)*")
_PROGRAM_TITLE = re.compile(r"microsoft word|untitled|\.(docx?|pdf|indd|tmp|dvi|tex)\b|^\W*$", re.I)


def preload() -> None:
    pdf_pdfium.preload()
    pdf_pypdf.preload()


def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """Pages with text, pages without, embedded files. Raises UnreadableDocument if there is no text."""
    content = _read(data, reading)
    children = tuple(_children(content, reading))
    texts = [_normalise(text) for text in content.pages]
    if not any(map(_is_readable, texts)) and not children:
        reason = GARBLED if any(text.strip() for text in texts) else NO_TEXT_LAYER
        raise UnreadableDocument(f"The PDF cannot be read: {reason}.", kind="no_text")
    words = Counter(word for text in texts for word in _WORD.findall(text.lower()))
    pages, unread, start = [], [], 0
    for number, text in enumerate(texts, start=1):
        shown = _page_text(text, words)
        if not shown:
            unread.append(UnreadPage(number, GARBLED if text.strip() else NO_TEXT_LAYER))
            continue
        pages.append(Page(number, start, shown, READ_TEXT_LAYER))
        start += len(shown)
    title = _title(content.title) or title_from("".join(page.text for page in pages[:1]))
    return ParsedDocument(tuple(pages), (), title, tuple(unread), children)


def _read(data: bytes, reading: Reading) -> PdfContent:
    """What PDFium reads, or for the pages where that is poor and pypdf reads more, what pypdf does."""
    try:
        content = pdf_pdfium.read(data, reading.limits)
    except UnreadableDocument:
        data = pdf_pypdf.rewritten(data)
        content = pdf_pdfium.read(data, reading.limits)
    doubtful = {page for page in content.drawn if not _is_readable(content.pages[page])}
    if not doubtful:
        return content
    try:
        second = pdf_pypdf.page_texts(data, reading.limits, doubtful)
    except UnreadableDocument:
        return content
    pages = [_better(text, second.get(page, "")) for page, text in enumerate(content.pages)]
    return replace(content, pages=tuple(pages))


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


def _page_text(text: str, words: Counter[str]) -> str:
    """The page's lines as they stand, words cut at a line's end joined; "" if it is not readable."""
    if not _is_readable(text):
        return ""
    joined = _CUT_WORD.sub(lambda found: _joined(found[1], found[2], words), text)
    joined = joined.replace(f"{LINE_END_HYPHEN}\n", "-\n").replace(LINE_END_HYPHEN, "-\n")
    lines = clean(joined).strip("\n")
    return f"{lines}\n\n" if lines.strip() else ""


def _joined(first: str, second: str, words: Counter[str]) -> str:
    """The word whole if the document has it whole elsewhere; with its hyphen if it may be a compound."""
    if second[:1].islower() and words[(first + second).lower()]:
        return first + second
    return f"{first}-\n{second}"


def _title(stated: str) -> str:
    """The title in the document's metadata, unless a program left it there."""
    title = " ".join(clean(stated).split())
    usable = " " in title and len(title) <= TITLE_LENGTH and not _PROGRAM_TITLE.search(title)
    return title if usable else ""


def _children(content: PdfContent, reading: Reading) -> list[ParsedChild]:
    attachments = content.attachments[: reading.limits.children]
    names = child_names(name for name, _ in attachments)
    return [reading.child(name, data) for name, (_, data) in zip(names, attachments, strict=True)]
