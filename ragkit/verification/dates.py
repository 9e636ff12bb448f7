"""Dates in many writings, normalised to year, month and day, any of which may be missing.

05/06/2020 has two readings, the fifth of June and the sixth of May; both are kept unless the text is
Spanish, where the day comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_ENGLISH_MONTHS = (
    "january february march april may june july august september october november december"
)
_SPANISH_MONTHS = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
)
_MONTHS = {
    **{name: place for place, name in enumerate(_ENGLISH_MONTHS.split(), start=1)},
    **{name: place for place, name in enumerate(_SPANISH_MONTHS.split(), start=1)},
    **{name[:3]: place for place, name in enumerate(_ENGLISH_MONTHS.split(), start=1)},
    **{name[:3]: place for place, name in enumerate(_SPANISH_MONTHS.split(), start=1)},
    **{"sept": 9, "setiembre": 9},
}
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th|º)?"
_YEAR = r"(?P<year>(?:1[6-9]|20)\d\d)"
_CENTURY_PIVOT = 40
"""Two figures up to this are of the 2000s, others of the 1900s: birthdays reach further back."""

_WRITINGS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_YEAR}[-/.](?P<month>[01]?\d)[-/.](?P<day>[0-3]?\d)\b",
        rf"\b{_MONTH}\s*{_DAY}\s*,?\s*(?:of\s+|de\s+|del\s+)?{_YEAR}\b",
        rf"\b{_DAY}\s*(?:day\s+)?(?:of\s+|de\s+)?{_MONTH},?\s*(?:of\s+|de\s+|del\s+)?{_YEAR}\b",
        rf"\b{_DAY}[-\s]{_MONTH}[-,\s]\s*{_YEAR}\b",
        rf"\b{_MONTH},?\s*(?:of\s+|de\s+|del\s+)?{_YEAR}\b",
        rf"\b{_MONTH}\s+{_DAY}\b(?!\s*(?:mg|%|\())",
        rf"\b{_DAY}\s+(?:day\s+of\s+|of\s+|de\s+){_MONTH}",
        rf"\b{_DAY}\s(?!may\s(?:be|not|have|also|only)\b){_MONTH}",
    )
)
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?![\d/]|[.-]\d)")


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A date of which parts may be unknown (0)."""

    year: int
    month: int
    day: int

    def covers(self, other: PartialDate) -> bool:
        """Whether every part that `other` states is stated here with the same value."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return all(theirs in (0, ours) for ours, theirs in pairs)

    def __str__(self) -> str:
        year = f"{self.year:04d}" if self.year else "-"
        parts = [f"{part:02d}" for part in (self.month, self.day) if part]
        return "-".join([year, *parts])


@dataclass(frozen=True, slots=True)
class FoundDate:
    """Where a date stands and what it can mean."""

    start: int
    end: int
    readings: frozenset[PartialDate]


def find_dates(folded: str, language: str = "") -> Iterator[FoundDate]:
    """Dates of a folded text, not overlapping, the fullest writings first."""
    taken: list[tuple[int, int]] = []
    for match, readings in _candidates(folded, language):
        start, end = match.span()
        if readings and all(
            end <= other_start or start >= other_end for other_start, other_end in taken
        ):
            taken.append((start, end))
            yield FoundDate(start, end, readings)


def _candidates(
    folded: str, language: str
) -> Iterator[tuple[re.Match[str], frozenset[PartialDate]]]:
    for match in _NUMERIC.finditer(folded):
        yield match, _numeric_readings(match, language)
    for pattern in _WRITINGS:
        for match in pattern.finditer(folded):
            parts = match.groupdict()
            month = parts["month"]
            number = int(month) if month.isdigit() else _MONTHS[month]
            yield match, _valid(int(parts.get("year") or 0), number, int(parts.get("day") or 0))


def _numeric_readings(match: re.Match[str], language: str) -> frozenset[PartialDate]:
    first, last = int(match[1]), int(match[3])
    year = int(match[4])
    if len(match[4]) == 2:
        year += 2000 if year <= _CENTURY_PIVOT else 1900
    day_first = _valid(year, last, first)
    if language == "es" and day_first:
        return day_first
    return day_first | _valid(year, first, last)


def _valid(year: int, month: int, day: int) -> frozenset[PartialDate]:
    try:
        date(year or 2000, month, day or 1)
    except ValueError:
        return frozenset()
    return frozenset({PartialDate(year, month, day)})
