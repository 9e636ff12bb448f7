"""Building the vector index in a child process, so that no crash of Chroma ends an ingest.

    python -m ragkit.vectors.builder build FOLDER    vectors on standard input -> an index in FOLDER
    python -m ragkit.vectors.builder check FOLDER    each vector on standard input should find itself

The input is a header (count and dimension), then frames (rows, ids, vectors), then an empty frame;
little endian. A child writes one line on standard error when it fails, and no other process is told
anything but its exit code. Neither child handles a word of a document.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

import ragkit
from ragkit.errors import RagkitError, StorageFault
from ragkit.files import scratch_file
from ragkit.protocols import Vectors
from ragkit.vectors.manifest import synchronise

Batch = tuple[NDArray[np.int64], Vectors]

_HEADER = struct.Struct("<QI")
_FRAME = struct.Struct("<I")
_SAMPLES = 20
_NEIGHBOURS = 4
_SAME_VECTOR = 0.9999
"""Similarity from which two vectors are one: texts that are equal have equal vectors."""
_MOST_MISSED = 0.25
"""Share of the samples that may not find themselves: in a crowd of texts that are almost equal, HNSW
misses some (seen: one of twenty); in a damaged index it misses nearly all."""
_STARTING_SECONDS = 120.0
_SECONDS_FOR_EACH = 0.02
"""Thirty times what a vector takes on one quiet core: the limit is for a child that hangs."""
_HINT = "what was published still answers; run `ragkit ingest` again"


def build_in_child(
    folder: Path,
    batches: Iterable[Batch],
    count: int,
    dimension: int,
    *,
    timeout: float | None = None,
) -> None:
    """Make the index `folder`, which must not exist yet; it appears whole and checked, or not at all.

    batches: ids and unit vectors, `count` rows of `dimension` in all. timeout: seconds after
    which each of the two children is killed. Raises StorageFault.
    """
    limit = timeout or _STARTING_SECONDS + _SECONDS_FOR_EACH * count
    aside = folder.with_name(folder.name + ".building")
    shutil.rmtree(aside, ignore_errors=True)
    samples: list[Batch] = []
    try:
        # Not `parents`: those it makes have the umask's permissions, not these.
        aside.parent.mkdir(mode=0o700, exist_ok=True)
        aside.mkdir(mode=0o700)
        _run("build", aside, _sampled(batches, count, samples), count, dimension, limit)
        _run("check", aside, samples, len(samples), dimension, limit)
        _publish(aside, folder)
    except OSError as error:
        problem = f"{aside}: the vector index could not be written: {error.strerror}"
        raise StorageFault(problem, hint=_HINT) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _publish(aside: Path, folder: Path) -> None:
    aside.rename(folder)
    synchronise(folder.parent)


def _sampled(batches: Iterable[Batch], count: int, samples: list[Batch]) -> Iterator[Batch]:
    """The same batches; about _SAMPLES rows spread over them are put into `samples` on the way."""
    step = max(1, count // _SAMPLES)
    seen = 0
    for ids, vectors in batches:
        for row in range(-seen % step, len(ids), step):
            samples.append((ids[row : row + 1].copy(), vectors[row : row + 1].copy()))
        seen += len(ids)
        yield ids, vectors


def _run(
    task: str, folder: Path, batches: Iterable[Batch], count: int, dimension: int, limit: float
) -> None:
    # Started in the folder that holds ragkit: `-m` imports from the current one first.
    command = [sys.executable, "-m", "ragkit.vectors.builder", task, str(folder.absolute())]
    root = Path(ragkit.__file__).parent.parent
    with (
        scratch_file("complaints") as complaints,
        subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stderr=complaints) as child,
    ):
        # A timer and not a limit on waiting: a child that hangs takes no input either.
        watchdog = threading.Timer(limit, child.kill)
        watchdog.start()
        try:
            _send(child, batches, count, dimension)
            code = child.wait()
        finally:
            watchdog.cancel()
            child.kill()
        if code != 0:
            complaints.seek(0)
            reason = complaints.read()[-400:].decode(errors="replace").strip().rpartition("\n")[2]
            problem = f"{folder}: the vector index failed to {task} (exit {code}): {reason}"
            raise StorageFault(problem, hint=_HINT)


def _send(
    child: subprocess.Popen[bytes], batches: Iterable[Batch], count: int, dimension: int
) -> None:
    assert child.stdin is not None
    try:
        with child.stdin as stream:
            stream.write(_HEADER.pack(count, dimension))
            for ids, vectors in batches:
                stream.write(_FRAME.pack(len(ids)))
                stream.write(np.ascontiguousarray(ids, dtype="<i8").data)
                stream.write(np.ascontiguousarray(vectors, dtype="<f4").data)
            stream.write(_FRAME.pack(0))
    except BrokenPipeError:
        return  # the child has died; its exit code says more


def _receive(stream: BinaryIO, dimension: int) -> Iterator[Batch]:
    """Batches up to the empty frame. Raises StorageFault where the stream ends before it."""
    while rows := _FRAME.unpack(_exactly(stream, _FRAME.size))[0]:
        ids = np.frombuffer(_exactly(stream, 8 * rows), dtype="<i8")
        vectors = np.frombuffer(_exactly(stream, 4 * rows * dimension), dtype="<f4")
        yield ids, vectors.reshape(rows, dimension)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise StorageFault("the vectors stopped before their end", hint=_HINT)
    return data


def _build(folder: Path, batches: Iterable[Batch], count: int, dimension: int) -> None:
    from ragkit.vectors.chroma import build_index

    build_index(folder, batches, count, dimension)


def _check(folder: Path, batches: Iterable[Batch]) -> None:
    from ragkit.vectors.chroma import ChromaIndex

    index = ChromaIndex(folder)
    samples = missed = 0
    for ids, vectors in batches:
        for own, vector in zip(ids.tolist(), vectors, strict=True):
            found, similarities = index.query(vector, _NEIGHBOURS)
            samples += 1
            missed += own not in found.tolist() and not np.any(similarities > _SAME_VECTOR)
    index.close()
    if missed > _MOST_MISSED * samples:
        message = f"{folder}: {missed} of {samples} vectors do not find themselves"
        raise StorageFault(message, hint=_HINT)


def main(arguments: list[str]) -> int:
    """The child's side. Returns its exit code."""
    from ragkit.isolation import seal

    task, folder = arguments[0], Path(arguments[1])
    try:
        # The parent has decided what level it accepts, and its filter is inherited.
        seal(accept_weak=True)
        count, dimension = _HEADER.unpack(_exactly(sys.stdin.buffer, _HEADER.size))
        batches = _receive(sys.stdin.buffer, dimension)
        if task == "build":
            _build(folder, batches, count, dimension)
        else:
            _check(folder, batches)
    except RagkitError as error:
        print(error.message, file=sys.stderr)  # noqa: T201 (the line the parent reads)
        return error.exit_code
    except OSError as error:
        print(os.strerror(error.errno or 0), file=sys.stderr)  # noqa: T201
        return StorageFault.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
