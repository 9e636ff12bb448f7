"""The published state as far as a scope goes: what finds documents finds no others.

Frequencies of words stay those of the whole corpus: what is rare does not depend on what is asked of.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog.reading import Reader
from ragkit.catalog.store import Catalog

_NO_LIMIT = -1


class ReaderWithin(Reader):
    """A Reader whose searches see only `documents`, by their ids."""

    def __init__(self, catalog: Catalog, documents: Collection[int]) -> None:
        super().__init__(catalog)
        self._documents = frozenset(documents)

    def lexical(
        self, expression: str, weights: tuple[float, float], limit: int
    ) -> list[tuple[int, int, float]]:
        """As Reader.lexical; all that match are gone through."""
        found = super().lexical(expression, weights, _NO_LIMIT)
        return [row for row in found if row[1] in self._documents][:limit]

    def route(
        self, expression: str, weights: tuple[float, float, float, float], limit: int
    ) -> list[tuple[int, float]]:
        """As Reader.route; all that match are gone through."""
        found = super().route(expression, weights, _NO_LIMIT)
        return [row for row in found if row[0] in self._documents][:limit]

    def entries_of_vectors(self, vector_ids: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
        """As Reader.entries_of_vectors; vectors that only others show are left out."""
        found = {
            vector: [place for place in places if place[1] in self._documents]
            for vector, places in super().entries_of_vectors(vector_ids).items()
        }
        return {vector: places for vector, places in found.items() if places}

    def vectors_within(self, most: int) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
        """(ids, vectors) of all that may be found, or None if it is more than `most` chunks.

        Shapes (n,) and (n, dimension).
        """
        counted = self._in(
            "SELECT document_id, count(*) FROM entries WHERE document_id IN",
            self._documents,
            "GROUP BY document_id",
        )
        if sum(count for _, count in counted) > most:
            return None
        rows = dict(
            self._in(
                "SELECT vectors.id, vectors.vector FROM entries"
                " JOIN vectors ON vectors.id = entries.vector_id WHERE entries.document_id IN",
                self._documents,
            )
        )
        ids = np.array(sorted(rows), dtype=np.int64)
        vectors = np.frombuffer(b"".join(rows[int(one)] for one in ids), dtype="<f4")
        return ids, vectors.reshape(len(ids), -1)
