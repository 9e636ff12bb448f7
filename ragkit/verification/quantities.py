"""Quantities: a number with the unit, currency or span of time it is given in.

`thirty (30) days` is twice the quantity of 30 days; in `5 to 10 mg` and `120/80 mmHg` the first
number takes the unit of the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ragkit.verification import numbers
from ragkit.verification.units import CURRENCIES, CURRENCY_BEFORE, UNIT, UNIT_OF, unit_name

_MULTIPLIER = (
    r"\s?-?(?P<times>mil\s+millones|thousand|mil|millones|million|millon|billion|trillion)\b"
)
_SHORT_MULTIPLIER = re.compile(r"\s?(k|mm|m|bn)\b")
_NUMERAL = re.compile(
    rf"(?<![\w/])(?P<slashed>[123]/[234])(?![\w/])"
    rf"|(?:(?<!\w)|(?<=\dx))(?<!\d[.,])(?P<figures>{numbers.FIGURES})(?![.,]?\d|(?:st|nd|rd|th)\b)"
    rf"(?:{_MULTIPLIER})?"
    rf"|(?P<fraction>{numbers.FRACTION_WORDS.pattern})"
    rf"|(?P<words>{numbers.NUMBER_WORDS.pattern})"
)
_CURRENCY_JUST_BEFORE = re.compile(rf"(?<![^\W\d_]){CURRENCY_BEFORE}\s?$")
_QUALIFIER = r"(?:(?:business|calendar|working|consecutive|successive|full|more|additional)\s+)?"
_UNIT_AFTER = re.compile(rf"\)?\s?-?\s?(?:de\s+|of\s+)?{_QUALIFIER}{UNIT}")
_SHARED_UNIT = re.compile(r"\s*[(/x×–-]\s*|\s+(?:to|or|and|a|o|y|u)\s+|\s*-\s*")
_LONGEST_CURRENCY = 22


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit's name, or "" where it has none. `readings` are its possible values."""

    start: int
    end: int
    readings: frozenset[Fraction]
    unit: str


@dataclass(frozen=True, slots=True)
class _Numeral:
    start: int
    end: int
    readings: frozenset[Fraction]
    unit: str
    unit_end: int
    uncertain: bool


def find_quantities(folded: str, language: str = "") -> Iterator[Quantity]:
    """Quantities of a folded text in which dates and references are already blanked."""
    later: _Numeral | None = None
    found: list[Quantity] = []
    for match in reversed(list(_NUMERAL.finditer(folded))):
        numeral = _with_unit(folded, match, language)
        shares = later is not None and _SHARED_UNIT.fullmatch(folded, numeral.end, later.start)
        if later is not None and not numeral.unit and shares:
            numeral = _Numeral(
                numeral.start, numeral.end, numeral.readings, later.unit, numeral.end, False
            )
        later = numeral
        if numeral.unit or not numeral.uncertain:
            found.append(Quantity(numeral.start, numeral.unit_end, numeral.readings, numeral.unit))
    for match in numbers.ORDINAL_WORDS.finditer(folded):
        if folded[: match.start()].endswith("at ") and match.group() == "first":
            continue  # at first
        value = Fraction(numbers.ORDINALS[match.group()])
        found.append(Quantity(*match.span(), frozenset({value}), "ordinal"))
    for match in numbers.ORDINAL_FIGURES.finditer(folded):
        found.append(Quantity(*match.span(), frozenset({Fraction(match[1])}), "ordinal"))
    yield from sorted(found, key=lambda quantity: quantity.start)


def _with_unit(folded: str, match: re.Match[str], language: str) -> _Numeral:
    """The numeral of `match` with the currency before it or the unit after it."""
    start, end = match.span()
    before = folded[max(0, start - _LONGEST_CURRENCY) : start]
    currency = _CURRENCY_JUST_BEFORE.search(before)
    factor = 1
    if currency:
        start -= len(before) - currency.start()
        if short := _SHORT_MULTIPLIER.match(folded, end):
            factor, end = numbers.SHORT_MULTIPLIERS[short[1]], short.end()
    after = _UNIT_AFTER.match(folded, end)
    unit = unit_name(after["unit"]) if after else ""
    if currency and unit not in CURRENCIES:
        unit, after = UNIT_OF[currency["currency"]], None
    readings = _readings(match, language, money=unit in CURRENCIES)
    values = frozenset(value * factor for value in readings)
    uncertain = match.group() in numbers.AMBIGUOUS_WORDS
    return _Numeral(start, end, values, unit, after.end() if after else end, uncertain)


def _readings(match: re.Match[str], language: str, *, money: bool) -> frozenset[Fraction]:
    if match["slashed"]:
        return frozenset({Fraction(match["slashed"])})
    if match["fraction"]:
        return frozenset({numbers.fraction_value(match)})
    if match["words"]:
        return frozenset({numbers.words_value(match["words"])})
    factor = numbers.words_value(match["times"]) if match["times"] else Fraction(1)
    readings = numbers.figure_readings(match["figures"], language, money=money)
    return frozenset(value * factor for value in readings)
