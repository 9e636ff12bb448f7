"""Keeping the vector index: always built whole, aside, from the catalog; then readers are told of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import Catalog, Publisher, Reader
from ragkit.catalog.contents import load_vectors
from ragkit.errors import StorageFault

CHROMA_FOLDER = "chroma"
LARGEST_TAIL = 2000
"""Vectors that may wait outside the index: searching so many exactly takes about 0.1 ms."""
LARGEST_STALE_SHARE = 0.2
"""Share of the index's vectors that may be no longer shown; they crowd out those that are."""

Batches = Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]]
BuildIndex = Callable[[Path, Batches, int, int], None]
"""(folder, batches, count, dimension): builds an index into `folder`, which does not exist yet."""
CheckIndex = Callable[[Path], object]
"""Raises StorageFault if the index in a folder is missing or damaged."""


def index_folder(store: Path, number: int) -> Path:
    """Where the vector index of that number is kept."""
    return store / CHROMA_FOLDER / str(number)


def renew_vector_index(
    catalog: Catalog,
    publisher: Publisher,
    embedder: str,
    build_index: BuildIndex,
    check_index: CheckIndex,
) -> bool:
    """Build a new index if the one in use is damaged or has fallen too far behind.

    Returns whether it was built. Raises StorageFault if it cannot be; what was published stays.
    """
    reader = Reader(catalog)
    with catalog.snapshot():
        count, last_vector = reader.vector_totals(embedder)
        needed = count > 0 and _is_behind(catalog, reader, embedder, count, check_index)
    if needed:
        number = _next_number(catalog.folder, reader)
        folder = index_folder(catalog.folder, number)
        batches = load_vectors(catalog.connection, embedder)
        first = next(batches)
        dimension = first[1].shape[1]
        build_index(folder, chain([first], batches), count, dimension)
        publisher.use_vector_index(number, embedder, last_vector, count)
    _remove_others(catalog, reader)
    return needed


def _is_behind(
    catalog: Catalog, reader: Reader, embedder: str, count: int, check_index: CheckIndex
) -> bool:
    index = reader.vector_index()
    if index is None or index.embedder != embedder:
        return True
    try:
        check_index(index_folder(catalog.folder, index.number))
    except StorageFault:
        return True
    query = "SELECT count(*) FROM vectors WHERE embedder = ? AND id <= ?"
    kept = int(catalog.connection.execute(query, (embedder, index.last_vector)).fetchone()[0])
    stale = index.vectors - kept
    return count - kept > LARGEST_TAIL or stale > LARGEST_STALE_SHARE * index.vectors


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
        for path in folder.iterdir():
            if path.name != keep:
                shutil.rmtree(path, ignore_errors=True)
