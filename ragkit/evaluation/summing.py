"""From the results of single questions to figures, over all and by category. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ragkit.evaluation.bootstrap import Matrix, clustered_means
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
NAMES = (*BY_DOCUMENT, *BY_SPAN, WHOLE_QUOTE, EVIDENCE, REFUSED_WRONGLY, REFUSED_RIGHTLY)
"""All figures, in the order in which they are shown."""
NO_CATEGORY = "(none)"

GROUPINGS: dict[str, Callable[[QuestionResult], str]] = {
    "category": lambda result: result.category or NO_CATEGORY,
    "document": lambda result: result.document or NO_CATEGORY,
}


def figures_of(results: Sequence[QuestionResult], seed: int) -> tuple[Figure, ...]:
    """Every figure that at least one question has a value of."""
    if not results:
        return ()
    values = matrix_of(results)
    means = clustered_means(values, clusters_of(results), seed).shares()
    counts = (~np.isnan(values)).sum(axis=0)
    columns = zip(NAMES, means.mean, means.low, means.high, counts, strict=True)
    return tuple(
        Figure(name, float(mean), end(low), end(high), int(count))
        for name, mean, low, high, count in columns
        if count
    )


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
