"""Sentence vectors: beside the vector of a chunk, one of each of its sentences, in eight bits.

A row belongs to a vector and goes with it. It holds where the sentences stand in the chunk, as int32
pairs, and their unit vectors times 127, rounded: a quarter of the bytes. A cosine with such a row is
off by 0.002 on average.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SENTENCES_MADE_AS, POOLED = "sentence_vectors", "pooled from the chunk, 8 bits"
"""In the state, with its value: how the sentence vectors of what is published were made. A state that
says nothing was published before there were any."""
SCALE = 127
_MANY = 900


@dataclass(frozen=True, slots=True)
class SentenceTable:
    """Sentences of several chunks, those of one chunk in a run of rows.

    entries: int64, shape (chunks,), ascending. starts: int64, shape (chunks + 1,): the sentences of
    entries[i] are the rows starts[i] to starts[i + 1], at least one. spans: int32, shape (sentences, 2),
    relative to the chunk's start. vectors: float32, shape (sentences, dimension), of unit length.
    """

    entries: NDArray[np.int64]
    starts: NDArray[np.int64]
    spans: NDArray[np.int32]
    vectors: NDArray[np.float32]

    def by_entry(self) -> dict[int, tuple[NDArray[np.int32], NDArray[np.float32]]]:
        """entry -> spans and vectors of its sentences."""
        return {
            int(entry): (self.spans[start:end], self.vectors[start:end])
            for entry, start, end in zip(
                self.entries, self.starts[:-1], self.starts[1:], strict=True
            )
        }


def keep_sentence_vectors(
    connection: sqlite3.Connection,
    embedder: str,
    keys: Sequence[bytes],
    spans: Sequence[NDArray[np.int32]],
    vectors: Sequence[NDArray[np.float32]],
) -> None:
    """Beside the vectors of `keys`, which are kept already, in the caller's transaction.

    spans[i]: of the sentences of chunk i, shape (n, 2). vectors[i]: shape (n, dimension), unit length.
    """
    rows = [
        (span.astype("<i4").tobytes(), _in_eight_bits(rows), key, embedder)
        for key, span, rows in zip(keys, spans, vectors, strict=True)
    ]
    connection.executemany(
        "INSERT OR REPLACE INTO sentence_vectors (vector_id, spans, vectors)"
        " SELECT id, ?, ? FROM vectors WHERE key = ? AND embedder = ?",
        rows,
    )


def read_sentence_vectors(
    connection: sqlite3.Connection, entries: Collection[int]
) -> SentenceTable:
    """Of those entries whose chunk has sentences with vectors."""
    wanted = sorted(int(entry) for entry in entries)
    rows: list[tuple[int, bytes, bytes]] = []
    for at in range(0, len(wanted), _MANY):
        part = wanted[at : at + _MANY]
        rows += connection.execute(_query(len(part)), part)
    rows = sorted(row for row in rows if row[1])
    spans = np.frombuffer(b"".join(row[1] for row in rows), dtype="<i4").reshape(-1, 2)
    numbers = np.frombuffer(b"".join(row[2] for row in rows), dtype=np.int8)
    counts = [len(row[1]) // 8 for row in rows]
    return SentenceTable(
        entries=np.array([row[0] for row in rows], dtype=np.int64),
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        spans=spans,
        vectors=_unit(numbers.reshape(len(spans), -1) if len(spans) else numbers.reshape(0, 0)),
    )


@lru_cache(maxsize=8)
def _query(count: int) -> str:
    marks = ",".join("?" * count)
    return (
        "SELECT entries.id, sentence_vectors.spans, sentence_vectors.vectors FROM entries"
        " JOIN sentence_vectors ON sentence_vectors.vector_id = entries.vector_id"
        f" WHERE entries.id IN ({marks})"
    )


def _in_eight_bits(vectors: NDArray[np.float32]) -> bytes:
    return np.rint(vectors * SCALE).astype(np.int8).tobytes()


def _unit(numbers: NDArray[np.int8]) -> NDArray[np.float32]:
    """Rounding has changed their lengths a little."""
    vectors = numbers.astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, np.newaxis]
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
