"""The fused order of candidate chunks: a convex combination of normalised scores.

Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2022): a combination
of min-max normalised scores does better than reciprocal ranks, and needs few questions to tune.

All figures below: 931 questions over 143 contracts indexed together, 180 Spanish examination
cases, 300 questions on 100 Spanish clinical notes, all-MiniLM-L6-v2 (English).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """What each normalised score counts for. Only their ratios matter.

    question and content: cosine to the whole question, and to the question without the words that
    name a document. words: BM25 of the whole question over header and body. content_words: BM25 of
    what is left over the body. other_words: BM25 of its other wording. fact: whether the chunk holds
    a fact of the kind asked for.
    route: how well the question names the document. same_words, same_pieces: likeness of words and of
    pieces of words, where the embedder does not know the language. referred: whether one of the best
    chunks refers to the section, or uses a term that the chunk defines.
    """

    question: float = 0.0
    content: float = 0.0
    words: float = 0.0
    content_words: float = 0.0
    other_words: float = 0.0
    fact: float = 0.0
    route: float = 0.0
    same_words: float = 0.0
    same_pieces: float = 0.0
    referred: float = 0.0

    @property
    def total(self) -> float:
        return float(sum(getattr(self, each.name) for each in fields(self)))


NAMED = Weights(
    question=0.5,
    content=0.5,
    words=0.2,
    content_words=0.35,
    other_words=0.5,
    fact=0.2,
    route=2.0,
    referred=0.1,
)
"""For a question that names a document. Each part left out, in percent of 928 questions on contracts
(recall at 8, first passage right, wrong documents among 8) and of 300 on clinical notes (span MRR); facts
and references, which are looked up in the best only, are left out of all rows:

    all of these     84.3  58.2   3.3  96.9
    - question       83.3  55.8   3.3  95.4
    - content        84.5  56.8   3.3  96.9
    - words          83.5  57.3   3.3  96.8
    - content_words  81.3  52.4   3.2  94.6
    - other_words    78.9  49.8   3.0  92.2
    - route          81.0  46.4  29.6  80.2

The weight of the other wording, of 0.1 to 1.4: chosen on the other 38 of 39 categories of questions
and judged on the one left out, recall at 8 is 84.3; on four fifths of the contracts, judged on the
fifth, 84.1; it is 0.35
or 0.5 each time. Facts and references (0.2, 0.1) bring recall at 8 from 84.3 to 85.1, and the first
passage right for 59.2. Following definitions too (110 questions): recall at 4 77.7 instead of 77.5, at 16
89.5 instead of 89.9: no gain that can be told on questions of which none asks for a definition.

