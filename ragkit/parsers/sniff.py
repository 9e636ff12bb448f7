"""What a file really is, by its first bytes and, for archives, by what is in them."""

from __future__ import annotations

import codecs
import io
import re
import zipfile

from ragkit.errors import UnreadableDocument
from ragkit.parsers.archive import OFFICE_TYPES, UNPACKING_FAULTS
from ragkit.parsers.compound import open_compound

_HTML = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_XML = re.compile(rb"<\?xml\s")
_JSON = re.compile(rb'\{\s*"|\[\s*[{["]')
_MAGIC = (
    (b"%PDF-", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x7fELF", "program"),
    (b"MZ\x90\x00", "program"),
)
ENCRYPTED_OFFICE = "encrypted office"
_OLE_STREAMS = (
    ("EncryptedPackage", ENCRYPTED_OFFICE),
    ("__properties_version1.0", "msg"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("Workbook", "xls"),
    ("Book", "xls"),
)
"""Names that stand in the outermost storage of a compound file."""
_MIME_TYPES = {b"opendocument.text": "odt", b"opendocument": "odf", b"epub": "epub"}
_CONTENT_TYPES_LIMIT = 1_000_000

SPOKEN = {
    "pdf": "a PDF",
    "docx": "a Word document",
    "xlsx": "an Excel workbook",
    "pptx": "a PowerPoint file",
    "msg": "an Outlook message",
    "html": "a web page",
    "xml": "an XML file",
    "json": "a JSON file",
    "rtf": "rich text",
    "image": "an image",
    "zip": "a ZIP archive",
    "ole": "an old Office file",
    "doc": "an old Word document (.doc)",
    "xls": "an old Excel workbook (.xls)",
    "ppt": "an old PowerPoint file (.ppt)",
    "odt": "an OpenDocument text",
    "odf": "an OpenDocument file",
    "epub": "an e-book",
    "gzip": "a gzip archive",
    "7z": "a 7z archive",
    "rar": "a RAR archive",
    "program": "a program",
}
"""Kinds as words for a person, with their article."""


def sniff(data: bytes) -> str:
    """The kind of `data`, a key of SPOKEN or ENCRYPTED_OFFICE; "" for text and the unknown."""
    start = data[:4096].lstrip(b"\x00\t\n\r\f \xef\xbb\xbf")
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            if kind == "zip":
                return _sniff_zip(data)
            return _sniff_ole(data) if kind == "ole" else kind
    if _HTML.match(data[:4096]):
        return "html"
    return "xml" if _XML.match(start) else "json" if _JSON.match(start) else ""


def is_plain_text(data: bytes) -> bool:
    """Whether all of it is UTF-8 (or UTF-16 that says so) without a control character."""
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if utf16 else "utf-8")
    except UnicodeDecodeError:
        return False
    return _CONTROL.search(text) is None


def _sniff_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            for name in ("[Content_Types].xml", "mimetype"):
                if name in names:
                    with archive.open(name) as stream:
                        return _kind_by_type(stream.read(_CONTENT_TYPES_LIMIT))
    except UNPACKING_FAULTS:
        # Cut off or broken: the parser of its suffix says so.
        return "zip"
    return "zip"


def _kind_by_type(declared: bytes) -> str:
    for kind, content_types in OFFICE_TYPES.items():
        if any(content_type in declared for content_type in content_types):
            return kind
    return next((kind for mark, kind in _MIME_TYPES.items() if mark in declared), "zip")


def _sniff_ole(data: bytes) -> str:
    try:
        names = open_compound(data).names
    except UnreadableDocument:
        # Broken: what its name or the remains say is told by the reader of that kind.
        names = [name for name, _ in _OLE_STREAMS if name.encode("utf-16-le") in data]
    return next((kind for name, kind in _OLE_STREAMS if name in names), "ole")
