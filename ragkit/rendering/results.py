"""Passages and answers for people, with the reasons behind them where they are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.rendering.explain import decision_lines, passage_lines, question_lines, scope_line
from ragkit.rendering.terminal import cited_place, indented, one_line, place_of, shortened
from ragkit.types import Answer, Citation, Coverage, Passage, SearchResult, Unreadable
from ragkit.types.explanation import Explanation, PassageReasons

UNREAD_NAMED = 3


def show_search(result: SearchResult, *, width: int = 100) -> str:
    """The passages, numbered, each with its place, section, beginning and, if explained, its reasons."""
    explanation = result.explanation
    parts = [scope_line(result.scope, width)] if result.scope else []
    if explanation:
        parts.append("\n".join(question_lines(explanation, width)))
    reasons = explanation.passages if explanation else (None,) * len(result.passages)
    for passage, why in zip(result.passages, reasons, strict=False):
        parts.append(_passage(passage, why, width))
    return "\n\n".join(parts if result.passages else [*parts, "No passage matches."])


def _passage(passage: Passage, why: PassageReasons | None, width: int) -> str:
    head = f"{passage.rank}. {place_of(passage.document, passage.page)}  ({passage.score:.3f})"
    lines = [head]
    if passage.heading:
        lines.append(f"   § {one_line(passage.heading)}")
    lines += passage_lines(why, width) if why else []
    return "\n".join([*lines, indented(shortened(passage.text), "   ", width)])


def show_answer(answer: Answer, *, width: int = 100) -> str:
    """The answer, its quotes with their places, and what it rests on."""
    parts = [_found(answer, width) if answer.outcome == "found" else _not_found(answer, width)]
    if answer.citations:
        parts.append("\n".join(_citation(citation, width) for citation in answer.citations))
    if answer.explanation:
        parts.append(_explained(answer.explanation, width))
    parts.append(_footing(answer, width))
    return "\n\n".join(parts)


def _explained(explanation: Explanation, width: int) -> str:
    lines = question_lines(explanation, width)
    if explanation.decision:
        lines += decision_lines(explanation.decision, width)
    return "\n".join(lines)


def _found(answer: Answer, width: int) -> str:
    return indented(one_line(answer.text), "", width)


def _not_found(answer: Answer, width: int) -> str:
    coverage = answer.coverage
    lines = [f"Not found in {coverage.searched} of {coverage.documents} documents."]
    if answer.outcome == "ambiguous":
        lines = ["The question fits several documents; name the one you mean:"]
        lines += [f"  - {place_of(name, None)}" for name in answer.candidates]
    if answer.nearest:
        lines.append("Nearest passages (look for yourself):")
        lines += [
            indented(f"{place_of(p.document, p.page)}: {shortened(p.text, 160)}", "  - ", width)
            for p in answer.nearest
        ]
    return "\n".join(lines)


def _citation(citation: Citation, width: int) -> str:
    head = f"[{citation.mark}] {cited_place(citation)}: "
    return indented(f'{head}"{one_line(citation.quote)}"', "", width, hanging="    ")


def _footing(answer: Answer, width: int) -> str:
    coverage = answer.coverage
    written = f"Style: {answer.style}" + (f", {answer.model}" if answer.model else "")
    counts = _status_counts(answer)
    lines = [f"{written}{counts}. {_searched(coverage)} {answer.seconds:.1f} s."]
    if coverage.scope:
        lines.append(scope_line(coverage.scope, width))
    if coverage.unreadable:
        lines.append(_unread(coverage.unreadable))
    return "\n".join(lines)


def _unread(unreadable: Sequence[Unreadable]) -> str:
    """One line under an answer: what it cannot rest on; `status` gives the reasons."""
    names = [place_of(item.document, None) for item in unreadable[:UNREAD_NAMED]]
    more = f" and {len(unreadable) - UNREAD_NAMED} more" if len(unreadable) > UNREAD_NAMED else ""
    return f"Not read, wholly or in part (why: ragkit status): {', '.join(names)}{more}."


def _status_counts(answer: Answer) -> str:
    if answer.style != "compose":
        return ""
    statuses = [sentence.status for sentence in answer.sentences]
    names = ("kept", "repaired", "replaced")
    return " (" + ", ".join(f"{statuses.count(name)} {name}" for name in names) + ")"  # type: ignore[arg-type]


def _searched(coverage: Coverage) -> str:
    return f"Searched {coverage.searched} of {coverage.documents} documents."
