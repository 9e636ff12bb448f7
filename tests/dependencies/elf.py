"""The names that a native library takes from others: reads ELF files (64 bits, little endian)."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_DYNAMIC = struct.Struct("<qQ")
_DYNSYM, _DYNAMIC_SECTION = 11, 6
_NEEDED = 1


@dataclass(frozen=True, slots=True)
class Library:
    """imported: of the functions asked for, those that it expects others to have.

    needed: the libraries it names for them.
    """

    imported: frozenset[str]
    needed: frozenset[str]


def is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(6) == b"\x7fELF\x02\x01"


def read_library(path: Path, functions: frozenset[str]) -> Library:
    """What `path` imports of `functions`, and the libraries it needs."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        sections = list(_sections(data))
        imported: set[str] = set()
        needed: set[str] = set()
        for kind, offset, size, link in sections:
            if kind not in (_DYNSYM, _DYNAMIC_SECTION):
                continue
            _, start, length, _ = sections[link]
            names = data[start : start + length]
            if kind == _DYNAMIC_SECTION:
                needed.update(_needed(data, offset, size, names))
            # Most libraries have none of the names at all, and some have a million symbols.
            elif places := {_place: name for name in functions for _place in _found(names, name)}:
                imported.update(_undefined(data[offset : offset + size], places))
    return Library(frozenset(imported), frozenset(needed))


def _sections(data: mmap.mmap) -> Iterator[tuple[int, int, int, int]]:
    """Kind, offset, size and linked section of each."""
    header = _HEADER.unpack_from(data, 0)
    start, entry_size, count = header[6], header[11], header[12]
    for number in range(count):
        found = _SECTION.unpack_from(data, start + number * entry_size)
        yield found[1], found[4], found[5], found[6]


def _found(names: bytes, name: str) -> Iterator[int]:
    """Where the name ends a text of the table; a linker may use the end of a longer one."""
    wanted = name.encode("ascii") + b"\0"
    at = names.find(wanted)
    while at >= 0:
        yield at
        at = names.find(wanted, at + 1)


def _undefined(symbols: bytes, places: dict[int, str]) -> Iterator[str]:
    for name, _, _, section, _, _ in _SYMBOL.iter_unpack(symbols):
        if section == 0 and name in places:
            yield places[name]


def _needed(data: mmap.mmap, offset: int, size: int, names: bytes) -> Iterator[str]:
    for tag, value in _DYNAMIC.iter_unpack(data[offset : offset + size]):
        if tag == _NEEDED:
            yield names[value : names.find(b"\0", value)].decode("ascii", "replace")
