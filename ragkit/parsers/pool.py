"""Worker processes, as the main process sees them: requests out, outcomes in, restarts between.

No threads and no multiprocessing: pipes and a selector work inside the sealed process, and nothing
here waits for a worker without a limit.
"""

from __future__ import annotations

import functools
import os
import selectors
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from types import TracebackType
from typing import IO, Any, Self

from ragkit import isolation
from ragkit.errors import IsolationFault
from ragkit.parsers import registry, wire, wire_drawings
from ragkit.parsers.limits import ParseLimits, raise_it
from ragkit.parsers.ocr_helpers import OcrHelper, OcrHelpers, open_files, open_readers
from ragkit.parsers.processes import start_module, stop_process
from ragkit.parsers.tesseract import OcrEngine, OcrSettings, find_engine
from ragkit.parsers.worker import worker_arguments
from ragkit.protocols import OnPage, ParseOutcome, ParseRequest
from ragkit.types import ParsedDocument

_GRACE_SECONDS = 60.0
"""On top of a document's time: the first one of its format waits for imports from a cold disk."""
_BLOCK = 1 << 20


class WorkerPool:
    """A ParserPool of `workers` processes, started when first needed. Close it, or use it in a `with`.

    A worker imports the libraries of a format once and then forks for each document; see worker.py.
    helpers: processes for OCR that were started in advance; they stay the caller's.
    """

    def __init__(
        self,
        limits: ParseLimits | None = None,
        workers: int = 2,
        *,
        ocr: OcrSettings | None = None,
        helpers: OcrHelpers | None = None,
        accept_weak_isolation: bool = False,
    ) -> None:
        self._limits = limits or ParseLimits()
        self._ocr = ocr or OcrSettings()
        self._helpers = helpers or OcrHelpers()
        self._accept_weak_isolation = accept_weak_isolation
        patience = self._limits.wall_seconds, self._ocr.seconds
        self._workers = [
            _Worker(*patience, self._start, self._helpers) for _ in range(max(1, workers))
        ]

    def fingerprint(self, suffix: str) -> str:
        """What reads that suffix, with versions; an empty string where nothing does."""
        return registry.fingerprint(suffix)

    def ocr_fingerprint(self) -> str:
        """What reads pages without a text layer, e.g. "tesseract 5.3.0 eng+spa psm1"; "" if nothing."""
        return self._engine.fingerprint

    def ocr_notes(self) -> tuple[str, ...]:
        """What a person should know about OCR, and about what reads documents, here; a sentence each."""
        helpers = () if self._engine.absent else open_files()
        return (*self._engine.notes, *helpers, *open_readers())

    @functools.cached_property
    def _engine(self) -> OcrEngine:
        """Asked of the machine when first needed, which takes a moment."""
        return find_engine(self._ocr)

    def parse_all(
        self, requests: Iterable[ParseRequest], on_page: OnPage | None = None
    ) -> Iterator[ParseOutcome]:
        """One outcome for each request, as they finish. Requests are taken as workers become free.

        Raises IsolationFault where what reads a document cannot be shut in.
        on_page is told of every page that is being read by OCR.
        """
        waiting = iter(requests)
        with selectors.DefaultSelector() as selector:
            try:
                while self._hand_out(waiting, selector):
                    yield from self._finished(selector, on_page or _tell_nobody)
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

    def _start(self) -> tuple[subprocess.Popen[bytes], OcrHelper | None]:
        """A worker process and the helper it was handed, if one was started in advance."""
        helper = None if self._engine.absent else self._helpers.take()
        arguments = worker_arguments(
            self._limits, self._accept_weak_isolation, self._engine, helper
        )
        pipes = helper.descriptors if helper else ()
        return start_module("ragkit.parsers.worker", arguments, pipes), helper

    def _finished(
        self, selector: selectors.BaseSelector, on_page: OnPage
    ) -> Iterator[ParseOutcome]:
        """Wait for busy workers; the outcomes of those that have finished, died or run out of time."""
        busy = [worker for worker in self._workers if worker.is_busy]
        nearest = min(worker.deadline for worker in busy)
        ready = selector.select(max(0.0, nearest - time.monotonic()))
        readable = {key.data for key, _ in ready}
        for worker in busy:
            stream = worker.outcomes
            outcome = worker.receive(on_page) if worker in readable else worker.check_time()
            if outcome is not None:
                selector.unregister(stream)
                yield outcome


def _tell_nobody(key: str, page: int, pages: int) -> None:
    """Nobody asked."""


