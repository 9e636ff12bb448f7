"""The child process that reads one document: it gives up what it does not need, reads, tells and ends."""

from __future__ import annotations

import hashlib
import io
import os
import resource
from pathlib import PurePath
from typing import Any, NoReturn

from ragkit import isolation
from ragkit.errors import IsolationFault, UnreadableDocument
from ragkit.isolation.attempts import told_by
from ragkit.isolation.profiles import ReaderProfile
from ragkit.parsers import registry, wire, wire_drawings
from ragkit.parsers.limits import ParseLimits, out_of_memory
from ragkit.parsers.ocr import Ocr
from ragkit.parsers.ocr_line import OcrLine
from ragkit.parsers.processes import close_all_but, die_with_parent, write_all

DIGEST_LENGTH = 64
"""Characters that come before the result: the digest of what was read, or spaces."""
_OPEN_FILES = 64


def run_child(
    descriptor: int,
    writer: int,
    request: dict[str, Any],
    limits: ParseLimits,
    line: OcrLine,
    parent: int,
    profile: ReaderProfile,
    complain: int,
) -> NoReturn:
    """Everything that touches the document's bytes. Ends the process.

    complain: a pipe for why it cannot be shut in. It is closed before a byte of the document is read, so
    that nothing in there can end the run.
    """
    status = 1
    try:
        die_with_parent(parent)
        try:
            profile.confine(accept_weak=line.accepts_weak_isolation)
        except IsolationFault as fault:
            write_all(complain, fault.message.encode())
            raise
        # Also the worker's own pipes: what reads a stranger's file must not speak in its name.
        close_all_but((descriptor, writer, *line.childs_ends))
        ocr = line.enter_child()
        _limit(limits)
        write_all(writer, _outcome(descriptor, writer, request, limits, ocr) + b"\n")
        status = 0
    finally:
        # No cleaning up: nothing of the parent's may run twice.
        os._exit(status)


def _limit(limits: ParseLimits) -> None:
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # Grows with the pages that are recognised, as the worker's patience does: that is what ends a
    # child which helps itself to more.
    _, ceiling = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (max(1, round(limits.cpu_seconds)), ceiling))


def _outcome(
    descriptor: int, writer: int, request: dict[str, Any], limits: ParseLimits, ocr: Ocr
) -> bytes:
    """The packed result; the digest of what was read is written before it, spaces for none."""
    try:
        data = _read_file(descriptor)
    except MemoryError:
        write_all(writer, b" " * DIGEST_LENGTH)
        return failure(out_of_memory(limits), "memory")
    write_all(writer, hashlib.sha256(data).hexdigest().encode("ascii"))
    return _parse(data, request, limits, ocr)


def _read_file(descriptor: int) -> bytes:
    with io.FileIO(descriptor, closefd=False) as file:
        return file.readall()


def _parse(data: bytes, request: dict[str, Any], limits: ParseLimits, ocr: Ocr) -> bytes:
    name, passwords = PurePath(request["path"]).name, tuple(request["passwords"])
    try:
        if "draw" in request:
            from ragkit.parsers.drawing import drawn

            wanted = wire_drawings.wanted_from_plain(request["draw"])
            pages = drawn(data, name, wanted, limits, ocr, passwords)
            return _packed({"drawn": wire_drawings.drawn_to_plain(pages)})
        document = registry.in_process_parse(data, name, limits, ocr, passwords)
        return _packed({"document": wire.document_to_plain(document)})
    except UnreadableDocument as error:
        return _packed({"reason": error.message, "kind": error.kind})
    except MemoryError:
        return failure(out_of_memory(limits), "memory")


def _packed(result: dict[str, Any]) -> bytes:
    """With what the reader tried to reach on the network, if it did: the command ends in exit 8 then."""
    tried = told_by(isolation.attempts())
    return wire.pack({**result, "attempts": tried} if tried else result)


def failure(reason: str, kind: str) -> bytes:
    return wire.pack({"reason": reason, "kind": kind})
