"""Whether a sentence says what one sentence of the evidence says, in its very words.

The other checks ask whether there is a reason against a sentence. Of what a model writes that can read,
nearly all that they let through is so; a small one shuffles words until they pass: of 43 sentences that the
starter wrote and the checks let through, 6 were not so when they were read ("Fecha de nacimiento:
14/12/2017." of "Fecha de Ingreso: 14/12/2017."). So its sentences are held to the words of what they cite:
a stretch of it from one end of a clause to another, but for articles and brackets that are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ragkit.folding import folded
from ragkit.verification.polarity import NEGATIONS
from ragkit.verification.words import word_set

_WORD_OR_MARK = re.compile(r"\d+(?:[.,:/-]\d+)*|[^\W\d_]+(?:['’-][^\W\d_]+)*|[^\w\s]|\n")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_ENDS = frozenset(',;:.!?()[]—–•·|\n"“”«»')
"""Marks at which a clause may begin or end."""
_DEFINITE = word_set("the el la los las")
_INDEFINITE = word_set("a an un una unos unas")
_BOUNDS = word_set("""
    if unless except excepting excluding provided subject only until when whenever where whether while but
    however although though otherwise notwithstanding alleged allegedly claims claimed denies denied
    si salvo excepto siempre cuando hasta solo solamente pero aunque menos mientras sino segun supuestamente
""")
"""What may turn or bound the rest of its sentence: it may not be left out."""


@dataclass(frozen=True, slots=True)
class _Words:
    """words: without articles and marks, folded. articles: before each of them, if any: "the" or "a". ends: the
    places between words (0: before the first) where a clause may begin or end."""

    words: tuple[str, ...]
    articles: tuple[str, ...]
    ends: frozenset[int]


def stands_literally(claim: str, evidence: Sequence[str]) -> bool:
    """Whether one of the texts says `claim` in its very words, whole or from clause end to clause end."""
    said = _read(claim)
    if not said.words or claim.count("(") != claim.count(")"):
        return False
    return any(_holds(form, said) for text in evidence for form in _forms(text))


def _forms(text: str) -> Iterator[str]:
    """A text, and the same without what stands in brackets, unless that turns or bounds something."""
    yield text
    if not _turns(word for found in _BRACKETED.findall(text) for word in _read(found).words):
        yield _BRACKETED.sub(" ", text)


def _holds(text: str, said: _Words) -> bool:
    read, count = _read(text), len(said.words)
    return any(
        read.words[at : at + count] == said.words
        and {at, at + count} <= read.ends
        and _same_articles(read.articles[at : at + count], said.articles)
        and not _turns((*read.words[:at], *read.words[at + count :]))
        for at in range(len(read.words) - count + 1)
    )


def _same_articles(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """One may be left out; "a condition" is not "the condition"."""
    return all(
        not one or not other or one == other for one, other in zip(ours, theirs, strict=True)
    )


def _turns(left_out: Iterable[str]) -> bool:
    return any(word in _BOUNDS or word in NEGATIONS for word in left_out)


def _read(text: str) -> _Words:
    words: list[str] = []
    articles: list[str] = []
    ends, article = {0}, ""
    for found in _WORD_OR_MARK.findall(text):
        word = folded(found)
        if found in _ENDS:
            ends.add(len(words))
        elif word in _DEFINITE:
            article = "the"
        elif word in _INDEFINITE and (found != "A" or len(words) in ends):  # not of "hepatitis A"
            article = "a"
        elif word[:1].isalnum():
            words.append(word)
            articles.append(article)
            article = ""
    return _Words(tuple(words), tuple(articles), frozenset({*ends, len(words)}))
