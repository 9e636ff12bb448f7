"""Worker processes, as the main process sees them: requests out, outcomes in, restarts between.

No threads and no multiprocessing: pipes and a selector work inside the sealed process, and nothing
here waits for a worker without a limit.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import ragkit
from ragkit.parsers import registry, wire
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.worker import worker_arguments
from ragkit.protocols import ParseOutcome, ParseRequest
from ragkit.types import ParsedDocument

_GRACE_SECONDS = 60.0
"""On top of a document's time: the first one of its format waits for imports from a cold disk."""
_BLOCK = 1 << 20
_ENVIRONMENT = {
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
    "PYTHONUTF8": "1",
    "PYTHONNOUSERSITE": "1",
    "HOME": "/nonexistent",
    # The worker forks, which a process with threads must not do.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "ORT_DISABLE_TELEMETRY": "1",
}


class WorkerPool:
    """A ParserPool of `workers` processes, started when first needed. Close it, or use it in a `with`.

    A worker imports the libraries of a format once and then forks for each document; see worker.py.
    """

    def __init__(
        self,
        limits: ParseLimits | None = None,
        workers: int = 2,
        *,
        accept_weak_isolation: bool = False,
    ) -> None:
        arguments = worker_arguments(limits or ParseLimits(), accept_weak_isolation)
        self._workers = [
            _Worker(limits or ParseLimits(), arguments) for _ in range(max(1, workers))
        ]

    def fingerprint(self, suffix: str) -> str:
        """What reads that suffix, with versions; an empty string where nothing does."""
        return registry.fingerprint(suffix)

    def parse_all(self, requests: Iterable[ParseRequest]) -> Iterator[ParseOutcome]:
        """One outcome for each request, as they finish. Requests are taken as workers become free."""
        waiting = iter(requests)
        with selectors.DefaultSelector() as selector:
            try:
                while self._hand_out(waiting, selector):
                    yield from self._finished(selector)
            finally:
                # Given up half-way, or interrupted: nobody waits for these outcomes any more.
                for worker in self._workers:
                    if worker.is_busy:
                        worker.stop()

    def close(self) -> None:
        """End all worker processes, whatever they are doing."""
        for worker in self._workers:
            worker.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _hand_out(self, waiting: Iterator[ParseRequest], selector: selectors.BaseSelector) -> bool:
        """Give every idle worker a request; whether any worker is busy now."""
        for worker in self._workers:
            if not worker.is_busy:
                request = next(waiting, None)
                if request is None:
                    break
                worker.begin(request)
                selector.register(worker.outcomes, selectors.EVENT_READ, worker)
        return any(worker.is_busy for worker in self._workers)

    def _finished(self, selector: selectors.BaseSelector) -> Iterator[ParseOutcome]:
        """Wait for busy workers; the outcomes of those that have finished, died or run out of time."""
        busy = [worker for worker in self._workers if worker.is_busy]
        nearest = min(worker.deadline for worker in busy)
        ready = selector.select(max(0.0, nearest - time.monotonic()))
        readable = {key.data for key, _ in ready}
        for worker in busy:
            stream = worker.outcomes
            outcome = worker.receive() if worker in readable else worker.check_time()
            if outcome is not None:
                selector.unregister(stream)
                yield outcome


class _Worker:
    """One worker process and the request it is busy with. Started anew after it died."""

    def __init__(self, limits: ParseLimits, arguments: list[str]) -> None:
        self._limits = limits
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._request: ParseRequest | None = None
        self._received = bytearray()
        self._began = 0.0
        self.deadline = 0.0

    @property
    def is_busy(self) -> bool:
        return self._request is not None

    @property
    def outcomes(self) -> IO[bytes]:
        """The stream to select on while busy."""
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout

    def begin(self, request: ParseRequest) -> None:
        """Send `request`. A worker that cannot take it is noticed as an ended stream."""
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self._process = _start(self._arguments)
        assert self._process.stdin is not None
        self._request = request
        self._received.clear()
        self._began = time.monotonic()
        self.deadline = self._began + self._limits.wall_seconds + _GRACE_SECONDS
        message = wire.pack({"path": str(request.path.absolute()), "suffix": request.suffix})
        try:
            self._process.stdin.write(wire.frame(message))
        except BrokenPipeError:
            self._process.kill()

    def receive(self) -> ParseOutcome | None:
        """Take what has arrived; the outcome once it is whole."""
        block = os.read(self.outcomes.fileno(), _BLOCK)
        self._received += block
        # Whoever sends is done with reading: if it was kept waiting, the ingest was busy, not it.
        self.deadline = max(self.deadline, time.monotonic() + _GRACE_SECONDS)
        head = wire.LENGTH.size
        if len(self._received) >= head:
            (length,) = wire.LENGTH.unpack_from(self._received)
            if len(self._received) >= head + length:
                return self._outcome(bytes(self._received[head : head + length]))
        if block:
            return None
        self.stop(keep_request=True)
        return self._failed("The process that reads documents ended unexpectedly.", "crash")

    def check_time(self) -> ParseOutcome | None:
        """An outcome if the worker itself hangs: on a file system that does not answer, for one."""
        if time.monotonic() < self.deadline:
            return None
        self.stop(keep_request=True)
        seconds = self._limits.wall_seconds
        return self._failed(f"It could not be read within {seconds:g} s.", "timeout")

    def stop(self, *, keep_request: bool = False) -> None:
        """Kill the process; its children die with it."""
        process, self._process = self._process, None
        if not keep_request:
            self._request = None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()

    def _outcome(self, payload: bytes) -> ParseOutcome:
        try:
            plain = wire.unpack(payload)
            if plain.get("document") is None:
                reason, kind = str(plain["reason"]), str(plain["kind"])
                return self._end(str(plain["sha256"]), float(plain["seconds"]), None, reason, kind)
            document = wire.document_from_plain(plain["document"])
            return self._end(str(plain["sha256"]), float(plain["seconds"]), document)
        except (wire.BadFrame, KeyError, TypeError, ValueError):
            return self._failed("Its reader gave no sensible answer.", "crash")

    def _failed(self, reason: str, kind: str) -> ParseOutcome:
        seconds = time.monotonic() - self._began
        return self._end("", round(seconds, 3), None, reason, kind)

    def _end(
        self,
        sha256: str,
        seconds: float,
        document: ParsedDocument | None,
        reason: str = "",
        kind: str = "",
    ) -> ParseOutcome:
        """The outcome of the current request, which is done with."""
        request, self._request = self._request, None
        assert request is not None
        parser = registry.fingerprint(request.suffix)
        return ParseOutcome(request.key, sha256, parser, seconds, document, reason, kind)


def _start(arguments: list[str]) -> subprocess.Popen[bytes]:
    """A worker process with nothing of this one's: environment, folder, descriptors."""
    package_folder = Path(ragkit.__path__[0]).parent
    command = [sys.executable, "-P", "-W", "ignore", "-m", "ragkit.parsers.worker"]
    return subprocess.Popen(
        [*command, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        cwd="/",
        env={**_ENVIRONMENT, "PYTHONPATH": str(package_folder)},
        close_fds=True,
    )
