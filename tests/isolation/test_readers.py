"""A reader taken over by its document gets nothing; without the profile it would get everything."""

from __future__ import annotations

import json
import os
import pty
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ragkit.isolation import landlock
from ragkit.isolation.kernel import Kernel
from tests.isolation import hostile
from tests.isolation.conftest import ROOT, in_child, interpreter_for_all, ordinary_user

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the guard's filter is Linux's")

NEEDED = [way.__name__ for way in hostile.NEEDED]
TRIES = [way.__name__ for way in hostile.TRIES]
MAY_BE_MISSING = {
    "write_a_temporary_file",
    "change_attributes",
    "reach_by_handle",
    "make_a_namespace",
    "trace_a_sibling",
    "read_the_parents_memory",
    "read_the_parents_memory_by_call",
    "mark_the_document",
    "hold_up_who_writes_the_document",
    "share_memory",
    "use_a_ring",
}
"""Ways that some machines do not have, whatever is done to them."""
LANDLOCKS = {name for name in TRIES if name.startswith(("read_", "write_", "reopen_", "open_"))}
"""What is only shut where the kernel has Landlock."""


def taken_over(folder: Path, *, confined: bool) -> dict[str, str]:
    """What each try came to."""
    for name, text in {
        "home/.ssh/id_ed25519": "a key",
        "store/catalog.db": "other documents",
        "documents/document.txt": "a document",
        "documents/neighbour.txt": "another patient",
        "documents/delete": "",
        "documents/rename": "",
        "documents/truncate": "words",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    listener, service = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)
    service.bind(str(folder / "service"))
    service.listen()
    keeper, terminal = pty.openpty()
    sibling = subprocess.Popen(["sleep", "60"])
    target = {
        "confined": confined,
        "folder": str(folder),
        "port": listener.getsockname()[1],
        "service": str(folder / "service"),
        "sibling": sibling.pid,
        "terminal": os.ttyname(terminal),
    }
    try:
        ended = subprocess.run(
            [sys.executable, Path(hostile.__file__), json.dumps(target)],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert sibling.poll() is None
    finally:
        sibling.kill()
        sibling.wait()
        for one in (listener, service):
            one.close()
        os.close(keeper)
        os.close(terminal)
    assert ended.returncode == 0, ended.stderr
    result: dict[str, str] = json.loads(ended.stdout)
    return result


@pytest.fixture(scope="module")
def free(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return taken_over(tmp_path_factory.mktemp("free"), confined=False)


@pytest.fixture(scope="module")
def confined_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("confined")


@pytest.fixture(scope="module")
def confined(confined_folder: Path) -> dict[str, str]:
    return taken_over(confined_folder, confined=True)


@pytest.mark.parametrize("name", TRIES)
def test_it_works_without_the_profile(free: dict[str, str], name: str) -> None:
    if name in MAY_BE_MISSING and free[name]:
        pytest.skip(f"not on this machine: {free[name]}")
    assert free[name] == ""


@pytest.mark.parametrize("name", TRIES)
def test_it_is_refused(confined: dict[str, str], name: str) -> None:
    if name in LANDLOCKS and landlock.version(Kernel()) < 1:
        pytest.skip("this kernel has no Landlock")
    assert confined[name].startswith("PermissionError")


@pytest.mark.parametrize("name", NEEDED)
def test_what_readers_need_goes_on(confined: dict[str, str], name: str) -> None:
    assert confined[name] == ""


def test_nothing_has_changed(confined: dict[str, str], confined_folder: Path) -> None:
    names = {path.name for path in (confined_folder / "documents").iterdir()}
    assert names == {"document.txt", "neighbour.txt", "delete", "rename", "truncate"}
    assert (confined_folder / "documents/truncate").read_text() == "words"
    assert confined  # it has been tried


LEFT = Path(__file__).parent / "left.py"


@pytest.mark.parametrize("forgetting", [True, False])
def test_nothing_of_one_document_is_in_what_reads_the_next(
    tmp_path: Path, forgetting: bool
) -> None:
    """The child looks for it in its own memory; the control serves both from one process."""
    ended = subprocess.run(
        [sys.executable, LEFT, str(tmp_path), str(int(forgetting))],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["its own"] > 100
    assert found["of the other"] == 0 if forgetting else found["of the other"] > 0


UNANSWERED = """
import errno, sys
from pathlib import Path
import ragkit.isolation as guard
from ragkit.errors import IsolationFault
from ragkit.isolation.kernel import Kernel
from ragkit.isolation.profiles import ReaderProfile, confine_ocr

class Old(Kernel):
    def system_call(self, number, *arguments):
        return -errno.{error} if number == 446 else super().system_call(number, *arguments)

guard.seal(write=())
try:
    {act}
except IsolationFault as fault:
    print(fault.message)
else:
    print("goes on", open("/etc/passwd").read() != "")
"""


@pytest.mark.skipif(
    sys.platform != "linux" or landlock.version(Kernel()) < 1, reason="no Landlock here"
)
@pytest.mark.parametrize("error", ["ENOSYS", "E2BIG"])
@pytest.mark.parametrize("weak", [False, True])
@pytest.mark.parametrize(
    ("act", "who"),
    [
        ("ReaderProfile(Old()).confine(accept_weak={weak})", "A document's reader"),
        ("confine_ocr(Path('/bin/true'), Old(), accept_weak={weak})", "What runs OCR"),
    ],
)
def test_rules_that_the_kernel_takes_and_does_not_enforce_are_no_rules(
    act: str, who: str, weak: bool, error: str
) -> None:
    child = in_child(UNANSWERED.format(act=act.format(weak=weak), error=error))
    fault = f"{who} cannot be shut in: Landlock gives {error}."
    assert child.printed == ("goes on True" if weak else fault), child.errors


@pytest.mark.skipif(
    sys.platform != "linux" or landlock.version(Kernel()) < 1, reason="no Landlock here"
)
def test_another_project_is_no_library(tmp_path: Path) -> None:
    """An editable install puts the folder of a project on the path, with all that lies there."""
    (tmp_path / "site-packages").mkdir()
    for folder in (tmp_path, tmp_path / "site-packages"):
        (folder / "letter.txt").write_text("words")
    program = f"""
import sys
sys.path += [{str(tmp_path)!r}, {str(tmp_path / "site-packages")!r}]
import ragkit.isolation as guard
from ragkit.isolation.profiles import ReaderProfile
guard.seal(write=())
ReaderProfile().confine()
for folder in sys.path[-2:]:
    try:
        print(open(folder + "/letter.txt").read())
    except PermissionError:
        print("refused")
import wave
"""
    assert in_child(program).printed.split() == ["refused", "words"]


UNENFORCED = """
import sys
sys.path.insert(0, {root!r})
import ragkit.isolation as guard
from ragkit.errors import IsolationFault
from ragkit.isolation.kernel import Kernel
from ragkit.isolation.profiles import ReaderProfile

class Pretending(Kernel):
    def system_call(self, number, *arguments):
        return 0 if number == 446 else super().system_call(number, *arguments)

guard.seal(write=())
try:
    ReaderProfile(Pretending() if {pretending} else None).confine()
except IsolationFault as fault:
    print(fault.message)
else:
    print("confined")
"""


@pytest.mark.skipif(
    sys.platform != "linux" or landlock.version(Kernel()) < 1, reason="no Landlock here"
)
@pytest.mark.parametrize("pretending", [False, True])
def test_rules_that_do_not_hold_are_found_out_by_every_user(
    shared_folder: Path, pretending: bool
) -> None:
    """A process that is not dumpable may not read its own environment, whatever the rules are."""
    program = UNENFORCED.format(root=str(shared_folder / "root"), pretending=pretending)
    ended = subprocess.run(
        [interpreter_for_all(), "-I", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        **ordinary_user(),
    )
    fault = "A document's reader cannot be shut in: /proc/version can be read."
    assert ended.stdout.strip() == (fault if pretending else "confined"), ended.stderr
