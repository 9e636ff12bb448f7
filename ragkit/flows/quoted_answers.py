"""Answers of quotes, made of what was gathered: one way for `ask` and for `eval`, which measures them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ragkit.flows.contradicting import Weighed, standing, weigh
from ragkit.flows.evidence import Gathered
from ragkit.flows.fronting import facts_in
from ragkit.flows.giving import Given
from ragkit.flows.quoting import quote
from ragkit.types import AnswerSentence, Citation, EvidenceUse, Note, ShortFact


@dataclass(frozen=True, slots=True)
class Made:
    """An answer but for what surrounds it. use: which part of the evidence it was made from."""

    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    use: EvidenceUse | None = None
    facts: tuple[ShortFact, ...] = ()
    notes: tuple[Note, ...] = ()
    withheld: int = 0


def quoted_answer(question: str, gathered: Gathered, given: Given, most: int) -> Made:
    """What the quote style shows, at most `most` sentences and what newer versions add.

    gathered: of the documents that the question means; given: of that, what fits into an answer.
    """
    around = gathered.evidence
    sentences, citations = quote(given.best_first(), most, question=question, around=around)
    return weighed(Made(sentences, citations, given.use), question, gathered, orders=True)


def weighed(made: Made, question: str, gathered: Gathered, *, orders: bool) -> Made:
    """The newer version first, contradictions noted, and in front the short facts of what stands.

    orders: sentences may change places.
    """
    found = weigh(
        question,
        gathered.evidence,
        gathered.documents,
        Weighed(made.sentences, made.citations),
        newer=gathered.newer,
        language=gathered.language,
        meant=gathered.meant,
        orders=orders,
    )
    notes = (*made.notes, *found.notes)
    stands = standing(found.citations, notes)
    facts = facts_in(question, stands, gathered.evidence, gathered.language)
    return replace(
        made, sentences=found.sentences, citations=found.citations, facts=facts, notes=notes
    )
