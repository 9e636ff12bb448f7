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
from ragkit.parsers.limits import ParseLimits, Reading
from ragkit.parsers.sniff import SPOKEN, sniff
from ragkit.types import ParsedDocument


@dataclass(frozen=True, slots=True)
class Format:
    """A format that is read. `revision` rises when the text made of the same file changes.

    distributions: what reads it; their versions are part of what a text is keyed by.
    """

    name: str
    module: str
    suffixes: tuple[str, ...]
    distributions: tuple[str, ...]
    revision: int = 1


_PDF_READERS = ("pypdfium2", "pypdf")
_MARKUP_READERS = ("unstructured", "lxml")
_WORD_READERS = ("unstructured", "python-docx")
_TEXT_SUFFIXES = (".txt", ".text", ".log", ".md", ".markdown", ".csv", ".tsv")

FORMATS = (
    Format("text", "text", _TEXT_SUFFIXES, ("charset-normalizer",)),
    Format("html", "html", (".html", ".htm", ".xhtml"), _MARKUP_READERS),
    Format("docx", "word", (".docx",), _WORD_READERS),
    Format("xlsx", "workbook", (".xlsx",), ("openpyxl",)),
    Format("pdf", "pdf", (".pdf",), _PDF_READERS),
    # What is attached to a mail is read with everything else.
    Format(
        "eml",
        "mail",
        (".eml",),
        (*_MARKUP_READERS, "python-docx", "openpyxl", *_PDF_READERS, "charset-normalizer"),
    ),
)
_BY_SUFFIX = {suffix: entry for entry in FORMATS for suffix in entry.suffixes}
_BY_NAME = {entry.name: entry for entry in FORMATS}

_SAVE_AS = "{} are not read yet; save it as {}."
_IMAGES = "Images need OCR, which this version does not do."
_ARCHIVES = "Archives are not read yet; unpack it beside."
NOT_READ = {
    ".doc": _SAVE_AS.format("Word 97-2003 documents", ".docx"),
    ".docm": _SAVE_AS.format("Word documents with macros", ".docx"),
    ".xls": _SAVE_AS.format("Excel 97-2003 workbooks", ".xlsx"),
    ".xlsm": _SAVE_AS.format("Excel workbooks with macros", ".xlsx"),
    ".ppt": _SAVE_AS.format("PowerPoint files", ".pdf"),
    ".pptx": _SAVE_AS.format("PowerPoint files", ".pdf"),
    ".odt": _SAVE_AS.format("OpenDocument texts", ".docx"),
    ".ods": _SAVE_AS.format("OpenDocument spreadsheets", ".xlsx"),
    ".odp": _SAVE_AS.format("OpenDocument presentations", ".pdf"),
    ".rtf": _SAVE_AS.format("Rich text files", ".docx"),
    ".epub": _SAVE_AS.format("E-books", ".pdf"),
    ".msg": _SAVE_AS.format("Outlook messages", ".eml"),
    ".mbox": _SAVE_AS.format("Mailboxes", ".eml files"),
    ".xml": _SAVE_AS.format("XML files", ".txt"),
    ".json": _SAVE_AS.format("JSON files", ".txt"),
    ".jsonl": _SAVE_AS.format("JSON files", ".txt"),
    ".ndjson": _SAVE_AS.format("JSON files", ".txt"),
    ".yaml": _SAVE_AS.format("YAML files", ".txt"),
    ".yml": _SAVE_AS.format("YAML files", ".txt"),
    ".rst": _SAVE_AS.format("reStructuredText files", ".txt"),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp"), _IMAGES),
    **dict.fromkeys((".tif", ".tiff", ".heic", ".svg"), _IMAGES),
    **dict.fromkeys((".zip", ".7z", ".rar", ".gz", ".tar", ".tgz"), _ARCHIVES),
    **dict.fromkeys((".mp3", ".wav", ".m4a", ".mp4", ".mov"), "Recordings are not read."),
}
"""Suffixes that are known and not read, with the reason."""