The cosine of a chunk's nearest sentence is no part of it: with a weight of 0.3 and 0.6 (327 questions)
recall at 8 falls from 0.867 to 0.856 and 0.850, in place of the chunk's own it is 0.869, and the first
passage is right for 0.618 instead of 0.627. Sentences are told apart within the best passages, where
evidence is gathered."""
UNNAMED = Weights(question=1.0, words=0.75, route=0.5)
"""For a question that names none: the route is then the likeness of whole openings. 303 abstracts and 264
pages for patients, recall at 4 and span MRR, with words 1.5 and route 0.7 0.944 and 0.552, 0.730 and
0.784; with 0.75 and 0.7 0.960 and 0.563, 0.736 and 0.799, with route 0.3 0.947 and 0.556, 0.738 and 0.803;
without words 0.993 and 0.588, 0.726 and 0.757:
meaning alone does better on abstracts, and worse on pages."""
POOLED = Weights(question=1.0, words=1.5, route=0.7)
"""By which candidates are taken that are compared word by word, as some are in a language that the
embedder does not know. Spanish examination cases, recall at 4: 0.620 with words 1 and route 0.3, 0.654
with these."""
FOREIGN_UNNAMED = Weights(question=0.5, same_words=1.0, same_pieces=1.0)
"""The same of documents in a language the embedder does not know: what matters is what is said, and
the cosines hardly tell. Examination cases, document MRR 0.61 with POOLED, 0.70 with these."""

FOREIGN = 0.5
"""Share of the cosines' weights where the embedder was not trained for the document's language.
English embedder, Spanish cases, with 0.3, 0.5 and 0.7 (words 1, route 0.5): document MRR 0.616,
0.617, 0.607; recall at 4 0.626, 0.640, 0.645. Clinical notes lose nothing (recall at 4 0.99)."""

_NAMES = {
    "question": "meaning",
    "content": "meaning asked",
    "words": "words",
    "content_words": "words asked",
    "other_words": "other wording",
    "fact": "kind of fact",
    "route": "document",
    "same_words": "same words",
    "same_pieces": "similar words",
    "referred": "referred to",
}
"""Of the parts of a score, in `--explain`."""
_COSINES = ("question", "content")


@dataclass(frozen=True, slots=True)
class Candidates:
    """What is known of each candidate chunk. Every array has shape (n,).

    ids and documents: int64. native: bool, whether the embedder was trained for the document's
    language. scores: by the field of Weights, raw; cosines for every candidate, BM25 and likeness 0
    where nothing matches. What has no weight may be left out.
    """

    ids: NDArray[np.int64]
    documents: NDArray[np.int64]
    native: NDArray[np.bool_]
    scores: Mapping[str, Scores] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranked:
    """One chunk of the fused order; the `parts` of its score add up to it."""

    id: int
    document: int
    score: float
    parts: tuple[tuple[str, float], ...]


def weighted(candidates: Candidates, weights: Weights) -> dict[str, Scores]:
    """By the name of its part, each score brought to 0..1 times its share of all weights."""
    trust = np.where(candidates.native, 1.0, FOREIGN).astype(np.float32)
    parts = {}
    for name, values in candidates.scores.items():
        weight = getattr(weights, name) / weights.total
        if not weight:
            continue
        scaled = trust * _spread(values) if name in _COSINES else _shared(values)
        parts[_NAMES[name]] = (weight * scaled).astype(np.float32)
    return parts


def by_language(
    candidates: Candidates, native: Mapping[str, Scores], foreign: Mapping[str, Scores]
) -> dict[str, Scores]:
    """The parts of each candidate's score that are meant for its language; those of the other are 0.

    Both add up to 1 at most. A few documents that the embedder cannot read do not change the order of
    the others. Contracts, pages for patients and Spanish documents indexed together, the questions of
    each: equal within 0.005 to deciding for all candidates at once by what most of them are.
    """
    nothing = np.zeros(len(candidates.ids), dtype=np.float32)
    return {
        name: np.where(
            candidates.native, native.get(name, nothing), foreign.get(name, nothing)
        ).astype(np.float32)
        for name in {**native, **foreign}
    }


def rank(candidates: Candidates, parts: Mapping[str, Scores], limit: int) -> list[Ranked]:
    """The best `limit` candidates by the sum of their parts, best first; equal ones by their ids."""
    total: Scores = np.stack(list(parts.values())).sum(axis=0)
    order = np.lexsort((candidates.ids, -total))[:limit]
    return [
        Ranked(
            int(candidates.ids[index]),
            int(candidates.documents[index]),
            float(total[index]),
            tuple((name, round(float(values[index]), 4)) for name, values in parts.items()),
        )
        for index in order
    ]


def _spread(cosines: Scores) -> Scores:
    """Cosines from the lowest candidate's to the highest's, as 0..1: a model's cosines lie in a
    narrow band of its own. Recall at 8 of contracts 0.789, divided by the highest alone 0.777."""
    if not len(cosines):
        return cosines
    lowest, highest = cosines.min(), cosines.max()
    spread: Scores = (cosines - lowest) / max(float(highest - lowest), 1e-9)
    return spread


def _shared(scores: Scores) -> Scores:
    """A score as a share of the best candidate's: its zero means "nothing in common" and stays zero."""
    shared: Scores = scores / max(float(scores.max(initial=0.0)), 1e-9)
    return shared
