"""An evaluation for people: in words, and as tables for a terminal. The other forms share its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ragkit.evaluation.measures import CUTOFFS, DEPTH
from ragkit.rendering.evaluation_answers import LABELS, answer_rows, answers_in_words, in_groups
from ragkit.rendering.terminal import one_line, place_of, shortened
from ragkit.types.evaluation import (
    Change,
    Comparison,
    Difference,
    Evaluation,
    Figure,
    FigureGroup,
    FoundPlace,
    QuestionResult,
)

BY_RANK = {
    "recall": "gold text found",
    "span_hit": "an answer's place found",
    "precision": "gold in what is read",
    "doc_hit": "right document found",
    "wrong_doc": "from wrong documents",
}
"""Measures with a value for each number of passages."""
SINGLE = {
    "doc_mrr": "document MRR",
    "span_mrr": "span MRR",
    "ndcg@10": "nDCG@10",
    "whole_quote@8": "a whole quote in 8",
    "evidence_recall": "gold text in evidence",
    "refused_rightly": "refused rightly",
    "refused_wrongly": "refused wrongly",
}
MEANINGS = {
    "recall": "gold text found: the share of the answer's characters in the first passages together",
    "span_hit": "an answer's place found: half of one gold place is in the first passages",
    "precision": "gold in what is read: the share of the passages' characters that are gold",
    "doc_hit": "right document found: a document that answers is among the first passages",
    "wrong_doc": "from wrong documents: the share of the passages from documents that do not answer",
    "doc_mrr": "document MRR: one divided by the rank of the first passage of a right document",
    "span_mrr": "span MRR: the same of the first passage with half of a gold place, or half gold itself",
    "ndcg@10": "nDCG@10: gold text found in ten passages, the earlier the better",
    "whole_quote@8": "a whole quote in 8: one gold quote stands whole there, as the nightly gate asks",
    "evidence_recall": "gold text in evidence: the share of the answer in what an answer is made from",
    "refused_rightly": "refused rightly: `ask` says 'not found' where the documents do not answer",
    "refused_wrongly": "refused wrongly: `ask` says 'not found' where they do",
}
WORST = 20
"""Questions of a report that went worst."""
CHANGES = 10
"""Questions that got better, and worse, in a report."""
EXCERPT = 300
"""Characters of a passage or a quote, where text was asked for."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: the first cell is its heading."""

    cells: tuple[str, ...]


def title_of(evaluation: Evaluation) -> str:
    return f"{evaluation.name}: {len(evaluation.results)} gold questions"


def in_words(evaluation: Evaluation) -> list[str]:
    """What the main figures say, in sentences for whoever wrote the questions."""
    told = []
    if figure := evaluation.figure("recall@8"):
        told.append(f"The first 8 passages hold {_percent(figure)} of the text that answers.")
    if figure := evaluation.figure("doc_hit@1"):
        told.append(
            f"The first passage comes from a right document for {_percent(figure)} of the questions."
        )
    if figure := evaluation.figure("refused_rightly"):
        told.append(f"Of questions without an answer, `ask` refuses {_percent(figure)}.")
    if figure := evaluation.figure("refused_wrongly"):
        told.append(f"Of questions with one, it wrongly refuses {_percent(figure)}.")
    return [*told, *answers_in_words(evaluation)]


def facts_of(evaluation: Evaluation) -> str:
    """'On 135 documents; all-MiniLM-L6-v2, generation 4; 1201 questions in 62 s, 19 a second.'"""
    asked = len(evaluation.results)
    left = f" ({evaluation.left_out} of the file left out)" if evaluation.left_out else ""
    rate = f", {asked / evaluation.seconds:.3g} a second" if evaluation.seconds >= 1 else ""
    return (
        f"{asked} questions{left}, answered by {evaluation.documents} documents; "
        f"{_ranked_by(evaluation)}, generation {evaluation.generation}; "
        f"{evaluation.seconds:.0f} s{rate}."
    )


