"""What a file really is, by its first bytes and, for archives, by what is in them."""

from __future__ import annotations

import io
import re
import zipfile

from ragkit.parsers.archive import UNPACKING_FAULTS

_HTML = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
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
_ZIP_CONTENTS = (
    (b"wordprocessingml.document.main+xml", "docx"),
    (b"spreadsheetml.sheet.main+xml", "xlsx"),
    (b"presentationml.presentation.main+xml", "pptx"),
)
_OLE_STREAMS = (
    ("EncryptedPackage", "encrypted office"),
    ("__substg1.0_", "msg"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("Workbook", "xls"),
    ("Book", "xls"),
)
_MIME_TYPES = {b"opendocument.text": "odt", b"opendocument": "odf", b"epub": "epub"}
_CONTENT_TYPES_LIMIT = 1_000_000

SPOKEN = {
    "pdf": "a PDF",
    "docx": "a Word document",
    "xlsx": "an Excel workbook",
    "html": "a web page",
    "rtf": "rich text",
    "image": "an image",
    "zip": "a ZIP archive",
    "ole": "an old Office file",
    "doc": "an old Word document (.doc)",
    "xls": "an old Excel workbook (.xls)",
    "ppt": "an old PowerPoint file (.ppt)",
    "msg": "an Outlook message (.msg)",
    "pptx": "a PowerPoint file",
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
    """The kind of `data`, a key of SPOKEN or "encrypted office"; "" for text and the unknown."""
    start = data[:4096].lstrip(b"\x00\t\n\r\f \xef\xbb\xbf")
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            if kind == "zip":
                return _sniff_zip(data)
            return _sniff_ole(data) if kind == "ole" else kind
    return "html" if _HTML.match(data[:4096]) else ""


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
    for content_type, kind in _ZIP_CONTENTS:
        if content_type in declared:
            return kind
    return next((kind for mark, kind in _MIME_TYPES.items() if mark in declared), "zip")


def _sniff_ole(data: bytes) -> str:
    for stream, kind in _OLE_STREAMS:
        if stream.encode("utf-16-le") in data:
            return kind
    return "ole"
