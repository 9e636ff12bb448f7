"""Reasons in plain sentences, from the figures of an explanation. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ragkit.retrieval.answerability import Checked
from ragkit.types.explanation import PassageReasons, ScorePart

WORDS_NAMED = 4
"""Words of a question that one sentence quotes."""
PLACES = {2: "second", 3: "third"}
SIGNALS = {
    "meaning": ("nearest", "in meaning"),
    "meaning asked": ("nearest", "in meaning to what is asked"),
    "words": ("best", "by words in common"),
    "words asked": ("best", "by the words that ask"),
    "other wording": ("best", "by other words for what is asked"),
    "nearest sentence": ("best", "by its nearest sentence"),
    "same words": ("best", "by likeness of words"),
    "similar words": ("best", "by likeness of parts of words"),
}
"""By part of a score how its first place is called, and by what it is the first."""
FACT = "kind of fact"
LEARNED, RERANKED = "learned", "reranked"


def passage_in_words(
    reasons: PassageReasons, names: Sequence[str], some_are_named: bool, candidates: int
) -> str:
    """Why a passage is where it is, in one sentence.

    names: words of the question by which it names the passage's document. some_are_named: whether it
    names any document. candidates: chunks that were compared.
    """
    said = [_of_document(reasons, names, some_are_named), _of_words(reasons.matched)]
    said += _of_parts(reasons.parts, candidates)
    sentence = "; ".join(filter(None, said))
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _of_document(reasons: PassageReasons, names: Sequence[str], some_are_named: bool) -> str:
    if reasons.is_preferred:
        return (
            f"the question names this document ({_quoted(names)})"
            if names
            else ("the question names this document")
        )
    return "not a document that the question names" if some_are_named else ""


def _of_words(matched: Sequence[str]) -> str:
    if not matched:
        return "shares no word that asks"
    return f"shares {_quoted(matched)}"


def _quoted(words: Sequence[str]) -> str:
    more = f" and {len(words) - WORDS_NAMED} more" if len(words) > WORDS_NAMED else ""
    return ", ".join(f"'{word}'" for word in words[:WORDS_NAMED]) + more


def _of_parts(parts: Sequence[ScorePart], candidates: int) -> Iterator[str]:
    """The part by which it does best alone, and what moved it afterwards."""
    judged = [part for part in parts if part.name in SIGNALS and part.rank and part.value > 0]
    best = min(judged, key=lambda part: (part.rank, -part.value), default=None)
    if best is not None:
        first, by = SIGNALS[best.name]
        place = first if best.rank == 1 else PLACES.get(best.rank, f"place {best.rank}")
        yield f"{place} {by} of {candidates} candidates"
    if any(part.name == FACT and part.value > 0 for part in parts):
        yield "holds a fact of the kind asked for"
    for part in parts:
        if part.name.startswith((LEARNED, RERANKED)) and abs(part.value) >= 0.0005:
            by = "the reranker" if part.name.startswith(RERANKED) else "what was learned"
            yield f"{by} moved it {'up' if part.value > 0 else 'down'}"


LOW = {
    "topic": "the documents hardly seem to be about this",
    "clause": "the contract named seems to have no such clause",
    "fact": "the document named shows no fact of the kind asked for",
    "name": "no document speaks of the one that is named",
    "person": "what is asked for stands only in documents of somebody else than the one named",
}
"""By check, what it means that it is not passed."""


def decision_in_words(
    checks: Sequence[Checked], has_evidence: bool, has_citations: bool, *, is_ambiguous: bool
) -> str:
    """Why a question was answered or refused, in one sentence."""
    if not has_evidence:
        return "Refused: no sentence was found that could be quoted."
    if low := [LOW[check.name] for check in checks if not check.is_passed]:
        return f"Refused: {' and '.join(low)}."
    if is_ambiguous:
        return (
            "Not answered: several persons or contracts fit the question, and say different things."
        )
    if has_citations:
        return "Answered: the documents are about this, and something like an answer stands there."
    return "Refused: the evidence seemed enough, but no sentence came of it."
