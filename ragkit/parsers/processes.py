"""Processes of one's own: how they are started, how they end, and frames over pipes between them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Sequence
from itertools import pairwise
from pathlib import Path

import ragkit
from ragkit.parsers import wire

_PR_SET_PDEATHSIG = 1
_BLOCK = 1 << 20
_ENVIRONMENT = {
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
    "PYTHONUTF8": "1",
    "PYTHONNOUSERSITE": "1",
    "HOME": "/nonexistent",
    # Workers fork, which a process with threads must not do.
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "ORT_DISABLE_TELEMETRY": "1",
}
_KEPT = ("TESSDATA_PREFIX",)
"""Of this process's environment: where the user keeps the languages of tesseract."""


def start_module(
    module: str, arguments: Sequence[str], pass_fds: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    """`python -m module` with nothing of this process's: environment, folder, descriptors."""
    package_folder = Path(ragkit.__path__[0]).parent
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-P", "-W", "ignore", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        cwd="/",
        env={**_ENVIRONMENT, **kept, "PYTHONPATH": str(package_folder)},
        close_fds=True,
        pass_fds=pass_fds,
    )


def stop_process(process: subprocess.Popen[bytes]) -> None:
    """Kill it, wait for its end, and close the pipes to it."""
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def close_all_but(kept: Collection[int]) -> None:
    """Close every descriptor above standard error but those; for a child that was just forked."""
    edges = [2, *sorted(kept), os.sysconf("SC_OPEN_MAX")]
    for below, above in pairwise(edges):
        os.closerange(below + 1, above)


def die_with_parent(parent: int) -> None:
    """Ask the kernel for SIGKILL when the parent ends; end now if it already has."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def take_standard_streams() -> tuple[int, int]:
    """Descriptors of what were standard input and output; libraries that print or ask reach nothing."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return requests, answers


def read_frame(descriptor: int, most: int | None = None) -> bytes | None:
    """The next frame; None at the end of the stream. Raises wire.BadFrame above `most` bytes."""
    header = _read_exactly(descriptor, wire.LENGTH.size)
    if header is None:
        return None
    (length,) = wire.LENGTH.unpack(header)
    if most is not None and length > most:
        raise wire.BadFrame("a frame is too long")
    return _read_exactly(descriptor, length)


def _read_exactly(descriptor: int, count: int) -> bytes | None:
    """`count` bytes, or None at the end of the stream."""
    data = bytearray()
    while len(data) < count:
        block = os.read(descriptor, min(_BLOCK, count - len(data)))
        if not block:
            return None
        data += block
    return bytes(data)


def write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
