"""The process that runs OCR runs that one program; without its profile it could run any."""

from __future__ import annotations

import platform
import shutil
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ragkit.isolation import landlock
from ragkit.isolation.kernel import Kernel
from tests.isolation.conftest import in_child

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or landlock.version(Kernel()) < 1, reason="no Landlock here"
)

PROGRAM = """
import subprocess, sys
from pathlib import Path
import ragkit.isolation as guard
from ragkit.isolation.profiles import confine_ocr

guard.seal(write=())
if {confined}:
    assert confine_ocr(Path({program!r})) == ""
def works(act):
    try:
        act()
    except PermissionError:
        return "refused"
    return "works"
print(
    works(lambda: subprocess.run([{program!r}], check=True)),
    works(lambda: subprocess.run(["/bin/echo"], check=True, stdout=subprocess.DEVNULL)),
    works(lambda: subprocess.run(["/bin/sh", "-c", "exit"], check=True)),
    works(lambda: Path({secret!r}).read_text()),
    works(lambda: Path("/etc/passwd").read_text()),
    works(lambda: open("/proc/self/environ", "rb").read()),
)
"""


TRUE = shutil.which("true") or "/bin/true"
EXIT = bytes.fromhex("b83c00000031ff0f05")  # mov eax, 60; xor edi, edi; syscall


def run(tmp_path: Path, *, confined: bool, program: str = TRUE) -> str:
    """From the folder in which helpers run."""
    (tmp_path / "letter.txt").write_text("confidential")
    secret = str(tmp_path / "letter.txt")
    child = in_child(PROGRAM.format(confined=confined, program=program, secret=secret), cwd="/")
    assert child.code == 0, child.errors
    return child.printed


def with_its_linker_named_at_the_end() -> bytes:
    """`true` as tools leave it that change what a program names, and as some systems build all."""
    content = bytearray(Path(TRUE).read_bytes())
    (table,) = struct.unpack_from("<Q", content, 32)
    (count,) = struct.unpack_from("<H", content, 56)
    entries = [table + 56 * number for number in range(count)]
    entry = next(at for at in entries if struct.unpack_from("<I", content, at) == (3,))
    offset, length = (struct.unpack_from("<Q", content, entry + at)[0] for at in (8, 32))
    content += bytes(100_000) + content[offset : offset + length]
    struct.pack_into("<Q", content, entry + 8, len(content) - length)
    return bytes(content)


def without_a_linker() -> bytes:
    """A program that ends, as a static one."""
    head = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    head += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0x400078, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    size = 120 + len(EXIT)
    return head + struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, size, size, 4096) + EXIT


def test_without_the_profile_everything_works(tmp_path: Path) -> None:
    assert set(run(tmp_path, confined=False).split()) == {"works"}


def test_only_the_program_runs_and_nothing_of_the_users_is_read(tmp_path: Path) -> None:
    assert run(tmp_path, confined=True).split() == ["works", *["refused"] * 5]


@pytest.mark.parametrize("made", [with_its_linker_named_at_the_end, without_a_linker])
def test_however_the_program_is_built(tmp_path: Path, made: Callable[[], bytes]) -> None:
    if made is without_a_linker and platform.machine() != "x86_64":
        pytest.skip("the program is made for another machine")
    program = tmp_path / "bin" / "program"
    program.parent.mkdir()
    program.write_bytes(made())
    program.chmod(0o700)
    assert run(tmp_path, confined=True, program=str(program)).split() == [
        "works",
        *["refused"] * 5,
    ]
