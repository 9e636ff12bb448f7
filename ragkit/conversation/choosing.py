"""One of several documents, as it is typed: "2", "the second one", "¿y la primera?", its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ragkit.conversation.phrasing import bare

_ORDINALS = {
    word: number
    for number, words in enumerate(
        (
            "first primero primera primer",
            "second segundo segunda",
            "third tercero tercera tercer",
            "fourth cuarto cuarta",
            "fifth quinto quinta",
            "sixth sexto sexta",
            "seventh séptimo séptima",
            "eighth octavo octava",
        ),
        start=1,
    )
    for word in words.split()
}
_LAST = frozenset(["last", "último", "última"])
_OTHER = frozenset(["other", "otro", "otra"])
_ORDINAL = re.compile(
    r"(?i)(?:and |but |y |what about |how about |in |for |en |de )*"
    r"(?:the|el|la|lo)\s+(?P<word>\w+)(?:\s+(?:one|document|uno|una|documento))?"
)
_NUMBER = re.compile(r"[#\[(]?(\d{1,3})[\])]?")
_FEWEST_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """Which is meant, from 0; None where there is no such one. words: as it was typed, in short."""

    at: int | None
    words: str


def choice_of(
    typed: str, options: Sequence[str], taken: str = "", *, listed: bool
) -> Choice | None:
    """Which of some documents is chosen; None for what is no choice but a question.

    taken: the one that was chosen last, for "the other". listed: they were shown with numbers, so that
    a number or a name alone means one of them.
    """
    text = bare(typed)
    number = _NUMBER.fullmatch(text)
    if number:
        return Choice(_within(int(number[1]), options) if listed else None, text)
    if ordinal := _ORDINAL.fullmatch(text):
        return _by_ordinal(ordinal["word"].casefold(), options, taken, text)
    named = [at for at, path in enumerate(options) if _is_named(text, path)] if listed else []
    return Choice(named[0], text) if len(named) == 1 else None


def _by_ordinal(word: str, options: Sequence[str], taken: str, text: str) -> Choice | None:
    if word in _ORDINALS:
        return Choice(_within(_ORDINALS[word], options), text)
    if word in _LAST:
        return Choice(_within(len(options), options), text)
    if word in _OTHER:
        others = [at for at, path in enumerate(options) if path != taken]
        return Choice(others[0] if taken and len(others) == 1 else None, text)
    return None


def _within(number: int, options: Sequence[str]) -> int | None:
    return number - 1 if 1 <= number <= len(options) else None


def _is_named(text: str, path: str) -> bool:
    """By its path, its file's name, or a part of that which is long enough."""
    name = path.rpartition("/")[2].casefold()
    said = text.casefold()
    is_part = len(said) >= _FEWEST_LETTERS and " " not in said and said in name
    return said in {path.casefold(), name} or is_part
