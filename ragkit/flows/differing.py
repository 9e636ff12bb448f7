"""Whether two documents give different values for the same thing: doses, amounts, dates, words.

"2.5 mg every 24 hours" and "5 mg every 24 hours" agree in the hours and differ in the dose, and so does
"40 mg once daily" from "40 mg twice daily"; "40 mg" differs from neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ragkit.folding import folded_in_place
from ragkit.verification.dates import PartialDate
from ragkit.verification.facts import Fact, Reading, extract_facts

_TIMES = {
    "once": 1, "twice": 2, "thrice": 3, "one": 1, "two": 2, "three": 3, "four": 4,
    "una": 1, "dos": 2, "tres": 3, "cuatro": 4,
}  # fmt: skip
_A_DAY = re.compile(
    r"\b(?:(?P<times>once|twice|thrice|(?:one|two|three|four) times|(?:una|dos|tres|cuatro) veces)"
    r"\s+(?:an?\s+|per\s+|al\s+|por\s+)?(?:day|daily|dia|diarias?)"
    r"|(?:every|cada)\s+(?P<hours>\d{1,2})\s*(?:h\b|hours?|horas?)"
    r"|(?P<daily>daily|nightly|(?:a|per) day|each (?:morning|night|evening|day)|every (?:morning|night|day)"
    r"|at (?:night|bedtime)|in the (?:morning|evening)|al dia|diari[oa]s?|cada dia"
    r"|por la (?:noche|manana|tarde)))\b"
)


@dataclass(frozen=True, slots=True)
class Value:
    """What a document gives for what is asked. facts: its figures and dates; words: all of it, folded;
    a_day: how often a day, None where it does not say."""

    facts: tuple[Fact, ...]
    words: str
    a_day: Fraction | None = None


def value_of(text: str) -> Value:
    """A value as a document writes it."""
    words = " ".join(folded_in_place(text).split())
    found = _A_DAY.search(words)
    if found is None:
        return Value(_facts(words), words)
    rest = f"{words[: found.start()]} {words[found.end() :]}"
    return Value(_facts(rest), words, _often(found))


def _facts(words: str) -> tuple[Fact, ...]:
    return tuple(fact for fact in extract_facts(words).items if fact.kind != "code")


def _often(found: re.Match[str]) -> Fraction:
    if found["hours"]:
        return Fraction(24, max(1, int(found["hours"])))
    if found["times"]:
        return Fraction(_TIMES[found["times"].split()[0]])
    return Fraction(1)


def differ(one: Value, other: Value) -> bool:
    """Whether the two cannot both be so: another figure of the same unit, or how often a day.

    Values that share no unit differ where their words do.
    """
    if one.a_day and other.a_day and one.a_day != other.a_day and one.facts and other.facts:
        return True
    shared = {_unit(fact) for fact in one.facts} & {_unit(fact) for fact in other.facts}
    if shared:
        return any(not _agree(_of(one, unit), _of(other, unit)) for unit in shared)
    return one.words != other.words


def _of(value: Value, unit: str) -> list[Fact]:
    return [fact for fact in value.facts if _unit(fact) == unit]


def _unit(fact: Fact) -> str:
    return fact.unit if fact.kind == "quantity" else fact.kind


def _agree(ours: list[Fact], theirs: list[Fact]) -> bool:
    return any(
        _may_be_same(a, b) for one in ours for other in theirs for a, b in _pairs(one, other)
    )


def _pairs(one: Fact, other: Fact) -> Iterator[tuple[Reading, Reading]]:
    return ((mine, yours) for mine in one.readings for yours in other.readings)


def _may_be_same(one: Reading, other: Reading) -> bool:
    """Equal, or one date is the other, less exactly."""
    if isinstance(one, PartialDate) and isinstance(other, PartialDate):
        return one.covers(other) or other.covers(one)
    return one == other
