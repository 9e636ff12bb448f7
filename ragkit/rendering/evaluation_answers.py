"""What an evaluation says of answers, as cells of tables and as sentences; every form shares them."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.evaluation.answers import (
    CITATIONS_VALID,
    COUNTS,
    LABELS,
    MEANINGS,
    OF_ANSWERS,
    QUOTE_OVERLAP,
    SHORT_EXACT,
    SHORT_QUOTED,
    YES_NO_BALANCED,
)
from ragkit.types.evaluation import Evaluation, Figure, FigureGroup

__all__ = ["LABELS", "answer_rows", "answers_in_words", "in_groups", "meanings"]

IN_GROUPS = (CITATIONS_VALID, QUOTE_OVERLAP, SHORT_EXACT, SHORT_QUOTED, YES_NO_BALANCED)
"""What a table of groups shows: its columns are few; the JSON has all with their intervals."""


def answers_in_words(evaluation: Evaluation) -> list[str]:
    """What the main figures of the answers say, in sentences."""
    told = []
    if figure := evaluation.figure(CITATIONS_VALID):
        told.append(f"Of the citations shown, {_percent(figure.value)} are valid.")
    if figure := evaluation.figure(QUOTE_OVERLAP):
        told.append(
            f"The quotes shown meet the gold text of {_percent(figure.value)} of the questions."
        )
    if figure := evaluation.figure(SHORT_EXACT):
        told.append(
            f"The short answer stands in front for {_percent(figure.value)} of those that have one."
        )
    return told


def answer_rows(evaluation: Evaluation) -> list[tuple[str, ...]]:
    """Label, value, interval and questions of every measure of answers."""
    found = ((name, evaluation.figure(name)) for name in OF_ANSWERS)
    return [
        (LABELS[name], _value(figure), _range(figure), str(figure.questions))
        for name, figure in found
        if figure
    ]


def in_groups(evaluation: Evaluation) -> list[tuple[str, ...]]:
    """A table of the groups with its head; none without groups or answers."""
    names = [name for name in IN_GROUPS if evaluation.figure(name)]
    if not evaluation.groups or not names:
        return []
    head = (evaluation.by, "questions", *(LABELS[name] for name in names))
    return [head, *(_group(group, names) for group in evaluation.groups)]


def meanings(evaluation: Evaluation) -> list[str]:
    """What the measures of answers that there are mean."""
    return [f"{LABELS[n]}: {MEANINGS[n]}" for n in OF_ANSWERS if evaluation.figure(n)]


def _group(group: FigureGroup, names: Sequence[str]) -> tuple[str, ...]:
    figures = (group.figure(name) for name in names)
    return (group.name, str(group.questions), *(f"{f.value:.3f}" if f else "" for f in figures))


def _value(figure: Figure) -> str:
    return f"{figure.value:.1f}" if figure.name in COUNTS else f"{figure.value:.3f}"


def _range(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    digits = 1 if figure.name in COUNTS else 2
    return f"{figure.low:.{digits}f}-{figure.high:.{digits}f}"


def _percent(share: float) -> str:
    """All is said only of all: 0.999 is '99.9 %'."""
    return f"{share:.1%}" if 0.995 <= share < 1 else f"{share:.0%}"
