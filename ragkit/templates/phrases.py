"""Phrases of a template: words in a row, with `*`, `...`, and `{}` where the value stands.

"effective as of {}" is a value right after these words, whatever their capitals and accents; "{} (the
effective date" one right before them. `renew*` is any word that begins so; `...` stands for up to GAP
words. A phrase without `{}` only says in which sentence the value is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ragkit.folding import folded_in_place

SLOT = "{}"
GAP = 14
"""Words that "..." stands for at most."""
MOST_GAPS = 2
_ANY = "..."
_BETWEEN = r"[^\w;]{1,30}"
"""Between two words: spaces, quotation marks, a line end; not the end of a clause."""
_WORD = re.compile(r"[^\W_][\w'*-]*")
_SMALL = r"(?:the|a|an|this|on|el|la|los|las|un|una|de|del|al|dia|esta|este)"
_TO_VALUE = rf"[^\w;]{{0,12}}(?:{_SMALL}[^\w;]{{1,6}}){{0,2}}"
"""What may stand between a phrase and its value."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Patterns of folded text. whole: all its words, where it has no slot. before, after: what must
    stand right before the value, and right after it; None where nothing must. lead: before, wherever."""

    whole: re.Pattern[str] | None
    lead: re.Pattern[str] | None = None
    before: re.Pattern[str] | None = None
    after: re.Pattern[str] | None = None


def fault_of(phrase: object) -> str:
    """Why nothing can be looked for with a phrase; "" if it can."""
    if not isinstance(phrase, str):
        return "is not text"
    words = _words(phrase)
    if not [word for word in words if word not in (_ANY, SLOT)]:
        return "is empty"
    if words.count(SLOT) > 1:
        return "has {} twice"
    if words[0] == _ANY or words[-1] == _ANY:
        return "begins or ends with '...'"
    if words.count(_ANY) > MOST_GAPS:
        return f"has '...' more than {MOST_GAPS} times"
    bad = next((w for w in words if w not in (_ANY, SLOT) and not _WORD.fullmatch(w)), "")
    if bad:
        return f"has {bad!r}, which is no word: only letters, digits, - ' and a * at the end are"
    early = next((word for word in words if "*" in word[:-1]), "")
    return f"has {early!r}: a * stands at the end of a word" if early else ""


@lru_cache(maxsize=4_000)
def compiled(phrase: str) -> Phrase:
    """The patterns of a phrase that has no fault."""
    words = _words(phrase)
    if SLOT not in words:
        return Phrase(re.compile(rf"(?<!\w){_pattern(words)}(?!\w)"))
    at = words.index(SLOT)
    before, after = _pattern(words[:at]), _pattern(words[at + 1 :])
    lead = rf"(?<!\w){before}(?:{_LOOSE if words[at - 1] == _ANY else _TO_VALUE})"
    trail = rf"{_LOOSE if words[at + 1 : at + 2] == [_ANY] else _CLOSE}{after}(?!\w)"
    return Phrase(
        whole=None,
        lead=re.compile(lead) if before else None,
        before=re.compile(f"{lead}$") if before else None,
        after=re.compile(trail) if after else None,
    )


_CLOSE = r"[^\w;]{0,12}"
_LOOSE = rf"(?:{_BETWEEN}\w+){{0,{GAP}}}?{_BETWEEN}"


def _words(phrase: str) -> list[str]:
    plain = folded_in_place(phrase).replace("’", "'").replace(SLOT, f" {SLOT} ")
    return re.sub(r'[()",:“”]', " ", plain).split()


def _pattern(words: list[str]) -> str:
    """The words one after the other; a gap at an edge is left to who puts the value beside it."""
    while words and words[-1] == _ANY:
        words = words[:-1]
    while words and words[0] == _ANY:
        words = words[1:]
    pattern = ""
    for number, word in enumerate(words):
        if word == _ANY:
            pattern += rf"(?:{_BETWEEN}\w+){{0,{GAP}}}?"
            continue
        signs = re.escape(word).replace(r"\*", r"\w*").replace(r"\-", r"[-\s]?")
        pattern += (_BETWEEN if number else "") + signs
    return pattern
