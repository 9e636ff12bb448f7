"""Which chunks are compared with a question at all: those that its words, its vector and the documents
that it names bring up. Bounded, however many chunks or however large a document there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog.searching import SearchReader
from ragkit.protocols import VectorIndex, Vectors
from ragkit.retrieval.routing import Group
from ragkit.retrieval.understanding import Asked, any_of

DEPTH = 200
"""Candidates taken from the vectors, and as many from the words. With 100 recall at 8 of contracts
falls from 0.786 to 0.782; with all chunks it is 0.793."""
DEEPEST = 16 * DEPTH
"""Neighbours that a vector index is asked for at most, to find DEPTH that may be shown; where that is
not enough, all vectors that may be shown are compared."""
COMMON = 0.2
"""Words in more than this share of the chunks are not searched for in the whole corpus: half the
time, recall at 8 of contracts 0.789 with 0.1 and with 1."""
COMMON_ASKED = 0.3
"""The same inside the routed documents, where time is no matter and "termination" is common:
with 0.1 recall at 8 falls from 0.789 to 0.770."""
FEWEST_WORDS = 3
"""So many of the rarest words are searched for however common they are, if MOST_SCORED allows."""
MOST_SCORED = 10_000
MOST_SCORED_SHARE = 0.2
"""Chunks, each counted for every word it holds, that a search of the whole corpus scores, at most, or
this share of all chunks if that is more: the rarest words go first, and the rarest alone may stand in
more. Four collections in one index (18,448 chunks) with 30,000 and 10,000: recall at 8 of 150 contract
questions 0.791 and 0.794, document MRR of 80 Spanish cases 0.566 both, of 120 questions of patients
0.972 both."""
WHOLE_DOCUMENT = 1000
"""Chunks of a named document up to which all of them are candidates. No contract of the 143 that the
ranking was tuned on has more."""
FROM_LARGE = 300
"""Of a larger one, the best by the words that are asked for, as many by their other wording, and those
that are among the nearest to the question and to its content."""
WHOLE = (1.0, 1.0)
BODY = (0.0, 1.0)


@dataclass(slots=True)
class Gathered:
    """Candidate entries: the document of each, and the word scores of those that have one."""

    documents: dict[int, int] = field(default_factory=dict)
    words: dict[int, float] = field(default_factory=dict)
    content_words: dict[int, float] = field(default_factory=dict)
    other_words: dict[int, float] = field(default_factory=dict)


class Gatherer:
    """Brings up the candidates of a question from one published state."""

    def __init__(self, reader: SearchReader, indexes: Sequence[VectorIndex]) -> None:
        self._reader = reader
        self._indexes = indexes

    def gathered(self, asked: Asked, vectors: Vectors) -> Gathered:
        """vectors: of the question and of its content, shape (2, dimension)."""
        found = Gathered()
        for index in self._indexes:
            found.documents.update(self.near(index, vectors[0]))
        most = COMMON * asked.chunks
        most_in_all = max(MOST_SCORED, MOST_SCORED_SHARE * asked.chunks)
        if words := searched_for(asked.words, asked.frequency, most, most_in_all):
            rows = self._reader.lexical(self._any_of(words), WHOLE, DEPTH)
            for entry, document, score in rows:
                found.documents[entry], found.words[entry] = document, score
        self._of_named(asked, found)
        return self._with_more_of_large(asked, vectors[1], found)

    def _of_named(self, asked: Asked, found: Gathered) -> None:
        most = COMMON_ASKED * asked.chunks
        content, others = (
            self._any_of(searched_for(groups, asked.frequency, most))
            for groups in (asked.content_words, asked.other_words)
        )
        for document, entries in self._reader.entry_ranges(asked.named).items():
            is_large = len(entries) > WHOLE_DOCUMENT
            if not is_large:
                found.documents.update(dict.fromkeys(entries, document))
            limit = FROM_LARGE if is_large else len(entries)
            for words, scores in ((content, found.content_words), (others, found.other_words)):
                if words:
                    best = self._reader.lexical_within(words, BODY, entries, limit)
                    scores.update(best)
                    found.documents.update(dict.fromkeys(best, document))

    def _with_more_of_large(
        self, asked: Asked, content: NDArray[np.float32], found: Gathered
    ) -> Gathered:
        """With the neighbours of the content that stand in a large document which is named."""
        ranges = self._reader.entry_ranges(asked.named)
        large = {number for number, entries in ranges.items() if len(entries) > WHOLE_DOCUMENT}
        for index in self._indexes if large else ():
            near = self.near(index, content)
            found.documents.update({e: number for e, number in near.items() if number in large})
        return found

    def _any_of(self, groups: Sequence[Group]) -> str:
        """An FTS5 expression without the terms that no chunk holds: bm25 asks for each of them anew."""
        known = self._reader.chunk_frequencies({term for group in groups for term in group})
        return any_of([tuple(term for term in group if known[term]) for group in groups])

    def near(self, index: VectorIndex, vector: NDArray[np.float32]) -> dict[int, int]:
        """entry -> document of at least DEPTH neighbours, if there are so many.

        An index still holds vectors of documents that are no longer shown, or may not be found: then
        it is asked for more.
        """
        depth = DEPTH
        while depth <= DEEPEST:
            ids, _ = index.query(vector, depth)
            shown = self._reader.entries_of_vectors(ids.tolist())
            if len(shown) >= DEPTH or len(ids) < depth:
                return {entry: document for places in shown.values() for entry, document in places}
            depth *= 4
        return dict(self._reader.nearest(vector, DEPTH))


def searched_for(
    groups: Sequence[Group],
    frequency: Mapping[Group, int],
    most: float,
    most_in_all: float = float("inf"),
) -> list[Group]:
    """Those that occur, rarest first, without the common ones, but for the FEWEST_WORDS rarest.

    most: chunks that a word may stand in without being common. most_in_all: that the words may stand
    in together; the rarest is searched for whatever it costs.
    """
    rarest = sorted((g for g in groups if frequency[g]), key=lambda group: frequency[group])
    found: list[Group] = []
    for place, group in enumerate(rarest):
        most_in_all -= frequency[group]
        if (place < FEWEST_WORDS or frequency[group] <= most) and (not place or most_in_all >= 0):
            found.append(group)
    return found
