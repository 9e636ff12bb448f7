"""Words of a text as the checks see them: folded, lightly stemmed, with clause and capitals kept.

English and Spanish together: a claim and its evidence are read by the same rules, so a rule only
has to be consistent, not linguistically right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ragkit.folding import folded_in_place

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_STRONG_BREAK = re.compile(r"[;:()\[\]\n—–]|[.?!](?=\s|$)")
_SENTENCE_BREAK = re.compile(r"[.?!:\n](?:\s|$|[\"')\]])")
_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "\u00a0": " "}
    | {"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3"}
)
_CONTRACTIONS = (
    (re.compile(r"\bcan'?t\b|\bcannot\b", re.I), "can not"),
    (re.compile(r"\bwon't\b", re.I), "will not"),
    (re.compile(r"\bshan't\b", re.I), "shall not"),
    (re.compile(r"n't\b", re.I), " not"),
    # Negations in form only.
    (re.compile(r"\bsin embargo\b|\bno obstante\b", re.I), "pero"),
    (
        re.compile(
            r"\b(?:sin (?:lugar a )?dudas?|(?:without|no) doubt|not only|no s[oó]lo)\b", re.I
        ),
        " ",
    ),
)


def word_set(words: str) -> frozenset[str]:
    """The words of a list written as running text."""
    return frozenset(words.split())


ABBREVIATIONS = word_set(
    "mr mrs ms dr dra sr sra srta d prof st inc ltd co corp no nos vs art sec num av"
)

ENGLISH_STOP_WORDS = word_set("""
    a about above after again all also am an and any are as at be because been before being below
    between both but by can could did do does doing down during each either else for from further had
    has have having he her here hers him his how i if in into is it its itself may me might more most
    must my of off on once only or other our out over own per same shall she should so some such than
    that the their them then there thereof therein hereof herein hereby these they this those through
    to too under until up upon us very was we were what when where which while who whom whose why will
    with within would you your s
""")
SPANISH_STOP_WORDS = word_set("""
    a al ante bajo como con contra cual cuales cuando de debe deben deberan del desde donde dicha
    dicho durante e el ella ellas ellos en entre era eran es esa ese eso esta estaba estan estas este
    esto estos fue fueron ha haber habia han hasta hay la las le les lo los mas me mi mientras muy o
    otra otras otro otros para pero podra podran por porque puede pueden pues que quien se sea sean
    segun ser sera seran si sido sobre son su sus tal tambien tanto tras u un una unas uno unos y ya
    deber debera
""")
STOP_WORDS = ENGLISH_STOP_WORDS | SPANISH_STOP_WORDS
_ENGLISH_ONLY = (
    ENGLISH_STOP_WORDS - SPANISH_STOP_WORDS - {"no", "i", "me", "he", "her", "has", "so"}
)
_SPANISH_ONLY = SPANISH_STOP_WORDS - ENGLISH_STOP_WORDS - {"son", "u", "e"}

_SUFFIXES = tuple(
    sorted(
        word_set("""
    aciones acion ciones cion mente ados adas idos idas ado ada ido ida ando iendo aron ieron
    ations ation ments ment ings ing ies ied edly ed es ly s os as ara era an en ar er ir o a e y
    ion ions
"""),
        key=len,
        reverse=True,
    )
)
_SHORTEST_STEM = 4


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `clause` counts strong breaks before it; `comma` tells of a comma just before it."""

    text: str
    stem: str
    start: int
    end: int
    clause: int
    comma: bool
    capital: bool
    initial: bool

    @property
    def is_content(self) -> bool:
        return self.text not in STOP_WORDS and len(self.text) > 1


def normalise(text: str) -> str:
    """One form of quotes and contractions, so that `isn't` and `is not` read the same."""
    text = unicodedata.normalize("NFC", text).translate(_PLAIN)
    for pattern, plain in _CONTRACTIONS:
        text = pattern.sub(plain, text)
    return text


@lru_cache(maxsize=16384)
def stem(folded: str) -> str:
    """A folded word without its commonest endings, at least four letters long."""
    for suffix in _SUFFIXES:
        if folded.endswith(suffix) and len(folded) - len(suffix) >= _SHORTEST_STEM:
            return folded[: -len(suffix)]
    return folded


def read_words(text: str, masked: Sequence[tuple[int, int]] = ()) -> tuple[Word, ...]:
    """The words of a normalised text outside the masked ranges (numbers and dates, read elsewhere)."""
    visible = blank(text, masked)
    words: list[Word] = []
    position, clause = 0, 0
    for match in _WORD.finditer(visible):
        gap = visible[position : match.start()]
        previous = words[-1].text if words else ""
        shortened = gap.startswith(".") and (previous in ABBREVIATIONS or len(previous) == 1)
        if words and not shortened and _STRONG_BREAK.search(gap):
            clause += 1
        initial = not words or (not shortened and bool(_SENTENCE_BREAK.search(gap)))
        words.append(_word(match, clause, "," in gap, initial))
        position = match.end()
    return tuple(words)


def blank(text: str, ranges: Sequence[tuple[int, int]]) -> str:
    """`text` with the ranges overwritten by spaces, so that offsets stay."""
    characters = list(text)
    for start, end in ranges:
        characters[start:end] = " " * (end - start)
    return "".join(characters)


def _word(match: re.Match[str], clause: int, comma: bool, initial: bool) -> Word:
    raw = match.group()
    folded = folded_in_place(raw).removesuffix("'s").removesuffix("'")
    capital = raw[0].isupper()
    return Word(folded, stem(folded), *match.span(), clause, comma, capital, initial)


def guess_language(text: str) -> str:
    """ "en", "es" or "" by counting words that only one of the two has."""
    words = [folded_in_place(match.group()) for match in _WORD.finditer(text)]
    english = sum(word in _ENGLISH_ONLY for word in words)
    spanish = sum(word in _SPANISH_ONLY for word in words)
    if english == spanish:
        return ""
    return "en" if english > spanish else "es"
