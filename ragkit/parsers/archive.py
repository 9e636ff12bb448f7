"""Opens no trap: a ZIP-based file (.docx, .xlsx) is measured before any library unpacks it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from ragkit.errors import UnreadableDocument
from ragkit.parsers.limits import ParseLimits

_BLOCK = 1 << 20
_RATIO_MATTERS_FROM = 10_000_000
_RATIO = 200
_XML_SUFFIXES = (".xml", ".rels", ".vml")
_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
UNPACKING_FAULTS = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError),
    *(OSError, ValueError),
)
"""What Python's zipfile raises on broken archives."""

_TOO_LARGE = "too_large"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/\2"


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
                raise UnreadableDocument(message, kind=_TOO_LARGE)
            unpacked = 0
            for member in members:
                unpacked += _check_member(archive, member, limits.archive_bytes - unpacked)
    except UNPACKING_FAULTS as error:
        message = "It is damaged or cut off: its archive cannot be unpacked."
        raise UnreadableDocument(message, kind="damaged") from error


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, allowed: int) -> int:
    """The real unpacked size of `member`, at most `allowed` bytes."""
    size, tail = 0, b""
    is_xml = member.filename.lower().endswith(_XML_SUFFIXES)
    with archive.open(member) as stream:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > allowed:
                message = "It unpacks to more data than the limit allows."
                raise UnreadableDocument(message, kind=_TOO_LARGE)
            if size > _RATIO_MATTERS_FROM and size > _RATIO * max(1, member.compress_size):
                message = f"A part of it unpacks to more than {_RATIO} times its size."
                raise UnreadableDocument(message, kind=_TOO_LARGE)
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


def transitional(data: bytes) -> bytes:
    """An Office file saved as "Strict Open XML" with the names that the libraries know instead."""
    replacements = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.lower().endswith(_XML_SUFFIXES):
                content, changes = _STRICT.subn(_TRANSITIONAL, archive.read(name))
                if changes:
                    replacements[name] = content
    return replace_members(data, replacements) if replacements else data
