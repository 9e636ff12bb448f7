"""`--explain` for people: readable in a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from ragkit.rendering.phrases import ENGLISH, Phrases
from ragkit.rendering.terminal import indented, one_line, place_of, shortened
from ragkit.types.explanation import AskedWords, Decision, Explanation, PassageReasons, ScorePart
from ragkit.types.scope import Scoped

LABEL = 12
"""Columns for what a line is about."""
SENTENCE_CHARACTERS = 150
LEAST = 0.0005
"""Of a part of a score that is shown: three decimals are."""
FINGERPRINT = 16
"""Characters of a fingerprint that stand for it."""


def scope_line(scope: Scoped, width: int, said: Phrases = ENGLISH) -> str:
    """'Only 12 of 143 documents (--type contract --since 2020); 3 without a known date left out.'"""
    filters = " ".join(map(one_line, scope.scope.in_words()))
    undated = f"; {said.counted(said.undated, scope.undated)}" if scope.undated else ""
    line = said.scope.format(documents=scope.documents, total=scope.total, filters=filters)
    return indented(f"{line}{undated}.", "", width)


def question_lines(explanation: Explanation, width: int) -> list[str]:
    """How the question was understood, one line for each thing to know."""
    asked = explanation.asked
    lines = [
        _row("Language", asked.language or "not told", width),
        _row("Asks", _words(asked.content), width),
        _row("Names", _words(asked.naming) or "no document", width),
        *_preferred(asked, width),
    ]
    if asked.ignored:
        lines.append(_row("Ignored", _words(asked.ignored), width))
    if asked.fact:
        lines.append(_row("Looks for", f"a fact of this kind: {asked.fact}", width))
    lines.append(_row("Compared", f"{explanation.candidates} candidate passages", width))
    if explanation.adapter:
        lines.append(_row("Learned", f"adapter {explanation.adapter[:FINGERPRINT]}", width))
    if explanation.reranker:
        lines.append(_row("Reranker", explanation.reranker[:FINGERPRINT], width))
    return lines


def _preferred(asked: AskedWords, width: int) -> Iterable[str]:
    for each in asked.preferred:
        words = f" by {_words(each.matched)}" if each.matched else " by words of its opening"
        said = f"{place_of(each.document, None)} ({each.share:.0%}){words}"
        yield _row("Prefers", said, width)


def passage_lines(reasons: PassageReasons, width: int) -> list[str]:
    """Below the head of a passage: why it is there, and the parts of its score."""
    lines = [_row("Why", reasons.says, width)]
    lines.append(_row("Score", f"{_sum(reasons.parts)} = {reasons.score:.3f}", width))
    if reasons.sentence:
        nearest = shortened(reasons.sentence, SENTENCE_CHARACTERS)
        lines.append(_row("Sentence", f'"{nearest}" (cosine {reasons.nearness:.2f})', width))
    return [f"   {line}" for text in lines for line in text.split("\n")]


def _sum(parts: Iterable[ScorePart]) -> str:
    """'meaning 0.300 (#2) - learned 0.020 (#40)'; parts that add nothing are left out."""
    shown = [part for part in parts if abs(part.value) >= LEAST]
    texts = [
        f"{'-' if part.value < 0 else '+'} {part.name} {abs(part.value):.3f}"
        + (f" (#{part.rank})" if part.rank else "")
        for part in shown
    ]
    return " ".join(texts).removeprefix("+ ")


def decision_lines(decision: Decision, width: int) -> list[str]:
    """Why there is an answer or none, and the sentences that were looked at."""
    lines = [_row("Decision", decision.says, width)]
    for name, figure, least in decision.checks:
        sign = ">=" if figure >= least else "<"
        lines.append(_row("", f"{name} {figure:.3f} {sign} {least:.2f} needed", width))
        if said := _weighed(decision, name):
            lines.append(_row("", said, width))
    signals = ", ".join(f"{name} {figure:.3f}" for name, figure in decision.signals)
    lines.append(_row("Signals", signals, width))
    for item in decision.evidence:
        cited = f"[{item.mark}]" if item.mark else "not used"
        place = place_of(item.document, item.page)
        said = f"{item.score:.3f} {cited} {place}: {shortened(item.text, SENTENCE_CHARACTERS)}"
        lines.append(_row(f"Evidence {item.number}", said, width))
    return lines


def _weighed(decision: Decision, check: str) -> str:
    """'= -12.628 + cosine 0.61 x 8.41 + ...': what a check's figure is the sum of; "" for a rule."""
    biases = [f"{bias:.2f}" for name, bias in decision.biases if name == check]
    parts = [
        f"{one.signal} {one.value:.2f} x {one.weight:.2f}"
        for one in decision.weighed
        if one.check == check
    ]
    fitted = " (threshold fitted to your questions)" if decision.is_fitted else ""
    return f"= {' + '.join((*biases, *parts))}{fitted}" if parts else ""


def _words(words: Sequence[str]) -> str:
    return ", ".join(map(one_line, words))


def _row(label: str, text: str, width: int) -> str:
    return textwrap.fill(
        one_line(text),
        max(40, width - 3),
        initial_indent=f"{label:<{LABEL}}",
        subsequent_indent=" " * LABEL,
        break_long_words=False,
        break_on_hyphens=False,
    )
