"""An evaluation as Markdown, in which nothing a question or a file name says means anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ragkit.evaluation.measures import CUTOFFS
from ragkit.rendering.evaluation import (
    CHANGES,
    MEANINGS,
    Row,
    change_line,
    difference_rows,
    excerpt,
    facts_of,
    found_line,
    group_rows,
    in_words,
    label_of,
    main_of,
    missing_lines,
    rank_rows,
    single_rows,
    title_of,
    unpaired_of,
    verdict_of,
    went,
    worst_of,
)
from ragkit.rendering.evaluation_answers import answer_rows, in_groups, meanings
from ragkit.rendering.markdown import literal
from ragkit.types.evaluation import Comparison, Evaluation


def as_markdown(evaluation: Evaluation, comparison: Comparison | None = None) -> str:
    """The whole report."""
    return "\n\n".join(_blocks(evaluation, comparison)) + "\n"


def _blocks(evaluation: Evaluation, comparison: Comparison | None) -> Iterator[str]:
    yield f"# {literal(title_of(evaluation))}"
    yield _list([literal(line) for line in (*in_words(evaluation), facts_of(evaluation))])
    if notes := [*missing_lines(evaluation), *evaluation.notes]:
        yield "> " + "\n> ".join(f"- {literal(line)}" for line in notes)
    if rows := rank_rows(evaluation):
        yield _table(("passages", *map(str, CUTOFFS)), rows)
    if rows := single_rows(evaluation):
        yield _table(("measure", "mean", "95 %", "questions"), rows)
    if cells := answer_rows(evaluation):
        yield f"## Answers, {evaluation.style} style"
        yield _table(("measure", "mean", "95 %", "questions"), [Row(line) for line in cells])
    if rows := group_rows(evaluation):
        yield f"## By {evaluation.by}"
        measured = label_of(main_of(evaluation))
        yield _table((evaluation.by, "questions", "documents", measured, "95 %"), rows)
    if cells := in_groups(evaluation):
        yield _table(cells[0], [Row(line) for line in cells[1:]])
    if comparison is not None:
        yield from _compared(comparison)
    yield from _worst(evaluation)
    yield "## What the measures mean"
    yield _list([literal(text) for text in (*MEANINGS.values(), *meanings(evaluation))])
    yield (
        "Intervals are drawn by document, with all its questions (2,000 times): questions on the "
        "same document hang together."
    )


def _compared(comparison: Comparison) -> Iterator[str]:
    yield f"## Against {literal(comparison.before)}"
    yield literal(verdict_of(comparison))
    if notes := [line for line in (unpaired_of(comparison), *comparison.notes) if line]:
        yield _list([literal(line) for line in notes])
    head = ("measure", "before", "now", "difference", "95 %", "")
    yield _table(head, difference_rows(comparison.differences))
    if comparison.by_group:
        yield _table(head, difference_rows(comparison.by_group, labelled=False))
    for heading, changes in (("Better", comparison.better), ("Worse", comparison.worse)):
        if changes:
            yield f"### {heading}: {len(changes)}"
            yield _list([literal(change_line(change)) for change in changes[:CHANGES]])


def _worst(evaluation: Evaluation) -> Iterator[str]:
    if not (worst := worst_of(evaluation)):
        return
    yield "## The questions that went worst"
    for result in worst:
        yield f"**{literal(result.id)}**: {literal(result.question)}"
        lines = [f"{literal(went(result))}; the answer stands in {literal(result.document)}"]
        lines += [f"gold: “{literal(excerpt(quote))}”" for quote in result.gold]
        for place in result.found:
            text = f": “{literal(excerpt(place.text))}”" if place.text else ""
            lines.append(f"{literal(found_line(place))}{text}")
        yield _list(lines)


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(head: Sequence[str], rows: Sequence[Row]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *(row.cells for row in rows)]
    return "\n".join(
        f"| {' | '.join(cell if cell.startswith('---') else literal(cell) for cell in line)} |"
        for line in lines
    )
