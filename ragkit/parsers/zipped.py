"""ZIP archives (.zip): a folder. It has no text of its own; what is in it are documents of their own.

Nothing is ever written to the disk: members are unpacked in memory, each only as far as the limits on
the whole allow, and one that goes beyond them is named while the others are read.
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from ragkit.errors import UnreadableDocument
from ragkit.files import is_left_behind
from ragkit.parsers.archive import RATIO, RATIO_MATTERS_FROM, UNPACKING_FAULTS
from ragkit.parsers.decrypting import AesArchive, zip_spellings
from ragkit.parsers.limits import (
    TOO_LARGE,
    Reading,
    needs_password,
    out_of_memory,
    raise_it,
    unread_child,
)
from ragkit.parsers.names import member_names
from ragkit.types import ParsedChild, ParsedDocument

_BLOCK = 1 << 20
_AES = 99
_ENCRYPTED, _UTF8 = 0x1, 0x800
_MACINTOSH = "__MACOSX"


def preload() -> None:
    """Members are read by the readers of their formats, which are imported when they are met."""


def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """The members as children, named by their paths: "2024/contract.pdf"."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if _is_document(member)]
            spellings = list(dict.fromkeys(zip_spellings(reading.passwords)))
            children = tuple(
                _read_members(_Box(archive, AesArchive(data), spellings), members, reading)
            )
    except UNPACKING_FAULTS as error:
        message = "It is damaged or cut off: its archive cannot be unpacked."
        raise UnreadableDocument(message) from error
    if not children:
        raise UnreadableDocument("There is no document in it.", kind="empty")
    return ParsedDocument((), children=children)


def _is_document(member: zipfile.ZipInfo) -> bool:
    """Whether it is neither a folder, nor hidden, nor left behind by a program, as in a real folder."""
    parts = [part for part in member.filename.split("/") if part not in ("", ".", "..")]
    if member.is_dir() or not parts:
        return False
    return not any(part == _MACINTOSH or is_left_behind(part) for part in parts)


def _read_members(
    box: _Box, members: list[zipfile.ZipInfo], reading: Reading
) -> Iterator[ParsedChild]:
    if len(members) > reading.limits.archive_members:
        message = f"It is an archive of more than {reading.limits.archive_members:,} files."
        raise UnreadableDocument(message, kind=TOO_LARGE)
    names = member_names(map(_name, members))
    for name, member in zip(names, members, strict=True):
        try:
            reading.begin_child()
            content = _unpack(box, member, reading)
        except UnreadableDocument as error:
            yield unread_child(name, b"", error.message, error.kind)
        except UNPACKING_FAULTS:
            message = "It is damaged: it cannot be unpacked from its archive."
            yield unread_child(name, b"", message, "damaged")
        except MemoryError:
            yield unread_child(name, b"", out_of_memory(reading.limits), "memory")
        else:
            yield reading.begun_child(name, content)


def _name(member: zipfile.ZipInfo) -> str:
    """Its path. Many programs write UTF-8 without saying so, which reads as code page 437."""
    name = member.filename
    if not member.flag_bits & _UTF8:
        try:
            return name.encode("cp437").decode("utf-8")
        except UnicodeError:
            return name
    return name


@dataclass(slots=True)
class _Box:
    """An archive being read. spellings: of all passwords, the one that opened a member last first."""

    archive: zipfile.ZipFile
    sealed: AesArchive
    spellings: list[bytes]

    @contextmanager
    def member(self, member: zipfile.ZipInfo, password: bytes) -> Iterator[IO[bytes]]:
        if member.compress_type == _AES:
            with self.sealed.member(member.header_offset, password) as stream:
                yield stream
        else:
            with self.archive.open(member, pwd=password) as stream:
                yield stream


def _unpack(box: _Box, member: zipfile.ZipInfo, reading: Reading) -> bytes:
    """Raises UnreadableDocument, or what zipfile raises on broken archives."""
    if stat.S_ISLNK(member.external_attr >> 16):
        raise UnreadableDocument("It is a symbolic link, which is not followed.", kind="link")
    if not member.flag_bits & _ENCRYPTED:
        with box.archive.open(member) as stream:
            return _take(stream, member, reading)
    for password in list(box.spellings):
        opened = _decrypted(box, member, password, reading)
        if opened is not None:
            box.spellings.remove(password)
            box.spellings.insert(0, password)
            return opened
    raise needs_password(len(reading.passwords))


def _decrypted(
    box: _Box, member: zipfile.ZipInfo, password: bytes, reading: Reading
) -> bytes | None:
    """The content, None if the password does not open it."""
    try:
        with box.member(member, password) as stream:
            return _take(stream, member, reading)
    except UNPACKING_FAULTS:
        # One wrong password of 256 passes the old method's test, and its rubbish does not unpack.
        return None


def _take(stream: IO[bytes], member: zipfile.ZipInfo, reading: Reading) -> bytes:
    """All of a member. Raises UnreadableDocument for a bomb, after at most what the limits allow.

    What is given up counts no longer, so that one bomb does not take the place of the others.
    """
    spent, content = reading.spent, bytearray()
    before = spent.unpacked
    try:
        while block := stream.read(_BLOCK):
            content += block
            spent.unpacked += len(block)
            _check_size(len(content), member, reading)
    except BaseException:
        spent.unpacked = before
        raise
    return bytes(content)


def _check_size(size: int, member: zipfile.ZipInfo, reading: Reading) -> None:
    if reading.spent.unpacked > reading.limits.archive_bytes:
        most = f"{reading.limits.archive_bytes // 1_000_000:,} MB"
        message = f"With it the archive unpacks to more than {most}: {raise_it('unpacked_mb')}."
        raise UnreadableDocument(message, kind=TOO_LARGE)
    if size > RATIO_MATTERS_FROM and size > RATIO * max(1, member.compress_size):
        message = f"It unpacks to more than {RATIO} times its size."
        raise UnreadableDocument(message, kind=TOO_LARGE)
