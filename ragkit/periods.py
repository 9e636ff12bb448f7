"""Days, months and years as filters take them: "2024-03-05", "2024-03", "2024"."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date as Date

from ragkit.dates import DATES, MONTHS, iso_date

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_MONTH_AND_YEAR = re.compile(r"([^\W\d_]+)\.?(?: de| of|,)? (?:del? )?(\d{4})")
_NUMBERS = re.compile(r"(\d{1,2})[-/.](\d{4})|(\d{4})[/.](\d{1,2})(?:[/.](\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both ISO 8601; texts, so that they compare as the catalog's do."""

    first: str
    last: str


def period(text: str) -> Period | None:
    """The days that a year, month or day in ISO form stands for; None for anything else."""
    match = _ISO.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups(default=""))
    try:
        first = Date(year or 0, 1 if month is None else month, 1 if day is None else day)
        last_month = 12 if month is None else month
        last_day = monthrange(first.year, last_month)[1] if day is None else day
        last = Date(first.year, last_month, last_day)
    except ValueError:  # no such day or month
        return None
    return Period(first.isoformat(), last.isoformat())


def likely_meant(text: str) -> tuple[str, ...]:
    """How what was written would be written in ISO form: none, one, or two readings of 01/03/2024."""
    words = " ".join(text.casefold().split())
    if match := DATES.fullmatch(words):
        readings = (iso_date(match, day_first=True), iso_date(match, day_first=False))
        return tuple(dict.fromkeys(iso for iso in readings if period(iso)))
    if (match := _MONTH_AND_YEAR.fullmatch(words)) and match[1] in MONTHS:
        return (f"{match[2]}-{MONTHS[match[1]]:02}",)
    if match := _NUMBERS.fullmatch(words):
        month, year, *parts = match.groups()
        iso = f"{year}-{int(month):02}" if month else "-".join(f"{int(p):02}" for p in parts if p)
        return (iso,) if period(iso) else ()
    return ()
