"""Which sentences stand in a summary. Pure: candidates and their vectors in, indices out.

Stretches are taken greedily by what they add for their length, as Lin and Bilmes, "A Class of
Submodular Functions for Document Summarization" (2011), do for a budget of words. What one adds is
the words that no chosen one has, each worth how often the text uses it (Nenkova and Vanderwende,
"The Impact of Frequency on Summarization", 2005; that a concept counts once is from Gillick and
Favre, "A Scalable Global Model for Summarization", 2009), a section that none stands in, and its
salience; what is like a chosen one loses (Carbonell and Goldstein's marginal relevance, 1998).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ragkit.protocols import Vectors
from ragkit.summaries.candidates import Candidate
from ragkit.summaries.salience import Scores, novelty, salience
from ragkit.summaries.stretches import (
    DocumentSentences,
    Focus,
    Stretch,
    stretches_of,
    vectors_of,
)

__all__ = [
    "DocumentSentences",
    "Focus",
    "choose",
    "choose_across",
    "default_words",
    "shortlist",
]

SALIENCE = 0.5
SALIENCE_FOR_A_QUESTION = 1.0
"""Salience holds how near a stretch is to the question; with 0.5 folders lose 0.003 ROUGE-L."""
NEW_SECTION = 2.0
"""For a stretch of a document, a section and a sub-section that no chosen one stands in; the share of
it that is new where only some are."""
HEARD = 2.0
"""What the others of a document lose once one is chosen: without a question each is to be heard."""
LIKENESS = 0.5
"""What a stretch loses that is the same as a chosen one. All of these against 1.0 for the mean word that
is new."""
ALIKE = 0.92
"""Cosine from which on two stretches say the same: only the first is taken."""
LEAST_WORDS = 6
"""Words of what is left of a stretch that is cut to fit."""
SHORT = 12
"""Words. Shorter stretches are not worth more for being short."""

FEWEST, MOST = 20, 400
"""Words of a summary by default."""
_CHARACTERS_OF_A_WORD = 6
_GROWTH = 7.0


def choose(
    candidates: Sequence[Candidate],
    vectors: Vectors,
    *,
    words: int,
    focus: Focus | None = None,
) -> list[int]:
    """Indices of the candidates that summarize their document, in document order.

    vectors: float32, shape (len(candidates), d), unit rows, of each candidate's text.
    words: together they have at most so many, unless the first clause alone is longer.
    """
    document = DocumentSentences(candidates, vectors)
    return [index for _, index in choose_across([document], words=words, focus=focus)]


def choose_across(
    documents: Sequence[DocumentSentences], *, words: int, focus: Focus | None = None
) -> list[tuple[int, int]]:
    """(document, candidate) of the sentences that summarize several documents together, in order.

    What two documents say alike is taken once. `words` is kept as in `choose`.
    """
    stretches = [
        stretch
        for number, document in enumerate(documents)
        for stretch in stretches_of(number, document.candidates)
    ]
    if not stretches:
        return []
    taken = _greedy(stretches, vectors_of(stretches, documents), words, focus)
    return sorted(
        (stretch.document, index)
        for stretch, count in zip(stretches, taken, strict=True)
        for index in stretch.parts[:count]
    )


def _greedy(
    stretches: Sequence[Stretch], vectors: Vectors, words: int, focus: Focus | None
) -> list[int]:
    """How many of each stretch's first clauses are taken."""
    new = novelty(stretches)
    lengths = np.array([max(stretch.length, SHORT) for stretch in stretches])
    weight = SALIENCE if focus is None else SALIENCE_FOR_A_QUESTION
    salient = weight * salience(stretches, vectors, focus)
    nearest = np.zeros(len(stretches))
    closed = np.zeros(len(stretches), dtype=bool)
    covered: set[tuple[int, str]] = set()
    taken = [0] * len(stretches)
    room = words
    while True:
        fitting = np.array([stretch.fitting(room, LEAST_WORDS) for stretch in stretches])
        if not any(taken):
            fitting = np.maximum(fitting, 1)
        possible = ~closed & (fitting > 0) & (nearest <= ALIKE)
        if not possible.any():
            return taken
        gains = new.of_each() / lengths + salient - LIKENESS * nearest
        gains += NEW_SECTION * _uncovered(stretches, covered)
        if focus is None:
            gains -= HEARD * np.array([(s.document, "") in covered for s in stretches])
        best = int(np.argmax(np.where(possible, gains, -np.inf)))
        closed[best] = True
        taken[best] = int(fitting[best])
        room -= stretches[best].ends[taken[best] - 1]
        new.take(best)
        nearest = np.maximum(nearest, vectors @ vectors[best])
        covered |= stretches[best].sections


def _uncovered(stretches: Sequence[Stretch], covered: set[tuple[int, str]]) -> Scores:
    """For each stretch the share of what it stands in that no chosen one stands in."""
    return np.array([len(s.sections - covered) / len(s.sections) for s in stretches])


def shortlist(candidates: Sequence[Candidate], most: int, question: str = "") -> list[int]:
    """The candidates of at most `most` stretches that are worth embedding, in document order.

    They are chosen by their words alone, the best of every section first.
    """
    stretches = stretches_of(0, candidates)
    if len(stretches) <= most:
        return list(range(len(candidates)))
    density = novelty(stretches).of_each() / np.array([max(s.length, SHORT) for s in stretches])
    focus = Focus(question, np.empty(0, np.float32)) if question else None
    scores = density + SALIENCE * salience(stretches, None, focus)
    kept: list[Stretch] = []
    covered: set[tuple[int, str]] = set()
    later: list[Stretch] = []
    for place in np.argsort(-scores, kind="stable").tolist():
        stretch = stretches[place]
        (later if stretch.sections <= covered else kept).append(stretch)
        covered |= stretch.sections
    return sorted(index for stretch in (kept + later)[:most] for index in stretch.parts)


def default_words(characters: int, sections: int) -> int:
    """How many words the summary of a document of that size has.

    It grows with the root of the document's length, has room for a few words on each section, and is
    at most a third of the document.
    """
    length = characters / _CHARACTERS_OF_A_WORD
    wanted = max(_GROWTH * math.sqrt(length), 2 * LEAST_WORDS * sections)
    return int(max(FEWEST, min(MOST, wanted, length / 3)))