def _ranked_by(evaluation: Evaluation) -> str:
    """'all-MiniLM-L6-v2 with what was learned and a reranker'."""
    more = ["what was learned"] if evaluation.adapter else []
    more += ["a reranker"] if evaluation.reranker else []
    return one_line(evaluation.embedder) + (f" with {' and '.join(more)}" if more else "")


def rank_rows(evaluation: Evaluation) -> list[Row]:
    """Measures by the number of passages; under each its interval."""
    rows = []
    for name, label in BY_RANK.items():
        figures = [evaluation.figure(f"{name}@{k}") for k in CUTOFFS]
        if not any(figures):
            continue
        rows.append(Row((label, *(f"{f.value:.3f}" if f else "" for f in figures))))
        ranges = [_range(f) if f else "" for f in figures]
        rows += [Row(("", *ranges))] if any(ranges) else []
    return rows


def single_rows(evaluation: Evaluation) -> list[Row]:
    """Measures with one value: label, value, interval, questions."""
    found = ((label, evaluation.figure(name)) for name, label in SINGLE.items())
    return [Row((label, f"{f.value:.3f}", _range(f), str(f.questions))) for label, f in found if f]


def main_of(evaluation: Evaluation) -> str:
    """The measure that groups and plots show: recall@8, or the document's rank without gold places."""
    return "recall@8" if evaluation.figure("recall@8") else "doc_mrr"


def label_of(name: str) -> str:
    base, at, k = name.partition("@")
    return SINGLE.get(name) or LABELS.get(name) or f"{BY_RANK[base]}{f' in {k}' if at else ''}"


def group_rows(evaluation: Evaluation) -> list[Row]:
    """Each group: name, questions, documents, main measure, interval. The worst first."""
    name = main_of(evaluation)
    return [
        Row(
            (group.name, str(group.questions), str(group.documents), *_value_and_range(group, name))
        )
        for group in sorted_groups(evaluation)
    ]


def sorted_groups(evaluation: Evaluation) -> list[FigureGroup]:
    """By the main measure, the worst first; those without it last."""
    name = main_of(evaluation)

    def place(group: FigureGroup) -> tuple[float, str]:
        figure = group.figure(name)
        return (2.0 if figure is None else figure.value, group.name)

    return sorted(evaluation.groups, key=place)


def difference_rows(differences: Sequence[Difference], *, labelled: bool = True) -> list[Row]:
    """Name, before, now, difference, interval, verdict. labelled: the names are those of measures."""
    return [
        Row(
            (
                label_of(item.name) if labelled else item.name,
                f"{item.before:.3f}",
                f"{item.now:.3f}",
                f"{item.difference:+.3f}",
                "" if item.low is None else f"{item.low:+.3f} to {item.high:+.3f}",
                item.verdict,
            )
        )
        for item in differences
    ]


def verdict_of(comparison: Comparison) -> str:
    """'legal against usual-stack on legal: gold text found in 8 is better by 0.405 (0.36 to 0.45).'"""
    return (
        f"{comparison.now} against {comparison.before}: {label_of(comparison.main)}: "
        f"{comparison.sentence}. {len(comparison.better)} questions are better, "
        f"{len(comparison.worse)} worse, {comparison.same} the same."
    )


def unpaired_of(comparison: Comparison) -> str:
    """What of either run has no counterpart; "" if nothing."""
    if not comparison.only_now and not comparison.only_before:
        return ""
    return (
        f"Left out, since only one run has asked them: {comparison.only_now} questions of this run, "
        f"{comparison.only_before} of the other."
    )


def worst_of(evaluation: Evaluation) -> list[QuestionResult]:
    """The questions that went worst, of those of which something was missed."""
    name = main_of(evaluation)
    failed = [
        result
        for result in evaluation.results
        if result.answerable and result.measures.get(name, result.measures["doc_mrr"]) < 1
    ]
    order = (name, "span_mrr", "doc_mrr")
    return sorted(failed, key=lambda r: [r.measures.get(each, 0.0) for each in order])[:WORST]


