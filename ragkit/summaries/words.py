"""Words as a summary weighs them: folded, and told from what people say between the things they say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ragkit.folding import folded
from ragkit.language import STOP_WORDS

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")

_CHATTER_ENGLISH = """
um uh uhm hmm mm hm okay ok yeah yep yes hey hi hello bye gon na wan gonna wanna like kinda kind just
really let lets let's look talk thanks thank guess mean stuff thing things right so well alright good
great nice got get tell see know think sorry go going want check take little bit lot sure please
today here
"""
_CHATTER_SPANISH = """
eh em ah ajá mmm vale bueno pues hola adiós gracias claro entonces digamos mira mire oye oiga verdad
cosa cosas así sabe sabes venga bien ahora dígame dime creo ver poco poquito hoy aquí
"""
_NUMERALS = """
two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty
seventy eighty ninety hundred thousand half twice
dos tres cuatro cinco seis siete ocho nueve diez once doce quince veinte treinta cuarenta cincuenta
sesenta setenta ochenta noventa cien mil medio media
"""
_ADDRESS = "i you i'm you're i've you've i'll you'll i'd yo usted tú te le me"


def words_of(text: str) -> list[str]:
    """The words of a text in order, folded."""
    return _WORD.findall(folded(text).replace("’", "'"))


FUNCTION_WORDS = frozenset(map(folded, STOP_WORDS["en"] | STOP_WORDS["es"]))
"""Of the two languages that summaries are made for: of all languages some are another's nouns."""
CHATTER = frozenset(words_of(f"{_CHATTER_ENGLISH} {_CHATTER_SPANISH}"))
"""What fills a conversation and says nothing of its matter."""
ADDRESS = frozenset(words_of(_ADDRESS))
"""Whom a speaker addresses: in a transcript a finding names the thing, not the listener."""
NUMERALS = frozenset(words_of(_NUMERALS))
"""Figures as people say them; "one" and "uno" count too little."""
SUBORDINATORS = frozenset(
    words_of(
        "and or but if which including because so when y o pero si que incluyendo porque cuando"
    )
)
"""What begins with one of these needs what stands before it."""


def content_words(text: str) -> frozenset[str]:
    """The words of a text that are no function words, folded."""
    return frozenset(words_of(text)) - FUNCTION_WORDS


_VOWELS = re.compile("[aeiouy]")
_SHORT_FORM = 12
_LONGEST_SHORT_FORM = 5
"""Letters of an abbreviation, and what one weighs: a name of something, however short."""


def matter_in(words: Sequence[str]) -> float:
    """How much the words name: the letters of those that say something, for each word.

    What people talk about has longer names than what they say around it, or none but letters that
    cannot be spoken ("MRI", "A1C").
    """
    return sum(map(_letters, words)) / len(words) if words else 0.0


def _letters(word: str) -> int:
    if word in FUNCTION_WORDS or word in CHATTER:
        return 0
    has_letters = any(sign.isalpha() for sign in word)
    spoken = word.isdigit() or (word.isalpha() and bool(_VOWELS.search(word)))
    is_short_form = has_letters and not spoken and 2 <= len(word) <= _LONGEST_SHORT_FORM
    return _SHORT_FORM if is_short_form else len(word)


def share_of(kind: frozenset[str], words: Sequence[str]) -> float:
    """The share of `words` that are of a kind, 0 to 1."""
    return sum(word in kind for word in words) / len(words) if words else 0.0
