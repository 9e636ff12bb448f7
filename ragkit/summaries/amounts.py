"""Amounts of money, each with what its sentence says that it is for, or with nothing.

Only words right beside an amount name it: one that stands further off, or belongs to another amount,
would say what it is not. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ragkit.summaries import factrules as rules
from ragkit.summaries.nearby import after, before
from ragkit.types import Span

_BEFORE, _AFTER = 120, 45
"""Characters around an amount in which the words stand that say what it is."""
_RHYTHM_REACH = 25
"""Characters between an amount and "a month", and between such words and what they belong to."""
_FOLLOWS = re.compile(
    r"(?i)[\s)]{0,3}(?:(?:of|as|for|in|de|por|en concepto de|como)\s+)?(?:\w+\s+){0,3}?$"
)
"""Between an amount and the words after it that name it: "$5m of product liability insurance"."""
_NEXT_PART = re.compile(r"(?i)\s(?:and|y|plus|m[áa]s)\s")
"""After an amount: what follows is of another one: "a deposit of $2,000 and a monthly rent of $1,000"."""
_LIMIT = "liability cap"
"""What somebody answers for at most; a limit beside words of insurance is one of that."""
_NOTHING = re.compile(r"\D*0(?:[.,]0+)?\D*")


@dataclass(frozen=True, slots=True)
class ToldAmount:
    """text[start:end]; purpose: "monthly rent", "" where nothing beside it says any."""

    purpose: str
    start: int
    end: int


def amounts_told(text: str, sentence_at: Callable[[int], Span]) -> Iterator[ToldAmount]:
    """The amounts of a text in order. sentence_at: the sentence that a place is in."""
    found = list(rules.MONEY.finditer(text))
    ends = [0, *(match.end() for match in found)]
    starts = [*(match.start() for match in found), len(text)]
    for number, match in enumerate(found):
        sentence = sentence_at(match.start())
        first = max(sentence.start, ends[number], match.start() - _BEFORE)
        last = min(max(sentence.end, match.end()), starts[number + 1], match.end() + _AFTER)
        words = before(text, match.start(), first)
        following = after(text, match.end(), last)
        if not _NOTHING.fullmatch(match.group()) and not rules.NO_SUM.search(
            f"{words[-_AFTER:]} {following}"
        ):
            yield ToldAmount(_purpose(words, following), *match.span())


def _purpose(words: str, following: str) -> str:
    named = _named_before(words, rules.PURPOSES) or _named_after(following)
    if named and named[0] == _LIMIT and rules.INSURED.search(f"{words} {following}"):
        others = [each for each in rules.PURPOSES if each[0] != _LIMIT]
        named = _named_before(words, others) or _named_after(following)
    if named is None:
        return ""
    name, beside = named
    if name == "damages" and rules.AT_MOST.search(beside):
        name = _LIMIT
    close = _NEXT_PART.split(following[:_RHYTHM_REACH], maxsplit=1)[0]
    rhythm = _first(rules.RHYTHMS, close) or _first(rules.RHYTHMS, beside)
    return f"{rhythm} {name}".strip()


def _named_before(
    words: str, purposes: Sequence[tuple[str, re.Pattern[str]]]
) -> tuple[str, str] | None:
    """The words nearest before an amount that name it, and those around them."""
    ends = [
        (match.end(), match.start(), name)
        for name, pattern in purposes
        for match in pattern.finditer(words)
    ]
    if not ends:
        return None
    end, start, name = max(ends, key=lambda each: (each[0], -each[1]))
    if rules.SOMETHING_ELSE.search(words, end):
        return None
    return name, words[max(0, start - _RHYTHM_REACH) :]


def _named_after(following: str) -> tuple[str, str] | None:
    starts = [
        (match.start(), name, match.end())
        for name, pattern in rules.PURPOSES
        if (match := pattern.search(following))
    ]
    if not starts:
        return None
    start, name, end = min(starts)
    return (name, following[:end]) if _FOLLOWS.match(following, 0, start) else None


def _first(kinds: Sequence[tuple[str, re.Pattern[str]]], words: str) -> str:
    return next((name for name, pattern in kinds if pattern.search(words)), "")


def without_rhythm(purpose: str) -> str:
    first, _, rest = purpose.partition(" ")
    return rest if first in {name for name, _ in rules.RHYTHMS} else purpose