def went(result: QuestionResult) -> str:
    """'25% of the gold text in 8 passages', 'no right document in 64 passages'."""
    if not result.measures[f"doc_hit@{DEPTH}"]:
        return f"no right document in {DEPTH} passages"
    recall = result.measures.get("recall@8")
    if recall is None:
        return f"its document first at rank {1 / result.measures['doc_mrr']:.0f}"
    return (
        f"{recall:.0%} of the gold text in 8 passages" if recall else "no gold text in 8 passages"
    )


def found_line(place: FoundPlace) -> str:
    """'wrong document: lease.pdf, p. 2, characters 310 to 820'."""
    kind = "right document" if place.right else "wrong document"
    where = place_of(place.document, place.page)
    return f"{kind}: {where}, characters {place.start} to {place.end}"


def excerpt(text: str) -> str:
    return shortened(text, EXCERPT)


def missing_lines(evaluation: Evaluation) -> list[str]:
    return [
        f"{place_of(path, None)} {one_line(why)}; its questions count as missed."
        for path, why in evaluation.missing
    ]


def change_line(change: Change) -> str:
    return f"{change.before:.2f} -> {change.now:.2f}  {change.id}: {one_line(change.question)}"


def as_text(evaluation: Evaluation, comparison: Comparison | None = None) -> str:
    """For a terminal."""
    return "\n".join(_text_of(evaluation, comparison))


def _text_of(evaluation: Evaluation, comparison: Comparison | None) -> Iterator[str]:
    yield one_line(title_of(evaluation))
    yield from (f"  {one_line(line)}" for line in (*in_words(evaluation), facts_of(evaluation)))
    yield from _noted([*missing_lines(evaluation), *evaluation.notes])
    if rows := rank_rows(evaluation):
        yield "\n" + _table([Row(("passages", *map(str, CUTOFFS))), *rows])
    if rows := single_rows(evaluation):
        yield "\n" + _table([Row(("", "mean", "95 %", "questions")), *rows])
    if cells := answer_rows(evaluation):
        title = Row((f"answers ({evaluation.style} style)", "mean", "95 %", "questions"))
        yield "\n" + _table([title, *map(Row, cells)])
    if rows := group_rows(evaluation):
        head = Row((evaluation.by, "questions", "documents", label_of(main_of(evaluation)), "95 %"))
        yield "\n" + _table([head, *rows])
    if cells := in_groups(evaluation):
        yield "\n" + _table(list(map(Row, cells)))
    if comparison is not None:
        yield from _comparison(comparison)
    yield (
        "\nIntervals are drawn by document: questions on the same document hang together. What the "
        "measures mean: --output FILE.html"
    )


def _comparison(comparison: Comparison) -> Iterator[str]:
    yield "\n" + one_line(verdict_of(comparison))
    yield from _noted([unpaired_of(comparison), *comparison.notes])
    head = Row(("", "before", "now", "difference", "95 %", ""))
    yield "\n" + _table([head, *difference_rows(comparison.differences)])
    for heading, changes in (("Better", comparison.better), ("Worse", comparison.worse)):
        if changes:
            yield f"\n{heading} ({len(changes)}; --output FILE.json names all)"
            yield from (f"  {shortened(change_line(c), 110)}" for c in changes[:CHANGES])


def _noted(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"  ! {one_line(line)}" for line in lines if line)


def _table(rows: Sequence[Row]) -> str:
    """Columns as wide as their widest cell; the first to the left, the others to the right."""
    cells = [[one_line(cell) for cell in row.cells] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for first, *others in cells:
        padded = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        lines.append("  ".join((f"  {first.ljust(widths[0])}", *padded)).rstrip())
    return "\n".join(lines)


def _value_and_range(group: FigureGroup, name: str) -> tuple[str, str]:
    figure = group.figure(name)
    return ("", "") if figure is None else (f"{figure.value:.3f}", _range(figure))


def _range(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f"{figure.low:.2f}-{figure.high:.2f}"


def _percent(figure: Figure) -> str:
    """'79 % (76 to 82)'."""
    if figure.low is None or figure.high is None:
        return f"{figure.value:.0%}"
    return f"{figure.value:.0%} ({100 * figure.low:.0f} to {100 * figure.high:.0f})"
