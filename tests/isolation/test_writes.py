"""A sealed process writes where it was told to, and nowhere else; without the seal it would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ragkit.isolation import guard, landlock
from ragkit.isolation.kernel import Kernel
from tests.isolation import writes
from tests.isolation.conftest import in_child, interpreter_for_all, ordinary_user

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's"),
    pytest.mark.skipif(
        sys.platform == "linux" and landlock.version(Kernel()) < 3, reason="no Landlock here"
    ),
]

WAYS = [way.__name__ for way in writes.WAYS]
NEEDED = [way.__name__ for way in writes.NEEDED]
MAY_BE_MISSING = {"an_unnamed_file", "an_unnamed_file_of_the_store", "a_mount", "shared_memory"}
"""Ways that some machines do not have, whatever is done to them."""
OF_THE_FILTER = {way.__name__ for way in writes.OF_THE_FILTER}
MAY_BE_MISSING |= OF_THE_FILTER
OLD = {"old", "deleted", "taken"}


@dataclass(frozen=True)
class Tried:
    files: str
    ways: dict[str, str]
    left: dict[str, str]


def try_writes(root: Path, *, sealed: bool, ordinary: bool = False) -> Tried:
    """What each way came to, and what lies elsewhere afterwards."""
    with tempfile.TemporaryDirectory() as name:
        given, elsewhere = Path(name) / "given", Path(name) / "elsewhere"
        for folder in (Path(name), given, elsewhere):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o777)
        for file in OLD:
            (elsewhere / file).write_text("old")
            (elsewhere / file).chmod(0o666)
        (given / "link").symlink_to(elsewhere / "linked")
        who = ordinary_user() if ordinary else {}
        if "user" in who:
            for path in (given, elsewhere, *elsewhere.iterdir()):
                os.chown(path, who["user"], who["group"])
        wanted = {"root": str(root), "sealed": sealed, "given": str(given)}
        python = interpreter_for_all() if ordinary else sys.executable
        script = root.parent / "writes.py"
        ended = subprocess.run(
            [python, "-I", script, json.dumps({**wanted, "elsewhere": str(elsewhere)})],
            capture_output=True,
            text=True,
            timeout=60,
            **who,
        )
        assert ended.returncode == 0, ended.stderr
        subprocess.run(["umount", elsewhere], capture_output=True)
        left = {p.name: p.read_text() if p.is_file() else "" for p in elsewhere.iterdir()}
    return Tried(**json.loads(ended.stdout), left=left)


@pytest.fixture(scope="module")
def free(shared_folder: Path) -> Tried:
    return try_writes(shared_folder / "root", sealed=False)


@pytest.fixture(scope="module", params=["", "ordinary user"])
def sealed(request: pytest.FixtureRequest, shared_folder: Path) -> Tried:
    return try_writes(shared_folder / "root", sealed=True, ordinary=bool(request.param))


@pytest.mark.parametrize("way", WAYS)
def test_the_way_is_open_without_the_seal(free: Tried, way: str) -> None:
    if way in MAY_BE_MISSING and free.ways[way]:
        pytest.skip(f"not on this machine: {free.ways[way]}")
    assert free.ways[way] == ""


@pytest.mark.parametrize("way", WAYS)
def test_the_way_is_shut(sealed: Tried, way: str) -> None:
    assert sealed.ways[way] != ""
    if way in OF_THE_FILTER:  # the answer is the filter's, whatever the machine has
        assert "[Errno 13]" in sealed.ways[way]


def test_nothing_has_changed_elsewhere(sealed: Tried) -> None:
    assert sealed.files == ""
    assert sealed.left == dict.fromkeys(OLD, "old")


@pytest.mark.parametrize("way", NEEDED)
def test_work_goes_on(sealed: Tried, way: str) -> None:
    assert sealed.ways[way] == ""


WITH = "from pathlib import Path\nimport ragkit.isolation as guard\n"


def test_what_is_not_there_can_not_be_made(tmp_path: Path) -> None:
    program = WITH + (
        f"guard.seal(write=[Path({str(tmp_path / 'none')!r})])\n"
        f"try: Path({str(tmp_path / 'none')!r}).mkdir()\n"
        "except PermissionError: print('refused')"
    )
    assert in_child(program).printed == "refused"


def test_a_single_file_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    program = WITH + (
        f"folder = Path({str(tmp_path)!r}); guard.seal(write=[folder / 'file'])\n"
        "(folder / 'file').write_text('words')\n"
        "try: (folder / 'other').touch()\n"
        "except PermissionError: print('refused')"
    )
    assert in_child(program).printed == "refused"
    assert (tmp_path / "file").read_text() == "words"


def test_a_later_seal_may_restrict_files_too(tmp_path: Path) -> None:
    program = WITH + (
        "print(guard.seal().files, '|', guard.seal(write=[]).files, '|', guard.seal().files)\n"
        f"try: Path({str(tmp_path / 'x')!r}).touch()\n"
        "except PermissionError: print('refused')"
    )
    assert in_child(program).printed == f"{guard.NOT_WANTED} |  | \nrefused"


def test_children_know_that_files_are_restricted() -> None:
    inner = "import ragkit.isolation as g; print(repr(g.current().files), repr(g.seal().files))"
    program = WITH + (
        "import subprocess, sys; guard.seal(write=[])\n"
        f"subprocess.run([sys.executable, '-c', {inner!r}])"
    )
    assert in_child(program).printed == "'' ''"


@contextmanager
def _kernel(answers: str) -> Iterator[str]:
    yield WITH + (
        "import errno\nfrom ragkit.isolation.kernel import Kernel\n"
        "class Old(Kernel):\n"
        "    def system_call(self, number, *arguments):\n"
        f"        {answers}\n"
        "        return super().system_call(number, *arguments)\n"
        "sealed = guard.seal(write=[], kernel=Old())\n"
        "print(sealed.level in 'AB', sealed.files)\n"
    )


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ("if number == 444: return -errno.ENOSYS", "this kernel has no Landlock (ENOSYS)"),
        ("if number == 444: return -errno.EOPNOTSUPP", "this kernel has no Landlock (ENOTSUP)"),
        ("if number == 446: return -errno.E2BIG", "Landlock gives E2BIG"),
        ("if number == 446: return 0", "/dev/full can be written to"),
    ],
)
def test_without_landlock_it_is_said(answers: str, said: str) -> None:
    with _kernel(answers) as program:
        child = in_child(program)
    assert child.printed == f"True {said}", child.errors


@pytest.mark.parametrize("known", [1, 2, 3, 5])
def test_an_older_landlock_is_used_as_far_as_it_goes(known: int, tmp_path: Path) -> None:
    """The kernel here refuses what it does not know, so sizes and rights are those of that version."""
    sizes = {1: 8, 2: 8, 3: 8, 5: 16}
    answers = (
        f"if number == 444 and arguments[2] == 1: return {known}\n"
        f"        if number == 444: assert arguments[1] == {sizes[known]}"
    )
    with _kernel(answers) as program:
        child = in_child(
            f"{program}\ntry: open({str(tmp_path / 'x')!r}, 'w')\nexcept PermissionError: print('no')"
        )
    assert child.printed == "True \nno", child.errors


def test_a_process_with_threads_is_not_half_restricted() -> None:
    program = "import threading as t; t.Thread(target=t.Event().wait, daemon=True).start()\n" + WITH
    child = in_child(program + "print(guard.seal(write=[]).files)")
    assert child.printed == "the process already has threads"


def test_the_description_says_it() -> None:
    assert guard.Isolation("A", (), "").description.endswith("; files restricted")
    assert (
        "files not restricted: no Landlock" in guard.Isolation("A", (), "no Landlock").description
    )


@pytest.mark.parametrize("missing", ["", "/dev/full", "both"])
def test_files_that_are_not_there_are_no_sign_of_restriction(missing: str) -> None:
    """Nobody has restricted anything: containers and chroots may lack either file."""
    names = {"": ("/dev/full",), "/dev/full": ("/none", "/dev/zero"), "both": ("/none", "/no")}
    inner = "print(repr(guard.current().files), repr(guard.seal().files))"
    program = f"from ragkit.isolation import writing; writing._OPEN_TO_ALL = {names[missing]}\n"
    assert in_child(WITH + program + inner).printed == repr(guard.NOT_WANTED) + " " + repr(
        guard.NOT_WANTED
    )


@pytest.mark.parametrize("number", [445, 446])
@pytest.mark.parametrize(
    "made",
    ["restrict_writing(kernel, [])", "confine_ocr(Path('/bin/true'), kernel, accept_weak=True)"],
)
def test_rules_that_cannot_be_had_leave_no_descriptor(number: int, made: str) -> None:
    program = WITH + (
        "import errno, os\n"
        "from ragkit.isolation.kernel import Kernel\n"
        "from ragkit.isolation.profiles import confine_ocr\n"
        "from ragkit.isolation.writing import restrict_writing\n"
        "class Old(Kernel):\n"
        "    def system_call(self, asked, *arguments):\n"
        f"        return -errno.E2BIG if asked == {number} else super().system_call(asked, *arguments)\n"
        "kernel = Old()\n"
        "before = os.listdir('/proc/self/fd')\n"
        f"print({made}.startswith('Landlock gives E2BIG'), os.listdir('/proc/self/fd') == before)\n"
    )
    assert in_child(program).printed == "True True"
