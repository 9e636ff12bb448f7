"""The published state as far as a scope goes: what finds documents finds no others.

Frequencies of words stay those of the whole corpus: what is rare does not depend on what is asked of.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog.reading import Reader
from ragkit.catalog.searching import Memory, SearchReader
from ragkit.catalog.store import Catalog


@dataclass(frozen=True, slots=True)
class Within:
    """What may be found of one published state.

    ids: of the documents. documents, entries: a byte for every id, 1 for those that may be found.
    chunks: how many entries these are.
    """

    ids: frozenset[int]
    documents: bytes
    entries: bytes
    chunks: int

    @classmethod
    def of(cls, reader: Reader, ids: Collection[int]) -> Within:
        """ids: of documents. Goes through their entries once; the state must stay the reader's."""
        last_document, last_entry = reader.last_ids()
        documents, entries = bytearray(last_document + 1), bytearray(last_entry + 1)
        for document in ids:
            documents[document] = 1
        chunks = 0
        for places in reader.entry_ranges(ids).values():
            entries[places.start : places.stop] = b"\x01" * len(places)
            chunks += len(places)
        return cls(frozenset(ids), bytes(documents), bytes(entries), chunks)


class ReaderWithin(SearchReader):
    """A SearchReader whose searches see only what `within` says, by functions that SQLite calls."""

    def __init__(self, catalog: Catalog, within: Within, memory: Memory | None = None) -> None:
        super().__init__(catalog, memory)
        self._within = within
        # A look into an array: what does not pass is neither scored nor sorted nor handed out.
        for name, found in (("is_found", within.entries), ("is_found_in", within.documents)):
            self._connection.create_function(name, 1, found.__getitem__, deterministic=True)

    def _only_entries(self, column: str) -> str:
        return f" AND is_found({column})"

    def _only_documents(self, column: str) -> str:
        return f" AND is_found_in({column})"

    def vectors_within(self, most: int) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
        """(ids, vectors) of all that may be found, or None if it is more than `most` chunks.

        Shapes (n,) and (n, dimension).
        """
        if self._within.chunks > most:
            return None
        rows = dict(
            self._in(
                "SELECT vectors.id, vectors.vector FROM entries"
                " JOIN vectors ON vectors.id = entries.vector_id WHERE entries.document_id IN",
                self._within.ids,
            )
        )
        ids = np.array(sorted(rows), dtype=np.int64)
        vectors = np.frombuffer(b"".join(rows[int(one)] for one in ids), dtype="<f4")
        return ids, vectors.reshape(len(ids), -1)
