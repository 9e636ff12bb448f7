"""Fits the weights of retrieval/answerability.py, and judges them; no test, run by hand:

    python -m tests.flows.fit_answerability pipelines.yaml legal=medical/questions.jsonl! legal=legal.jsonl ...

Each argument is PIPELINE=QUESTIONS, a .jsonl file of gold questions that are asked of that pipeline; with
a "!" behind it they are of another field, so that all should be refused. The weights are fitted to all
questions, each file counting the same; the figures are of folds by document. Clauses are fitted to the
questions that name a contract, those with an answer counting as much as those without.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ragkit.flows.evidence import gather
from ragkit.gold import read_gold
from ragkit.retrieval.answerability import CLAUSE, TOPIC, Signals
from ragkit.tuning.grouping import folds_of
from ragkit.workspace import Workspace

FOLDS = 5
RIDGE = 3.0
"""Penalty on the squares of the weights, of signals scaled to unit variance."""
STEPS = 30
Figures = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A question as it was found. file: where it comes from; group: what it is judged together with."""

    signals: Signals
    file: str
    group: str
    is_own: bool
    is_answerable: bool


def cases_of(workspace: Workspace, argument: str) -> list[Case]:
    pipeline, _, name = argument.partition("=")
    is_own, file = not name.endswith("!"), name.rstrip("!")
    searching = workspace._searcher(workspace._pipeline(pipeline))
    return [
        Case(
            gather(searching, question.question, 8).signals,
            argument,
            f"{pipeline}/{question.document}" if is_own else f"{file}/{question.document}",
            is_own,
            is_own and question.answerable,
        )
        for question in read_gold(Path(file))
    ]


def logistic(signals: Figures, wanted: NDArray[np.bool_], counts: Figures) -> Figures:
    """Weights and, last, the bias: Newton's method (Hastie, Tibshirani and Friedman, "The Elements of
    Statistical Learning", 2009, section 4.4.1), with a ridge.

    signals: shape (cases, signals); counts: how much each case counts, 1 on average.
    """
    mean, spread = signals.mean(axis=0), signals.std(axis=0) + 1e-9
    rows = np.c_[(signals - mean) / spread, np.ones(len(signals))]
    found = np.zeros(rows.shape[1])
    ridge = np.diag([RIDGE] * signals.shape[1] + [1e-6])
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-rows @ found))
        slope = rows.T @ (counts * (likely - wanted)) + ridge @ found
        found -= np.linalg.solve(
            (rows * (counts * likely * (1 - likely))[:, None]).T @ rows + ridge, slope
        )
    weights = found[:-1] / spread
    unscaled: Figures = np.r_[weights, found[-1] - weights @ mean]
    return unscaled


def crossed(
    signals: Figures, wanted: NDArray[np.bool_], counts: Figures, groups: Sequence[str]
) -> Figures:
    """The figure of each case by weights fitted to the other folds."""
    numbers = {group: at for at, group in enumerate(dict.fromkeys(groups))}
    fold = np.array(folds_of([numbers[group] for group in groups], FOLDS))
    figures = np.zeros(len(fold))
    for held_out in range(FOLDS):
        inside = fold == held_out
        weights = logistic(signals[~inside], wanted[~inside], counts[~inside])
        figures[inside] = signals[inside] @ weights[:-1] + weights[-1]
    return figures


def columns(cases: Sequence[Case], names: Sequence[str]) -> Figures:
    return np.array([[float(getattr(case.signals, name)) for name in names] for case in cases])


def fitted(
    title: str,
    cases: Sequence[Case],
    names: Sequence[str],
    wanted: NDArray[np.bool_],
    by: list[str],
) -> Figures:
    """Prints the weights. by: cases with the same of these count as much together as any others."""
    sizes = {one: by.count(one) for one in set(by)}
    counts = np.array([len(by) / len(sizes) / sizes[one] for one in by])
    signals = columns(cases, names)
    weights = logistic(signals, wanted, counts)
    told = ", ".join(f"{name} {w:.3f}" for name, w in zip(names, weights[:-1], strict=True))
    print(f"{title}: {told}; bias {weights[-1]:.3f}")
    return crossed(signals, wanted, counts, [case.group for case in cases])


def main(settings: str, *arguments: str) -> None:
    with Workspace(settings) as workspace:
        cases = [case for argument in arguments for case in cases_of(workspace, argument)]
    own = np.array([case.is_own for case in cases])
    topic = fitted("topic", cases, list(TOPIC.weights), own, [case.file for case in cases])
    clause = np.full(len(cases), np.inf)
    places = [at for at, case in enumerate(cases) if case.is_own and case.signals.names_contract]
    asked = [cases[at] for at in places]
    wanted = np.array([case.is_answerable for case in asked])
    if wanted.size and 0 < wanted.mean() < 1:
        clause[places] = fitted(
            "clause", asked, list(CLAUSE.weights), wanted, [str(one) for one in wanted]
        )
    lacks = np.array([case.signals.lacks_fact for case in cases])
    refused = (topic < TOPIC.least) | (clause < CLAUSE.least) | lacks
    for argument in arguments:
        for answerable in (True, False):
            inside = np.array(
                [case.file == argument and case.is_answerable == answerable for case in cases]
            )
            if inside.any():
                kind = "with an answer" if answerable else "without one"
                share = refused[inside].mean()
                print(f"{argument}: of {inside.sum()} {kind} {share:.3f} refused")


if __name__ == "__main__":
    main(*sys.argv[1:])
