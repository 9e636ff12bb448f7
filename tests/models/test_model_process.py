"""Work on models in a process of its own: its progress, its faults, its crashes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import ragkit
from ragkit.errors import CheckFailed, NotReady, RagkitError
from ragkit.llm import model_process
from ragkit.llm.model_process import likeliest_apart, quantize_apart, speeds_apart
from tests.models.gguf_files import gguf

_REAL_POPEN = subprocess.Popen


def in_its_place(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Another program than the one that works on models."""

    def started(_: list[str], **settings: Any) -> subprocess.Popen[bytes]:
        return _REAL_POPEN([sys.executable, "-c", code], **settings)

    monkeypatch.setattr(model_process.subprocess, "Popen", started)


def nothing(*_: object) -> None:
    """No progress."""


def test_a_crash_is_a_sentence_with_the_signal_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    crash = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    in_its_place(monkeypatch, crash)
    with pytest.raises(
        RagkitError, match=r"llama\.cpp crashed \(SIGSEGV\) while measuring m\.gguf"
    ) as caught:
        speeds_apart(tmp_path / "m.gguf", 1)
    assert caught.value.exit_code == 1
    assert "nothing was changed" in caught.value.message


def test_a_process_killed_for_its_memory_names_what_is_smaller(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_its_place(monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(NotReady, match="most likely for its memory") as caught:
        speeds_apart(tmp_path / "m.gguf", 1)
    assert caught.value.hint == "ragkit models recommend"


def test_what_native_code_prints_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = 'print("ggml: hello"); print(\'{"done": 1, "total": 2}\'); print(\'{"result": [[1]]}\')'
    in_its_place(monkeypatch, lines)
    seen: list[tuple[int, int]] = []
    told = likeliest_apart(tmp_path / "m.gguf", ("x",), 1, lambda *step: seen.append(step))
    assert (told, seen) == ([[1]], [(1, 2)])


def test_an_interrupt_ends_the_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started: list[subprocess.Popen[bytes]] = []
    endless = 'import time\nprint(\'{"done": 1, "total": 2}\', flush=True)\ntime.sleep(600)'

    def start(_: list[str], **settings: Any) -> subprocess.Popen[bytes]:
        started.append(_REAL_POPEN([sys.executable, "-c", endless], **settings))
        return started[-1]

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(model_process.subprocess, "Popen", start)
    with pytest.raises(KeyboardInterrupt):
        quantize_apart(tmp_path / "a", tmp_path / "b", "Q8_0", 1, interrupt)
    assert started[0].poll() == -signal.SIGKILL


WAITS = """
import os, sys, time
from pathlib import Path
from ragkit.llm.model_process import run_apart, serve

def work(job, on_part):
    on_part(os.getpid(), 0)
    time.sleep(600)

if __name__ == "__main__":
    serve(work)
"""
CALLS = """
import sys
from ragkit.llm import model_process
model_process._root = lambda: sys.argv[1]
model_process.run_apart("waits", {"do": "wait"}, "waiting", lambda pid, _: print(pid, flush=True))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can do it")
def test_it_ends_with_a_caller_that_is_killed(tmp_path: Path) -> None:
    """Else a measurement of a large model goes on, for nobody, with all of its memory."""
    (tmp_path / "waits.py").write_text(WAITS)
    (tmp_path / "ragkit").symlink_to(Path(ragkit.__path__[0]))
    caller = subprocess.Popen(
        [sys.executable, "-c", CALLS, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert caller.stdout is not None
    pid = int(caller.stdout.readline())
    assert is_running(pid)
    caller.kill()
    caller.communicate()
    ends = time.monotonic() + 20
    while is_running(pid) and time.monotonic() < ends:
        time.sleep(0.01)
    assert not is_running(pid)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def test_a_file_that_llama_cannot_read_is_a_sentence(tmp_path: Path) -> None:
    """Its header is right; there is no model in it."""
    source = tmp_path / "tiny.gguf"
    source.write_bytes(gguf())
    (tmp_path / "new").mkdir()
    with pytest.raises(CheckFailed, match=r"llama\.cpp cannot quantize tiny\.gguf"):
        quantize_apart(source, tmp_path / "new" / "out.gguf", "Q8_0", 1, nothing)
