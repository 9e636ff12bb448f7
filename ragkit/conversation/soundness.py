"""Whether a question that the rules wrote can be one: what cannot is not asked in a person's name."""

from __future__ import annotations

import re
from itertools import pairwise

from ragkit.conversation import lexicon

_WORD = re.compile(r"\w+")
_NO_NOUN = (
    lexicon.PERSON_PRONOUNS
    | lexicon.MANY_PRONOUNS
    | lexicon.THING_PRONOUNS
    | lexicon.words("me my you your we us our this that these those both all each")
    | lexicon.words("él ella ellos ellas ello eso esto ambos ambas su sus")
)
_ARTICLES = lexicon.words("the a an el la los las un una")
_INITIAL = re.compile(r"\b[^\W\d_]\.")


def is_sound(question: str, typed: str) -> bool:
    """False for an article before what is no noun ("the both", "la ella"), and where an initial that
    was typed ("John A.") is lost, by which people are told apart."""
    lows = [match.group().casefold() for match in _WORD.finditer(question)]
    pairs = pairwise(lows)
    is_broken = any(first in _ARTICLES and second in _NO_NOUN for first, second in pairs)
    initials = _INITIAL.findall(typed)
    return not is_broken and all(initial in question for initial in initials)
