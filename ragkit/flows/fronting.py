"""Fronting: the short facts that are put in front of an answer, out of the words of its own quotes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ragkit.flows.affirming import yes_or_no
from ragkit.retrieval.sentences import HEADING_SEPARATOR
from ragkit.shortfacts.aspects import Wanted, wanted_by
from ragkit.shortfacts.finding import LABELLED, Candidate, Sentence, candidates, least_sure
from ragkit.types import Citation, Evidence, ShortFact
from ragkit.verification.facts import extract_facts

MOST_FACTS = 4
"""Values under the same label, or names of a list, that are shown: more are no short answer."""


def facts_in(
    question: str,
    citations: Sequence[Citation],
    evidence: Sequence[Evidence],
    language: str = "en",
) -> tuple[ShortFact, ...]:
    """What is asked for, as the quotes say it; none where they do not say it for sure.

    evidence: that the citations were made from, among others. language: of the answer's own words.
    All facts are of one document: values of two patients, or two contracts, never stand side by side
    as one answer.
    """
    if affirmed := yes_or_no(question, language, citations, evidence):
        return (affirmed,)
    wanted = wanted_by(question)
    headings = {(item.document, item.end): item.heading for item in evidence}
    quoted = (
        Sentence(item.quote, _section(headings.get((item.document, item.end), "")), item.start)
        for item in citations
    )
    texts = [item.quote for item in citations]
    found = surest(_not_asked_with(question, candidates(wanted, quoted), texts))
    if not found or found[0].sure < least_sure(wanted):
        return ()
    first = citations[found[0].at].document
    inside = [each for each in found if citations[each.at].document == first]
    return tuple(_facts(wanted, inside, citations))


def telling(question: str, evidence: Sequence[Evidence]) -> list[Candidate]:
    """The values in evidence that may be what is asked for, the surest first; `at` is their place."""
    said = (Sentence(item.text, _section(item.heading), item.start) for item in evidence)
    texts = [item.text for item in evidence]
    return surest(_not_asked_with(question, candidates(wanted_by(question), said), texts))


def _not_asked_with(
    question: str, found: Iterable[Candidate], texts: Sequence[str]
) -> Iterator[Candidate]:
    """But for values that the question gives: "When was the invoice of 30 June 2022 paid?" does not ask
    for that day."""
    given = {fact.token for fact in extract_facts(question).items}
    for each in found:
        facts = extract_facts(texts[each.at][each.start : each.end]).items if given else ()
        if not facts or not {fact.token for fact in facts} <= given:
            yield each


def surest(found: Iterable[Candidate]) -> list[Candidate]:
    """The surest first, of equally sure ones the first."""
    return sorted(found, key=lambda each: (-round(each.sure, 2), each.at, each.start))


def _facts(
    wanted: Wanted, found: Sequence[Candidate], citations: Sequence[Citation]
) -> Iterator[ShortFact]:
    """The surest value, and those of equal standing: under the label itself, or of a list."""
    values: dict[str, list[Candidate]] = {}
    for each in found:
        if each is found[0] or wanted.lists or int(each.sure) == int(found[0].sure) >= LABELLED:
            told = " ".join(_text(each, citations).casefold().split())
            shorter = next((one for one in values if one in told), told)
            values.setdefault(shorter, []).append(each)
    for same in list(values.values())[:MOST_FACTS]:
        marks = tuple(dict.fromkeys(citations[each.at].mark for each in same))
        yield ShortFact(wanted.kind or "field", _text(same[0], citations), marks)


def _text(found: Candidate, citations: Sequence[Citation]) -> str:
    return citations[found.at].quote[found.start : found.end]


def _section(heading: str) -> str:
    return heading.rpartition(HEADING_SEPARATOR)[2]
