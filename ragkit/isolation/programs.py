"""What the kernel starts beside a program, read from the program's own file: a linker or an interpreter."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO

_ELF_64 = b"\x7fELF\x02\x01"
"""64 bits, little-endian: the machines of the system call filter."""
_HEADER_BYTES = 64
_TABLE_AT, _ENTRIES_AT = 32, 54
_ENTRY = struct.Struct("<IIQQQQ")
_INTERPRETER = 3  # PT_INTERP
_LONGEST = 4096
"""Bytes of a path, as of the line that names a script's interpreter."""


def dynamic_linker(program: Path) -> Path | None:
    """The linker that an ELF program names; None where it names none by an absolute path."""
    try:
        with program.open("rb") as file:
            return _absolute(_named_linker(file))
    except OSError:
        return None


def script_interpreter(program: Path) -> Path | None:
    """What a script names behind "#!"; None for what is no script."""
    try:
        with program.open("rb") as file:
            line = file.read(_LONGEST).partition(b"\n")[0]
    except OSError:
        return None
    words = line.removeprefix(b"#!").split() if line.startswith(b"#!") else []
    return _absolute(words[0]) if words else None


def _named_linker(file: BinaryIO) -> bytes:
    """The table and the name may lie anywhere: tools that change a program put them at its end."""
    head = file.read(_HEADER_BYTES)
    if not head.startswith(_ELF_64) or len(head) < _HEADER_BYTES:
        return b""
    (table,) = struct.unpack_from("<Q", head, _TABLE_AT)
    size, count = struct.unpack_from("<HH", head, _ENTRIES_AT)
    for number in range(count):
        entry = _bytes_at(file, table + number * size, _ENTRY.size)
        if len(entry) < _ENTRY.size:
            return b""
        kind, _, offset, _, _, length = _ENTRY.unpack(entry)
        if kind == _INTERPRETER:
            return _bytes_at(file, offset, min(length, _LONGEST)).partition(b"\0")[0]
    return b""


def _bytes_at(file: BinaryIO, offset: int, length: int) -> bytes:
    """As many as there are; a place that no file has gives none."""
    if offset >= 1 << 63:
        return b""
    file.seek(offset)
    return file.read(length)


def _absolute(name: bytes) -> Path | None:
    """Nothing else: a relative one would stand for whatever lies where this process is."""
    return Path(os.fsdecode(name)) if name.startswith(b"/") else None
