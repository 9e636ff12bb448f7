"""Labels: whether a document of the one who is asked about has a line that is labelled with what is asked.

"Allergies: codeine" in the letter of the only Smith answers "What is Smith allergic to?", however few
words the two share: no figure for likeness need be reached.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ragkit.flows.fronting import telling
from ragkit.folding import folded_in_place
from ragkit.retrieval.sentences import HEADING_SEPARATOR
from ragkit.shortfacts.asking import named_words, which
from ragkit.shortfacts.aspects import wanted_by
from ragkit.shortfacts.fields import fields_of
from ragkit.shortfacts.finding import LABELLED
from ragkit.shortfacts.words import content_words, met_share
from ragkit.types import CELL_SEPARATOR, Evidence

_TAKES = re.compile(
    r"^\W*(?:what|which \w+|que(?: \w+)?)\b.*\b(?:takes?|taking|prescribed|toma|tomando|prescrito)\b"
)
_MEDICINES = (
    "medication", "medications", "medicines", "treatment",
    "medicacion", "medicamentos", "tratamiento",
)  # fmt: skip
"""What is taken has such a label, and the question needs not say the word."""


def shows_asked(question: str, evidence: Sequence[Evidence], documents: Collection[int]) -> bool:
    """Whether a sentence of these documents has what is asked under a label, or a heading, that says so.

    documents: those that go by a name of the question.
    """
    own = [item for item in evidence if item.document_id in documents]
    if not own or not wanted_by(question).words:
        return False
    if any(each.sure >= LABELLED for each in telling(question, own)):
        return True
    asked = _asking(question)
    return any(_is_under(asked, item) for item in own) or bool(labelled(question, own))


def labelled(question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The sentences with a label that has all the words that ask, in their order."""
    asked = _asking(question)
    return [
        item
        for item in evidence
        if any(_is_met(asked, content_words(field.label)) for field in fields_of(item.text))
    ]


def _asking(question: str) -> tuple[str, ...]:
    """The words that ask, without names; of what somebody takes, the words for medicines."""
    named = named_words(question)
    words = tuple(word for word in which(question) if word not in named)
    if _TAKES.search(folded_in_place(question)) and not set(words) - set(_MEDICINES):
        return _MEDICINES
    return words


def _is_under(asked: tuple[str, ...], item: Evidence) -> bool:
    """Whether the section of a sentence is headed with what is asked."""
    section = item.heading.rpartition(HEADING_SEPARATOR)[2]
    return CELL_SEPARATOR not in section and _is_met(asked, content_words(section))


def _is_met(asked: tuple[str, ...], label: tuple[str, ...]) -> bool:
    if asked == _MEDICINES:
        return met_share(label, asked) > 0
    return bool(asked and label) and met_share(asked, label) == 1
