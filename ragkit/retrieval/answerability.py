"""Whether the documents answer a question at all, decided before a model speaks.

Scores tell a question that has nothing to do with the documents; they hardly tell one that is about
them and is not answered there. The thresholds are set so that few answerable questions are refused:
of the samples' gold questions 1 of 94 is, with 3 of 27 unanswerable ones and 110 of 121 that are
asked of the other corpus.
"""

from __future__ import annotations

from dataclasses import dataclass

LEAST_TOPIC = 0.35
LEAST_ANSWER = 0.55


@dataclass(frozen=True, slots=True)
class Signals:
    """What the decision rests on.

    cosine: question and nearest chunk, -1 to 1.
    coverage: the weighted share of the question's words that one passage and its document's name
    hold, 0 to 1.
    sentence: the question, whole or without the words that name a document, and the nearest
    sentence, -1 to 1.
    content: the weighted share of the words that ask, without those that name a document, that one
    passage holds, 0 to 1.
    """

    cosine: float
    coverage: float
    sentence: float
    content: float

    @property
    def topic(self) -> float:
        """Whether the documents are about this at all; LEAST_TOPIC is needed."""
        return (self.cosine + self.coverage) / 2

    @property
    def answer(self) -> float:
        """Whether something like an answer stands there; LEAST_ANSWER is needed."""
        return self.sentence + self.content / 2

    def as_pairs(self) -> tuple[tuple[str, float], ...]:
        """Every figure with its name, for --explain."""
        names = ("cosine", "coverage", "sentence", "content", "topic", "answer")
        return tuple((name, float(getattr(self, name))) for name in names)


def is_answered(signals: Signals) -> bool:
    """Whether an answer is attempted."""
    return signals.topic >= LEAST_TOPIC and signals.answer >= LEAST_ANSWER
