"""Passages and answers for people, with the reasons behind them where they are asked for."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence

from ragkit.rendering.covered import has_locked, not_found_line, searched_line
from ragkit.rendering.explain import decision_lines, passage_lines, question_lines, scope_line
from ragkit.rendering.phrases import BY_LANGUAGE, ENGLISH, Phrases
from ragkit.rendering.terminal import cited_place, indented, one_line, place_of, shortened
from ragkit.types import Answer, Citation, Passage, SearchResult, SentenceStatus, ShortFact
from ragkit.types.explanation import Explanation, PassageReasons

Typed = Callable[[str], str]
"""Given a ragkit command, as it has to be typed where the answer is shown."""
COUNTED: tuple[SentenceStatus, ...] = ("kept", "repaired", "replaced")
"""What the sentences of a model came to."""


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


def show_answer(answer: Answer, *, width: int = 100, typed: Typed = lambda command: command) -> str:
    """The answer, its quotes with their places, and what it rests on; its frame in its language."""
    said = BY_LANGUAGE.get(answer.language, ENGLISH)
    shown = {"found": _found, "not_found": _not_found, "ambiguous": _ambiguous}
    parts = [shown[answer.outcome](answer, said, width, typed)]
    parts += [indented(_marked(note.text, note.citations), "! ", width) for note in answer.notes]
    if answer.citations:
        parts.append("\n".join(_citation(item, said, width) for item in answer.citations))
    if answer.explanation:
        parts.append(_explained(answer.explanation, width))
    parts.append(_footing(answer, said, width, typed))
    return "\n\n".join(filter(None, parts))


def _explained(explanation: Explanation, width: int) -> str:
    lines = question_lines(explanation, width)
    if explanation.decision:
        lines += decision_lines(explanation.decision, width)
    return "\n".join(lines)


def _found(answer: Answer, said: Phrases, width: int, typed: Typed) -> str:
    """Short facts in front, then the sentences; those that are quotes stand only below, with places."""
    are_quotes = all(sentence.status == "quoted" for sentence in answer.sentences)
    text = [] if are_quotes else [indented(one_line(answer.text), "", width)]
    return "\n\n".join([*_facts(answer.facts, said, width), *text])


def _facts(facts: Sequence[ShortFact], said: Phrases, width: int) -> list[str]:
    """One line for those of one kind; of several kinds, one line for each kind, which it names."""
    by_kind: dict[str, list[str]] = {}
    for fact in facts:
        by_kind.setdefault(fact.kind, []).append(_marked(fact.text, fact.citations))
    lines = []
    for kind, texts in by_kind.items():
        name = said.kind(kind) if len(by_kind) > 1 else ""
        label = f"{name[:1].upper()}{name[1:]}: " if name else ""
        lines.append(indented("; ".join(texts), label, width, hanging="  "))
    return ["\n".join(lines)] if lines else []


def _marked(text: str, marks: Sequence[int]) -> str:
    return one_line(text) + "".join(f" [{mark}]" for mark in marks)


def _not_found(answer: Answer, said: Phrases, width: int, typed: Typed) -> str:
    lines = [indented(not_found_line(answer.coverage, said), "", width)]
    lines += _how_to_open(answer, said, typed)
    return "\n".join([*lines, *_nearest(answer, said, width)])


def _ambiguous(answer: Answer, said: Phrases, width: int, typed: Typed) -> str:
    lines = [indented(said.ambiguous, "", width)]
    told_by = answer.told_by or ("",) * len(answer.candidates)
    for number, (name, told) in enumerate(zip(answer.candidates, told_by, strict=True), start=1):
        known_by = f" ({one_line(told)})" if told else ""
        lines.append(f"  {number}. {place_of(name, None)}{known_by}")
    lines.append(indented(said.ask_again, "", width))
    return "\n".join([*lines, *_nearest(answer, said, width)])


def _nearest(answer: Answer, said: Phrases, width: int) -> list[str]:
    if not answer.nearest:
        return []
    passages = (
        indented(f"{place_of(p.document, p.page, said)}: {shortened(p.text, 160)}", "  - ", width)
        for p in answer.nearest
    )
    return [indented(said.nearest, "", width), *passages]


def _citation(citation: Citation, said: Phrases, width: int) -> str:
    fenced = f" ({said.fenced})" if citation.fenced else ""
    head = f"[{citation.mark}] {cited_place(citation, said)}{fenced}: "
    return indented(f'{head}"{one_line(citation.quote)}"', "", width, hanging="    ")


def _how_to_open(answer: Answer, said: Phrases, typed: Typed) -> list[str]:
    """The next command, where a password is lacking."""
    if not has_locked(answer.coverage) or not answer.pipeline:
        return []
    command = typed(f"ragkit ingest {shlex.quote(answer.pipeline)} --ask-passwords")
    return [f"  {said.how_to_open}: {command}"]


def _footing(answer: Answer, said: Phrases, width: int, typed: Typed) -> str:
    """How much was searched, unless the answer itself says so, and by whom it was written."""
    coverage, lines = answer.coverage, []
    if answer.outcome != "not_found":
        lines.append(indented(searched_line(coverage, said), "", width))
        lines += _how_to_open(answer, said, typed)
    if coverage.scope:
        lines.append(scope_line(coverage.scope, width, said))
    lines.append(_written(answer, said))
    return "\n".join(lines)


def _written(answer: Answer, said: Phrases) -> str:
    """'Style: compose, SmolLM2-135M-Instruct (1 kept, 0 repaired, 2 replaced). 1.2 s.'"""
    style = said.style.format(style=answer.style) + (f", {answer.model}" if answer.model else "")
    seconds = said.seconds.format(seconds=said.number(answer.seconds))
    return f"{style}{_status_counts(answer, said)}. {seconds}."


def _status_counts(answer: Answer, said: Phrases) -> str:
    if answer.style != "compose" or not answer.sentences:
        return ""
    statuses = [sentence.status for sentence in answer.sentences]
    counts = [said.status(name, statuses.count(name)) for name in COUNTED]
    if answer.withheld:
        counts.append(said.status("withheld", answer.withheld))
    return f" ({', '.join(counts)})"
