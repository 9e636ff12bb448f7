"""From the results of single questions to figures, over all and by category. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ragkit.evaluation.answers import (
    COUNTS,
    NO_RIGHT,
    OF_ANSWERS,
    YES_NO_BALANCED,
    YES_RIGHT,
)
from ragkit.evaluation.bootstrap import Matrix, clustered_balance, clustered_means
from ragkit.evaluation.measures import BY_DOCUMENT, BY_SPAN
from ragkit.types.evaluation import Figure, FigureGroup, QuestionResult

EVIDENCE = "evidence_recall"
"""The share of the gold characters in what an answer is given to read."""
WHOLE_QUOTE = "whole_quote@8"
"""Whether one gold quote stands whole in the first passages: what the nightly gate asks."""
REFUSED_RIGHTLY = "refused_rightly"
"""Of the questions without an answer: `ask` says so."""
REFUSED_WRONGLY = "refused_wrongly"
"""Of the questions with an answer: `ask` says that there is none."""
NAMES = (
    *(*BY_DOCUMENT, *BY_SPAN, WHOLE_QUOTE, EVIDENCE, REFUSED_WRONGLY, REFUSED_RIGHTLY),
    *(name for name in OF_ANSWERS if name != YES_NO_BALANCED),
)
"""All measures of single questions, in the order in which they are shown."""
NO_CATEGORY = "(none)"

GROUPINGS: dict[str, Callable[[QuestionResult], str]] = {
    "category": lambda result: result.category or NO_CATEGORY,
    "document": lambda result: result.document or NO_CATEGORY,
}


def figures_of(results: Sequence[QuestionResult], seed: int) -> tuple[Figure, ...]:
    """Every figure that at least one question has a value of."""
    if not results:
        return ()
    values, clusters = matrix_of(results), clusters_of(results)
    plain = clustered_means(values, clusters, seed)
    shares = plain.shares()
    counts = (~np.isnan(values)).sum(axis=0)
    figures = []
    for at, name in enumerate(NAMES):
        if counts[at]:
            means = plain if name in COUNTS else shares
            ends = end(means.low[at]), end(means.high[at])
            figures.append(Figure(name, float(means.mean[at]), *ends, int(counts[at])))
    return (*figures, *_balanced(values, clusters, seed))


def _balanced(values: Matrix, clusters: Sequence[str], seed: int) -> tuple[Figure, ...]:
    """The balanced accuracy of yes and no, if there are questions of both."""
    both = values[:, [NAMES.index(YES_RIGHT), NAMES.index(NO_RIGHT)]]
    there = ~np.isnan(both)
    if not there.any(axis=0).all():
        return ()
    mean, low, high = clustered_balance(both, clusters, seed)
    return (Figure(YES_NO_BALANCED, mean, end(low), end(high), int(there.sum())),)


def groups_of(results: Sequence[QuestionResult], by: str, seed: int) -> tuple[FigureGroup, ...]:
    """The figures of each group, in the order of their names; none if there is but one group."""
    key = GROUPINGS[by]
    names = sorted({key(result) for result in results})
    if len(names) < 2:
        return ()
    groups = []
    for name in names:
        inside = [result for result in results if key(result) == name]
        documents = len(set(clusters_of(inside)))
        groups.append(FigureGroup(name, len(inside), documents, figures_of(inside, seed)))
    return tuple(groups)


def matrix_of(results: Sequence[QuestionResult]) -> Matrix:
    """float64, shape (questions, NAMES), NaN where a measure does not apply."""
    rows = [[_value(result, name) for name in NAMES] for result in results]
    return np.array(rows, dtype=np.float64)


def clusters_of(results: Sequence[QuestionResult]) -> list[str]:
    """The document of each question; one that names none stands for itself."""
    return [result.document or f"question {result.id}" for result in results]


def end(value: float) -> float | None:
    """The end of an interval; None for none."""
    return None if np.isnan(value) else float(value)


def _value(result: QuestionResult, name: str) -> float:
    if name in (REFUSED_RIGHTLY, REFUSED_WRONGLY):
        asked = result.answerable == (name == REFUSED_WRONGLY) and result.refused is not None
        return float(bool(result.refused)) if asked else float("nan")
    return result.measures.get(name, float("nan"))
