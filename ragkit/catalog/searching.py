"""What a search asks of the published state: words, names and vectors. None of it writes.

What depends on the whole corpus (how many chunks there are, how many hold a word) is asked once for
each state and remembered: counting the documents or chunks of a common word reads its whole list.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog.contents import embedded_text, load_vectors
from ragkit.catalog.fences import blanked
from ragkit.catalog.reading import Reader
from ragkit.catalog.sentence_vectors import SENTENCES_MADE_AS, read_sentence_vectors
from ragkit.catalog.store import Catalog

MOST_REMEMBERED = 100_000
"""Words whose frequencies are kept, of chunks and of documents each: some ten megabytes."""
_AT_A_TIME = 4096
"""Vectors read at a time where all are compared: six megabytes."""

Frequencies = dict[str, int]


@dataclass(slots=True, eq=False, weakref_slot=True)
class Remembered:
    """What is known of one published state."""

    generation: int = -1
    counts: dict[str, int] | None = None
    languages: frozenset[str] | None = None
    language_of: dict[int, str] = field(default_factory=dict)
    of_chunks: Frequencies = field(default_factory=dict)
    of_documents: Frequencies = field(default_factory=dict)
    facts: dict[tuple[str, int], bool] = field(default_factory=dict)
    """(kind of fact, entry) -> whether the chunk holds one."""


class Memory:
    """What is known of the state that was asked last; of another one it starts anew."""

    def __init__(self) -> None:
        self._latest = Remembered()

    def of(self, generation: int) -> Remembered:
        if generation != self._latest.generation:
            self._latest = Remembered(generation)
        return self._latest


class SearchReader(Reader):
    """A Reader that finds. Use inside `catalog.snapshot()`, each for one snapshot."""

    def __init__(self, catalog: Catalog, memory: Memory | None = None) -> None:
        """memory: of earlier questions to the same catalog."""
        super().__init__(catalog)
        self._memory = memory if memory is not None else Memory()

    @cached_property
    def remembered(self) -> Remembered:
        """What is known of this state from earlier questions."""
        return self._memory.of(self.generation())

    # The whole corpus

    def counts(self) -> dict[str, int]:
        """As Reader.counts."""
        memory = self.remembered
        if memory.counts is None:
            memory.counts = super().counts()
        return memory.counts

    def chunk_count(self) -> int:
        return self.counts()["chunks"]

    def document_count(self) -> int:
        return self.counts()["documents"]

    def languages(self) -> frozenset[str]:
        """As Reader.languages."""
        memory = self.remembered
        if memory.languages is None:
            memory.languages = super().languages()
        return memory.languages

    # Words

    def lexical(
        self, expression: str, weights: tuple[float, float], limit: int
    ) -> list[tuple[int, int, float]]:
        """(entry, document, score) of the chunks that match an FTS5 expression, best first.

        weights: of the header's and of the body's words. score: BM25, higher is better.
        """
        # The limit is applied before the join, so that only `limit` rows are looked up.
        rows = self._connection.execute(
            "SELECT found.id, entries.document_id, found.score FROM ("
            "  SELECT rowid AS id, -bm25(entry_terms, ?, ?) AS score FROM entry_terms"
            f"  WHERE entry_terms MATCH ?{self._only_entries('rowid')} ORDER BY score DESC LIMIT ?"
            ") AS found"
            " JOIN entries ON entries.id = found.id ORDER BY found.score DESC, found.id",
            (*weights, expression, limit),
        )
        return list(rows)

    def lexical_within(
        self, expression: str, weights: tuple[float, float], entries: range, limit: int
    ) -> dict[int, float]:
        """entry -> BM25 of the best chunks of one document that match, however low they rank elsewhere.

        entries: of the document, by `entry_ranges`. The frequencies behind the score are still those of
        the whole corpus.
        """
        # A document's entries were written together: a range of row ids keeps FTS5 from scoring the rest.
        rows = self._connection.execute(
            "SELECT rowid, -bm25(entry_terms, ?, ?) AS score FROM entry_terms"
            " WHERE entry_terms MATCH ? AND rowid BETWEEN ? AND ? ORDER BY score DESC LIMIT ?",
            (*weights, expression, entries.start, entries.stop - 1, limit),
        )
        return dict(rows.fetchall())

    def entries_that_say(self, expression: str, entries: range) -> Iterator[int]:
        """Those of `entries` that match, in reading order, found one by one."""
        rows = self._connection.execute(
            "SELECT rowid FROM entry_terms WHERE entry_terms MATCH ? AND rowid BETWEEN ? AND ?"
            " ORDER BY rowid",
            (expression, entries.start, entries.stop - 1),
        )
        return (entry for (entry,) in rows)

    def chunk_frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        """In how many chunks each of these index terms occurs; 0 for those that no chunk holds."""
        return self._remembered(self.remembered.of_chunks, terms, self._chunks_holding)

    def _chunks_holding(self, terms: Collection[str]) -> Frequencies:
        return dict(self._in("SELECT term, doc FROM entry_vocabulary WHERE term IN", terms))

    def entry_terms(self, entries: Collection[int]) -> dict[int, list[str]]:
        """entry -> the index terms of its header and body."""
        rows = self._in("SELECT rowid, header, body FROM entry_terms WHERE rowid IN", entries)
        return {entry: f"{header} {body}".split() for entry, header, body in rows}

    # Names

    def route(
        self, expression: str, weights: tuple[float, float, float, float], limit: int
    ) -> list[tuple[int, float]]:
        """(document, score) of the documents whose naming words match, best first; BM25.

        weights: of file name, title, names, opening.
        """
        rows = self._connection.execute(
            "SELECT rowid, -bm25(document_terms, ?, ?, ?, ?) AS score FROM document_terms"
            f" WHERE document_terms MATCH ?{self._only_documents('rowid')}"
            " ORDER BY score DESC, rowid LIMIT ?",
            (*weights, expression, limit),
        )
        return list(rows)

    def naming_frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """Of those terms that name a document, in how many file names, titles or lists of names each
        stands; the most of the three. Not remembered: it is asked for thousands of misspellings."""
        rows = self._in(
            "SELECT term, max(doc) FROM document_vocabulary"
            " WHERE col IN ('filename', 'title', 'names') AND term IN",
            terms,
            "GROUP BY term",
        )
        return dict(rows)

    def document_frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """The same with the openings of documents, of those terms that stand in any."""
        known = self._remembered(self.remembered.of_documents, terms, self._documents_naming)
        return {term: count for term, count in known.items() if count}

    def _documents_naming(self, terms: Collection[str]) -> Frequencies:
        query = "SELECT term, max(doc) FROM document_vocabulary WHERE term IN"
        return dict(self._in(query, terms, "GROUP BY term"))

    def naming_words(self, ids: Collection[int]) -> dict[int, tuple[str, str, str, str]]:
        """The index terms of documents: file name, title, names, opening."""
        rows = self._in(
            "SELECT rowid, filename, title, names, opening FROM document_terms WHERE rowid IN", ids
        )
        return {row[0]: row[1:] for row in rows}

    def document_languages(self, ids: Collection[int]) -> dict[int, str]:
        """document -> ISO 639-1 code of its language, "" where it could not be told."""
        known = self.remembered.language_of
        missing = [number for number in ids if number not in known]
        known.update(self._in("SELECT id, language FROM documents WHERE id IN", missing))
        return {number: known[number] for number in ids}

    # Chunks

    def documents_of(self, entries: Collection[int]) -> dict[int, int]:
        """entry -> its document, of those that there are."""
        return dict(self._in("SELECT id, document_id FROM entries WHERE id IN", entries))

    def headings(self, entries: Collection[int]) -> dict[int, str]:
        """entry -> the heading path of its chunk, in reading order."""
        rows = self._in(
            "SELECT entries.id, chunks.heading FROM entries JOIN chunks ON chunks.id = entries.chunk_id"
            " WHERE entries.id IN",
            entries,
        )
        return dict(sorted(rows))

    def embedded_texts(self, entries: Collection[int]) -> dict[int, str]:
        """entry -> the text that was embedded for it: its header, and what stands in the document."""
        headers = dict(
            self._in(
                "SELECT entries.id, chunks.header FROM entries"
                " JOIN chunks ON chunks.id = entries.chunk_id WHERE entries.id IN",
                entries,
            )
        )
        texts = self.texts(entries)
        return {entry: embedded_text(header, texts[entry]) for entry, header in headers.items()}

    def texts(self, entries: Collection[int]) -> dict[int, str]:
        """entry -> what stands in the document, with blanks where that is fenced. Each document's pages
        are read once."""
        rows = self._in(
            "SELECT documents.content_id, chunks.start, chunks.stop, entries.id FROM entries"
            " JOIN chunks ON chunks.id = entries.chunk_id"
            " JOIN documents ON documents.id = entries.document_id WHERE entries.id IN",
            entries,
        )
        found = {}
        for content_id, places in groupby(sorted(rows), itemgetter(0)):
            spans = [place[1:] for place in places]
            first, last = spans[0][0], max(end for _, end, _ in spans)
            text = blanked(self.text(content_id, first, last), first, self.fenced_in(content_id))
            found.update({entry: text[a - first : b - first] for a, b, entry in spans})
        return found

    # Vectors

    def entries_of_vectors(self, vector_ids: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
        """vector -> (entry, document) of each published chunk that has it; none if no longer shown."""
        rows = self._in(
            "SELECT vector_id, id, document_id FROM entries WHERE vector_id IN",
            vector_ids,
            self._only_entries("id"),
        )
        found: dict[int, list[tuple[int, int]]] = {}
        for vector_id, entry, document in rows:
            found.setdefault(vector_id, []).append((entry, document))
        return found

    def entry_vectors(self, entries: Collection[int]) -> dict[int, NDArray[np.float32]]:
        """The vector of each entry, float32, shape (dimension,)."""
        rows = self._in(
            "SELECT entries.id, vectors.vector FROM entries"
            " JOIN vectors ON vectors.id = entries.vector_id WHERE entries.id IN",
            entries,
        )
        return {entry: np.frombuffer(vector, dtype="<f4") for entry, vector in rows}

    def nearest(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, int]]:
        """(entry, document) of the `limit` nearest of all that may be found: every one is compared.

        The last resort where a vector index would have to give nearly all it has.
        """
        rows = self._connection.execute(
            "SELECT entries.id, entries.document_id, vectors.vector FROM entries"
            " JOIN vectors ON vectors.id = entries.vector_id"
            f" WHERE 1{self._only_entries('entries.id')}"
        )
        best: list[tuple[float, int, int]] = []
        while batch := rows.fetchmany(_AT_A_TIME):
            matrix = np.frombuffer(b"".join(row[2] for row in batch), "<f4").reshape(len(batch), -1)
            cosines = (matrix @ vector).tolist()
            best += ((-near, row[0], row[1]) for near, row in zip(cosines, batch, strict=True))
            best = sorted(best)[:limit]
        return [(entry, document) for _, entry, document in best]

    def sentence_vectors(
        self, entries: Collection[int]
    ) -> dict[int, tuple[NDArray[np.int32], NDArray[np.float32]]]:
        """entry -> spans of its sentences, relative to its chunk's start, and their unit vectors.

        Shapes (n, 2) and (n, dimension). Entries without sentence vectors are left out: all, while a
        state answers that was published before there were any, though some may be made already.
        """
        made = self.state(SENTENCES_MADE_AS)
        return read_sentence_vectors(self._connection, entries if made else ())

    def vectors_after(
        self, embedder: str, after: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Ids and vectors above an id: the tail that the vector index does not hold yet."""
        batches = list(load_vectors(self._connection, embedder, after=after))
        if not batches:
            return np.empty(0, np.int64), np.empty((0, 0), np.float32)
        return np.concatenate([ids for ids, _ in batches]), np.concatenate([v for _, v in batches])

    # What a scope leaves

    def _only_entries(self, column: str) -> str:
        """A condition on the ids of entries, to be added to a query; "" for none."""
        return ""

    def _only_documents(self, column: str) -> str:
        """The same of documents."""
        return ""

    @staticmethod
    def _remembered(
        known: Frequencies,
        terms: Collection[str],
        counted: Callable[[Collection[str]], Frequencies],
    ) -> Mapping[str, int]:
        missing = [term for term in dict.fromkeys(terms) if term not in known]
        if missing:
            if len(known) + len(missing) > MOST_REMEMBERED:
                known.clear()
                missing = list(dict.fromkeys(terms))
            found = counted(missing)
            known.update({term: found.get(term, 0) for term in missing})
        return {term: known[term] for term in terms}
