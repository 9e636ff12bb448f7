"""Opens no trap: a ZIP-based file (.docx, .xlsx, .pptx) is measured before any library unpacks it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from ragkit.errors import UnreadableDocument
from ragkit.parsers.limits import TOO_LARGE, ParseLimits, raise_it

_BLOCK = 1 << 20
RATIO_MATTERS_FROM = 10_000_000
RATIO = 200
_XML_SUFFIXES = (".xml", ".rels", ".vml")
_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
UNPACKING_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What Python's zipfile raises on broken archives."""

_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/\2"
_OPEN_XML = b"application/vnd.openxmlformats-officedocument."
OFFICE_TYPES = {
    "docx": (
        _OPEN_XML + b"wordprocessingml.document.main+xml",
        _OPEN_XML + b"wordprocessingml.template.main+xml",
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
        b"application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    ),
    "xlsx": (
        _OPEN_XML + b"spreadsheetml.sheet.main+xml",
        _OPEN_XML + b"spreadsheetml.template.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        b"application/vnd.ms-excel.template.macroEnabled.main+xml",
    ),
    "pptx": (
        _OPEN_XML + b"presentationml.presentation.main+xml",
        _OPEN_XML + b"presentationml.slideshow.main+xml",
        _OPEN_XML + b"presentationml.template.main+xml",
        b"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml",
        b"application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml",
        b"application/vnd.ms-powerpoint.template.macroEnabled.main+xml",
    ),
}
"""What the main part of a file that these readers read may be declared as, the ordinary first."""
_CONTENT_TYPES = "[Content_Types].xml"


def check_archive(data: bytes, limits: ParseLimits) -> None:
    """Unpack every member to nowhere, counting what really comes out.

    Raises UnreadableDocument for too many members, too much data, a suspicious ratio (more than 200
    times over 10 MB) and XML that defines entities, which no Office program writes.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > limits.archive_members:
                message = f"It is an archive of more than {limits.archive_members:,} parts."
                raise UnreadableDocument(message, kind=TOO_LARGE)
            unpacked = 0
            for member in members:
                unpacked += _check_member(archive, member, limits, unpacked)
    except UNPACKING_FAULTS as error:
        message = "It is damaged or cut off: its archive cannot be unpacked."
        raise UnreadableDocument(message, kind="damaged") from error


def _check_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: ParseLimits, before: int
) -> int:
    """The real unpacked size of `member`; before: that of those before it."""
    size, tail = 0, b""
    is_xml = member.filename.lower().endswith(_XML_SUFFIXES)
    with archive.open(member) as stream:
        while block := stream.read(_BLOCK):
            size += len(block)
            if before + size > limits.archive_bytes:
                most = f"{limits.archive_bytes // 1_000_000:,} MB"
                message = f"It unpacks to more than {most}: {raise_it('unpacked_mb')}."
                raise UnreadableDocument(message, kind=TOO_LARGE)
            if size > RATIO_MATTERS_FROM and size > RATIO * max(1, member.compress_size):
                message = f"A part of it unpacks to more than {RATIO} times its size."
                raise UnreadableDocument(message, kind=TOO_LARGE)
            if is_xml and _DOCTYPE.search(tail + block):
                message = "Its XML defines entities, which can be used to attack a reader."
                raise UnreadableDocument(message, kind="damaged")
            tail = block[-16:]
    return size


def read_member(data: bytes, name: str) -> bytes | None:
    """One part of an archive that `check_archive` has passed, or None where there is none."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        try:
            return archive.read(name)
        except KeyError:
            return None


def replace_members(data: bytes, replacements: dict[str, bytes]) -> bytes:
    """The archive with some parts replaced, unpacked parts stored as they are."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as copy,
    ):
        for member in source.infolist():
            if not member.is_dir():
                content = replacements.get(member.filename)
                copy.writestr(member.filename, source.read(member) if content is None else content)
    return target.getvalue()


def ordinary(data: bytes) -> bytes:
    """An Office file as the libraries know it: no template, without macros, not "Strict Open XML".

    Only what it is declared as changes. Macros are never run, by nothing here.
    """
    replacements = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.lower().endswith(_XML_SUFFIXES):
                written = archive.read(name)
                content = _STRICT.sub(_TRANSITIONAL, written)
                if name == _CONTENT_TYPES:
                    content = _declared_as_ordinary(content)
                if content != written:
                    replacements[name] = content
    return replace_members(data, replacements) if replacements else data


def _declared_as_ordinary(content_types: bytes) -> bytes:
    for usual, *others in OFFICE_TYPES.values():
        for other in others:
            content_types = content_types.replace(other, usual)
    return content_types
