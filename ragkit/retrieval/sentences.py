"""Which sentences of the passages answer the question. Pure: arrays and term lists in, scores out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ragkit.invisible import visible

HEADING_SEPARATOR = " > "

COSINE_WEIGHT = 0.45
COVERAGE_WEIGHT = 0.30
PASSAGE_WEIGHT = 0.25
"""Four sentences at most, of eight passages: 0.61 of 160 contract questions and 0.75 of 120 on clinical
notes show words of the gold passage; other weights between 0.2 and 0.5 move that by 0.03."""

THIN = 0.8
THIN_WORDS = 5
"""Lines this short are rarely what was asked for; of 280 questions none is answered worse for it."""


def coverage(weights: Mapping[tuple[str, ...], float], terms: set[str]) -> float:
    """The weighted share of a question's words that occur in `terms`, 0 to 1; 0 without words.

    weights: for each word, as the terms a document may hold it as, how much it tells.
    """
    total = sum(weights.values())
    met = sum(weight for group, weight in weights.items() if not terms.isdisjoint(group))
    return met / total if total > 0 else 0.0


def sentence_scores(
    cosines: NDArray[np.float32], coverages: Sequence[float], passage_scores: Sequence[float]
) -> NDArray[np.float64]:
    """One score for each sentence, higher is better. All three have shape (sentences,).

    cosines: question and sentence. coverages: of the question's words by the sentence, 0 to 1.
    passage_scores: of the passage it stands in, scaled here to 0 to 1.
    """
    passages = np.asarray(passage_scores, dtype=np.float64)
    spread = float(np.ptp(passages)) if passages.size else 0.0
    scaled = (passages - passages.min()) / spread if spread > 0 else np.ones_like(passages)
    return (
        COSINE_WEIGHT * np.asarray(cosines, dtype=np.float64)
        + COVERAGE_WEIGHT * np.asarray(coverages, dtype=np.float64)
        + PASSAGE_WEIGHT * scaled
    )


def in_context(text: str, heading: str) -> str:
    """What is embedded for a sentence: with the last part of its section path in front.

    Without it the first sentence shown is right for 0.46 instead of 0.48 of the contract questions
    and for 0.54 instead of 0.62 of those on clinical notes.
    """
    section = heading.rpartition(HEADING_SEPARATOR)[2]
    return visible(f"{section}: {text}" if section else text)


def fullness(text: str) -> float:
    """1.0, or THIN for a few words without a figure, a label or a full stop: a title, a signature."""
    words = text.split()
    says = text.rstrip().endswith((".", ";", "?", "!")) or ": " in text
    figures = any(sign.isdigit() for word in words[1:] for sign in word)
    return THIN if len(words) <= THIN_WORDS and not says and not figures else 1.0


def is_heading(text: str, heading: str) -> bool:
    """Whether a sentence is only a heading of the section it stands in, and so says nothing."""
    words = " ".join(text.split()).casefold().rstrip(":")
    return any(words == part.casefold().rstrip(":") for part in heading.split(HEADING_SEPARATOR))
