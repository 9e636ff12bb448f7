"""Keeping the vector index: always built whole, aside, from the catalog; then readers are told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import Catalog, Publisher, Reader, VectorIndexEntry
from ragkit.catalog.contents import load_vectors
from ragkit.catalog.store import file_faults, now
from ragkit.errors import StorageFault
from ragkit.vectors.leases import remove_index

CHROMA_FOLDER = "chroma"
CHECKED = "index_checked"
"""In the catalog's state: the day (UTC) on which every byte of the index was last looked at."""
LARGEST_TAIL = 2000
"""Vectors that may wait outside the index: searching so many exactly takes about 0.1 ms."""
LARGEST_STALE_SHARE = 0.2
"""Share of the index's vectors that may be no longer shown; they crowd out those that are."""

_BLANK = 8
"""Vectors, and numbers in each, of an index that is built to see what stands in every one."""

Batches = Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]]
BuildIndex = Callable[[Path, Batches, int, int], None]
"""(folder, batches, count, dimension): builds an index into `folder`, which does not exist yet."""


class CheckIndex(Protocol):
    """Raises StorageFault if the index in `folder` is missing or damaged.

    contents: read every byte of it; else compare sizes only.
    """

    def __call__(self, folder: Path, *, contents: bool) -> object: ...


def index_folder(store: Path, number: int) -> Path:
    """Where the vector index of that number is kept."""
    return store / CHROMA_FOLDER / str(number)


def renew_vector_index(
    catalog: Catalog,
    publisher: Publisher,
    embedder: str,
    build_index: BuildIndex,
    check_index: CheckIndex,
    *,
    published: bool,
    anew: bool = False,
    erase: bool = False,
) -> bool:
    """Build a new index if the one in use is damaged or has fallen too far behind.

    published: whether this ingest has changed anything. If not, every byte of the index is looked at
    once a day only; its files' sizes are always. anew: build it in any case. erase: also if a single
    vector is in it that is not kept any more.
    Returns whether it was built. Raises StorageFault if it cannot be; what was published stays.
    """
    reader = Reader(catalog)
    today = now()[:10]
    thorough = published or erase or reader.state(CHECKED) != today
    stale_share = 0.0 if erase else LARGEST_STALE_SHARE
    with catalog.snapshot():
        index = reader.vector_index()
        folder = index_folder(catalog.folder, index.number if index else 0)
        needed = anew or _is_damaged(folder, check_index, contents=thorough)
        if thorough or needed:
            count, last_vector = reader.vector_totals(embedder)
            needed = needed or _is_behind(catalog, index, embedder, count, stale_share)
            needed = needed and count > 0
    if thorough and not count and index is not None:
        publisher.use_no_vector_index()
    if needed:
        number = _next_number(catalog.folder, reader)
        folder = index_folder(catalog.folder, number)
        batches = load_vectors(catalog.connection, embedder)
        first = next(batches)
        dimension = first[1].shape[1]
        build_index(folder, chain([first], batches), count, dimension)
        publisher.use_vector_index(number, embedder, last_vector, count)
    if thorough or needed:
        publisher.note({CHECKED: today})
        _remove_others(catalog, reader)
    return needed


def blank_index(catalog: Catalog, build_index: BuildIndex) -> list[str]:
    """What stands in the files of an index that no document is in, byte for byte as characters.

    Chroma writes words of its own into every index, among them such as a document may hold
    ("automatically", "efficient"); which ones is known to nobody but the library that is installed.
    Raises StorageFault as building does.
    """
    store = catalog.folder
    folder = index_folder(store, _next_number(store, Reader(catalog)))
    vectors = np.eye(_BLANK, dtype=np.float32)
    build_index(folder, [(np.arange(1, _BLANK + 1), vectors)], _BLANK, _BLANK)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    texts = [path.read_bytes().decode("latin-1") for path in files]
    remove_index(folder)
    return texts


def _is_damaged(folder: Path, check_index: CheckIndex, *, contents: bool) -> bool:
    try:
        check_index(folder, contents=contents)
    except StorageFault:
        return True
    return False


def _is_behind(
    catalog: Catalog,
    index: VectorIndexEntry | None,
    embedder: str,
    count: int,
    stale_share: float,
) -> bool:
    if index is None or index.embedder != embedder:
        return True
    query = "SELECT count(*) FROM vectors WHERE embedder = ? AND id <= ?"
    kept = int(catalog.connection.execute(query, (embedder, index.last_vector)).fetchone()[0])
    stale = index.vectors - kept
    return count - kept > LARGEST_TAIL or stale > stale_share * index.vectors


def _next_number(store: Path, reader: Reader) -> int:
    """A new number, so that a reader never finds another index under a name it knows."""
    folder = store / CHROMA_FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    numbers = [int(path.name) for path in folder.iterdir() if path.name.isdigit()]
    index = reader.vector_index()
    return max([*numbers, index.number if index else 0]) + 1


def _remove_others(catalog: Catalog, reader: Reader) -> None:
    index = reader.vector_index()
    keep = str(index.number) if index else ""
    folder = catalog.folder / CHROMA_FOLDER
    if folder.is_dir():
        with file_faults(folder):
            for path in folder.iterdir():
                if path.name != keep and path.is_dir():
                    remove_index(path)
