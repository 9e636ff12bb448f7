"""Values by their type: dates, sums of money, lengths of time, names; as written and in one form.

English and Spanish. What cannot be read as the type is no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as Date

from ragkit.dates import MONTHS
from ragkit.folding import folded_in_place
from ragkit.templates.numerals import COUNT_WORD, number_of


@dataclass(frozen=True, slots=True)
class Value:
    """text[start:end]. plain: in one form for every document, "" where there is none. key: two values
    with the same say the same. role: of a party."""

    start: int
    end: int
    plain: str
    key: str
    role: str = ""


# Dates

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_FIRST = "first second third fourth fifth sixth seventh eighth ninth"
_TEENTH = "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
_ORDINALS = {
    word: number
    for number, word in enumerate(
        (
            *_FIRST.split(),
            *_TEENTH.split(),
            "twentieth",
            *(f"twenty-{word}" for word in _FIRST.split()),
            "thirtieth",
            "thirty-first",
        ),
        start=1,
    )
} | {"primero": 1}
_ORDINAL = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_TH = r"(?:\s?(?:st|nd|rd|th|t\s?h|n\s?d|s\s?t|r\s?d|º|°))?"
_YEAR = r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"(?<![\w/.-])(?P<iso>{_YEAR}-\d\d-\d\d)(?![\w-])"
    rf"|\b(?P<m1>{_MONTH})\b\.?\s*(?P<d1>\d{{1,2}}){_TH}\s*[,.]?\s*(?P<y1>{_YEAR})\b"
    rf"|\b(?:(?P<d2>\d{{1,2}}){_TH}|(?P<w2>{_ORDINAL}))[\s,]{{0,3}}(?:\(\d{{1,2}}{_TH}\)\s*)?"
    rf"(?:day\s*[,]?\s*of[\s_-]+|de\s+|of\s+|-)?(?P<m2>{_MONTH})\b[\s.,-]*(?:de\s+|del\s+|of\s+)?"
    rf"(?P<y2>{_YEAR})\b"
    rf"|(?<![\w/.-])(?P<a>\d{{1,2}})(?P<mark>[/.-])(?P<b>\d{{1,2}})(?P=mark)(?P<y3>{_YEAR}|\d\d)"
    rf"(?![\w/-]|\.\d)",
)
_WORDED = re.compile(
    rf"(?<!\sy\s)\b(?:(?P<day>(?:{COUNT_WORD})(?:\s+y\s+un[oa]?)?)|(?P<figure>\d{{1,2}}))\s+(?:dias?\s+)?(?:de|del\s+mes\s+de)\s+"
    rf"(?P<month>{_MONTH})\s+(?:de|del\s+ano)\s+(?P<year>(?(day){_YEAR}\b|(?!))|(?:mil\s+novecientos|dos\s+mil)\b"
    rf"(?:\s+(?:{COUNT_WORD})\b(?:\s+y\s+(?:{COUNT_WORD})\b)?)?)"
)
"""As deeds write it: "a catorce de noviembre de dos mil veintitres"."""

_MONTHS = 12
_THIS_CENTURY, _LAST_CENTURY = 30, 51
"""Years with two digits: up to the one they are of 2000 and more, from the other on of 1900 and more."""
_FOOT = re.compile(r"(?:^|\s)(?:source|fuente|printed|impreso)\s*:\s[^\n]{0,80}$")
"""Before a date in the foot of a page, which is not the document's."""


def dates_in(folded: str, day_first: bool | None) -> Iterator[Value]:
    """Whole days of a folded text, in order; "July 2013" and "April __, 2005" are none.

    day_first: 05/03/2024 is in March; None: it cannot be known, and is left as it is written. So is a year
    that may be of two centuries: 3/5/43.
    """
    yield from sorted((*_written(folded, day_first), *_worded(folded)), key=lambda one: one.start)


def _worded(folded: str) -> Iterator[Value]:
    for match in _WORDED.finditer(folded):
        day = int(match["figure"]) if match["figure"] else number_of(match["day"])
        year = int(match["year"]) if match["year"].isdigit() else number_of(match["year"])
        if iso := _calendar(year, MONTHS[match["month"]], day):
            yield Value(*match.span(), iso, iso)


