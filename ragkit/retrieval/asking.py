"""What kind of fact a question asks for, and whether a text holds one of that kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ragkit.dates import DATES

_BLANK_DATE = re.compile(r"(?i)\bday of\b|_{3,},? (?:20|19)\d?\d?_*")
"""A date to be filled in, as in unsigned copies: "this ___ day of ______, 2014"."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_AROUND_YEAR = 40
"""Characters on either side of its year, in which a whole date stands."""
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_PHONE = re.compile(
    r"(?i)\b(?:tel|tfno|tlf|phone|fax|m[óo]vil)\w*\W{0,4}[+(]?\d|\b\d{9}\b|\b\d{3}[ .-]\d{3}[ .-]\d{3,4}\b"
)
_MONEY = re.compile(
    r"(?i)[$€£]\s?\d|\b\d[\d.,]*\s?(?:euros?|dollars?|usd|eur|gbp|pounds)\b|\b(?:usd|eur|us\$)\s?\d"
)
_AGE = re.compile(r"(?i)\b\d{1,3}[- ]?(?:years?|a[ñn]os|y/?o)\b|\b(?:edad|age)\s*:?\s*\d")


@dataclass(frozen=True, slots=True)
class _Kind:
    """asked: the words by which a question asks for such a fact. holds: whether a text has one."""

    name: str
    asked: re.Pattern[str]
    holds: Callable[[str], bool]


def _found(*patterns: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: any(pattern.search(text) for pattern in patterns)


def _holds_date(text: str) -> bool:
    """Looking only where a year stands takes a tenth of the time."""
    return any(
        DATES.search(text[max(0, year.start() - _AROUND_YEAR) : year.end() + _AROUND_YEAR])
        for year in _YEAR.finditer(text)
    ) or bool(_BLANK_DATE.search(text))


_KINDS = (
    _Kind(
        "e-mail address",
        re.compile(r"(?i)\be-?mail|\bcorreo(?: electr[óo]nico)?\b"),
        _found(_EMAIL),
    ),
    _Kind(
        "telephone number",
        re.compile(r"(?i)\b(?:tele)?phone\b|\btel[ée]fono\b|\bfax\b"),
        _found(_PHONE),
    ),
    _Kind(
        "age",
        re.compile(r"(?i)\bhow old\b|\bwhat age\b|\bqu[ée] edad\b|\bcu[áa]ntos a[ñn]os\b"),
        _found(_AGE),
    ),
    _Kind(
        "amount",
        re.compile(
            r"(?i)\bhow much (?:is|was|are|were|does|did|do|must|money|rent)\b"
            r"|\bwhat (?:is the )?(?:price|fee|rent|amount)\b"
            r"|\bcu[áa]nto (?:cuesta|se paga|paga|es la renta)\b|\bqu[ée] (?:importe|precio|renta)\b"
        ),
        _found(_MONEY),
    ),
    _Kind(
        "date",
        re.compile(
            r"(?i)\bwhen (?:was|is|did|were|does|will)\b|\b(?:what|which|on what|from which) (?:date|day)\b"
            r"|\bwhat is the (?:\w+ ){0,2}date\b|\bcu[áa]ndo\b|\bqu[ée] (?:d[íi]a|fecha)\b|\bfecha de\b"
        ),
        _holds_date,
    ),
)


_OTHERWISE = re.compile(
    r"(?i)\bwhen (?:is|are|do|does|will)\b.*\b(?:appl(?:y|ies|icable)|liable|entitled|allowed|permitted"
    r"|required|obliged|responsible|possible|may|must|can)\b"
    r"|\b(?:by|via|por) (?:fax|e-?mail|(?:tele)?phone|correo|tel[ée]fono)\b"
    r"|\b(?:fax|e-?mail|(?:phone|telephone) call)\b.*\b(?:counts?|valid|suffic\w+|enough|allowed|permitted)\b"
)
"""Asks under which condition, not on which day; of a way of giving notice, not of a number."""


def kind_asked(question: str) -> str:
    """The kind of fact that is asked for; "" where it is none that a text shows by its form."""
    if _OTHERWISE.search(question):
        return ""
    return next((kind.name for kind in _KINDS if kind.asked.search(question)), "")


def holds(kind: str, text: str) -> bool:
    """Whether a text has a fact of that kind."""
    return next(each for each in _KINDS if each.name == kind).holds(text)
