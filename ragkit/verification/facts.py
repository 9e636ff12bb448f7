"""The checkable facts of a text: dates, quantities, references, codes and names.

What contains a digit is never overlooked: what no rule recognises is kept as a code, to be found
again letter by letter.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from ragkit.folding import folded_in_place
from ragkit.verification.dates import PartialDate, find_dates
from ragkit.verification.quantities import find_quantities
from ragkit.verification.units import TIME_OF
from ragkit.verification.words import (
    Word,
    blank,
    guess_language,
    normalise,
    read_words,
)

FactKind = Literal["date", "quantity", "reference", "code"]
Reading = PartialDate | Fraction | str

_REFERENCE = re.compile(
    r"(?i:\b(?:sections?|sec\.|clauses?|articles?|exhibits?|schedules?|annex|appendix|paragraphs?"
    r"|cláusulas?|clausulas?|artículos?|articulos?|anexos?|sección|seccion|apartados?|párrafos?)"
    r"|§+)\s*"
    r"(?P<label>\d+(?:\.\d+)*(?:\s?\([a-z0-9]{1,4}\))*|(?:[IVXLC]+|[A-Z])(?:-\d+)?\b)"
)
_CODE = re.compile(r"(?<![^\s\"'()\[\],;])[^\s\"'()\[\],;]*\d[^\s\"'()\[\],;]*")
_QUOTED = re.compile(r'"([^"]{2,80})"')
_PARTICLES = frozenset({"of", "de", "del", "la", "las", "los", "van", "von", "y", "the"})
_TITLES = frozenset({"mr", "mrs", "ms", "dr", "dra", "sr", "sra", "don", "dona", "d"})
_SAME_NAME = {"corporation": "corp", "incorporated": "inc", "limited": "ltd", "company": "co"}
_CONTEXT = 6


@dataclass(frozen=True, slots=True)
class Fact:
    """One checkable fact. `readings` are its possible values; `unit` belongs to quantities.

    `noun` is the stem of the content word right after it, `label` of the word right before it
    (`chromosome` 21), `context` the stems around it.
    """

    kind: FactKind
    text: str
    readings: frozenset[Reading]
    unit: str = ""
    noun: str = ""
    label: str = ""
    context: frozenset[str] = frozenset()

    @property
    def token(self) -> str:
        """The same for every writing of the same fact: `13 July 2005` and `July 13, 2005`."""
        return f"<{' '.join(sorted(map(str, self.readings)))} {self.unit}>"


@dataclass(frozen=True, slots=True)
class Name:
    """Capitalised words in a row, folded; `initial` if they open a sentence, `quoted` in quotes."""

    words: tuple[str, ...]
    initial: bool = False
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What `text` states that can be looked up, and its remaining words."""

    items: tuple[Fact, ...]
    names: tuple[Name, ...]
    words: tuple[Word, ...]
    tokens: tuple[str, ...]
    """Words and facts in reading order; a fact stands for all its writings: `<30 day>`."""
    times: frozenset[str]
    """Spans of time named, with or without a number: "month" for `monthly` and `30 months`."""


@lru_cache(maxsize=512)
def extract_facts(text: str) -> Facts:
    """Facts of a text in English or Spanish, in the order of kinds and places."""
    plain = normalise(text)
    found = list(_places(plain, guess_language(plain)))
    spans = [(start, end) for start, end, _ in found]
    words = read_words(plain, spans)
    starts = [word.start for word in words]
    items = tuple(
        _in_context(fact, words, bisect_left(starts, start), bisect_left(starts, end))
        for start, end, fact in found
    )
    placed = [(word.start, word.text) for word in words]
    placed += [(start, fact.token) for start, _, fact in found]
    tokens = tuple(token for _, token in sorted(placed))
    times = {TIME_OF[word.text] for word in words if word.text in TIME_OF}
    times |= {fact.unit for fact in items if fact.unit in TIME_OF.values()}
    names = tuple(_names(words, blank(plain, spans)))
    return Facts(items, names, words, tokens, frozenset(times))


def _places(plain: str, language: str) -> Iterator[tuple[int, int, Fact]]:
    """Facts with their ranges. Each kind is blanked before the next one is read."""
    folded = folded_in_place(plain)
    dates = list(find_dates(folded, language))
    for date in dates:
        yield date.start, date.end, Fact("date", plain[date.start : date.end], date.readings)
    spans = [(date.start, date.end) for date in dates]
    for match in _REFERENCE.finditer(blank(plain, spans)):
        label = re.sub(r"\s", "", folded_in_place(match["label"]))
        spans.append(match.span())
        yield *match.span(), Fact("reference", match.group(), frozenset({label}))
    for quantity in find_quantities(blank(folded, spans), language):
        span = (quantity.start, quantity.end)
        spans.append(span)
        yield *span, Fact("quantity", plain[slice(*span)].strip(), quantity.readings, quantity.unit)
    for match in _CODE.finditer(blank(folded, spans)):
        yield *match.span(), Fact("code", match.group(), frozenset({match.group().strip(".:")}))


def _in_context(fact: Fact, words: Sequence[Word], before: int, after: int) -> Fact:
    near = words[max(0, before - _CONTEXT) : after + _CONTEXT]
    counted = [w.stem for w in words[after : after + 1] if w.is_content and not w.comma]
    return Fact(
        fact.kind,
        fact.text,
        fact.readings,
        fact.unit,
        counted[0] if counted else "",
        words[before - 1].stem if before and words[before - 1].is_content else "",
        frozenset(word.stem for word in near if word.is_content),
    )


def _names(words: Sequence[Word], plain: str) -> Iterator[Name]:
    for match in _QUOTED.finditer(plain):
        quoted = name_words(word.text for word in read_words(match[1]) if word.is_content)
        if quoted:
            yield Name(quoted, quoted=True)
    run: list[Word] = []
    for word in words:
        joined = run and plain[run[-1].end : word.start].strip(" .'&-") == ""
        if run and (not joined or word.initial or word.text in _TITLES):
            yield from _closed(run)
            run = []
        if word.capital or (run and word.text in _PARTICLES):
            run.append(word)
        elif run:
            yield from _closed(run)
            run = []
    yield from _closed(run)


def _closed(run: Sequence[Word]) -> Iterator[Name]:
    named = name_words(word.text for word in run if word.is_content)
    if named:
        yield Name(named, initial=run[0].initial and run[0].is_content)


def name_words(words: Iterator[str]) -> tuple[str, ...]:
    """Folded words of a name without titles, with `Corporation` and `Corp.` made one, and
    without the s of a plural: `NCDs`."""
    plain = (_SAME_NAME.get(word, word) for word in words if word not in _TITLES)
    return tuple(word.removesuffix("s") for word in plain)
