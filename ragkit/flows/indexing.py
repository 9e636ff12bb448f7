"""Keeping the vector index: always built whole, aside, from the catalog; then readers are told of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import Catalog, Publisher, Reader
from ragkit.catalog.contents import load_vectors

CHROMA_FOLDER = "chroma"
LARGEST_TAIL = 2000
"""Vectors that may wait outside the index: searching so many exactly takes about 0.1 ms."""
LARGEST_STALE_SHARE = 0.2
"""Share of the index's vectors that may be no longer shown; they crowd out those that are."""

Batches = Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]]
BuildIndex = Callable[[Path, Batches, int, int], None]
"""(folder, batches, count, dimension): builds an index into `folder`, which does not exist yet."""


def index_folder(store: Path, number: int) -> Path:
    """Where the vector index of that number is kept."""
    return store / CHROMA_FOLDER / str(number)


def renew_vector_index(
    catalog: Catalog, publisher: Publisher, embedder: str, build_index: BuildIndex
) -> bool:
    """Build a new index if the one in use has fallen too far behind. Returns whether it was built."""
    reader = Reader(catalog)
    with catalog.snapshot():
        count, last_vector = reader.vector_totals(embedder)
        needed = count > 0 and _is_behind(catalog, reader, embedder, count)
    if needed:
        number = _next_number(catalog.folder)
        folder = index_folder(catalog.folder, number)
        batches = load_vectors(catalog.connection, embedder)
        first = next(batches)
        dimension = first[1].shape[1]
        build_index(folder, _chain(first, batches), count, dimension)
        publisher.use_vector_index(number, embedder, last_vector, count)
    _remove_others(catalog, reader)
    return needed


def _is_behind(catalog: Catalog, reader: Reader, embedder: str, count: int) -> bool:
    index = reader.vector_index()
    if index is None or index.embedder != embedder:
        return True
    if not index_folder(catalog.folder, index.number).is_dir():
        return True
    query = "SELECT count(*) FROM vectors WHERE embedder = ? AND id <= ?"
    kept = int(catalog.connection.execute(query, (embedder, index.last_vector)).fetchone()[0])
    stale = index.vectors - kept
    return count - kept > LARGEST_TAIL or stale > LARGEST_STALE_SHARE * index.vectors


def _next_number(store: Path) -> int:
    """A number no folder has, so that a reader never finds another index under a name it knows."""
    folder = store / CHROMA_FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    numbers = [int(path.name) for path in folder.iterdir() if path.name.isdigit()]
    return max(numbers, default=0) + 1


def _remove_others(catalog: Catalog, reader: Reader) -> None:
    index = reader.vector_index()
    keep = str(index.number) if index else ""
    folder = catalog.folder / CHROMA_FOLDER
    if folder.is_dir():
        for path in folder.iterdir():
            if path.name != keep:
                shutil.rmtree(path, ignore_errors=True)


def _chain(
    first: tuple[NDArray[np.int64], NDArray[np.float32]], rest: Batches
) -> Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    yield first
    yield from rest
