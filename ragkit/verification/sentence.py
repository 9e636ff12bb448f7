"""The whole check of one written sentence: what composing asks before it shows anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ragkit.verification.check import Verdict, check_assumptions, check_claim
from ragkit.verification.facts import extract_facts
from ragkit.verification.support import content_words
from ragkit.verification.words import word_set

_LEAST_WORDS = 3
_REPEATED_FROM = 8
_END = 20
"""Characters by which the ends of two texts are compared."""
_OF_THE_EVIDENCE = (
    "the evidence ",
    "this evidence ",
    "la evidencia ",
    "esta evidencia ",
    "<evidence",
    "<evidencia",
)
_NAMES_A_SOURCE = ("source:", "fuente:")
_AUXILIARIES = word_set(
    "is are was were be been being has have had shall will may must can should does do did"
)
_NO_ENDS = word_set("""
    of the a an and or to in on for with by from at as than that which who is are was were have has had shall
    will must can your their its his her our my about into between
    de del la el los las un una y o e en con por para al que su sus se es son fue ha han sin sobre entre
""")
"""Words that no sentence ends with: it was cut, or leads to a list."""
_VERBS = _AUXILIARIES | word_set("es son fue era tiene debe puede presenta")
_OPEN_QUESTIONS = word_set("""
    what which who whom whose where when why how que cual cuales quien quienes donde cuando como
    por cuanto cuanta cuantos cuantas
""")


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence that a claim points at, in its document's words.

    context: what else is known of it: section, its document's name, title, parties or patient, date.
    document: tells sentences of the same document from those of others.
    """

    text: str
    context: str = ""
    document: str = ""


def check_sentence(claim: str, question: str, cited: Sequence[Cited]) -> Verdict:
    """Whether `claim`, written for `question`, may be shown with what it points at.

    Where it points at several documents, each of them alone must bear it: what one letter says of a
    patient and another of her namesake must not become one statement.
    """
    problems = [] if (empty := _says_nothing(claim, question)) is None else [empty]
    problems += ["it is no whole sentence"] if _is_cut(claim, cited) else []
    for document in dict.fromkeys(item.document for item in cited):
        own = [item for item in cited if item.document == document]
        texts = [item.text for item in own]
        context = " ".join(item.context for item in own)
        problems += check_claim(claim, texts, context).problems
        problems += check_assumptions(claim, question, texts, context)
    unique = tuple(dict.fromkeys(problems))
    return Verdict(not unique, unique)


def _says_nothing(claim: str, question: str) -> str | None:
    """Why a sentence is none worth showing, whatever stands behind it; None if it is."""
    stated = extract_facts(claim)
    content = list(content_words(stated.words))
    if len(claim.split()) < _LEAST_WORDS or len(content) + len(stated.items) < 2:
        return "it is no sentence"
    if len(content) >= _REPEATED_FROM and len({w.text for w in content}) < len(content) / 2:
        return "it repeats itself"
    if (
        content
        and all(word.capital for word in content)
        and not any(w.text in _VERBS for w in stated.words)
    ):
        return "it is a heading"
    if claim.casefold().startswith(_OF_THE_EVIDENCE):
        return "it speaks of the evidence, not of the matter"
    first = claim.split()[0]
    if first in _AUXILIARIES:  # written small: the rest of a sentence without its subject
        return "it is no whole sentence"
    asked = extract_facts(question).words
    is_open = bool(asked) and any(word.text in _OPEN_QUESTIONS for word in asked[:2])
    stems = {word.stem for word in asked}
    if is_open and not stated.items and all(word.stem in stems for word in content):
        return "it only repeats the question"
    return None


def _is_cut(claim: str, cited: Sequence[Cited]) -> bool:
    """Whether a sentence ends where none does, or only names a source; what ends so in its document may."""
    plain = claim.rstrip(" .").casefold()
    if plain.startswith(_NAMES_A_SOURCE):
        return True
    words = plain.split()
    is_name = claim.rstrip(" .").split()[-1:] != words[-1:]  # "hepatitis A", "Portland, OR"
    is_open = bool(words) and (words[-1] in _NO_ENDS or words[-2:] == ["the", "following"])
    return (
        is_open
        and not is_name
        and not any(item.text.rstrip(" .").casefold().endswith(plain[-_END:]) for item in cited)
    )
