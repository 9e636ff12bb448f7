"""What a program needs beside itself is read from its file, wherever in there it stands."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from ragkit.isolation.programs import dynamic_linker, script_interpreter

LINKER = b"/lib64/ld-linux-x86-64.so.2"
FAR = 100_000


def elf(*, table: int = 64, name_at: int = 0, name: bytes = LINKER + b"\0", kind: int = 3) -> bytes:
    """A program of 64 bits that is not run. name_at 0: behind its table of one entry."""
    name_at = name_at or table + 56
    head = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack("<HHIQQQ", 2, 62, 1, 0, table, 0)
    head += struct.pack("<IHHHHHH", 0, 64, 56, 1, 0, 0, 0)
    entry = struct.pack("<IIQQQQQQ", kind, 4, name_at, 0, 0, len(name), len(name), 1)
    content = bytearray(max(table + 56, name_at + len(name)))
    content[:64], content[table : table + 56] = head, entry
    content[name_at : name_at + len(name)] = name
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [elf(), elf(name_at=FAR), elf(table=FAR), elf(table=FAR, name_at=2 * FAR)],
    ids=["near", "far name", "far table", "both far"],
)
def test_the_linker_is_found_wherever_it_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "program").write_bytes(content)
    assert dynamic_linker(tmp_path / "program") == Path(LINKER.decode())


@pytest.mark.parametrize(
    "content",
    [
        elf(kind=1),
        elf(name=b"\0"),
        elf(name=b"ld.so\0"),
        elf(table=FAR)[: FAR + 10],
        elf(name_at=FAR)[:FAR],
        elf()[:32] + b"\xff" * 8 + elf()[40:],
        b"\x7fELF\x01\x01" + bytes(100),
        b"",
        b"#!/bin/sh\n",
    ],
    ids=["static", "empty", "relative", "cut table", "cut name", "nowhere", "32 bits", "nothing",
         "script"],
)  # fmt: skip
def test_what_names_no_place_gives_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "program").write_bytes(content)
    assert dynamic_linker(tmp_path / "program") is None
    assert dynamic_linker(tmp_path / "gone") is None


@pytest.mark.parametrize(
    ("content", "interpreter"),
    [
        (b"#!/bin/sh -e\nexit", "/bin/sh"),
        (b"#! /usr/bin/env python3\n", "/usr/bin/env"),
        (b"#!sh\n", None),
        (b"#!\n", None),
        (elf(kind=1), None),
        (b"", None),
    ],
)
def test_a_script_is_what_names_an_interpreter(
    tmp_path: Path, content: bytes, interpreter: str | None
) -> None:
    (tmp_path / "program").write_bytes(content)
    expected = Path(interpreter) if interpreter else None
    assert script_interpreter(tmp_path / "program") == expected
