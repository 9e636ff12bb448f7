"""`python -m ragkit.parsers.worker LIMITS ISOLATION OCR`: reads documents, each in a child process of its own.

This process imports the libraries once, never opens what is in a document, writes no file, and stays
small and single-threaded. For each request on standard input it forks a child, which opens the file and
forks a reader. The reader gives up what it does not need (isolation/profiles.py), reads the one file it
was handed as an open descriptor, writes what it found to a pipe and ends. One that cannot be shut in ends
the run: {"fault", "hint"} comes out then. Whatever a hostile or broken file does to the reader, the child
tells how it died, and ends; nothing of one document is left in what the next reader is forked from.

Requests and outcomes are frames of JSON (see wire.py): {"path", "suffix", "passwords"} in; {"sha256",
"seconds", "reason", "kind", "document"} out, and before it {"page", "pages"} for each page that OCR
begins with.
"""

from __future__ import annotations

import dataclasses
import functools
import gc
import io
import json
import logging
import os
import select
import signal
import stat
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from ragkit import isolation
from ragkit.errors import IsolationFault, UnreadableDocument
from ragkit.isolation.profiles import ReaderProfile
from ragkit.parsers import registry, wire
from ragkit.parsers.limits import TOO_LARGE, ParseLimits, out_of_memory, raise_it
from ragkit.parsers.ocr_helpers import OcrHelper
from ragkit.parsers.ocr_line import OcrDesk, OcrLine
from ragkit.parsers.processes import (
    die_with_parent,
    read_frame,
    take_standard_streams,
    write_all,
)
from ragkit.parsers.reading_child import DIGEST_LENGTH, failure, run_child
from ragkit.parsers.tesseract import OcrEngine

_BLOCK = 1 << 20
_HELPER_LOST = 3
"""Status of a child after which the helper for OCR is of no more use."""
_NEAR_LIMIT = 0.7
"""A reader that dies of a signal with this share of its memory used most likely died of that."""


@dataclass(frozen=True, slots=True)
class _Death:
    """How a child ended: its wait status, its memory at the worst (bytes), and why it was killed.

    killed_for: "time" or "output", "" if it was not.
    """

    status: int
    memory: int
    killed_for: str


def main() -> None:
    """Serve until standard input ends."""
    die_with_parent(os.getppid())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, outcomes = take_standard_streams()
    try:
        _work(requests, outcomes)
    except IsolationFault as fault:  # of this process
        told = {"fault": fault.message, "hint": fault.hint}
        write_all(outcomes, wire.frame(wire.pack(told)))


def _work(requests: int, outcomes: int) -> None:
    """Raises IsolationFault where documents cannot be read safely."""
    limits, accept_weak = ParseLimits(**json.loads(sys.argv[1])), sys.argv[2] == "weak"
    isolation.seal(accept_weak=accept_weak, write=())
    # What libraries log quotes the text of documents.
    logging.disable(logging.CRITICAL)

    def tell_page(page: int, pages: int) -> None:
        write_all(outcomes, wire.frame(wire.pack({"page": page, "pages": pages})))

    desk = _desk(json.loads(sys.argv[3]), tell_page, accept_weak)
    while (request := read_frame(requests)) is not None:
        _in_its_own_process(wire.unpack(request), limits, desk, outcomes)


def _in_its_own_process(
    request: dict[str, Any], limits: ParseLimits, desk: OcrDesk, outcomes: int
) -> None:
    """Have one request served by a child that ends with it, so that nothing of a document is left here.

    What reads the next document is forked from this process, with all its memory. Ends this process as
    its child ended, where that is not well: it has told why, or died.
    """
    with suppress(UnreadableDocument, ImportError):  # told where it is served
        registry.preload(request["suffix"])
    gc.freeze()
    parent, child = os.getpid(), os.fork()
    if child == 0:
        _serve_and_end(request, limits, desk, outcomes, parent)
    _, status = os.waitpid(child, 0)
    ended = os.waitstatus_to_exitcode(status)
    if ended == _HELPER_LOST:
        desk.forget_helper()
    elif ended:
        sys.exit(1)


