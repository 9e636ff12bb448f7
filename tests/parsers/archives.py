"""Small archives, honest and hostile, made on the spot."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib

import pyzipper


def archive(members: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive; names as they are given."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as made:
        for name, content in members.items():
            made.writestr(zipfile.ZipInfo(name), content, method)
    return target.getvalue()


def with_link(name: str, target: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archived:
        link = zipfile.ZipInfo(name)
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archived.writestr(link, target)
        archived.writestr("beside.txt", "words beside")
    return made.getvalue()


def twice(name: str, first: str, second: str) -> bytes:
    """Two members of one name."""
    inner = archive({name: first, f"{name[:-1]}#": second}, zipfile.ZIP_STORED)
    return inner.replace(f"{name[:-1]}#".encode(), name.encode())


def aes(members: dict[str, str], password: bytes) -> bytes:
    target = io.BytesIO()
    with pyzipper.AESZipFile(
        target, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
    ) as made:
        made.setpassword(password)
        for name, content in members.items():
            made.writestr(name, content)
    return target.getvalue()


def zip_crypto(name: str, content: bytes, password: bytes) -> bytes:
    """One stored member, encrypted by the old method (APPNOTE.TXT, 6.1)."""
    keys = _Keys(password)
    check = zlib.crc32(content)
    sealed = keys.encrypt(bytes(11) + bytes([check >> 24]) + content)
    sizes = struct.pack("<III", check, len(sealed), len(content))
    shared = struct.pack("<HHHHH", 20, 1, 0, 0, 0x21) + sizes + struct.pack("<HH", len(name), 0)
    local = b"PK\x03\x04" + shared + name.encode() + sealed
    entry = b"PK\x01\x02\x14\x00" + shared + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name.encode()
    place = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local), 0)
    return local + entry + b"PK\x05\x06" + place


class _Keys:
    def __init__(self, password: bytes) -> None:
        self.keys = [0x12345678, 0x23456789, 0x34567890]
        for byte in password:
            self._update(byte)

    def _update(self, byte: int) -> None:
        first, second, third = self.keys
        first = ~zlib.crc32(bytes([byte]), ~first & 0xFFFFFFFF) & 0xFFFFFFFF
        second = ((second + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        third = ~zlib.crc32(bytes([second >> 24]), ~third & 0xFFFFFFFF) & 0xFFFFFFFF
        self.keys = [first, second, third]

    def encrypt(self, plain: bytes) -> bytes:
        sealed = bytearray()
        for byte in plain:
            mask = (self.keys[2] | 2) & 0xFFFF
            sealed.append(byte ^ ((mask * (mask ^ 1)) >> 8) & 0xFF)
            self._update(byte)
        return bytes(sealed)
