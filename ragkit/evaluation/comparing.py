"""One run beside another, question by question, and what can be said of the difference. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ragkit.errors import UsageFault
from ragkit.evaluation.answers import FEWER_IS_BETTER
from ragkit.evaluation.bootstrap import FEW_CLUSTERS, Matrix, clustered_means, few_documents
from ragkit.evaluation.measures import MAIN
from ragkit.evaluation.summing import GROUPINGS, NAMES, REFUSED_WRONGLY, clusters_of, end, matrix_of
from ragkit.types.evaluation import (
    Change,
    Comparison,
    Difference,
    Evaluation,
    QuestionResult,
    Verdict,
)

INSTEAD = ("doc_mrr", "refused_rightly")
"""What runs are compared by where no question says where its answer stands in the document."""
SMALLEST = 1e-9
"""Differences below are the rounding of what was kept in a file."""


def lower_is_better(name: str) -> bool:
    return name.startswith("wrong_doc") or name in (REFUSED_WRONGLY, *FEWER_IS_BETTER)


def compare(now: Evaluation, before: Evaluation) -> Comparison:
    """What is better and worse now, over the questions that both runs have asked.

    Intervals are those of the paired differences, drawn by document as each run's own are.
    Raises UsageFault if the runs have no question in common.
    """
    pairs = _pairs(now.results, before.results)
    if not pairs:
        raise UsageFault(
            f"The run of {now.name} and that of {before.name} have no question in common.",
            hint="Questions are the same if their id and their words are.",
        )
    ours, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    differences = _differences(ours, theirs, now.seed)
    names = [difference.name for difference in differences]
    main = next(name for name in (MAIN, *INSTEAD, *NAMES) if name in names)
    better, worse = _changes(pairs, main)
    measured = next(item for item in differences if item.name == main)
    return Comparison(
        now=now.name,
        before=before.name,
        main=main,
        sentence=sentence_of(measured),
        differences=differences,
        by_group=_by_group(pairs, now, main),
        better=better,
        worse=worse,
        same=measured.questions - len(better) - len(worse),
        only_now=len(now.results) - len(pairs),
        only_before=len(before.results) - len(pairs),
        notes=_notes(now, before, len(set(clusters_of(ours)))),
    )


def sentence_of(difference: Difference) -> str:
    """'better by 0.05 (0.02 to 0.08)', 'no difference that can be told (-0.01 to 0.03)'."""
    if difference.low is None or difference.high is None:
        return f"{difference.difference:+.3f}; all questions are on one document, so nothing can be told"
    low, high = sorted((difference.low, difference.high), key=abs)
    if difference.verdict == "no difference":
        return f"no difference that can be told ({difference.low:+.3f} to {difference.high:+.3f})"
    size = abs(difference.difference)
    return f"{difference.verdict} by {size:.3f} ({abs(low):.3f} to {abs(high):.3f})"


def _pairs(
    now: Sequence[QuestionResult], before: Sequence[QuestionResult]
) -> list[tuple[QuestionResult, QuestionResult]]:
    """The same question is one of the same id and the same words."""
    earlier = {(result.id, result.question): result for result in before}
    return [
        (result, earlier[result.id, result.question])
        for result in now
        if (result.id, result.question) in earlier
    ]


def _differences(
    ours: Sequence[QuestionResult], theirs: Sequence[QuestionResult], seed: int
) -> tuple[Difference, ...]:
    """Of every measure that some question has in both runs."""
    return tuple(_measured(matrix_of(ours), matrix_of(theirs), clusters_of(ours), seed, NAMES))


def _measured(
    now: Matrix, before: Matrix, clusters: Sequence[str], seed: int, names: Sequence[str]
) -> list[Difference]:
    paired = now - before  # NaN where either has no value
    both = ~np.isnan(paired)
    means = clustered_means(paired, clusters, seed)
    found = []
    for column, name in enumerate(names):
        rows = both[:, column]
        if rows.any():
            low, high = end(means.low[column]), end(means.high[column])
            found.append(
                Difference(
                    name=name,
                    now=float(now[rows, column].mean()),
                    before=float(before[rows, column].mean()),
                    difference=float(means.mean[column]),
                    low=low,
                    high=high,
                    questions=int(rows.sum()),
                    verdict=_verdict(name, low, high),
                )
            )
    return found


def _verdict(name: str, low: float | None, high: float | None) -> Verdict:
    if low is None or high is None or (low <= SMALLEST and high >= -SMALLEST):
        return "no difference"
    return "better" if (low > 0) != lower_is_better(name) else "worse"


def _changes(
    pairs: Sequence[tuple[QuestionResult, QuestionResult]], main: str
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Better and worse questions, those that changed most first."""
    column = NAMES.index(main)
    now, before = matrix_of([p[0] for p in pairs])[:, column], matrix_of([p[1] for p in pairs])
    changes = [
        Change(pair[0].id, pair[0].question, float(ours), float(theirs))
        for pair, ours, theirs in zip(pairs, now, before[:, column], strict=True)
        if abs(ours - theirs) > SMALLEST  # false for NaN
    ]
    changes.sort(key=lambda change: -abs(change.now - change.before))
    sign = -1 if lower_is_better(main) else 1
    better = tuple(c for c in changes if sign * (c.now - c.before) > 0)
    return better, tuple(c for c in changes if sign * (c.now - c.before) < 0)


def _by_group(
    pairs: Sequence[tuple[QuestionResult, QuestionResult]], now: Evaluation, main: str
) -> tuple[Difference, ...]:
    """The main measure's difference in each group; `name` is the group's."""
    key, column = GROUPINGS[now.by], NAMES.index(main)
    names = sorted({key(ours) for ours, _ in pairs})
    if len(names) < 2:
        return ()
    found: list[Difference] = []
    for name in names:
        inside = [pair for pair in pairs if key(pair[0]) == name]
        ours, theirs = [pair[0] for pair in inside], [pair[1] for pair in inside]
        values = (matrix_of(ours)[:, [column]], matrix_of(theirs)[:, [column]])
        measured = _measured(*values, clusters_of(ours), now.seed, [main])
        found += (replace(each, name=name) for each in measured)
    return tuple(found)


def _notes(now: Evaluation, before: Evaluation, documents: int) -> tuple[str, ...]:
    notes = []
    if now.questions_sha256 != before.questions_sha256:
        notes.append(
            "The two runs come from different files of questions; where a question's words are the "
            "same, its gold may not be."
        )
    if documents < FEW_CLUSTERS:
        notes.append(few_documents(documents))
    return tuple(notes)
