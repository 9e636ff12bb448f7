"""Sentence vectors: beside the vector of a chunk, one of each of its sentences, in eight bits.

A row belongs to a vector and goes with it. It holds where the sentences stand in the chunk, as int32
pairs, and their unit vectors times 127, rounded: a quarter of the bytes. A cosine with such a row is
off by 0.002 on average.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog.lists import rows_in

SENTENCES_MADE_AS, POOLED = "sentence_vectors", "pooled from the chunk, 8 bits"
"""In the state, with its value: how the sentence vectors of what is published were made. A state that
says nothing was published before there were any."""
SCALE = 127
_BYTES_A_SPAN = 8
_SENTENCES = (
    "SELECT entries.id, sentence_vectors.spans, sentence_vectors.vectors FROM entries"
    " JOIN sentence_vectors ON sentence_vectors.vector_id = entries.vector_id WHERE entries.id IN"
)


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
) -> dict[int, tuple[NDArray[np.int32], NDArray[np.float32]]]:
    """entry -> where its chunk's sentences stand in it, and their vectors; those that have any.

    Shapes (n, 2) and (n, dimension), n > 0; the vectors are of unit length.
    """
    rows = sorted(row for row in rows_in(connection, _SENTENCES, entries) if row[1])
    if not rows:
        return {}
    spans = np.frombuffer(b"".join(row[1] for row in rows), dtype="<i4").reshape(-1, 2)
    numbers = np.frombuffer(b"".join(row[2] for row in rows), dtype=np.int8)
    vectors = _unit(numbers.reshape(len(spans), -1))  # of all at once
    ends = np.cumsum([len(row[1]) // _BYTES_A_SPAN for row in rows]).tolist()
    return {
        row[0]: (spans[start:end], vectors[start:end])
        for row, start, end in zip(rows, [0, *ends], ends, strict=False)
    }


def _in_eight_bits(vectors: NDArray[np.float32]) -> bytes:
    return np.rint(vectors * SCALE).astype(np.int8).tobytes()


def _unit(numbers: NDArray[np.int8]) -> NDArray[np.float32]:
    """Rounding has changed their lengths a little."""
    vectors = numbers.astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, np.newaxis]
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
