"""Denials: a sentence that is about what was asked may say that it is not so."""

from __future__ import annotations

import re
from dataclasses import replace

from ragkit.flows.affirming import is_polar, yes_or_no
from ragkit.folding import folded_in_place
from ragkit.sweeps.judging import Judged
from ragkit.types import Citation
from ragkit.verification.polarity import NEGATIONS
from ragkit.verification.words import normalise, read_words

DENIED = "a sentence about it says no"
IN_DOUBT = "a sentence about it holds a negation: look for yourself"
_OF_NEITHER = re.compile(
    r"\W*(?:what|which|who|whom|whose|when|where|why|how|que|cual|quien|cuando|donde|cuant)"
)
"""How a question begins that is not answered by yes or no: a negation in what answers it denies
nothing ("not without 30 days' notice")."""


def heeding_denials(judged: Judged, question: str, sentence: str) -> Judged:
    """A verdict by words on a sentence, read again: "no" if the sentence says no; "unclear" where it
    cannot be told and the sentence holds a negation that the question does not."""
    if judged.by != "words" or _OF_NEITHER.match(folded_in_place(question)):
        return judged
    said = _said(question, sentence)
    if said is False:
        return replace(judged, verdict="no", reason=DENIED)
    if said is None and judged.verdict == "yes" and _denies(sentence) and not _denies(question):
        return replace(judged, verdict="unclear", reason=IN_DOUBT)
    return judged


def _said(question: str, sentence: str) -> bool | None:
    if not is_polar(question):
        return None
    quoted = Citation(1, "", "", None, 0, len(sentence), sentence)
    fact = yes_or_no(question, "en", [quoted], [])
    return None if fact is None else fact.text == "Yes"


def _denies(text: str) -> bool:
    return any(word.text in NEGATIONS for word in read_words(normalise(text)))
