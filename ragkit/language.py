"""The language of a text, told by its function words; the same lists are what search leaves out."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ENGLISH = """
a about above after again against all also am an and any are as at be because been before being
below between both but by can could did do does doing down during each few for from further had
has have having he her here hers herself him himself his how i if in into is it its itself just me
more most my myself no nor not of off on once only or other our ours out over own same shall she
should so some such than that the their theirs them themselves then there these they this those
through to too under until up upon very was we were what when where which while who whom whose why
will with would you your yours
"""
_SPANISH = """
a al algo algún alguna alguno algunos ante antes aquel aquella aquellos aun aunque bajo cada como
cómo con contra cual cuál cuáles cualquier cuando cuándo cuanto cuánto cuántos de del desde donde
dónde dos durante e el él ella ellas ellos en entre era eran es esa esas ese eso esos esta está
están estas este esto estos fue fueron ha había haber han has hasta hay la las le les lo los más me
mi mis mucho muy ni no nos nosotros nuestra nuestro o os otra otras otro otros para pero poco por
porque pues que qué quien quién quiénes se sea según ser si sí sido sin sobre son su sus también
tan tanto te tiene tienen todo todos tras tu tus u un una uno unos y ya
"""

STOP_WORDS: Mapping[str, frozenset[str]] = {
    "en": frozenset(_ENGLISH.split()),
    "es": frozenset(_SPANISH.split()),
}
"""Function words in lower case, with their accents, by ISO 639-1 code."""

_TOLD_APART_BY = {
    language: words
    - frozenset().union(*(STOP_WORDS[other] for other in STOP_WORDS if other != language))
    for language, words in STOP_WORDS.items()
}
_WORD = re.compile(r"[^\W\d_]+")
_SPANISH_MARKS = re.compile(r"[¿¡]")
"""Each counts as a word: "¿Qué día nació Ana Ruiz?" has only one other."""
_SURE = 1.5
"""A language's words must be this many times as many as the other's."""
_FEWEST = 2
"""Function words needed before anything is said."""
LONGEST_LOOK = 20_000
"""Characters looked at; more tell nothing new."""


def language_of(text: str) -> str:
    """ "en" or "es", or "" where the text is too short or mixed to tell."""
    words = _WORD.findall(text[:LONGEST_LOOK].casefold())
    counts = {
        language: sum(word in told_apart_by for word in words)
        for language, told_apart_by in _TOLD_APART_BY.items()
    }
    counts["es"] += len(_SPANISH_MARKS.findall(text[:LONGEST_LOOK]))
    (first, most), (_, next_most) = sorted(counts.items(), key=lambda item: -item[1])[:2]
    return first if most >= _FEWEST and most >= _SURE * next_most else ""
