"""Whole processes, from start to end, and what they cost."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import ragkit
from ragkit.bench.results import Cost
from ragkit.errors import NotReady
from ragkit.files import scratch_file

_PACKAGE_FOLDER = Path(ragkit.__path__[0]).parent


@dataclass(frozen=True, slots=True)
class Finished:
    """A process that has ended."""

    cost: Cost
    output: str

    def json(self) -> dict[str, Any]:
        """What it printed."""
        answer: dict[str, Any] = json.loads(self.output)
        return answer


def run_module(module: str, *arguments: str, request: object = None) -> Finished:
    """`python -m module`; `request` goes to its standard input as JSON, or as it is if it is text.

    Raises NotReady if it fails. Interrupted, it leaves no process behind.
    """
    text = request if isinstance(request, str) else json.dumps(request)
    used = _children_seconds()
    started = time.monotonic()
    output, complaint, code = _run([sys.executable, "-m", module, *arguments], text)
    seconds = time.monotonic() - started
    if code not in (0, 3, 6):  # 3 and 6: some files were unreadable, a question found nothing
        raise NotReady(f"{module} ended with exit code {code}{_reason(output, complaint)}.")
    return Finished(Cost(seconds, _children_seconds() - used), output)


def follow_module(module: str, *arguments: str, request: object) -> Iterator[dict[str, Any]]:
    """The same of one that tells of its progress: every line that it prints, as it comes.

    Raises NotReady if it fails. Interrupted or left, it leaves no process behind.
    """
    with (
        scratch_file("request") as given,
        scratch_file("complaint") as complaint,
        subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=_PACKAGE_FOLDER,
            stdin=_written(given, request),
            stdout=subprocess.PIPE,
            stderr=complaint,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            for line in process.stdout:
                yield json.loads(line)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        if process.wait():
            complaint.seek(0)
            said = complaint.read().decode("utf-8", "replace")
            raise NotReady(
                f"{module} ended with exit code {process.returncode}{_reason('', said)}."
            )


def _written(file: IO[bytes], request: object) -> IO[bytes]:
    file.write(json.dumps(request).encode())
    file.seek(0)
    return file


def _run(command: Sequence[str], text: str) -> tuple[str, str, int]:
    # A session of its own: what it has started in turn can be ended together with it.
    process = subprocess.Popen(
        command,
        cwd=_PACKAGE_FOLDER,  # `-m` imports from the current folder first
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        output, complaint = process.communicate(text)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return output, complaint, process.returncode


def _children_seconds() -> float:
    """Processor time of all children that have ended, and of theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _reason(output: str, complaint: str) -> str:
    """ragkit's own sentence; of another program's only the kind of its last error, which may quote text."""
    try:
        return f": {json.loads(output)['message'].rstrip('.')}"
    except (ValueError, KeyError, TypeError):
        kind = complaint.strip().rpartition("\n")[2].partition(":")[0]
        return f": {kind}" if kind.isidentifier() else ""
