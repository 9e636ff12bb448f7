"""Words of questions, labels and quotes, compared without case, accents and endings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ragkit.folding import folded_in_place
from ragkit.language import STOP_WORDS

_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*")
_STEM = 5
"""Letters from which on two words with the same beginning are forms of one: "naci" is too short to tell
"nació" from "nacional", "renew" is enough for "renewal"."""
_ENDING = 4
"""By so many letters at most two forms of one word differ in length: "terminate", "termination"."""
_SMALL = frozenset(
    word for language in ("en", "es") for word in STOP_WORDS[language] if len(word) > 1
)
_RELATIVES = re.compile(
    r"\b(?:mother|father|brother|sister|son|daughter|sibling|wife|husband|spouse|uncle|aunt|cousin"
    r"|grand(?:mother|father|parent|son|daughter)|relative|donor|caregiver"
    r"|madre|padre|herman[oa]|hij[oa]|abuel[oa]|ti[oa]|sobrin[oa]|espos[oa]|marido|conyuge|donante"
    r"|cuidador[ae]?)s?\b"
)
"""Other persons than the one a document is about."""
_ROLE = re.compile(r"(ee|er|or|tari)[oa]?s?$")
"""Endings that tell the two sides of a contract: "licensee" and "licensor" begin alike."""


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# The sentences of a question are asked about its few words again and again.
@lru_cache(maxsize=4096)
def content_words(text: str) -> tuple[str, ...]:
    """The words that carry meaning, folded, each once, in order."""
    words = (match.group() for match in _WORD.finditer(text.casefold()))
    return tuple(dict.fromkeys(folded_in_place(word) for word in words if word not in _SMALL))


def is_same(word: str, other: str) -> bool:
    """Whether two folded words are forms of one."""
    if word == other:
        return True
    shared = min(len(word), len(other))
    if shared < _STEM or abs(len(word) - len(other)) > _ENDING or _are_two_sides(word, other):
        return False
    return word[: max(_STEM, shared - 3)] == other[: max(_STEM, shared - 3)]


def _are_two_sides(word: str, other: str) -> bool:
    one, two = _ROLE.search(word), _ROLE.search(other)
    return one is not None and two is not None and one[1] != two[1]


def relatives_in(plain: str) -> frozenset[str]:
    """The words of a folded text that mean a relative, or another person beside a patient."""
    return frozenset(match.group() for match in _RELATIVES.finditer(plain))


def met_share(words: tuple[str, ...], others: tuple[str, ...]) -> float:
    """The share of `words` of which a form is among `others`, 0 to 1; 0 without words."""
    if not words:
        return 0.0
    return sum(any(is_same(word, other) for other in others) for word in words) / len(words)


def places_of(words: tuple[str, ...], plain: str) -> Iterator[tuple[int, int]]:
    """Where forms of the words stand in a folded text."""
    for match in _WORD.finditer(plain):
        if any(is_same(word, match.group()) for word in words):
            yield match.span()
