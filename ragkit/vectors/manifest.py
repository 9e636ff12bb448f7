"""What a finished index folder holds, and whether it still does.

An index whose files were cut short or altered does not always fail: Chroma answers from a truncated
file with wrong neighbours, or ends the process with a segmentation fault. So `check` comes before
every opening and imports nothing but the standard library. The manifest is written last: a folder
without one was never finished.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ragkit.errors import StorageFault
from ragkit.files import digest_of

MANIFEST = "manifest.json"
SCHEMA = 2
REBUILD_HINT = "run `ragkit ingest`; the index is made again from the catalog, nothing is lost"
_BLOCK = 512  # the unit of st_blocks, whatever the file system's own
_LARGEST_HOLE = 1 << 20


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """One file of the index. `name` is relative to its folder, `sha256` in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`count` vectors of `dimension` numbers, made by `made_by` ("chromadb 1.5.9").

    parts: how many of the vectors each of its collections holds.
    """

    count: int
    parts: tuple[int, ...]
    dimension: int
    made_by: str
    files: tuple[IndexedFile, ...]


def write_manifest(folder: Path, *, parts: Sequence[int], dimension: int, made_by: str) -> None:
    """Put every file of `folder` on the disk for good, then the manifest that names them."""
    files = [_describe(folder, path) for path in sorted(folder.rglob("*")) if path.is_file()]
    manifest = {
        "schema": SCHEMA,
        "count": sum(parts),
        "parts": list(parts),
        "dimension": dimension,
        "made_by": made_by,
        "files": [{"name": f.name, "size": f.size, "sha256": f.sha256} for f in files],
    }
    path = folder / MANIFEST
    path.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    for entry in [*folder.rglob("*"), folder]:
        synchronise(entry)


def read_manifest(folder: Path) -> Manifest:
    """Raises StorageFault if there is none, or none that can be understood."""
    try:
        raw = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if raw["schema"] != SCHEMA:
            raise ValueError(f"schema {raw['schema']}")
        files = tuple(IndexedFile(f["name"], f["size"], f["sha256"]) for f in raw["files"])
        parts = tuple(raw["parts"])
        return Manifest(raw["count"], parts, raw["dimension"], raw["made_by"], files)
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = f"{folder}: the vector index has no readable manifest"
        raise StorageFault(problem, hint=REBUILD_HINT) from error


def check(folder: Path, *, contents: bool = True) -> Manifest:
    """The manifest, if the folder holds exactly what it says. Raises StorageFault otherwise.

    contents: also compare digests, which reads every file once (about 1.5 GB/s). Only that finds
    flipped bytes, which would send Chroma outside its memory.
    """
    manifest = read_manifest(folder)
    for file in manifest.files:
        problem = _problem(folder / file.name, file, contents)
        if problem:
            raise StorageFault(
                f"{folder / file.name}: the vector index is damaged: {problem}", hint=REBUILD_HINT
            )
    return manifest


def synchronise(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _problem(path: Path, file: IndexedFile, contents: bool) -> str:
    try:
        status = path.stat()
        if status.st_size != file.size:
            return f"{status.st_size} bytes instead of {file.size}"
        # A broken store has shown 3.9 TB of apparent size on a few blocks: such a file is never read.
        if status.st_size - status.st_blocks * _BLOCK > max(_LARGEST_HOLE, status.st_size // 2):
            return "it is mostly holes"
        if contents and digest_of(path) != file.sha256:
            return "its bytes have changed"
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def _describe(folder: Path, path: Path) -> IndexedFile:
    return IndexedFile(path.relative_to(folder).as_posix(), path.stat().st_size, digest_of(path))
