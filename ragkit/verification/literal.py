"""Whether a sentence says what one sentence of the evidence says, in its very words.

The other checks ask whether there is a reason against a sentence. Of what a model writes that can read,
nearly all that they let through is so; a small one shuffles words until they pass: of 43 sentences that the
starter wrote and the checks let through, 6 were not so when they were read ("Fecha de nacimiento:
14/12/2017." of "Fecha de Ingreso: 14/12/2017."). So its sentences are held to the words of what they cite:
a stretch of it from one end of a clause to another, but for articles and what stands in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ragkit.folding import folded
from ragkit.verification.polarity import NEGATIONS
from ragkit.verification.words import word_set

_WORD_OR_MARK = re.compile(r"\d+(?:[.,:/-]\d+)*|[^\W\d_]+(?:['’-][^\W\d_]+)*|[^\w\s]|\n")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_ENDS = frozenset(',;:.!?()[]—–•·|\n"“”«»')
"""Marks at which a clause may begin or end."""
_ARTICLES = word_set("the a an el la los las un una unos unas")
_BOUNDS = word_set("""
    if unless except excepting excluding provided subject only until when whenever where whether while but
    however although though otherwise notwithstanding alleged allegedly claims claimed denies denied
    si salvo excepto siempre cuando hasta solo solamente pero aunque menos mientras sino segun supuestamente
""")
"""What may turn or bound the rest of its sentence: it may not be left out."""


@dataclass(frozen=True, slots=True)
class _Words:
    """words: without articles and marks, folded. ends: the places between them (0: before the first) where
    a clause may begin or end."""

    words: tuple[str, ...]
    ends: frozenset[int]


def stands_literally(claim: str, evidence: Sequence[str]) -> bool:
    """Whether one of the texts says `claim` in its very words, whole or from clause end to clause end."""
    said = _read(claim).words
    return bool(said) and any(
        _holds(form, said) for text in evidence for form in (text, _BRACKETED.sub(" ", text))
    )


def _holds(text: str, said: tuple[str, ...]) -> bool:
    read = _read(text)
    return any(
        read.words[at : at + len(said)] == said
        and {at, at + len(said)} <= read.ends
        and not _turns((*read.words[:at], *read.words[at + len(said) :]))
        for at in range(len(read.words) - len(said) + 1)
    )


def _turns(left_out: Sequence[str]) -> bool:
    return any(word in _BOUNDS or word in NEGATIONS for word in left_out)


def _read(text: str) -> _Words:
    words: list[str] = []
    ends = {0}
    for found in _WORD_OR_MARK.findall(text):
        if found in _ENDS:
            ends.add(len(words))
        elif found[0].isalnum() and (word := folded(found)) not in _ARTICLES:
            words.append(word)
    return _Words(tuple(words), frozenset({*ends, len(words)}))
