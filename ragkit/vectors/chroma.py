"""Chroma's local HNSW index: ids and unit vectors, nothing else. The only file that knows chromadb.

Building goes through its public client. Searching goes through `chromadb_rust_bindings`, the
compiled half that this client calls itself: 0.1 s for import, opening and a first query, where the
Python half alone takes more than 1 s to import. The version is pinned, and a test compares both.

A large index is made of several collections of about equal size, each a graph of its own; a question
asks them all and takes the best. One vector then costs the same to add whatever the store's size,
where in a single graph of 200,000 it costs twice what it does in one of 20,000.

Nothing here opens a socket or a model: `embedding_function=None`, and vectors are always given.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ragkit.errors import StorageFault
from ragkit.protocols import Vectors
from ragkit.vectors.manifest import REBUILD_HINT, check, write_manifest

Batch = tuple[NDArray[np.int64], Vectors]

COLLECTION = "vectors"
DATABASE = "chroma.sqlite3"
_TENANT, _DATABASE_NAME = "default_tenant", "default_database"
LARGEST_PART = 32_768
"""Vectors of one collection at most."""

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
                hnsw_cache_size=len(self.manifest.parts),  # one that is not kept is read anew
            )
            self._parts = [
                (self._collection(name), size) for name, size in _named(self.manifest.parts)
            ]

    def _collection(self, name: str) -> str:
        return str(self._client.get_collection(name, _TENANT, _DATABASE_NAME).id)

    def query(
        self, vector: NDArray[np.float32], k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Ids and cosine similarities of at most k neighbours, best first. Shapes (m,), (m,).

        vector: float32, shape (dimension,), unit length. Raises StorageFault.
        """
        wanted = vector.tolist()
        with _told_as_unreadable(self._folder):
            found = [self._ask(part, wanted, min(k, size)) for part, size in self._parts]
        ids = np.concatenate([each[0] for each in found])
        similarities = np.concatenate([each[1] for each in found])
        best = np.argsort(-similarities, kind="stable")[:k]
        return ids[best], similarities[best]

    def _ask(
        self, part: str, vector: list[float], k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        response = self._client.query(
            part, None, [vector], max(1, k), None, None, ["distances"], _TENANT, _DATABASE_NAME
        )
        ids = np.array([int(text) for text in response.ids[0]], dtype=np.int64)
        return ids, 1 - np.array(response.distances[0], dtype=np.float32)

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


def build_index(folder: Path, batches: Iterable[Batch], count: int, dimension: int) -> None:
    """Make a whole index in `folder`, which must not exist or be empty, and write its manifest.

    batches: ids and unit vectors, `count` rows in all. Raises StorageFault if there are not so many.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    parts = part_sizes(count)
    added = _add_all(folder, _in_parts(batches, parts), parts)
    if added != count:
        raise StorageFault(
            f"{folder}: {added} vectors came for an index of {count}", hint=REBUILD_HINT
        )
    _seal_database(folder / DATABASE)
    from importlib.metadata import version

    write_manifest(
        folder, parts=parts, dimension=dimension, made_by=f"chromadb {version('chromadb')}"
    )


def part_sizes(count: int) -> tuple[int, ...]:
    """How many of `count` vectors each collection holds: as few as possible, about equal."""
    parts = max(1, -(-count // LARGEST_PART))
    return tuple((count + number) // parts for number in range(parts))


def _named(parts: Sequence[int]) -> Iterator[tuple[str, int]]:
    for number, size in enumerate(parts):
        yield f"{COLLECTION}-{number}", size


def _in_parts(batches: Iterable[Batch], parts: Sequence[int]) -> Iterator[tuple[int, Batch]]:
    """(number of the part, rows for it), cut where a part is full; what is too many goes to the last."""
    part, room = 0, parts[0]
    for ids, vectors in batches:
        while len(ids):
            if not room and part + 1 < len(parts):
                part += 1
                room = parts[part]
            taken = min(room, len(ids)) or len(ids)
            yield part, (ids[:taken], vectors[:taken])
            ids, vectors = ids[taken:], vectors[taken:]
            room = max(0, room - taken)


def _add_all(folder: Path, batches: Iterable[tuple[int, Batch]], parts: Sequence[int]) -> int:
    # Its SQLite writes temporary files, elsewhere where it is not told.
    os.environ["SQLITE_TMPDIR"] = str(folder.absolute())
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False, is_persistent=True)
    client = chromadb.PersistentClient(str(folder), settings)
    try:
        collections = [
            client.create_collection(
                name, embedding_function=None, configuration={"hnsw": _hnsw(size)}
            )
            for name, size in _named(parts)
        ]
        largest = client.get_max_batch_size()
        added = 0
        for part, (ids, vectors) in batches:
            for start in range(0, len(ids), largest):
                names = [str(one) for one in ids[start : start + largest].tolist()]
                collections[part].add(ids=names, embeddings=vectors[start : start + largest])
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
        # From two megabytes on VACUUM would write to /tmp, which a sealed process cannot.
        database.execute("PRAGMA temp_store = MEMORY")
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
