"""A crash of native code ends a command with exit code 1 and a sentence; signals reach the work."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ragkit.cli.main import COMMANDS
from ragkit.cli.watching import needs_watching


def run(work: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script(work), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def script(work: str) -> str:
    lines = "\n    ".join(work.splitlines())
    return (
        "import ctypes, os, signal, sys, time\nfrom ragkit.cli.watching import watched\n"
        f"def work():\n    {lines}\nwatched(work)"
    )


def test_the_exit_code_and_the_output_are_the_works_own() -> None:
    done = run("print('found', flush=True)\nsys.exit(6)")
    assert (done.returncode, done.stdout, done.stderr) == (6, "found\n", "")


def test_a_real_crash_is_told_in_one_sentence() -> None:
    done = run("ctypes.string_at(0)")
    assert done.returncode == 1
    assert "SIGSEGV" in done.stderr
    assert "the index is as it was" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["SIGABRT", "SIGKILL", "SIGILL"])
def test_a_killed_process_too_as_json(name: str) -> None:
    done = run(f"os.kill(os.getpid(), signal.{name})", "ask", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["exit_code"], done.stderr) == (1, 1, "")
    assert name in told["message"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_sent_to_the_command_reaches_the_work(number: signal.Signals) -> None:
    work = (
        f"signal.signal({int(number)}, lambda *_: sys.exit(130))\n"
        "print('ready', flush=True)\ntime.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script(work)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert process.wait(30) == 130
    process.stdout.close()


def test_the_work_ends_with_the_one_who_watches(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    work = f"open({str(pid_file)!r}, 'w').write(str(os.getpid()))\nprint('x', flush=True)\ntime.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", script(work)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.wait(30)
    process.stdout.close()
    status = Path(f"/proc/{pid_file.read_text()}/stat")
    for _ in range(300):
        if not status.exists() or " Z " in status.read_text():
            return
        time.sleep(0.1)
    pytest.fail("the work goes on alone")


def test_only_commands_that_may_load_a_model_are_watched() -> None:
    assert needs_watching(["ask", "p", "question"], COMMANDS)
    assert needs_watching(["-q", "summarize", "p"], COMMANDS)
    assert needs_watching(["--config", "p.yaml", "ask", "p", "question"], COMMANDS)
    assert needs_watching(["nightly", "--all"], COMMANDS)  # its steps may compose
    assert not needs_watching(["--help"], COMMANDS)
    assert not needs_watching(["search", "p", "ask"], COMMANDS)
