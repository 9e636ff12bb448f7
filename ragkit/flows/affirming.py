"""Affirming: "yes" or "no" in front of an answer, where a quoted sentence says the one or the other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragkit.flows.settling import polarity
from ragkit.folding import folded_in_place
from ragkit.shortfacts.words import content_words, word_set
from ragkit.types import Citation, Evidence, ShortFact
from ragkit.verification.words import stem

YES = {"en": "Yes", "es": "Sí"}
NO = {"en": "No", "es": "No"}
_POLAR = re.compile(
    r"(?:^|, )\W*(?:(?:is|are|was|were|does|do|did|has|have|had|can|could|may|must|shall"
    r"|should|will|would)\b"
    r"(?!.*\bor (?:is|are|was|does|not)\b)"
    r"|(?:es|son|esta|estan|fue|era|tiene|tienen|tenia|ha|han|puede|pueden|debe|deben|hay"
    r"|existe|existen|se puede"
    r"|se permite|presenta|incluye|contiene|permite|requiere|toma|padece|fuma|bebe|necesita"
    r"|sufre|consta|figura|cabe)\b)"
)
_OPEN = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|why|how|que|cual|cuales|quien|quienes|cuando|donde|cuanto"
    r"|cuantos|cuanta|cuantas|como|por que)\b"
)
_EMPTY = word_set("""
    agreement contract party parties contain contains include includes provide provides give gives any
    under there either one other another contrato partes parte incluye contiene paciente patient
    document made make existe hay tiene does did can grant require restrict
""")
"""Words of a question that a sentence need not repeat to answer it."""


def yes_or_no(
    question: str, language: str, citations: Sequence[Citation], evidence: Sequence[Evidence]
) -> ShortFact | None:
    """What the first quote that settles the question says; None for other questions, and in doubt.

    language: of the answer's own words; English where it is neither "en" nor "es".
    """
    if not is_polar(question):
        return None
    contexts = {(item.document): item.context for item in evidence}
    for citation in citations:
        asked = _asked(question, contexts.get(citation.document, ""))
        said = polarity(question, asked, citation.quote)
        if said is not None:
            words = YES if said else NO
            return ShortFact(
                "yes/no", words[language if language in words else "en"], (citation.mark,)
            )
    return None


def is_polar(question: str) -> bool:
    """Whether a question is answered by yes or no."""
    asked = folded_in_place(question)
    found = _POLAR.search(asked)
    return (
        found is not None
        and not _OPEN.search(asked[: found.end()])
        and ", and " not in asked[found.end() :].replace(", and/or", "")
    )


def _asked(question: str, context: str) -> tuple[str, ...]:
    """The words that ask: without those that name the document, which a sentence need not say."""
    names = {stem(word) for word in content_words(context)}
    asked = (word for word in content_words(question) if word not in _EMPTY)
    return tuple(word for word in asked if stem(word) not in names)