def _written(folded: str, day_first: bool | None) -> Iterator[Value]:
    for match in _DATE.finditer(folded):
        if _FOOT.search(folded, folded.rfind("\n", 0, match.start()) + 1, match.start()):
            continue
        if iso := _iso(match, bool(day_first)):
            is_open = day_first is None and _may_be_two_days(match)
            plain = "" if is_open or _is_of_two_centuries(match["y3"]) else iso
            yield Value(*match.span(), plain, iso)


def writes_day_first(folded: str) -> bool | None:
    """Whether a text has a date like 25/3/2024, and none like 3/25/2024; None if neither or both."""
    numeric = [match for match in _DATE.finditer(folded) if match["a"]]
    day_first = any(int(match["a"]) > _MONTHS >= int(match["b"]) for match in numeric)
    month_first = any(int(match["b"]) > _MONTHS >= int(match["a"]) for match in numeric)
    return None if day_first == month_first else day_first


def _may_be_two_days(match: re.Match[str]) -> bool:
    return (
        bool(match["a"])
        and match["a"] != match["b"]
        and max(int(match["a"]), int(match["b"])) <= _MONTHS
    )


def _is_of_two_centuries(year: str | None) -> bool:
    """Whether two digits may be a birth in the last century or an end to come."""
    return year is not None and len(year) == 2 and _LAST_CENTURY > int(year) > _THIS_CENTURY


def _iso(match: re.Match[str], day_first: bool) -> str:
    if match["iso"]:
        year, month, day = (int(part) for part in match["iso"].split("-"))
    elif match["m1"]:
        year, month, day = int(match["y1"]), MONTHS[match["m1"]], int(match["d1"])
    elif match["m2"]:
        day = int(match["d2"]) if match["d2"] else _ORDINALS[match["w2"]]
        year, month = int(match["y2"]), MONTHS[match["m2"]]
    else:
        first, second = int(match["a"]), int(match["b"])
        is_day_first = first > _MONTHS or (day_first and second <= _MONTHS)
        day, month = (first, second) if is_day_first else (second, first)
        year = int(match["y3"])
        if year < 100:
            year += 1900 if year > _THIS_CENTURY else 2000
    return _calendar(year, month, day)


def _calendar(year: int, month: int, day: int) -> str:
    try:
        return Date(year, month, day).isoformat()
    except ValueError:
        return ""  # the 31st of February: a typing error in the document, not a date


# Lengths of time

_UNITS = {
    "day": "day dia",
    "week": "week semana",
    "month": "month mes",
    "year": "year ano",
    "hour": "hour hora",
}
_UNIT_OF = {name: unit for unit, names in _UNITS.items() for name in names.split()}
_DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}
_GAP = r"[\s~'-]{0,6}"
"""Bounded, as every stretch of spaces here is: what may be split in many ways takes forever on a long one."""
_COUNT = rf"(?:{COUNT_WORD})(?:[\s-]{{1,6}}(?:(?:and|y)\s{{1,6}})?(?:{COUNT_WORD})\b){{0,8}}"
_DURATION = re.compile(
    rf"(?<![\w.,$/])(?:(?P<word>{_COUNT}){_GAP})?(?:\(?\s{{0,3}}(?P<figure>\d{{1,3}}|i)\s{{0,3}}\))?"
    rf"(?P<bare>(?<![\w(.,/])\d{{1,3}})?{_GAP}"
    r"(?P<kind>(?:calendar|business|working|consecutive|full|additional|further|more)[\s-]{1,6})?"
    r"(?P<unit>day|week|month|year|hour|dia|semana|mes|ano|hora)(?:e?s)?\b"
    r"(?!\s{1,3}(?:y\s+medi[oa]|and\s+(?:a|one)[\s-]half)\b)"
    r"(?P<dias>\s{1,6}(?:habiles|naturales|laborables))?"
)
_YEARLY = re.compile(
    r"\b(?P<year>(?:annual|yearly|anual(?:es)?)(?=\s+(?:basis|terms?|periods?|renewals?|extensions?))"
    r"|year[\s-]to[\s-]year|(?<=periods of )a year"
    r"|(?<=periodos\s)anuales|(?<=plazos\s)anuales|(?<=periodo\s)anual)|\b(?P<month>month[\s-]to[\s-]month)\b"
)
_WORKING = re.compile(r"business|working|habiles|laborables")


