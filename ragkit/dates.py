"""Dates as documents write them in English and Spanish, with their day, month and year."""

from __future__ import annotations

import re
from datetime import date as Date

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero ene",
            "february feb febrero",
            "march mar marzo",
            "april apr abril abr",
            "may mayo",
            "june jun junio",
            "july jul julio",
            "august aug agosto ago",
            "september sep sept septiembre setiembre",
            "october oct octubre",
            "november nov noviembre",
            "december dec diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
DATES = re.compile(
    rf"(?P<iso>\b(?:19|20)\d\d-\d\d-\d\d\b)"
    rf"|\b(?P<m1>{_MONTH})\.?\s+(?P<d1>\d{{1,2}})(?:\s?(?:st|nd|rd|th))?,?\s+(?P<y1>(?:19|20)\d\d)\b"
    rf"|\b(?P<d2>\d{{1,2}})\s?(?:st|nd|rd|th|t h)?\s+(?:day\s+of\s+|de\s+)?(?P<m2>{_MONTH})\.?,?\s+"
    rf"(?:de\s+|del\s+)?(?P<y2>(?:19|20)\d\d)\b"
    rf"|\b(?P<a>\d{{1,2}})[/.](?P<b>\d{{1,2}})[/.](?P<y3>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
"""A whole date: "2024-03-05", "March 5th, 2024", "5 de marzo de 2024", "05/03/2024"."""


def iso_date(match: re.Match[str], *, day_first: bool) -> str:
    """A match of DATES as ISO 8601, "" where no calendar has that day.

    day_first: whether 05/03/2024 is the fifth of March.
    """
    if match["iso"]:
        return match["iso"]
    if match["m1"]:
        year, month, day = int(match["y1"]), MONTHS[match["m1"].lower()], int(match["d1"])
    elif match["m2"]:
        year, month, day = int(match["y2"]), MONTHS[match["m2"].lower()], int(match["d2"])
    else:
        first, second = int(match["a"]), int(match["b"])
        day, month = (first, second) if day_first or first > 12 else (second, first)
        year = int(match["y3"])
    try:
        return Date(year, month, day).isoformat()
    except ValueError:
        return ""  # the 31st of February: a typing error in the document, not a date
