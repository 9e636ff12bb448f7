"""Index terms: what two spellings of the same word have in common, for the full-text index.

A term holds only letters and digits, lower case and without diacritics, so that SQLite's unicode61
tokenizer keeps it whole. A document is indexed under its own language's stemmer; a question, whose
language may be another's, asks for a word under every stemmer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import Stemmer

from ragkit.folding import folded
from ragkit.invisible import visible
from ragkit.language import STOP_WORDS

FINGERPRINT = f"terms-3 PyStemmer-{Stemmer.version()}"
"""Changes when a text would get other terms; the full-text index is then made anew."""

_COMPOUND = re.compile(r"[^\W_]+(?:[.'’/:_\-‐‑–@&+][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-zà-öø-ÿ]{2})(?=[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]{2})")
"""Between the words of "SupplyAgreement", but not inside "mmHg" or "PaO2"."""
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\W_](?=\d)")
_JOINT = re.compile(r"[\W_]")
_SNOWBALL = {
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "de": "german",
    "it": "italian",
    "pt": "portuguese",
    "ca": "catalan",
}
ASKED_IN = ("en", "es")
"""Languages whose stemmers and function words every question is given; those of others only where
documents are in them."""
_ACCENTED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "es": ((r"(?<=[cs])ion$", "ión"),),
    "pt": (
        (r"c(?:ao|oes)$", "ção"),
        (r"s(?:ao|oes)$", "são"),
        (r"(?<=\w\w\w)ais$", "al"),
        (r"(?<=[ai])v(?:el|eis)$", "vel"),
        (r"avel$", "ável"),
        (r"ivel$", "ível"),
    ),
    "it": ((r"(?<=i[lv])ita$", "ità"),),
    "ca": ((r"cio$", "ció"),),
}
"""Endings that a language's stemmer knows only with accents, which folding and hasty typists drop; and
plurals that it does not bring to their singular."""
_LONGEST_TERM = 64
"""Characters. Longer runs are encoded data, not words; they are cut, not dropped."""


@dataclass(frozen=True, slots=True)
class QuestionWord:
    """A word of a question, with its place there and every term that documents may hold it as.

    terms: one tuple for the word, or for a compound one for the whole and one for each part; none
    for a function word.
    """

    start: int
    end: int
    terms: tuple[tuple[str, ...], ...]


def terms(text: str, language: str) -> list[str]:
    """Index terms of a document's text in order, without the function words of its language.

    language: ISO 639-1; of one not known the words are kept unstemmed.
    """
    # A word with an invisible character in it must be found by the word that is seen.
    compounds = _COMPOUND.findall(unicodedata.normalize("NFKC", visible(text)))
    return [term for compound in compounds for term in _terms_of(compound, language)]


def question_words(
    question: str, language: str, written_in: Collection[str] = ()
) -> list[QuestionWord]:
    """Every word of a question in order. language: the question's; "" leaves out the function
    words of ASKED_IN. written_in: languages of the documents, as far as they are known; those of
    ASKED_IN are always asked for. Positions are in `question` normalised to NFKC."""
    stopped = (language,) if language in STOP_WORDS else ASKED_IN
    stemmed = tuple(one for one in _SNOWBALL if one in ASKED_IN or one in written_in)
    return [
        QuestionWord(match.start(), match.end(), _variants(match.group(), stopped, stemmed))
        for match in _COMPOUND.finditer(unicodedata.normalize("NFKC", question))
    ]


def _variants(
    compound: str, stopped: tuple[str, ...], stemmed: tuple[str, ...]
) -> tuple[tuple[str, ...], ...]:
    stop_words = frozenset[str]().union(*map(_folded_stop_words, stopped))
    stemmers = [_stemmer(language) for language in ("", *stemmed)]
    return tuple(
        tuple(dict.fromkeys(stem(word) for stem in stemmers))
        for word in _words_of(compound)
        if word not in stop_words
    )


# Most words of a document have been met before: looking them up is six times as fast as stemming.
@lru_cache(maxsize=100_000)
def _terms_of(compound: str, language: str) -> tuple[str, ...]:
    stem, stop_words = _stemmer(language), _folded_stop_words(language)
    return tuple(stem(word) for word in _words_of(compound) if word not in stop_words)


def _words_of(compound: str) -> list[str]:
    """Folded words of "EX-10.7", "14/02/1968", "non-compete" or "SupplyAgreement": the whole, then
    its parts."""
    compound = _POSSESSIVE.sub("", compound)
    parts = _PART.findall(compound)
    whole = [_JOINT.sub("", _BETWEEN_DIGITS.sub("x", compound))] if len(parts) > 1 else []
    humps = [hump for part in parts if len(found := _HUMP.split(part)) > 1 for hump in found]
    return [folded(word)[:_LONGEST_TERM] for word in (*whole, *parts, *humps)]


@cache
def _folded_stop_words(language: str) -> frozenset[str]:
    return frozenset(folded(word) for word in STOP_WORDS.get(language, ()))


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    if language not in _SNOWBALL:
        return str
    stem: Callable[[str], str] = Stemmer.Stemmer(_SNOWBALL[language]).stemWord
    if language == "en":
        return stem
    endings = [(re.compile(plain), accented) for plain, accented in _ACCENTED.get(language, ())]

    def stemmed(word: str) -> str:
        for plain, accented in endings:
            word = plain.sub(accented, word)
        return folded(stem(word))

    return stemmed
