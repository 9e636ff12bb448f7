"""How alike a question and passages are by their words and by the pieces of these. Pure.

For documents in a language that the embedder does not know: then words have to do all of the work.
BM25 counts how often a word is said and forgives length; a long question (a patient's whole history)
asks rather which passage is about the same things, which the cosine of weighted word sets tells.
Salton and Buckley, "Term-weighting approaches in automatic text retrieval" (1988). Pieces of words
bring "hernia" and "herniorrafia", "esplenectomía" and "esplenectomizado" together, which no stemmer
does: McNamee and Mayfield, "Character n-gram tokenization for European language text retrieval" (2004).
What the best passages share beyond the question is asked for too: Rocchio, "Relevance feedback in
information retrieval" (1971).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
"""Of words, or of pieces of words, by NumberedChunks; shape (n,)."""

PIECE = 5
"""Letters. Spanish examination cases, pieces alone, document MRR: 4 letters 0.64, 5 and 6 0.65."""
OTHERS = 0.5
"""What a word of the other wording counts for, beside one of the question. Document MRR of the same
cases without it 0.679, with 0.3, 0.5 and 1: 0.69, 0.70, 0.69."""


RARITY = 0.75
"""Power of the rarity of a word in its weight. See RELATED."""
LIKEST = 20
RELATED = 60
RELATED_SHARE = 0.25
"""So many of the likest passages are looked at for so many words that they share, which then weigh this
share of what the question does, all together. Examination cases, document MRR and recall at 8: 0.696
and 0.807 with RARITY 1 and no such words, 0.703 and 0.799 with 0.75, 0.717 and 0.82 with both. Mean
document MRR over all tried ways of the rest with RARITY 0.65, 0.75, 0.85, 1: 0.705, 0.705, 0.704, 0.697;
with shares of 0, 0.25, 0.4: 0.695, 0.705, 0.702. Chosen on four fifths of the documents and judged on
the fifth, 20 times: 0.707. 310 abstracts, as if the embedder knew no English, keep 0.99."""


@dataclass(frozen=True, slots=True)
class Passages:
    """What passages hold, and how much each of it weighs: by its rarity among them,
    ln(1 + passages / those that hold it) to the power of RARITY.

    place: number of a word, or of a piece -> its place in `weights`, -1 for none. row and held: for
    each thing that a passage holds, the passage and its place, shape (held,). lengths: of the passages'
    vectors of weights, shape (passages,).
    """

    place: NDArray[np.int32]
    row: NDArray[np.intp]
    held: NDArray[np.intp]
    weights: NDArray[np.float64]
    lengths: NDArray[np.float64]

    @classmethod
    def of(cls, passages: Sequence[Sequence[Numbers]]) -> Passages:
        """passages: for each what its parts hold."""
        parts = [part for of_one in passages for part in of_one]
        every = np.concatenate([*parts, np.empty(0, np.int32)])
        is_present = np.zeros(int(every.max(initial=-1)) + 1, dtype=np.bool_)
        is_present[every] = True
        present = np.flatnonzero(is_present)
        place = np.full(len(is_present), -1, np.int32)
        place[present] = np.arange(len(present))
        counts = [sum(map(len, of_one)) for of_one in passages]
        holds = np.zeros((len(passages), len(present)), dtype=np.bool_)  # 5 MB
        holds[np.repeat(np.arange(len(passages)), counts), place[every]] = True
        row = np.repeat(np.arange(len(passages)), np.count_nonzero(holds, axis=1))
        held = np.flatnonzero(holds) - row * len(present)
        holding = np.bincount(held, minlength=len(present))
        weights = np.log(1 + len(passages) / np.maximum(holding, 1)) ** RARITY
        squares = np.bincount(row, weights[held] ** 2, minlength=len(passages))
        return cls(place, row, held, weights, np.sqrt(np.maximum(squares, 1e-12)))

    def shares(self, asked: Numbers, also: Numbers) -> NDArray[np.float64]:
        """What each thing counts for, by its place: 1 if asked, a share where `also` is meant, else 0."""
        shares = np.zeros(len(self.weights))
        for numbers, share in ((also, OTHERS), (asked, 1.0)):
            there = self.place[numbers[numbers < len(self.place)]]
            shares[there[there >= 0]] = share
        return shares

    def likeness(self, shares: NDArray[np.float64]) -> NDArray[np.float32]:
        """Cosine of what is asked with each passage, shape (passages,), but for the length of the
        question, which is the same for all."""
        counted = shares * self.weights**2
        met = np.bincount(self.row, counted[self.held], minlength=len(self.lengths))
        return np.asarray(met / self.lengths, dtype=np.float32)

    def related(
        self, likest: NDArray[np.float32], shares: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """`shares` with those of the words that the likest passages have in common besides.

        likest: of the passages, how alike they are, 0 and more; shape (passages,).
        """
        trust = np.zeros(len(self.lengths))
        best = np.argsort(-likest, kind="stable")[:LIKEST]
        trust[best] = likest[best] / self.lengths[best]
        told = np.bincount(self.held, trust[self.row], minlength=len(self.weights)) * self.weights
        told[shares > 0] = 0.0
        told[np.argsort(-told, kind="stable")[RELATED:]] = 0.0
        length = np.linalg.norm(shares * self.weights)
        scale = RELATED_SHARE * length / max(float(np.linalg.norm(told)), 1e-12)
        return np.asarray(shares + scale * told / self.weights, dtype=np.float64)


def pieces(words: Iterable[str]) -> set[str]:
    """The pieces of PIECE letters of each word, its beginning and end marked; short words whole."""
    return {piece for word in words for piece in _pieces_of(word)}


# The same words come back with every question: cutting them up again takes half of the time.
@lru_cache(maxsize=50_000)
def _pieces_of(word: str) -> tuple[str, ...]:
    marked = f"^{word}$"
    if len(marked) <= PIECE:
        return (marked,)
    return tuple(marked[at : at + PIECE] for at in range(len(marked) - PIECE + 1))
