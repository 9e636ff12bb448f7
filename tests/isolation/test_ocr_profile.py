"""The process that runs OCR runs that one program; without its profile it could run any."""

from __future__ import annotations

import shutil
import sys
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


def run(tmp_path: Path, *, confined: bool) -> str:
    (tmp_path / "letter.txt").write_text("confidential")
    true = shutil.which("true") or "/bin/true"
    secret = str(tmp_path / "letter.txt")
    child = in_child(PROGRAM.format(confined=confined, program=true, secret=secret))
    assert child.code == 0, child.errors
    return child.printed


def test_without_the_profile_everything_works(tmp_path: Path) -> None:
    assert set(run(tmp_path, confined=False).split()) == {"works"}


def test_only_the_program_runs_and_nothing_of_the_users_is_read(tmp_path: Path) -> None:
    assert run(tmp_path, confined=True).split() == ["works", *["refused"] * 5]
