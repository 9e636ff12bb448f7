"""Chroma's local HNSW index: ids and unit vectors, nothing else. The only file that knows chromadb.

Building goes through its public client. Searching goes through `chromadb_rust_bindings`, the
compiled half that this client calls itself: 0.1 s for import, opening and a first query, where the
Python half alone takes more than 1 s to import. The version is pinned, and a test compares both.

Nothing here opens a socket or a model: `embedding_function=None`, and vectors are always given.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ragkit.errors import StorageFault
from ragkit.protocols import Vectors
from ragkit.vectors.manifest import REBUILD_HINT, check, write_manifest

COLLECTION = "vectors"
DATABASE = "chroma.sqlite3"
_TENANT, _DATABASE_NAME = "default_tenant", "default_database"
_OPEN_INDEXES = 4  # files kept open by one client; a store has one index

LINKS = 24
EFFORT_BUILDING = 128
EFFORT_SEARCHING = 256
"""HNSW's M, ef_construction and ef_search (Malkov and Yashunin, arXiv:1603.09320).

On 15,000 sentences of contracts embedded by MiniLM, asking for 100: recall@64 against the exact
search 0.966 with 16/100/100 (Chroma's own), 0.992 with 24/100/200, 0.997 with 24/200/256; 3 ms a
query.
"""


class ChromaIndex:
    """A published index, opened for searching. Reading leaves every byte of its folder as it was."""

    def __init__(self, folder: Path, *, contents: bool = True) -> None:
        """Check the folder, then open it. Raises StorageFault; `contents` as in `manifest.check`."""
        self.manifest = check(folder, contents=contents)
        self._folder = folder
        os.environ.pop("CHROMA_OTEL_COLLECTION_ENDPOINT", None)
        import chromadb_rust_bindings as bindings  # type: ignore[import-untyped]

        database = bindings.SqliteDBConfig(
            url=str(folder / DATABASE),
            hash_type=bindings.MigrationHash.MD5,
            # Validate, not Apply: an index of another version is refused, never altered.
            migration_mode=bindings.MigrationMode.Validate,
        )
        with _told_as_unreadable(folder):
            self._client = bindings.Bindings(
                allow_reset=False,
                sqlite_db_config=database,
                persist_path=str(folder),
                hnsw_cache_size=_OPEN_INDEXES,
            )
            found = self._client.get_collection(COLLECTION, _TENANT, _DATABASE_NAME)
        self._collection = str(found.id)

    def query(
        self, vector: NDArray[np.float32], k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Ids and cosine similarities of at most k neighbours, best first. Shapes (m,), (m,).

        vector: float32, shape (dimension,), unit length. Raises StorageFault.
        """
        with _told_as_unreadable(self._folder):
            response = self._client.query(
                self._collection,
                None,
                [vector.tolist()],
                max(1, min(k, self.manifest.count)),
                None,
                None,
                ["distances"],
                _TENANT,
                _DATABASE_NAME,
            )
        ids = np.array([int(text) for text in response.ids[0]], dtype=np.int64)
        similarities = 1 - np.array(response.distances[0], dtype=np.float32)
        return ids[:k], similarities[:k]

    def close(self) -> None:
        """Let go of files and threads; the index must not be used afterwards."""
        del self._client


@contextmanager
def _told_as_unreadable(folder: Path) -> Iterator[None]:
    """Whatever the bindings raise: their errors share no base, and a panic of Rust is no Exception."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        raise _unreadable(folder) from error


def build_index(
    folder: Path, batches: Iterable[tuple[NDArray[np.int64], Vectors]], count: int, dimension: int
) -> None:
    """Make a whole index in `folder`, which must not exist or be empty, and write its manifest.

    batches: ids and unit vectors, `count` rows in all. Raises StorageFault if there are not so many.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    added = _add_all(folder, batches, count)
    if added != count:
        raise StorageFault(
            f"{folder}: {added} vectors came for an index of {count}", hint=REBUILD_HINT
        )
    _seal_database(folder / DATABASE)
    from importlib.metadata import version

    write_manifest(
        folder, count=count, dimension=dimension, made_by=f"chromadb {version('chromadb')}"
    )


def _add_all(folder: Path, batches: Iterable[tuple[NDArray[np.int64], Vectors]], count: int) -> int:
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False, is_persistent=True)
    client = chromadb.PersistentClient(str(folder), settings)
    try:
        collection = client.create_collection(
            COLLECTION,
            embedding_function=None,
            configuration={"hnsw": _hnsw(count)},
        )
        largest = client.get_max_batch_size()
        added = 0
        for ids, vectors in batches:
            for start in range(0, len(ids), largest):
                names = [str(one) for one in ids[start : start + largest].tolist()]
                collection.add(ids=names, embeddings=vectors[start : start + largest])
                added += len(names)
        return added
    finally:
        client.close()


def _hnsw(count: int) -> dict[str, object]:
    """Chroma's settings. It writes the graph to disk each `sync_threshold` additions: once, at the end.

    With another threshold the last vectors stay in a queue, to be indexed anew at every opening.
    """
    return {
        "space": "cosine",
        "ef_construction": EFFORT_BUILDING,
        "max_neighbors": LINKS,
        "ef_search": EFFORT_SEARCHING,
        "batch_size": max(2, min(100, count)),
        "sync_threshold": max(2, count),
    }


def _seal_database(path: Path) -> None:
    """Keep Chroma from writing when it reads, and drop the queue's copy of the vectors.

    At each opening it adds a row to `acquire_write`, to see whether it can; the trigger leaves the
    row out without an error. VACUUM makes the file 16 times smaller.
    """
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.execute("DELETE FROM acquire_write")
        database.execute(
            "CREATE TRIGGER published_is_never_written BEFORE INSERT ON acquire_write"
            " BEGIN SELECT RAISE(IGNORE); END"
        )
        database.execute("VACUUM")
    finally:
        database.close()


def _unreadable(folder: Path) -> StorageFault:
    return StorageFault(f"{folder}: Chroma cannot read the vector index", hint=REBUILD_HINT)
