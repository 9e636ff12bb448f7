"""Judging: yes, no, or unclear, from what a document's sentences say to one question.

Phrases decide where a question has some: a sentence that holds one means yes, one that only may mean
it sends the row to a person, a document without either means no. Without phrases the words of the
question and its meaning decide, more doubtfully. Pure: arrays in, a verdict out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ragkit.types.sweeps import JudgedBy, Verdict

LIKELY = 1.0
UNLIKELY = 0.65
"""Cosine and coverage together: of 492 questions on contracts, each worded in two ways, from 1.0 on 44 %
of the clauses there are and 7 % of those that are not there; below 0.65 10 % and 58 %."""
CONFIDENCE: dict[tuple[JudgedBy, Verdict], float] = {
    ("phrases", "yes"): 0.90,
    ("phrases", "no"): 0.95,
    ("words", "yes"): 0.85,
    ("words", "no"): 0.85,
}
"""How often such a verdict is right where as many documents have the clause as not, rounded down to a
twentieth, from the rates on the same contracts (tests/sweeps/test_contracts.py): yes on 93 % of the
clauses there are and 8 % of those that are not there, no on 1 % and 55 %; by words as above."""
TAKEN_BACK = "one sentence says so, another takes it back: look for yourself"
NEAR = 0.02
"""Cosine that one more phrase in a sentence is worth, in choosing the sentence to quote."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in the n sentences of one document for one question.

    sure, maybe: phrases of `look_for` and of `may_mean` in each, shape (n,); none if the question has
    none. taken_back: those of `look_for` that each takes back, shape (n,). cosines: with the question,
    shape (n,). coverages: of the question's words, 0 to 1, shape (n,). fullness: 1.0, less for a
    title, shape (n,).
    """

    sure: NDArray[np.int32] | None
    maybe: NDArray[np.int32]
    taken_back: NDArray[np.int32]
    cosines: NDArray[np.float32]
    coverages: NDArray[np.float32]
    fullness: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Judged:
    """sentence: the index of the one to show, None for none."""

    verdict: Verdict
    by: JudgedBy
    reason: str
    sentence: int | None = None

    @property
    def confidence(self) -> float:
        return CONFIDENCE.get((self.by, self.verdict), 0.0)


def judge(looked: Looked) -> Judged:
    """The verdict by rule, before any model."""
    if not len(looked.cosines):
        return Judged("unclear", "words", "the document holds no sentence")
    return _by_words(looked) if looked.sure is None else _by_phrases(looked, looked.sure)


def by_model(sentence: int | None) -> Judged:
    """What a model made of a doubtful one: yes, for a sentence, or no."""
    verdict: Verdict = "no" if sentence is None else "yes"
    return Judged(verdict, "model", "the model was asked", sentence)


def _by_phrases(looked: Looked, sure: NDArray[np.int32]) -> Judged:
    if sure.any() and looked.taken_back.any():
        best = _best(looked, looked.taken_back)
        return Judged("unclear", "phrases", TAKEN_BACK, best)
    if sure.any():
        best = _best(looked, sure)
        return Judged("yes", "phrases", "a sentence holds what was looked for", best)
    if looked.maybe.any():
        best = _best(looked, looked.maybe)
        return Judged("unclear", "phrases", "a sentence may mean it: look for yourself", best)
    return Judged("no", "phrases", "no sentence holds what was looked for")


def _best(looked: Looked, counts: NDArray[np.int32]) -> int:
    """Of the sentences with a phrase that which is nearest to the question and no mere title."""
    worth = (looked.cosines + NEAR * counts) * looked.fullness
    return int(np.where(counts > 0, worth, -np.inf).argmax())


def _by_words(looked: Looked) -> Judged:
    scores = (looked.cosines + looked.coverages) * looked.fullness
    best = int(scores.argmax())
    if scores[best] >= LIKELY:
        return Judged("yes", "words", "a sentence is about what was asked", best)
    if scores[best] >= UNLIKELY:
        return Judged("unclear", "words", "a sentence may be about it: look for yourself", best)
    return Judged("no", "words", "no sentence is about what was asked")


def likeliest(looked: Looked, most: int) -> Sequence[int]:
    """Indexes of the sentences to show a model, the likeliest first."""
    counts = looked.maybe if looked.sure is None else looked.sure + looked.maybe
    scores = (looked.cosines + looked.coverages + NEAR * counts) * looked.fullness
    return [int(index) for index in np.argsort(-scores, kind="stable")[:most]]
