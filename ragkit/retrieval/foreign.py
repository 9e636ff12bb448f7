"""Comparing by words alone: for documents in a language that the embedder does not know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from ragkit.catalog.searching import Remembered, SearchReader
from ragkit.retrieval.likeness import Passages
from ragkit.retrieval.pieces import NumberedChunks
from ragkit.retrieval.ranking import Scores
from ragkit.retrieval.routing import Group
from ragkit.retrieval.understanding import Asked

POOL = 150
"""Candidates whose words are compared one by one. Examination cases, document MRR with 100, 150 and
all: 0.689, 0.700, 0.698."""
NEIGHBOURS = 2
"""Chunks on either side whose words count for a chunk too: where a text is about one thing, its
parts share the telling of it."""
_NUMBERED: WeakKeyDictionary[Remembered, NumberedChunks] = WeakKeyDictionary()
"""By what is known of a published state; it goes with that."""


@dataclass(frozen=True, slots=True)
class Alike:
    """How alike the question and each chunk are: by the chunk's own words, and by the pieces of the
    words of it and of its neighbours. Shapes (chunks,)."""

    words: Scores
    pieces: Scores


def alike(reader: SearchReader, entries: Sequence[int], asked: Asked) -> Alike:
    """For the chunks of `entries`, which are told apart by what is rare among them."""
    chunks = _NUMBERED.setdefault(reader.remembered, NumberedChunks())
    near = _neighbours(reader, entries)
    unknown = chunks.unknown({chunk for around in near for chunk in around})
    for chunk, terms in reader.entry_terms(unknown).items():
        chunks.keep(chunk, terms)
    own = [[chunks.of(entry).words] for entry in entries]
    around = [[chunks.of(chunk).pieces for chunk in each] for each in near]
    words, others = (
        chunks.words({term for group in groups for term in group})
        for groups in (asked.words, asked.other_words)
    )
    pieces, other_pieces = (
        chunks.pieces(_stems(groups)) for groups in (asked.words, asked.other_words)
    )
    by_words, by_pieces = Passages.of(own), Passages.of(around)
    asked_for = by_words.shares(words, others)
    alike_in_pieces = by_pieces.likeness(by_pieces.shares(pieces, other_pieces))
    likest = _shared(by_words.likeness(asked_for)) + _shared(alike_in_pieces)
    return Alike(by_words.likeness(by_words.related(likest, asked_for)), alike_in_pieces)


def _shared(scores: Scores) -> Scores:
    shared: Scores = scores / max(float(scores.max(initial=0.0)), 1e-9)
    return shared


def _stems(groups: Sequence[Group]) -> list[str]:
    """Of the forms of each word the last, which is the one most stemmed."""
    return [group[-1] for group in groups]


def _neighbours(reader: SearchReader, entries: Sequence[int]) -> list[list[int]]:
    """Each chunk and its neighbours in the same document."""
    # The entries of a document were written together: those of neighbours are in a row.
    reach = range(-NEIGHBOURS, NEIGHBOURS + 1)
    document = reader.documents_of({entry + step for entry in entries for step in reach})
    return [
        [entry + step for step in reach if document.get(entry + step) == document[entry]]
        for entry in entries
    ]
