"""Row 2 from Python: the caller keeps its network and its threads, the work has none. Real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ragkit.errors import IsolationFault
from ragkit.remote import worker
from ragkit.remote.client import Workspace
from ragkit.types import Step
from tests.remote.conftest import Marks

ROOT = Path(__file__).parents[2]

CALLER = """
import json, os, socket, sys, threading
listener = socket.create_server(("127.0.0.1", 0))
stop = threading.Event()
threads = [threading.Thread(target=stop.wait) for _ in range(3)]
[thread.start() for thread in threads]
try:
    from ragkit import Workspace
    from ragkit.isolation import current
    with Workspace(sys.argv[1]) as workspace:
        report = workspace.ingest("p")
        answer = workspace.ask("p", "How much is the rent?")
        child = workspace._worker._running._process.pid
        status = open(f"/proc/{child}/status").read()
        level, attempts = workspace.isolation.level, workspace.attempts
        outcome = workspace.status("p")[0].isolation
    socket.create_connection(listener.getsockname(), timeout=5).close()
    print(json.dumps({
        "documents": report.documents, "quotes": [c.quote for c in answer.citations],
        "level": level, "status": outcome, "caller": current().level, "attempts": attempts,
        "seccomp": [l.split()[1] for l in status.splitlines() if l.startswith("Seccomp:")],
        "loaded": [m for m in ("numpy", "chromadb", "llama_cpp", "click") if m in sys.modules],
    }))
finally:
    stop.set()
"""


@pytest.fixture
def real_config(tmp_path: Path, starter_models: dict[str, Path]) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("The rent is 900 euros a month.", encoding="utf-8")
    path = tmp_path / "pipelines.yaml"
    path.write_text("pipelines: {p: {folders: [files]}}\n", encoding="utf-8")
    return path


def run(code: str, config: Path, *before: str, path: Path | None = None) -> dict[str, object]:
    """The object that `code` prints, run with the options `before` of Python."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, filter(None, (path, ROOT)))),
    }
    done = subprocess.run(
        [sys.executable, *before, "-c", code, str(config)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=environment,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(found, dict)
    return found


@pytest.mark.real
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel has no such filter")
def test_a_caller_with_threads_and_a_network_gets_answers_from_a_sealed_process(
    real_config: Path,
) -> None:
    found = run(CALLER, real_config, "-P")
    assert found["documents"] == 1
    assert found["quotes"] == ["The rent is 900 euros a month."]
    assert found["level"] in ("A", "B")
    assert str(found["status"]).startswith(f"level {found['level']}")
    assert found["seccomp"] == ["2"]
    assert found["caller"] == "D"
    assert found["attempts"] == []
    assert found["loaded"] == []


LIBRARY = """
import socket
def version(): return "1"
def algorithms(): return ["english", "spanish"]
class Stemmer:
    def __init__(self, *a): pass
    def stemWord(self, word):
        try: socket.create_connection(("127.0.0.1", 9))
        except OSError: pass
        return word
"""
BLOCKED = """
import json, sys
from ragkit import Workspace
from ragkit.errors import ConnectionBlocked
from ragkit.isolation import attempts
with Workspace(sys.argv[1]) as workspace:
    try: workspace.ingest("p"); told = None
    except ConnectionBlocked as error: told = [error.exit_code, error.message]
    seen = [str(one) for one in workspace.attempts]
    print(json.dumps({"told": told, "seen": seen, "own": len(attempts())}))
"""


@pytest.mark.real
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel has no such filter")
def test_a_library_that_tries_to_connect_is_told_to_the_caller(
    real_config: Path, tmp_path: Path
) -> None:
    libraries = tmp_path / "libraries"
    libraries.mkdir()
    (libraries / "Stemmer.py").write_text(LIBRARY, encoding="utf-8")
    found = run(BLOCKED, real_config, path=libraries)
    code, message = found["told"]  # type: ignore[misc]
    assert code == 8
    assert "Stemmer.py" in message
    assert "nothing left this machine" in message
    assert "Stemmer.py" in str(found["seen"])
    assert found["own"] == 0


SEALED_CALLER = """
import json, sys
from ragkit import Workspace, seal
seal()
with Workspace(sys.argv[1]) as workspace:
    print(json.dumps({"level": workspace.isolation.level, "n": len(workspace.status())}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel has no such filter")
def test_a_sealed_caller_and_one_in_an_event_loop(config: Path) -> None:
    found = run(SEALED_CALLER, config)
    assert found["level"] in ("A", "B")
    inside = "import asyncio\nasync def main():\n" + "".join(
        f"    {line}\n" for line in SEALED_CALLER.replace("seal()\n", "").strip().splitlines()
    )
    found = run(inside.replace(", seal", "") + "asyncio.run(main())", config)
    assert found["level"] in ("A", "B")


def test_the_caller_stays_clean(tmp_path: Path) -> None:
    """Also as a notebook has it: no file of its own, threads, nothing on standard input."""
    path = tmp_path / "pipelines.yaml"
    path.write_text("pipelines: {p: {folders: [.]}}\n", encoding="utf-8")
    code = (
        "import json, sys, ragkit; from ragkit import Workspace\n"
        "with Workspace(sys.argv[1]) as w: w.status()\n"
        "own = {m.split('.')[0] for m in sys.modules} - set(sys.stdlib_module_names)\n"
        "print(json.dumps({'loaded': sorted(own)}))"
    )
    loaded = set(run(code, path)["loaded"])  # type: ignore[call-overload]
    known = {name for name in loaded if not name.startswith(("_", "__")) and name != "ragkit"}
    assert known <= {"yaml", "cython_runtime"}


STARTED_WITH = ("_distutils_hack", "sitecustomize", "usercustomize")
"""What Python itself loads when it starts, from files of the environment's owner."""


def test_the_process_seals_itself_before_it_imports_what_opens_documents(
    config: Path, marks: Marks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "MODULE", "tests.remote.order")
    with Workspace(config) as workspace:
        assert workspace.status()
    (line,) = marks("imported")
    loaded = {name for name in line.split()[1:] if not name.startswith(("__", "_cython"))}
    assert loaded <= {"ragkit", "tests", "yaml", "_yaml", "cython_runtime", *STARTED_WITH}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere weak is all there is")
def test_below_level_b_nothing_is_opened_unless_the_caller_accepts_it(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "MODULE", "tests.remote.weak")
    with pytest.raises(IsolationFault, match="this kernel has no filters"):
        Workspace(config)
    with Workspace(config, accept_weak_isolation=True) as workspace:
        assert workspace.isolation.level in ("C", "D")
        assert not workspace.isolation.is_strong
        assert "this kernel has no filters" in workspace.status()[0].isolation


def test_passwords_go_over_the_socket_alone(
    config: Path, marks: Marks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in the command line nor in the environment, where other processes of the user see them."""
    monkeypatch.setattr(worker, "MODULE", "tests.remote.fakes")
    with Workspace(config) as workspace:
        seen: list[bytes] = []

        def look(step: Step) -> None:
            place = Path("/proc", str(workspace._worker._running._process.pid))
            seen.extend((place / name).read_bytes() for name in ("cmdline", "environ"))
            raise LookupError

        with pytest.raises(LookupError):
            workspace.ingest("p", passwords={"a.pdf": "hunter2-secret"}, on_step=look)
    assert len(seen) == 2
    assert b"tests.remote.fakes" in seen[0]
    assert not any(b"hunter2" in data or b"a.pdf" in data for data in seen)
