"""Which module reads which file: by its suffix, unless its bytes say that it is something else.

A format is a module with `parse(data, name, reading) -> ParsedDocument` and `preload()`. To add one,
write the module and name it here.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import warnings
from dataclasses import dataclass
from pathlib import PurePath
from types import ModuleType

from ragkit.errors import UnreadableDocument
from ragkit.parsers.decrypting import office_package
from ragkit.parsers.limits import (
    ParseLimits,
    Reading,
    characters_of,
    needs_password,
    told_as_damage,
)
from ragkit.parsers.ocr import NO_OCR, Ocr
from ragkit.parsers.sniff import ENCRYPTED_OFFICE, SPOKEN, is_plain_text, sniff
from ragkit.types import ParsedDocument


@dataclass(frozen=True, slots=True)
class Format:
    """A format that is read. `revision` rises when the text, or the pages, made of the same file change.

    distributions: what reads it; their versions are part of what a text is keyed by.
    holds_others: documents of any format may be attached, so what reads those is too.
    """

    name: str
    module: str
    suffixes: tuple[str, ...]
    distributions: tuple[str, ...]
    revision: int = 1
    holds_others: bool = False


_PDF_READERS = ("pypdfium2", "pypdf")
_DECODER = ("charset-normalizer",)
_MARKUP_READERS = ("unstructured", "lxml", *_DECODER)
_WORD_READERS = ("unstructured", "python-docx")
_TEXT_SUFFIXES = (".txt", ".text", ".log", ".md", ".markdown", ".csv", ".tsv", ".yaml", ".yml")
_WORD_SUFFIXES = (".docx", ".docm", ".dotx", ".dotm")
_WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xltx", ".xltm")
_SLIDES_SUFFIXES = (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm")
_IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp")

FORMATS = (
    Format("text", "text", _TEXT_SUFFIXES, _DECODER, revision=2),
    Format("rst", "rst", (".rst", ".rest"), _DECODER, revision=2),
    Format("html", "html", (".html", ".htm", ".xhtml"), _MARKUP_READERS, revision=3),
    Format("xml", "xmlfile", (".xml",), ("lxml", *_DECODER)),
    Format("json", "jsonfile", (".json", ".jsonl", ".ndjson"), _DECODER),
    Format("docx", "word", _WORD_SUFFIXES, _WORD_READERS, revision=4),
    Format("xlsx", "workbook", _WORKBOOK_SUFFIXES, ("openpyxl",), revision=3),
    Format("pptx", "slides", _SLIDES_SUFFIXES, ("python-pptx",), revision=3),
    Format("pdf", "pdf", (".pdf",), _PDF_READERS, revision=6),
    Format("image", "images", _IMAGE_SUFFIXES, ("pillow",), revision=3),
    Format("eml", "mail", (".eml",), _MARKUP_READERS, revision=2, holds_others=True),
    Format(
        "msg", "outlook", (".msg",), ("olefile", *_MARKUP_READERS), revision=2, holds_others=True
    ),
    Format("zip", "zipped", (".zip",), ("pyzipper",), revision=2, holds_others=True),
)
_BY_SUFFIX = {suffix: entry for entry in FORMATS for suffix in entry.suffixes}
_ANYTHING = Format("any", "text", (), (), holds_others=True)
"""A file without a suffix, or with one that nobody knows, is read as what its bytes say."""
_BY_NAME = {entry.name: entry for entry in FORMATS}
_PLAIN = frozenset(("text", "rst", "eml"))
"""Files that may well begin like a web page, XML or JSON and yet are what their name says."""
_BINARY = frozenset(("docx", "xlsx", "pptx", "msg", "zip"))
"""Files whose first bytes always say what they are."""
_BEGIN_AS_THEY_LIKE = frozenset(("text", "rst", "html", "xml", "json", "eml"))
_TELLING = frozenset(("pdf", "docx", "xlsx", "pptx", "msg", "image", "html"))
"""Content that is believed against the name of a format that is not read."""

_SAVE_AS = "{} are not read yet; save it as {}."
_IMAGES = "Images of this kind are not read; save it as .png."
_ARCHIVES = "Archives are not read yet; unpack it beside."
NOT_READ = {
    ".doc": _SAVE_AS.format("Word 97-2003 documents", ".docx"),
    ".dot": _SAVE_AS.format("Word 97-2003 templates", ".docx"),
    ".wpd": _SAVE_AS.format("WordPerfect documents", ".docx"),
    ".pages": _SAVE_AS.format("Pages documents", ".docx"),
    ".xls": _SAVE_AS.format("Excel 97-2003 workbooks", ".xlsx"),
    ".xlt": _SAVE_AS.format("Excel 97-2003 templates", ".xlsx"),
    ".xlsb": _SAVE_AS.format("Binary Excel workbooks", ".xlsx"),
    ".ppt": _SAVE_AS.format("PowerPoint 97-2003 files", ".pptx"),
    ".pps": _SAVE_AS.format("PowerPoint 97-2003 files", ".pptx"),
    ".pot": _SAVE_AS.format("PowerPoint 97-2003 templates", ".pptx"),
    ".odt": _SAVE_AS.format("OpenDocument texts", ".docx"),
    ".ods": _SAVE_AS.format("OpenDocument spreadsheets", ".xlsx"),
    ".odp": _SAVE_AS.format("OpenDocument presentations", ".pptx"),
    ".rtf": _SAVE_AS.format("Rich text files", ".docx"),
    ".epub": _SAVE_AS.format("E-books", ".pdf"),
    ".mbox": _SAVE_AS.format("Mailboxes", ".eml files"),
    **dict.fromkeys((".heic", ".heif", ".avif", ".svg"), _IMAGES),
    **dict.fromkeys((".7z", ".rar", ".gz", ".tar", ".tgz"), _ARCHIVES),
    **dict.fromkeys((".mp3", ".wav", ".m4a", ".mp4", ".mov"), "Recordings are not read."),
}
"""Suffixes that are known and not read, with the reason."""


def readable_suffixes() -> tuple[str, ...]:
    """Lower case, with their dots, in the order of FORMATS."""
    return tuple(_BY_SUFFIX)


@functools.cache
def fingerprint(suffix: str) -> str:
    """What reads `suffix`, with versions, e.g. "docx 1 (unstructured 0.27.35)".

    By a suffix that nobody knows a file may be anything, so every reader is named.
    """
    entry = _BY_SUFFIX.get(suffix, _ANYTHING)
    readers = FORMATS if entry.holds_others else (entry,)
    names = dict.fromkeys(name for reader in readers for name in reader.distributions)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    revision = ".".join(str(reader.revision) for reader in readers)
    return f"{entry.name} {revision} ({versions})"


def preload(suffix: str) -> None:
    """Import what reads `suffix`. Raises ImportError where that is not installed."""
    entry = _BY_SUFFIX.get(suffix)
    if entry is not None:
        _module(entry).preload()


def in_process_parse(
    data: bytes,
    name: str,
    limits: ParseLimits | None = None,
    ocr: Ocr = NO_OCR,
    passwords: tuple[str, ...] = (),
) -> ParsedDocument:
    """The document in `data`, read in this process: for worker processes and tests.

    ocr: what recognises pages that are only pictures; by default nothing. passwords: tried on what is
    encrypted.
    Raises UnreadableDocument with a reason; nothing else but MemoryError leaves it.
    """
    limits = limits or ParseLimits()
    document = _read(data, name, Reading(limits, _read, ocr=ocr, passwords=passwords))
    limits.check_characters(characters_of(document))
    return document


def _read(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    suffix = PurePath(name).suffix.lower()
    if sniff(data) == ENCRYPTED_OFFICE:
        data = office_package(data, reading.passwords)
    entry = identify(data, suffix)
    document = parse_as(entry, data, name, reading)
    has_text = any(page.text.strip("\ufeff \t\r\n\f\v\xa0") for page in document.pages)
    if not has_text and not document.children:
        raise UnreadableDocument("There is no text in it.", kind="empty")
    return document


def parse_as(entry: Format, data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """What the reader of that format makes of `data`. Raises UnreadableDocument."""
    with told_as_damage(entry.name), warnings.catch_warnings():
        # A library's remarks on a document are of no use here and may quote it.
        warnings.simplefilter("ignore")
        document: ParsedDocument = _module(entry).parse(data, name, reading)
    return document


def _module(entry: Format) -> ModuleType:
    return importlib.import_module(f"ragkit.parsers.{entry.module}")


def identify(data: bytes, suffix: str) -> Format:
    """The format that `data` is read as. Raises UnreadableDocument where it cannot be read.

    The content wins over the name where both are known and disagree, except that a .txt or .eml may
    well contain HTML, XML or JSON. What is plain text is read as such, whatever its name says.
    """
    if not data.strip():
        raise UnreadableDocument("The file is empty.", kind="empty")
    named, content = _BY_SUFFIX.get(suffix), sniff(data)
    if content == ENCRYPTED_OFFICE:
        raise needs_password(0)
    if suffix in NOT_READ and content not in _TELLING:
        raise UnreadableDocument(NOT_READ[suffix], kind="unsupported")
    if named is None:
        return _by_content(data, suffix, content)
    if content == named.name or _is_named_better(named, content):
        return named
    if content in _BY_NAME and not _is_broken_office(named, content):
        return _BY_NAME[content]
    if not content or (named.name in _BINARY and content in ("zip", "ole")):
        return _by_name(data, named, content)
    message = f"It is named {suffix} but is {SPOKEN[content]}, which is not read."
    raise UnreadableDocument(message, kind="unsupported")


def _by_content(data: bytes, suffix: str, content: str) -> Format:
    """For a file whose name tells nothing."""
    if content in _BY_NAME:
        return _BY_NAME[content]
    if not content and is_plain_text(data):
        return _BY_NAME["text"]
    named = f"It has the suffix {suffix}" if suffix else "It has no suffix"
    if content:
        message = f"{named} and is {SPOKEN[content]}, which is not read."
        raise UnreadableDocument(message, kind="unsupported")
    message = f"{named} and is of no known kind: its bytes are neither text nor a known format."
    raise UnreadableDocument(message, kind="unknown")


def _by_name(data: bytes, named: Format, content: str) -> Format:
    """For a file whose first bytes tell nothing: a text, or a damaged file, whose reader tells more."""
    if named.name not in _BEGIN_AS_THEY_LIKE and not content:
        if is_plain_text(data):
            return _BY_NAME["text"]
        if named.name in _BINARY:
            message = f"It is damaged or no {named.name} file: it does not start like one."
            raise UnreadableDocument(message)
    return named


def _is_broken_office(named: Format, content: str) -> bool:
    """An Office file that lost its list of parts is still no archive of documents."""
    return content == "zip" and named.name in _BINARY


def _is_named_better(named: Format, content: str) -> bool:
    """Whether the name tells more than how the text begins."""
    return content in ("html", "xml", "json") and (
        named.name in _PLAIN or (named.name, content) == ("html", "xml")
    )
