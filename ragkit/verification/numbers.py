"""Numbers in figures and words, English and Spanish, as exact fractions.

A writing can have two readings (1.000 is a thousand or one): all are kept, and it is the check that
decides what an ambiguous writing may support.
"""

from __future__ import annotations

import re
from fractions import Fraction

FIGURES = r"\d{1,3}(?:[.,]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"

_ENGLISH_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_SPANISH_ONES = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieciseis diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro "
    "veinticinco veintiseis veintisiete veintiocho veintinueve"
)
_ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SPANISH_TENS = "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa"
_SPANISH_HUNDREDS = (
    "cien doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos "
    "novecientos"
)
_ENGLISH_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_SPANISH_ORDINALS = "primer segund tercer cuart quint sext septim octav noven decim"

SMALL: dict[str, int] = {
    **{word: value for value, word in enumerate(_ENGLISH_ONES.split())},
    **{word: value for value, word in enumerate(_SPANISH_ONES.split())},
    **{word: 20 + 10 * place for place, word in enumerate(_ENGLISH_TENS.split())},
    **{word: 20 + 10 * place for place, word in enumerate(_SPANISH_TENS.split())},
    **{word: 100 + 100 * place for place, word in enumerate(_SPANISH_HUNDREDS.split())},
    **{"un": 1, "una": 1, "veintiun": 21, "veintiuna": 21, "ciento": 100, "doscientas": 200},
}
MULTIPLIERS = {
    **{"hundred": 100, "thousand": 1000, "mil": 1000, "billion": 10**9, "trillion": 10**12},
    **{"million": 10**6, "millions": 10**6, "millon": 10**6, "millones": 10**6},
}
SHORT_MULTIPLIERS = {"k": 1000, "m": 10**6, "mm": 10**6, "bn": 10**9}
ORDINALS: dict[str, int] = {
    **{word: place for place, word in enumerate(_ENGLISH_ORDINALS.split(), start=1)},
    **{
        root + ending: place
        for place, root in enumerate(_SPANISH_ORDINALS.split(), start=1)
        for ending in ("", "o", "a")
    },
}
_PARTS = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4}
_PARTS |= {"fourth": 4, "fourths": 4, "fifth": 5, "fifths": 5, "tenth": 10, "tenths": 10}
_PARTS |= {"medio": 2, "media": 2, "tercio": 3, "tercios": 3, "cuartos": 4, "quintos": 5}

AMBIGUOUS_WORDS = frozenset({"one", "un", "una", "uno", "once"})
"""Words that are numbers only with a unit or a figure beside them (articles, pronouns, adverbs)."""

_ANY_SMALL = "|".join(sorted(SMALL | MULTIPLIERS, key=len, reverse=True))
NUMBER_WORDS = re.compile(
    rf"\b(?<!por )(?:{_ANY_SMALL})(?:(?:-|\s+(?:and\s+|y\s+)?)(?:{_ANY_SMALL}))*\b"
)
FRACTION_WORDS = re.compile(
    rf"\b(?P<top>{_ANY_SMALL})(?:-|\s+)(?P<part>{'|'.join(sorted(_PARTS, key=len, reverse=True))})\b"
    r"|\b(?P<half>la mitad)\b|\b(?P<third>un tercio)\b"
)
ORDINAL_WORDS = re.compile(rf"\b(?:{'|'.join(sorted(ORDINALS, key=len, reverse=True))})\b")
ORDINAL_FIGURES = re.compile(r"\b(\d+)(?:st|nd|rd|th|[ºª°](?!\s*[CF]\b))")


def figure_readings(raw: str, language: str = "", *, money: bool = False) -> frozenset[Fraction]:
    """Values that the figures `raw` can have. language: "en", "es" or "" decides 1.000 and 1,000."""
    marks = [char for char in raw if char in ".,"]
    if not marks:
        return frozenset({Fraction(raw)})
    digits_after = len(raw) - max(raw.rfind("."), raw.rfind(",")) - 1
    whole = Fraction(re.sub(r"[.,]", "", raw))
    with_decimals = whole / 10**digits_after
    if len(set(marks)) == 2:
        return frozenset({with_decimals})
    if len(marks) > 1:
        return frozenset({whole})
    if digits_after != 3 or raw.startswith("0"):
        return frozenset({with_decimals})
    if money or (language, marks[0]) in {("en", ","), ("es", ".")}:
        return frozenset({whole})
    if (language, marks[0]) == ("en", "."):
        return frozenset({with_decimals})
    return frozenset({whole, with_decimals})


def words_value(folded: str) -> Fraction:
    """The value of a run of number words: "two hundred and fifty thousand" is 250,000."""
    total, current = 0, 0
    for word in re.split(r"[-\s]+", folded):
        if word in MULTIPLIERS:
            factor = MULTIPLIERS[word]
            current = max(current, 1) * factor
            if factor > 100:
                total, current = _raised(total, current, factor)
        else:
            current += SMALL.get(word, 0)
    return Fraction(total + current)


def _raised(total: int, current: int, factor: int) -> tuple[int, int]:
    """Close a group at a multiplier; "cinco mil millones" raises what was closed before it."""
    if current == factor and 0 < total < factor:
        return total * factor, 0
    return total + current, 0


def fraction_value(match: re.Match[str]) -> Fraction:
    """The value of a FRACTION_WORDS match."""
    if match["half"]:
        return Fraction(1, 2)
    if match["third"]:
        return Fraction(1, 3)
    return words_value(match["top"]) / _PARTS[match["part"]]