def readable_suffixes() -> tuple[str, ...]:
    """Lower case, with their dots, in the order of FORMATS."""
    return tuple(_BY_SUFFIX)


@functools.cache
def fingerprint(suffix: str) -> str:
    """What reads `suffix`, with versions, e.g. "docx 1 (unstructured 0.27.35)"; "" if nothing does."""
    entry = _BY_SUFFIX.get(suffix)
    if entry is None:
        return ""
    versions = (f"{name} {importlib.metadata.version(name)}" for name in entry.distributions)
    revision = str(entry.revision)
    if entry.name == "eml":  # its text includes what the other formats' readers make
        revision = ".".join(str(other.revision) for other in FORMATS)
    return f"{entry.name} {revision} ({', '.join(versions)})"


def preload(suffix: str) -> None:
    """Import what reads `suffix`. Raises ImportError where that is not installed."""
    entry = _BY_SUFFIX.get(suffix)
    if entry is not None:
        _module(entry).preload()


def in_process_parse(data: bytes, name: str, limits: ParseLimits | None = None) -> ParsedDocument:
    """The document in `data`, read in this process: for worker processes and tests.

    Raises UnreadableDocument with a reason; nothing else but MemoryError leaves it.
    """
    limits = limits or ParseLimits()
    document = _read(data, name, Reading(limits, _read))
    limits.check_characters(_characters(document))
    return document


def _read(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    entry = identify(data, PurePath(name).suffix.lower())
    try:
        with warnings.catch_warnings():
            # A library's remarks on a document are of no use here and may quote it.
            warnings.simplefilter("ignore")
            document: ParsedDocument = _module(entry).parse(data, name, reading)
    except (UnreadableDocument, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - readers raise anything on a broken file
        # Their messages can hold words of the document, so only the kind of error is told.
        message = f"It is damaged: its {entry.name} reader failed ({type(error).__name__})."
        raise UnreadableDocument(message) from None
    has_text = any(page.text.strip("\ufeff \t\r\n\f\v\xa0") for page in document.pages)
    if not has_text and not document.children:
        raise UnreadableDocument("There is no text in it.", kind="empty")
    return document


def _module(entry: Format) -> ModuleType:
    return importlib.import_module(f"ragkit.parsers.{entry.module}")


def _characters(document: ParsedDocument) -> int:
    children = (child.document for child in document.children if child.document)
    return sum(len(page.text) for page in document.pages) + sum(map(_characters, children))


def identify(data: bytes, suffix: str) -> Format:
    """The format that `data` is read as. Raises UnreadableDocument where it cannot be read.

    The content wins over the name where both are known and disagree, except that a .txt or .eml may
    well contain HTML.
    """
    if suffix in NOT_READ:
        raise UnreadableDocument(NOT_READ[suffix], kind="unsupported")
    named = _BY_SUFFIX.get(suffix)
    if named is None:
        what = f"the suffix {suffix}" if suffix else "no suffix"
        raise UnreadableDocument(f"A file with {what} is of no known kind.", kind="unknown")
    if not data.strip():
        raise UnreadableDocument("The file is empty.", kind="empty")
    content = sniff(data)
    if content in ("", named.name) or (content == "html" and named.name in ("text", "eml")):
        return _as_named(named, content, data)
    if content == "encrypted office":
        raise UnreadableDocument("It is protected by a password.", kind="password")
    if content in _BY_NAME:
        return _BY_NAME[content]
    if content == "zip" and named.name in ("docx", "xlsx"):
        # The reader of that format tells what is wrong with the archive.
        return named
    message = f"It is named {suffix} but is {SPOKEN[content]}, which is not read."
    raise UnreadableDocument(message, kind="unsupported")


def _as_named(named: Format, content: str, data: bytes) -> Format:
    if named.name in ("docx", "xlsx") and not content:
        message = f"It is damaged or no {named.name} file: it does not start like one."
        raise UnreadableDocument(message)
    return named
