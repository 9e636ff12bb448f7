"""Opening what is encrypted: the owner of `msoffcrypto` (Office files) and `pyzipper` (AES in archives).

Passwords come in and plain documents go out; neither is ever kept, logged or told in a message.
"""

from __future__ import annotations

import functools
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from ragkit.errors import UnreadableDocument
from ragkit.parsers.limits import needs_password, told_as_damage

WRITE_PROTECTED = "VelvetSweatshop"
"""Excel encrypts workbooks that are protected against changes only with this; they open unasked."""


def preload() -> None:
    import msoffcrypto  # type: ignore[import-untyped]  # noqa: F401 - to be there before the fork


def office_package(data: bytes, passwords: tuple[str, ...]) -> bytes:
    """The .docx, .xlsx or .pptx within an encrypted one.

    Raises UnreadableDocument of the kind "password" if none of `passwords` opens it.
    """
    try:
        with told_as_damage("encryption"):
            for password in (WRITE_PROTECTED, *passwords):
                opened = _office_package(data, password)
                if opened is not None:
                    return opened
    except UnreadableDocument:
        if passwords:
            raise
        # Whether it is damaged too is told when there is a password for it.
    raise needs_password(len(passwords))


def _office_package(data: bytes, password: str) -> bytes | None:
    from msoffcrypto import OfficeFile
    from msoffcrypto.exceptions import DecryptionError  # type: ignore[import-untyped]

    target = io.BytesIO()
    try:
        file = OfficeFile(io.BytesIO(data))
        file.load_key(password=password, verify_password=True)
        file.decrypt(target)
    except DecryptionError:
        return None
    return target.getvalue()


class AesArchive:
    """An archive whose members are encrypted by AES; opened when the first of them is read."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @functools.cached_property
    def _opened(self) -> tuple[Any, dict[int, Any]]:
        """The archive, and its members by where they begin in it."""
        import pyzipper  # type: ignore[import-untyped]

        archive = pyzipper.AESZipFile(io.BytesIO(self._data))
        return archive, {member.header_offset: member for member in archive.infolist()}

    @contextmanager
    def member(self, header_offset: int, password: bytes) -> Iterator[IO[bytes]]:
        """The content of the member that begins there. Raises BadZipFile, RuntimeError, KeyError."""
        import pyzipper

        try:
            archive, members = self._opened
            with archive.open(members[header_offset], pwd=password) as stream:
                yield stream
        except (pyzipper.BadZipFile, KeyError):
            raise zipfile.BadZipFile("AES member") from None


def zip_spellings(passwords: tuple[str, ...]) -> Iterator[bytes]:
    """Each password as bytes, as the programs that make archives write its letters."""
    for password in passwords:
        spelt = (_encoded(password, encoding) for encoding in ("utf-8", "cp1252", "cp437"))
        yield from dict.fromkeys(each for each in spelt if each is not None)


def _encoded(password: str, encoding: str) -> bytes | None:
    try:
        return password.encode(encoding)
    except UnicodeEncodeError:
        return None
