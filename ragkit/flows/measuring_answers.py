"""Measuring answers: what `ask` would show for a gold question, against its gold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ragkit.evaluation import answers as names
from ragkit.evaluation.measures import DEPTH, Found, Target, measure
from ragkit.evaluation.short_answers import contains, is_exact, yes_or_no
from ragkit.flows.truthful import Truth
from ragkit.gold import GoldQuestion
from ragkit.types import AnswerSentence, Citation, Outcome, ShortFact

YES_NO = "yes/no"
"""The kind of a fact that says yes or no."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person sees of an answer."""

    outcome: Outcome
    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    facts: tuple[ShortFact, ...] = ()

    @property
    def is_answer(self) -> bool:
        return self.outcome == "found" and bool(self.sentences)


def measured(
    question: GoldQuestion, targets: Sequence[Target], shown: Shown, truth: Truth
) -> dict[str, float]:
    """Every measure of one answer by name; what does not apply is not there."""
    figures = {names.ASKED_BACK: float(shown.outcome == "ambiguous")}
    if shown.is_answer:
        figures |= _of_what_is_shown(shown, truth)
    if question.answerable and any(target.spans for target in targets):
        figures |= _of_quotes(shown, targets)
    if question.answerable and question.answers:
        figures |= _of_short_answer(question, shown)
    if question.yes_or_no:
        figures |= dict(_of_yes_or_no(question, shown))
    return figures


def _of_what_is_shown(shown: Shown, truth: Truth) -> dict[str, float]:
    figures = {
        names.SENTENCES: float(len(shown.sentences)),
        names.CHARACTERS: float(sum(len(one.text) for one in shown.sentences)),
    }
    if shown.citations:
        true = sum(truth.is_true(citation) for citation in shown.citations)
        figures[names.CITATIONS_VALID] = true / len(shown.citations)
    own = [one for one in shown.sentences if one.status != "quoted"]
    if own:
        figures[names.OWN_WORDS] = sum(one.status != "replaced" for one in own) / len(own)
    return figures


def _of_quotes(shown: Shown, targets: Sequence[Target]) -> dict[str, float]:
    """Of a refused question nothing is shown: it overlaps nothing, and has no precision."""
    if not shown.is_answer or not shown.citations:
        return {names.QUOTE_OVERLAP: 0.0, names.GOLD_QUOTED: 0.0}
    found = [Found(one.document, one.start, one.end, one.quote) for one in shown.citations]
    figures = measure(found, targets)
    recall, precision = figures[f"recall@{DEPTH}"], figures[f"precision@{DEPTH}"]
    return {
        names.QUOTE_OVERLAP: float(recall > 0),
        names.GOLD_QUOTED: recall,
        names.QUOTE_PRECISION: precision,
    }


def _of_short_answer(question: GoldQuestion, shown: Shown) -> dict[str, float]:
    """exact: the first fact is it. contains: a fact has it in it, or is it. quoted: a quote has it."""
    facts = [fact.text for fact in shown.facts] if shown.is_answer else []
    quotes = [one.text for one in shown.sentences] if shown.is_answer else []
    return {
        names.SHORT_EXACT: float(bool(facts) and is_exact(facts[0], question.answers)),
        names.SHORT_CONTAINS: float(contains(facts, question.answers)),
        names.SHORT_QUOTED: float(contains(quotes, question.answers)),
    }


def _of_yes_or_no(question: GoldQuestion, shown: Shown) -> Iterator[tuple[str, float]]:
    """What is in front; else an answer with quotes says yes, and that nothing is found says no."""
    told = next((yes_or_no(fact.text) for fact in shown.facts if fact.kind == YES_NO), "")
    if told:
        yield names.FRONT_RIGHT, float(told == question.yes_or_no)
    said = told or {"found": "yes", "not_found": "no"}.get(shown.outcome, "")
    right = float(said == question.yes_or_no)
    yield (names.YES_RIGHT if question.yes_or_no == "yes" else names.NO_RIGHT), right
