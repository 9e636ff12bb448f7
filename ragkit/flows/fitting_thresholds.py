"""Fitting thresholds: those by which the most gold questions are answered and refused rightly. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ragkit.retrieval.answerability import Calibration, Signals, checked
from ragkit.types.calibration import Rates

FARTHEST, STEP = 6.0, 0.1
"""Log-odds: thresholds are tried within so much of even odds, so far apart."""

Figures = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Case:
    """A gold question, as it was found. document: what it is judged together with."""

    signals: Signals
    is_answerable: bool
    document: str


@dataclass(frozen=True, slots=True)
class Thresholds:
    """In log-odds, of the two checks."""

    topic: float
    clause: float


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """What the checks say of each case, all of shape (cases,); +inf where one does not apply.

    passes: no rule stands against an answer. now: the thresholds in use.
    """

    topic: Figures
    clause: Figures
    passes: Flags
    is_answerable: Flags
    now: Thresholds

    @classmethod
    def of(cls, cases: Sequence[Case], checks: Calibration) -> CaseFigures:
        return cls(
            _of_check("topic", cases, checks),
            _of_check("clause", cases, checks),
            np.array([not case.signals.is_ruled_out for case in cases]),
            np.array([case.is_answerable for case in cases]),
            Thresholds(checks.topic.least, checks.clause.least),
        )

    def right(self, thresholds: Thresholds) -> Flags:
        """Whether each case is decided rightly."""
        answered = (self.topic >= thresholds.topic) & (self.clause >= thresholds.clause)
        right: Flags = (answered & self.passes) == self.is_answerable
        return right

    def rates(self, right: Flags) -> Rates:
        return Rates(
            float(right[self.is_answerable].mean()), float(right[~self.is_answerable].mean())
        )

    def best(self, chosen: Flags) -> Thresholds:
        """Those of the greatest balanced accuracy on the chosen cases; of equals those nearest to
        what is in use."""
        weights, found = self._weights(chosen), self.now
        steps = np.arange(-FARTHEST, FARTHEST + STEP / 2, STEP).tolist()
        for _ in range(2):  # each for what the other leaves
            topics = [Thresholds(step, found.clause) for step in steps]
            found = self._best_of(topics, weights, lambda each: each.topic)
            clauses = [Thresholds(found.topic, step) for step in steps]
            found = self._best_of(clauses, weights, lambda each: each.clause)
        return Thresholds(round(found.topic, 2), round(found.clause, 2))

    def _best_of(
        self, tried: Sequence[Thresholds], weights: Figures, by: Callable[[Thresholds], float]
    ) -> Thresholds:
        scores = [float(weights @ self.right(each)) for each in tried]
        best = [
            each for each, score in zip(tried, scores, strict=True) if score > max(scores) - 1e-9
        ]
        return min(best, key=lambda each: abs(by(each) - by(self.now)))

    def _weights(self, chosen: Flags) -> Figures:
        """By which both kinds of the chosen cases count the same."""
        return sum(
            (chosen & kind) / max(1, int((chosen & kind).sum()))
            for kind in (self.is_answerable, ~self.is_answerable)
        ) + np.zeros(len(chosen))


def _of_check(name: str, cases: Sequence[Case], checks: Calibration) -> Figures:
    """The figure of each case, as the decision itself asks for it; +inf where it does not, so that a
    threshold is fitted only to what it decides."""
    asked = ({each.name: each.figure for each in checked(case.signals, checks)} for case in cases)
    return np.array([figures.get(name, np.inf) for figures in asked])