def _serve_and_end(
    request: dict[str, Any], limits: ParseLimits, desk: OcrDesk, outcomes: int, parent: int
) -> NoReturn:
    """In the child: tells the outcome, or why none can be had, and ends."""
    status = 1
    try:
        die_with_parent(parent)
        before = desk.helper
        try:
            told = _serve(request, limits, desk)
            status = 0 if before is None or desk.helper is before else _HELPER_LOST
        except IsolationFault as fault:  # it concerns no one document
            told = wire.pack({"fault": fault.message, "hint": fault.hint})
        write_all(outcomes, wire.frame(told))
    finally:
        # No cleaning up: nothing of the parent's may run twice.
        os._exit(status)


def _desk(
    given: dict[str, Any], tell_page: Callable[[int, int], None], accept_weak: bool
) -> OcrDesk:
    """Where pages are handed on to be recognised; with the helper that came with this process."""
    helper = OcrHelper(*given["helper"]) if given["helper"] else None
    return OcrDesk(OcrEngine(**given["engine"]), helper, tell_page, accept_weak)


def _serve(request: dict[str, Any], limits: ParseLimits, desk: OcrDesk) -> bytes:
    """The outcome of one request, packed."""
    started = time.monotonic()
    digest, result = "", b""
    try:
        registry.preload(request["suffix"])
        descriptor = _open(request["path"], limits)
        try:
            digest, result = _read_in_child(descriptor, request, limits, desk)
        finally:
            os.close(descriptor)
    except UnreadableDocument as error:
        result = failure(error.message, error.kind)
    except ImportError as error:
        result = failure(f"What reads it is not installed: {error.name}.", "reader")
    seconds = round(time.monotonic() - started, 3)
    # Joined as text: the result may be large, and is checked by the one who asked. What this process
    # knows comes last, so that it stands whatever the child says.
    known = wire.pack({"sha256": digest, "seconds": seconds})
    return result[:-1] + b"," + known[1:]


