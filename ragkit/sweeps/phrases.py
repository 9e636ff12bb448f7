"""Phrases that a question looks for: words in a row, with `*` and `...`.

"change of control" stands in a sentence if these words do, next to each other, whatever their capitals
and accents. `assign*` is any word that begins so. `...` stands for up to GAP words: "not ... assign*".
A hyphen may be a hyphen, a space, or nothing: "non-compete".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from ragkit import folding
from ragkit.invisible import visible

GAP = 12
"""Words that "..." stands for at most. Contracts put whole lists between a verb and its object: with 6
a twentieth of the gold clauses of 143 contracts was lost, with 20 wrong sentences came in."""
MOST_GAPS = 2
"""Of "..." in a phrase: with each more, looking through a text that repeats its first words takes GAP
times as long."""
_ANY = "..."
_WORD = re.compile(r"[^\W_][\w'’*-]*")
_BETWEEN = rf"(?: \S+){{0,{GAP}}}?"
_WORDS = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


def folded(text: str) -> str:
    """Its words, small and without accents, one space between them and nothing else."""
    return " ".join(_WORDS.findall(_plain(text)))


def _plain(text: str) -> str:
    return folding.folded(visible(text)).replace("’", "'")


def fault_of(phrase: str) -> str:
    """Why nothing can be looked for with a phrase; "" if it can."""
    words = _plain(phrase).split()
    if not words:
        return "is empty"
    if words[0] == _ANY or words[-1] == _ANY:
        return "begins or ends with '...'"
    if words.count(_ANY) > MOST_GAPS or any(
        (word, after) == (_ANY, _ANY) for word, after in pairwise(words)
    ):
        return f"has '...' twice in a row, or more than {MOST_GAPS} of them"
    bad = next((word for word in words if word != _ANY and not _WORD.fullmatch(word)), "")
    if bad:
        return f"has {bad!r}, which is no word: only letters, digits, - ' and a * at the end are"
    early = next((word for word in words if "*" in word[:-1]), "")
    return f"has {early!r}: a * stands at the end of a word" if early else ""


class Phrases:
    """Several phrases, looked for at once."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._patterns = [(_anchor(one), _compiled(one)) for one in phrases]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def count_in(self, sentence: str) -> int:
        """How many of the phrases stand in a sentence, which must be `folded`."""
        return sum(
            anchor in sentence and pattern.search(sentence) is not None
            for anchor, pattern in self._patterns
        )

    def counts(self, sentences: Sequence[str]) -> list[int]:
        """The same of each of some sentences."""
        return [self.count_in(sentence) for sentence in sentences]


def _anchor(phrase: str) -> str:
    """The longest stretch of letters that must stand there: looking for it first is ten times as fast."""
    return max(re.split(r"[*\s-]|\.\.\.", _plain(phrase)), key=len)


@lru_cache(maxsize=2_000)
def _compiled(phrase: str) -> re.Pattern[str]:
    pattern = ""
    for word in _plain(phrase).split():
        if word == _ANY:
            pattern += _BETWEEN
            continue
        signs = re.escape(word).replace(r"\*", r"\w*").replace(r"\-", r"[- ]?")
        pattern += (" " if pattern else "") + signs
    return re.compile(rf"(?<!\S){pattern}(?!\S)")