class _Worker:
    """One worker process and the request it is busy with. Started anew after it died."""

    def __init__(
        self,
        file_seconds: float,
        page_seconds: float,
        start: Callable[[], tuple[subprocess.Popen[bytes], OcrHelper | None]],
        helpers: OcrHelpers,
    ) -> None:
        self._file_seconds = file_seconds
        self._page_seconds = page_seconds
        self._start = start
        self._helpers = helpers
        self._process: subprocess.Popen[bytes] | None = None
        self._helper: OcrHelper | None = None
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
            self._process, self._helper = self._start()
        assert self._process.stdin is not None
        self._request = request
        self._received.clear()
        self._began = time.monotonic()
        self.deadline = self._began + self._file_seconds + _GRACE_SECONDS
        asked = {"path": str(request.path.absolute()), "suffix": request.suffix}
        drawing = {"draw": wire_drawings.wanted_to_plain(request.draw)} if request.draw else {}
        message = wire.pack({**asked, "passwords": request.passwords, **drawing})
        try:
            self._process.stdin.write(wire.frame(message))
        except BrokenPipeError:
            self._process.kill()

    def receive(self, on_page: OnPage) -> ParseOutcome | None:
        """Take what has arrived; the outcome once it is whole."""
        block = os.read(self.outcomes.fileno(), _BLOCK)
        self._received += block
        # Whoever sends is done with reading: if it was kept waiting, the ingest was busy, not it.
        self.deadline = max(self.deadline, time.monotonic() + _GRACE_SECONDS)
        while (payload := self._next_frame()) is not None:
            try:
                told = self._understood(wire.unpack(payload))
            except (wire.BadFrame, KeyError, TypeError, ValueError):
                self.stop(keep_request=True)
                return self._failed("Its reader gave no sensible answer.", "crash")
            if isinstance(told, ParseOutcome):
                return told
            on_page(*told)
        if block:
            return None
        self.stop(keep_request=True)
        return self._failed("The process that reads documents ended unexpectedly.", "crash")

    def _next_frame(self) -> bytes | None:
        head = wire.LENGTH.size
        if len(self._received) < head:
            return None
        (length,) = wire.LENGTH.unpack_from(self._received)
        if len(self._received) < head + length:
            return None
        payload = bytes(self._received[head : head + length])
        del self._received[: head + length]
        return payload

    def _understood(self, plain: dict[str, Any]) -> ParseOutcome | tuple[str, int, int]:
        """The outcome, or (key, page, pages) where OCR begins with a page.

        Until that page is done and the file is read on, there is time again.
        Raises BadFrame, KeyError, TypeError or ValueError if it is neither, and IsolationFault where
        nothing can be read safely: for every outcome the worker itself adds a digest.
        """
        if "fault" in plain and "sha256" not in plain:
            raise IsolationFault(str(plain["fault"]), hint=str(plain["hint"]))
        if "page" not in plain:
            return self._outcome(plain)
        assert self._request is not None
        seconds = self._page_seconds + self._file_seconds + _GRACE_SECONDS
        self.deadline = max(self.deadline, time.monotonic() + seconds)
        return self._request.key, int(plain["page"]), int(plain["pages"])

    def check_time(self) -> ParseOutcome | None:
        """An outcome if the worker itself hangs: on a file system that does not answer, for one."""
        if time.monotonic() < self.deadline:
            return None
        self.stop(keep_request=True)
        reason = f"It could not be read within {self._file_seconds:g} s: {raise_it('seconds')}."
        return self._failed(reason, "timeout")

    def stop(self, *, keep_request: bool = False) -> None:
        """Kill the process; its children die with it.

        Its helper may be in the middle of a page if it was busy, and is then killed too.
        """
        was_busy = self.is_busy
        process, self._process = self._process, None
        helper, self._helper = self._helper, None
        if not keep_request:
            self._request = None
        if process is not None:
            stop_process(process)
        if helper is not None and was_busy:
            helper.stop()
        elif helper is not None:
            self._helpers.give_back(helper)

    def _outcome(self, plain: dict[str, Any]) -> ParseOutcome:
        isolation.report(plain.get("attempts"))
        digest, seconds = str(plain["sha256"]), float(plain["seconds"])
        if "drawn" in plain and self._request is not None and self._request.draw:
            pages = wire_drawings.drawn_from_plain(plain["drawn"], self._request.draw)
            return replace(self._end(digest, seconds, None), drawn=pages)
        if plain.get("document") is None:
            return self._end(digest, seconds, None, str(plain["reason"]), str(plain["kind"]))
        return self._end(digest, seconds, wire.document_from_plain(plain["document"]))

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