def _open(path: str, limits: ParseLimits) -> int:
    """The regular file at `path`, open for reading. Raises UnreadableDocument."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UnreadableDocument("The file is gone.", kind="gone") from error
    except PermissionError as error:
        raise UnreadableDocument("No permission to read the file.", kind="permission") from error
    except OSError as error:
        message = f"The file cannot be opened ({error.strerror})."
        raise UnreadableDocument(message, kind="permission") from error
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_size <= limits.file_bytes:
        return descriptor
    os.close(descriptor)
    if stat.S_ISREG(status.st_mode):
        most = f"{limits.file_bytes // 1_000_000:,} MB"
        message = f"The file is larger than {most}: {raise_it('file_mb')}."
        raise UnreadableDocument(message, kind=TOO_LARGE)
    raise UnreadableDocument("It is not a regular file.", kind="special")


def _read_in_child(
    descriptor: int, request: dict[str, Any], limits: ParseLimits, desk: OcrDesk
) -> tuple[str, bytes]:
    """Fork, read, wait: the digest of the bytes that were parsed, and the packed result."""
    gc.freeze()
    reader, writer = os.pipe()
    unconfined, complain = os.pipe()
    line = OcrLine(desk)
    profile = _profile()
    parent, child = os.getpid(), os.fork()
    if child == 0:
        os.close(reader)
        run_child(descriptor, writer, request, limits, line, parent, profile, complain)
    os.close(writer)
    os.close(complain)
    line.enter_worker()
    try:
        output, killed_for = _collect(reader, limits, line)
    finally:
        os.close(reader)
        line.close()
        # Whatever it has not written by now is not waited for.
        os.kill(child, signal.SIGKILL)
        _, status, usage = os.wait4(child, 0)
        complaint = _whole(unconfined)
    if complaint:
        raise IsolationFault(complaint)
    digest = output[:DIGEST_LENGTH].decode("ascii", "replace").strip()
    digest = digest if len(digest) == DIGEST_LENGTH else ""
    result = output[DIGEST_LENGTH:]
    # The last byte of a whole result closes its object; a child that died leaves less.
    if result.endswith(b"}\n") and not killed_for:
        return digest, result[:-1]
    death = _Death(status, usage.ru_maxrss * 1024, killed_for)
    return digest, failure(*_explain(death, limits))


@functools.cache
def _profile() -> ReaderProfile:
    """The same for every child: where libraries lie does not change."""
    return ReaderProfile()


def _collect(reader: int, limits: ParseLimits, line: OcrLine) -> tuple[bytes, str]:
    """What the child writes until it ends its output, and what it is to be killed for (see _Death).

    The time in which its pages are recognised is not the child's.
    """
    deadline = time.monotonic() + limits.wall_seconds
    # Every character takes at most 12 bytes of JSON; more comes only from a reader gone wild.
    allowed = 12 * limits.characters + _BLOCK
    output = bytearray()
    poller = select.poll()
    poller.register(reader, select.POLLIN)
    poller.register(line.requests, select.POLLIN)
    while True:
        left = deadline - time.monotonic()
        ready = [descriptor for descriptor, _ in poller.poll(left * 1000)] if left > 0 else []
        if not ready:
            return bytes(output), "time"
        if line.requests in ready:
            seconds = line.serve()
            if seconds is None:
                poller.unregister(line.requests)
            else:
                deadline += seconds
        if reader in ready:
            block = os.read(reader, _BLOCK)
            if not block:
                return bytes(output), ""
            output += block
            if len(output) > allowed:
                return bytes(output[:DIGEST_LENGTH]), "output"


def _explain(death: _Death, limits: ParseLimits) -> tuple[str, str]:
    """Reason and kind for a child that ended without a result."""
    ended_by = os.WTERMSIG(death.status) if os.WIFSIGNALED(death.status) else 0
    if death.killed_for == "time":
        most = f"{limits.wall_seconds:g} s"
        return f"It could not be read within {most}: {raise_it('seconds')}.", "timeout"
    if death.killed_for == "output":
        most = f"{limits.characters:,} characters"
        return f"Its reader wrote more than {most}: {raise_it('text_mb')}.", TOO_LARGE
    if ended_by == signal.SIGXCPU:
        return _out_of_processor_time(limits), "timeout"
    if death.memory > _NEAR_LIMIT * limits.memory_bytes:
        return out_of_memory(limits), "memory"
    how = f"signal {ended_by}" if ended_by else f"status {os.waitstatus_to_exitcode(death.status)}"
    return f"Its reader crashed on it ({how}).", "crash"


def _out_of_processor_time(limits: ParseLimits) -> str:
    name = "cpu_seconds" if limits.cpu_seconds < limits.wall_seconds else "seconds"
    most = f"{limits.cpu_seconds:g} s of processor time"
    return f"It could not be read within {most}: {raise_it(name)}."


def _whole(pipe: int) -> str:
    """What was written to a pipe whose other ends are all closed."""
    with io.FileIO(pipe) as file:
        return file.readall().decode()


def worker_arguments(
    limits: ParseLimits, accept_weak_isolation: bool, engine: OcrEngine, helper: OcrHelper | None
) -> list[str]:
    """The command line that `main` takes; the helper's descriptors must be inherited."""
    ocr = {"engine": dataclasses.asdict(engine), "helper": helper.place if helper else None}
    isolation_wanted = "weak" if accept_weak_isolation else "strict"
    return [json.dumps(dataclasses.asdict(limits)), isolation_wanted, json.dumps(ocr)]


if __name__ == "__main__":
    main()
