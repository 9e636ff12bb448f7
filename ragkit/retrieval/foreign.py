"""Comparing by words alone: for documents in a language that the embedder does not know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ragkit.catalog import Reader
from ragkit.retrieval.likeness import likeness, pieces
from ragkit.retrieval.ranking import Scores
from ragkit.retrieval.routing import Group
from ragkit.retrieval.understanding import Asked

POOL = 150
"""Candidates whose words are compared one by one. Examination cases, document MRR with 100, 150 and
all: 0.689, 0.700, 0.698."""
NEIGHBOURS = 2
"""Chunks on either side whose words count for a chunk too: where a text is about one thing, its
parts share the telling of it."""


@dataclass(frozen=True, slots=True)
class Alike:
    """How alike the question and each chunk are: by the chunk's own words, and by the pieces of the
    words of it and of its neighbours. Shapes (chunks,)."""

    words: Scores
    pieces: Scores


def alike(reader: Reader, entries: Sequence[int], asked: Asked) -> Alike:
    """For the chunks of `entries`, which are told apart by what is rare among them."""
    own, around = _terms_of(reader, entries)
    words = {term for group in asked.words for term in group}
    others = {term for group in asked.other_words for term in group}
    return Alike(
        likeness(own, words, others),
        likeness(
            [pieces(terms) for terms in around],
            pieces(_stems(asked.words)),
            pieces(_stems(asked.other_words)),
        ),
    )


def _stems(groups: Sequence[Group]) -> list[str]:
    """Of the forms of each word the last, which is the one most stemmed."""
    return [group[-1] for group in groups]


def _terms_of(reader: Reader, entries: Sequence[int]) -> tuple[list[set[str]], list[set[str]]]:
    """The terms of each chunk, and of each with its neighbours in the same document."""
    # The entries of a document were written together: those of neighbours are in a row.
    reach = range(-NEIGHBOURS, NEIGHBOURS + 1)
    near = {entry + step for entry in entries for step in reach}
    document = {entry: chunk.document_id for entry, chunk in reader.chunks(near).items()}
    terms = {entry: set(found) for entry, found in reader.entry_terms(document).items()}
    around = [
        [terms[entry + step] for step in reach if document.get(entry + step) == document[entry]]
        for entry in entries
    ]
    return [terms[entry] for entry in entries], [set[str]().union(*each) for each in around]