_LOWER_END = re.compile(r"\(?\b(\d{1,4})\)?\s?(?:to|or|a|o|-|–|—)\s?$")
"""Before the upper end of a length that is given as from one to another: it has no one form."""
_LONGEST_LOWER = 16


def durations_in(folded: str) -> Iterator[Value]:
    """Of a folded text, in order: "thirty (30) days" is 30 days, "year-to-year" one year."""
    found = [value for match in _DURATION.finditer(folded) if (value := _span(match))]
    for match in _YEARLY.finditer(folded):
        unit = "year" if match["year"] else "month"
        found.append(Value(*match.span(), f"1 {unit}", _length(1, unit)))
    yield from sorted(found, key=lambda value: value.start)


def _span(match: re.Match[str]) -> Value | None:
    figure = match["figure"] or match["bare"]
    count = (1 if figure == "i" else int(figure)) if figure else number_of(match["word"] or "")
    if not count:
        return None
    unit = _UNIT_OF[match["unit"]]
    working = "business " if _WORKING.search(f"{match['kind']} {match['dias']}") else ""
    start, end = match.span()
    if lower := _LOWER_END.search(match.string, max(0, start - _LONGEST_LOWER), start):
        return Value(lower.start(), end, "", f"{lower[1]} to {_length(count, unit)}")
    return Value(
        start, end, f"{count} {working}{unit}{'s' if count != 1 else ''}", _length(count, unit)
    )


def _length(count: int, unit: str) -> str:
    days = count * _DAYS[unit]
    return f"{days:.2f} days" if days != int(days) and unit == "hour" else f"{days:.0f} days"


# Names of places, laws, courts, persons

_NO_NAME = (
    r"(?!(?:WITHOUT|EXCLUDING|APPLICABLE|REGARD\w*|WITH|IN|AS|EXCEPT|BUT|THAT|TO|SHALL|AND|OR|Without|And"
    r"|This|THIS|The|Such|Section|Article|Party|Parties|Agreement|Sin|Las?|Los)\b)"
)
_CAPITAL = "[A-ZÁÉÍÓÚÑ]"
_SHORTENED = rf"(?:(?:{_CAPITAL}\.)+|{_CAPITAL}[\w'’-]{{0,2}}\.)(?!\w)"
"""A period after a short word is one of an abbreviation ("St. Louis"), after a long one the sentence's end."""
_NAME_WORD = rf"{_NO_NAME}(?:{_SHORTENED}|{_CAPITAL}(?:[\w'’-]|\.(?=\w))*)"
_LAW = (
    r"(?:[Ll]egislaci[óo]n|[Dd]erecho|[Ll]ey(?:es)?|[Nn]ormativa)(?:\s+(?:com[úu]n|civil|vigente))?\s+"
    r"(?:español(?:as?)?|mexican[oa]s?|argentin[oa]s?|colombian[oa]s?|chilen[oa]s?|peruan[oa]s?)\b"
)
"""What a Spanish contract calls a law by its country."""
_NAME = re.compile(
    rf"\b{_LAW}|(?<![\w'’.-]){_NAME_WORD}"
    rf"(?:(?:\s+(?:(?:of|and|the|de|del|la|las|los|y)\s+){{0,2}}|,\s+){_NAME_WORD}){{0,7}}"
    r"|\bestado\s+español|\bespañol[a]?\b|\bmexican[oa]\b|\bargentin[oa]\b"
)
_OF_A_NAME = re.compile(
    r"\b(?:legislacion|derecho|ley|leyes|normativa|comun|civil|vigente|the|state|commonwealth|province|republic|kingdom|federal|of|estado|reino|republica|de|del"
    r"|la|el|usa|u s a|united states america)\b"
)


def names_in(text: str, start: int, end: int) -> Iterator[Value]:
    """Runs of words with capitals, in order: "State of New York", "British Columbia, Canada"."""
    for match in _NAME.finditer(text, start, end):
        yield _name(match)


def name_at(text: str, place: int) -> Value | None:
    """The run of words with capitals that begins at a place."""
    match = _NAME.match(text, place)
    return _name(match) if match else None


def _name(match: re.Match[str]) -> Value:
    name = match.group().rstrip(".,")
    words = re.sub(r"\W+", " ", folded_in_place(name))
    key = " ".join(_OF_A_NAME.sub(" ", words).split()) or words
    return Value(match.start(), match.start() + len(name), "", key)
