"""How much a stretch tells: by the words that it brings, and by itself.

All figures are gains in ROUGE-L over the first words of the documents, as many, on 88 clauses of terms
of use (0.011), 56 transcripts of visits (0.046) and 40 folders of answers to a question (0.029); the
standard errors of these are 0.004, 0.004 and 0.011. The settings were chosen on the same items; 27
settings of OPENING, LATENESS and SALIENCE chosen from on one half of a set gain 0.007, 0.051 and 0.026
on the other. tests/summaries/test_rouge.py has the scorer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ragkit.protocols import Vectors
from ragkit.summaries.stretches import Focus, Stretch
from ragkit.summaries.words import (
    ADDRESS,
    CHATTER,
    FUNCTION_WORDS,
    NUMERALS,
    SUBORDINATORS,
    content_words,
    matter_in,
    share_of,
)

Scores = NDArray[np.float64]

WEIGHTS = {
    "central": 0.5,
    "shared": 0.5,
    "focus": 1.0,
    "asked": 0.3,
    "figures": 0.3,
    "subordinate": -0.3,
    "chatter": -0.7,
}
SPOKEN_WEIGHTS = {**WEIGHTS, "figures": 0.6, "matter": 0.6}
"""Of the standardised features, of a text and of a conversation. Half or double of one moves no set by more
than 0.006. Transcripts lose 0.015 without "chatter", folders 0.008 without the question. In a conversation
"matter" and twice the weight for figures take transcripts from 0.046 to 0.055 at 250 words, and what they
hold of the numbers and names of a note from 14 points above its first words to 16."""
OPENING = 3.0
"""What the first stretch of a document has more than the others, the second half of it, and so on.
With 0, 1, 3 and 5 the gain is 0.004, 0.006, 0.011, 0.006 on clauses, 0.024, 0.020, 0.029, 0.028 on
folders, 0.048, 0.047, 0.046, 0.043 on transcripts."""
FORMAL = -2.0
"""For what names parties or defines words."""
WORTH = 0.8
"""For one duty, right or dose in figures. With 0, 1, 2 and 3 the gain is 0.007, 0.007, 0.002, 0.001 on
clauses, 0.045, 0.048, 0.048, 0.050 on transcripts, 0.027, 0.027, 0.025, 0.025 on folders."""
WORTH_OF_MANY = 2.5
MANY = 20
"""The same among so many stretches that answer no question: there the figures tell them apart."""
NEIGHBOUR = 0.3
"""Cosine from which on two stretches are about the same matter."""
MOST_NEIGHBOURS = 2_000
"""Stretches, evenly spaced, that each is compared with: a folder may have a hundred thousand."""
AT_ONCE = 4_096
"""Stretches that are compared with those at the same time: what is held does not grow with a folder."""
MOST_TIMES = 8
"""Occurrences from which on a word is worth no more. The share of words that a reference uses grows
with their number in the clause: 0.07 of those that occur once, 0.16, 0.28, 0.35, 0.55 of five and more.
Where all are worth the same, clauses lose 0.007, folders 0.005; transcripts gain 0.005."""
LATENESS = 2.0
"""What a word loses by occurring late: one that is first used half-way is worth half. References use
0.17 of the first ten content words of a clause, 0.05 of those after the fortieth."""
SPOKEN = 0.08
"""The share of chatter from which on a text is a conversation."""


@dataclass(frozen=True, slots=True)
class Novelty:
    """What the words of stretches are worth while no chosen one has them.

    words: int64, the different words of all stretches, one after the other, as places in `worth`.
    starts: int64, shape (n,), where those of each stretch begin. worth: float64, 1.0 in the mean.
    """

    words: NDArray[np.int64]
    starts: NDArray[np.int64]
    worth: Scores

    def of_each(self) -> Scores:
        """What each stretch would bring, shape (n,)."""
        sums: Scores = np.add.reduceat(self.worth[self.words], self.starts)
        return sums

    def take(self, stretch: int) -> None:
        """From now on its words are worth nothing."""
        end = self.starts[stretch + 1] if stretch + 1 < len(self.starts) else len(self.words)
        self.worth[self.words[self.starts[stretch] : end]] = 0.0


def novelty(stretches: Sequence[Stretch]) -> Novelty:
    """A word is worth how often it is used, the number of documents that use it, and how early they
    do. Function words count: running words are worth more than a list."""
    vocabulary: dict[str, int] = {}
    times: Counter[int] = Counter()
    earliest: dict[int, float] = {}
    documents: defaultdict[int, set[int]] = defaultdict(set)
    rows = []
    for stretch in stretches:
        row = [vocabulary.setdefault(word, len(vocabulary)) for word in stretch.words or ("",)]
        times.update(row)
        rows.append(list(dict.fromkeys(row)))
        for word in rows[-1]:
            earliest[word] = min(earliest.get(word, 1.0), stretch.before)
            documents[word].add(stretch.document)
    worth = np.array(
        [
            min(times[word], MOST_TIMES) * len(documents[word]) / (1 + LATENESS * earliest[word])
            for word in range(len(vocabulary))
        ]
    )
    starts = np.cumsum([0, *(len(row) for row in rows[:-1])])
    return Novelty(np.concatenate(rows), starts, worth / worth.mean())


def salience(stretches: Sequence[Stretch], vectors: Vectors | None, focus: Focus | None) -> Scores:
    """The weighted features of each stretch, standardised; the opening has more, unless it is formal
    or of a folder, and what readers look for.

    vectors: float32, shape (len(stretches), d), unit rows; None for what words alone tell.
    """
    features = _of_words(stretches)
    if focus is None:
        # What a folder of contracts shares is boilerplate; answers to a question share the answer.
        features["shared"] = -features["shared"]
    if vectors is not None:
        # Degree centrality: Erkan and Radev, "LexRank" (2004).
        others = vectors[:: 1 + len(vectors) // MOST_NEIGHBOURS]
        parts = (vectors[at : at + AT_ONCE] for at in range(0, len(vectors), AT_ONCE))
        central = [(part @ others.T > NEIGHBOUR).mean(axis=1) for part in parts]
        features["central"] = np.concatenate(central)
    if focus is not None:
        asked = content_words(focus.question)
        features["asked"] = np.array([len(asked.intersection(s.words)) for s in stretches], float)
        near = None if vectors is None else (vectors @ focus.vector).astype(np.float64)
        features["focus"] = features["asked"] if near is None else near
    weights = SPOKEN_WEIGHTS if _is_spoken(stretches) else WEIGHTS
    total = np.sum([weights[name] * _standard(features[name]) for name in features], axis=0)
    # The position of a sentence is the oldest sign of its weight: Edmundson (1969).
    is_folder = focus is None and stretches[-1].document > 0
    worth = WORTH_OF_MANY if focus is None and len(stretches) >= MANY else WORTH
    opening = [0.0 if is_folder or s.formal else OPENING / (1 + s.place) for s in stretches]
    sought = [FORMAL * s.formal + worth * s.worth for s in stretches]
    scores: Scores = _standard(total) + np.array(opening) + np.array(sought)
    return scores


def _of_words(stretches: Sequence[Stretch]) -> dict[str, Scores]:
    """What the words of each stretch tell, by feature."""
    contents = [set(stretch.words) - FUNCTION_WORDS for stretch in stretches]
    documents: defaultdict[str, set[int]] = defaultdict(set)
    for stretch, content in zip(stretches, contents, strict=True):
        for word in content:
            documents[word].add(stretch.document)
    shared = [
        sum(len(documents[word]) for word in content) / max(len(content), 1) for content in contents
    ]
    spoken = _is_spoken(stretches)
    said = NUMERALS if spoken else frozenset[str]()
    figures = [any(word[0].isdigit() or word in said for word in s.words) for s in stretches]
    subordinate = [(not SUBORDINATORS.isdisjoint(s.words[:1])) + s.runs_on for s in stretches]
    matter = {"matter": np.array([matter_in(s.words) for s in stretches])} if spoken else {}
    return {
        **matter,
        "shared": np.array(shared),
        "figures": np.array(figures, dtype=float),
        "subordinate": np.array(subordinate, dtype=float),
        "chatter": _chatter(stretches),
    }


def _chatter(stretches: Sequence[Stretch]) -> Scores:
    """The share of words that say nothing; of a conversation also those that address someone."""
    shares = _chatter_in(stretches)
    if _is_spoken(stretches):
        shares += [share_of(ADDRESS, stretch.words) for stretch in stretches]
    return shares


def _is_spoken(stretches: Sequence[Stretch]) -> bool:
    return bool(_chatter_in(stretches).mean() > SPOKEN)


def _chatter_in(stretches: Sequence[Stretch]) -> Scores:
    return np.array([share_of(CHATTER, stretch.words) for stretch in stretches])


def _standard(values: Scores) -> Scores:
    """With mean 0 and deviation 1; zeros where all are the same."""
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 1e-9 else np.zeros(len(values))
