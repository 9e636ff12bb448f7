"""Whether the documents answer a question at all, decided before a model speaks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signals:
    """What the decision rests on.

    cosine: question and nearest chunk, -1 to 1. coverage: the weighted share of the question's
    words that one passage and its document's name hold, 0 to 1.
    """

    cosine: float
    coverage: float

    def as_pairs(self) -> tuple[tuple[str, float], ...]:
        return (
            ("cosine", self.cosine),
            ("coverage", self.coverage),
            ("confidence", confidence(self)),
        )


def confidence(signals: Signals) -> float:
    """One figure from the signals; found from LEAST_CONFIDENCE on."""
    return 0.5 * signals.cosine + 0.5 * signals.coverage


LEAST_CONFIDENCE = 0.35


def is_answered(signals: Signals) -> bool:
    """Whether an answer is attempted."""
    return confidence(signals) >= LEAST_CONFIDENCE
