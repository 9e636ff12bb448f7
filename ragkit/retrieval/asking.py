"""What kind of fact a question asks for, and whether a text holds one of that kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ragkit.dates import DATES

_BLANK_DATE = re.compile(r"(?i)\bday of\b|_{3,},? (?:20|19)\d?\d?_*")
"""A date to be filled in, as in unsigned copies: "this ___ day of ______, 2014"."""
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
        _found(DATES, _BLANK_DATE),
    ),
)


def kind_asked(question: str) -> str:
    """The kind of fact that is asked for; "" where it is none that a text shows by its form."""
    return next((kind.name for kind in _KINDS if kind.asked.search(question)), "")


def holds(kind: str, text: str) -> bool:
    """Whether a text has a fact of that kind."""
    return next(each for each in _KINDS if each.name == kind).holds(text)
