"""Short answers against the accepted ones: the same words, the same day, or contained. Pure.

Words as in SQuAD (Rajpurkar et al. 2016): without case, punctuation and articles. Beyond that, a date
is a day however it is written, and "thirty (30) days" is 30 days: gold answers are often not in the
document's own spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from ragkit.dates import DATES, iso_date

_ARTICLES = re.compile(r"\b(?:a|an|the|el|la|los|las|un|una)\b")
_NUMBERS = {
    word: str(number)
    for number, words in (
        (1, "one uno una"),
        (2, "two dos"),
        (3, "three tres"),
        (4, "four cuatro"),
        (5, "five cinco"),
        (6, "six seis"),
        (7, "seven siete"),
        (8, "eight ocho"),
        (9, "nine nueve"),
        (10, "ten diez"),
        (12, "twelve doce"),
        (15, "fifteen quince"),
        (18, "eighteen"),
        (20, "twenty veinte"),
        (24, "twenty-four"),
        (30, "thirty treinta"),
        (45, "forty-five"),
        (60, "sixty sesenta"),
        (90, "ninety noventa"),
        (120, "one hundred twenty"),
        (180, "one hundred eighty"),
    )
    for word in (words.split() if number < 100 else [words])
}
_SPELLED = re.compile(
    r"\b("
    + "|".join(sorted(map(re.escape, _NUMBERS), key=len, reverse=True))
    + r")\b(?:\s*\(\s*\d+\s*\))?",
    re.IGNORECASE,
)
YES = frozenset({"yes", "si", "true"})
NO = frozenset({"no", "false"})


def is_exact(told: str, accepted: Iterable[str]) -> bool:
    """Whether a short answer is one of the accepted."""
    plain, days = _plain(told), _days(told)
    return any(
        plain == _plain(gold)
        or (bool(days) and not days.isdisjoint(_days(gold)) and _is_date(gold, told))
        for gold in accepted
    )


def contains(told: Sequence[str], accepted: Iterable[str]) -> bool:
    """Whether one of some texts has an accepted answer in it, word by word or as a date."""
    texts = [(f" {_plain(text)} ", _days(text)) for text in told]
    for gold in accepted:
        words, days = _plain(gold), _days(gold)
        for text, text_days in texts:
            if words and f" {words} " in text:
                return True
            if days and days & text_days:
                return True
    return False


def yes_or_no(text: str) -> str:
    """ "yes" or "no" for such an answer in English or Spanish; "" for any other."""
    plain = _plain(text)
    return "yes" if plain in YES else "no" if plain in NO else ""


def _is_date(*texts: str) -> bool:
    """Whether each text is a date and nothing else."""
    return all(DATES.fullmatch(_closed(text)) for text in texts)


def _days(text: str) -> set[str]:
    """The dates in a text as ISO 8601; one that is read in two ways as both."""
    text = _closed(text)
    return {
        iso_date(match, day_first=order)
        for match in DATES.finditer(text)
        for order in (False, True)
    } - {""}


def _closed(text: str) -> str:
    """Without the blanks before commas and at the edges: "April 15 , 2010"."""
    return re.sub(r"\s+,", ",", " ".join(text.split())).strip(" .,")


def _plain(text: str) -> str:
    spelled = _SPELLED.sub(lambda match: _NUMBERS[match[1].lower()], text)
    folded = unicodedata.normalize("NFKD", spelled).casefold()
    words = "".join(
        "" if unicodedata.combining(sign) else " " if not sign.isalnum() else sign
        for sign in folded
    )
    return " ".join(_ARTICLES.sub(" ", words).split())
