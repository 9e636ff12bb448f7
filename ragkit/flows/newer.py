"""Newer versions: what amendments and later versions say of what was asked of the document they change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ragkit.flows.ranking_sentences import rank_sentences
from ragkit.flows.searching import View
from ragkit.flows.versions import pairs_of
from ragkit.protocols import Embedder
from ragkit.retrieval.ranking import Ranked
from ragkit.retrieval.search import Found
from ragkit.types import Evidence

OF_NEWER = 3
"""Sentences, the best, whose documents' amendments and newer versions are looked into."""
NEWER_CHUNKS = 40
"""Chunks of these that are looked into, the nearest to what is asked: an amendment of a contract has five
to fifteen, a whole new version of one may have hundreds."""


def newer_evidence(
    embedder: Embedder, view: View, found: Found, evidence: Sequence[Evidence]
) -> tuple[Evidence, ...]:
    """What amendments and newer versions of the best documents say, best first: the question names the
    original, so that nothing of them may be among what was found. evidence: best first."""
    inside = replace(found, ranked=tuple(_nearest(view, found, _newer_documents(view, evidence))))
    passages = view.passages(inside, NEWER_CHUNKS)
    return rank_sentences(embedder, view, inside, passages)[0] if passages else ()


def _newer_documents(view: View, evidence: Sequence[Evidence]) -> list[int]:
    """Those of the documents of the best sentences, by their numbers; only what may be found."""
    best = dict.fromkeys(item.document_id for item in evidence[:OF_NEWER])
    within = view.scope.ids
    found = (
        other.id
        for entry in view.reader.documents_by_id(best).values()
        for other in view.reader.akin(entry)
        for pair in pairs_of((entry, other))
        if pair.newer == other.path and (within is None or other.id in within)
    )
    return list(dict.fromkeys(found))


def _nearest(view: View, found: Found, documents: Sequence[int]) -> Iterator[Ranked]:
    """At most NEWER_CHUNKS of their chunks, the nearest to what is asked first. They score the same: no
    search found them, so that their sentences are ranked by what they say alone."""
    of = {
        entry: number for number in documents for entry in view.reader.entries_of_document(number)
    }
    vectors = view.reader.entry_vectors(of)
    cosines = {entry: float(vector @ found.vectors[1]) for entry, vector in vectors.items()}
    for entry in sorted(cosines, key=lambda each: (-cosines[each], each))[:NEWER_CHUNKS]:
        yield Ranked(entry, of[entry], 1.0, ())
