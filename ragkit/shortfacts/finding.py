"""Finding the short fact that a question asks for in sentences, with how surely it is the one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ragkit.folding import folded_in_place
from ragkit.shortfacts.asking import telling
from ragkit.shortfacts.aspects import Wanted
from ragkit.shortfacts.fields import Field, bare, cells_of, fields_of
from ragkit.shortfacts.values import values_of
from ragkit.shortfacts.words import content_words, met_share, places_of, relatives_in
from ragkit.types import CELL_SEPARATOR

LABELLED = 3.0
NAMED = 2.0
NEAR = 1.0
"""How surely a value is the one: under the label that is asked for; right after, or before, words
that say so; in a sentence that has such words."""
# What the numbers below do was measured on the evidence of 319 questions on contracts with a short
# answer and of 300 on clinical notes (298 exact with every number here), and on 176 doses, amounts and
# percentages of sentences with two and more, each asked for by the word beside it. BEFORE, AFTER and
# FRONTED were measured before `_NEXT` cut what stands before a value too, which leaves one wrong less.
BEFORE = 60
"""Characters before a value in which the words stand that say what it is. With 20, 40, 60, 90 and 150 of
the contracts' 115, 137, 169, 171 and 169 are exact, 52, 62, 66, 69 and 69 wrong."""
AFTER = 40
"""The same behind it. With none 155 are exact, and 11 of the 176 wrong; with 20, 40 and 80 168, 169 and
169 and one."""
OPENING = 3_000
"""Characters in which a document says its own date; later ones are of signatures and other documents.
With 300 and 1,000 characters 168 are exact, with all of the document 166, with 3,000 169."""
OPENS = 0.4
"""What it counts that a date stands there: so that "dated May 1" outweighs "Date:" beside a signature.
With 0.0, 0.2, 0.4 and 0.8 169, 168, 169 and 163 of the contracts' are exact."""
CLOSEST = 0.2
"""What it counts that a word stands right beside a value, of which each in a list has words on both
sides: with it 167 of the 176 are right and one wrong, without it 142 and 26."""
FRONTED = 2.0
"""From here on a value is put in front where no word of a list says which it is: two thirds of the words
that tell it stand near, or half of them and the others in the same sentence. With 1.5, 1.75, 2.0 and 2.25
70, 68, 66 and 66 of the contracts' are wrong, 169 exact with each."""
_CLAUSES = re.compile(r"[.;]\s")
_OTHERS = re.compile(
    r"\bthat certain\b|\boriginal\b|\bprevious|\bprior agreement\b|\bas amended\b|\bsuperse|\breplac"
    r"|\bpursuant to\b|\bwhereas\b|\barrangement agreement\b|\bto the [^,.;]{0,50}agreement\b"
)
"""Words before a value of another document than this one."""
_NEXT = re.compile(r",|\b(?:and|y|e|or|o|unless|except|provided|but|salvo|pero)\b")
"""Between two values, words beyond it speak of the other one."""
_BOUND = re.compile(r"\b(?:before|after|prior to|antes del?|despues del?)\s*$")
"""Before a day on which nothing is said to have been."""
_NOT = re.compile(
    r"\b(?:not|never|no|nunca)\s+(?:(?:be|been|being|is|was|yet|se|ha|fue|sido)\s+){0,2}$"
)
_AT_ONCE = re.compile(r"\W*(?:(?!with\b|con\b|whose\b|cuy)\w+\W+)?\w+")
"""The first two words after a value: of "60-year-old diabetic father" the father."""
_HONORIFIC = re.compile(r"(?:(?:Dr|Dra|Mr|Mrs|Ms|Prof|Sr|Sra|Dña|Don|Doña|D)\b\.?ª?[ ]+)+")
_PREFIX = re.compile(r"[a-zA-Z]{2,5}[-:]\s*(?=\d)")
"""Of "nhc-5102736" the number is 5102736."""
_WHOLE = frozenset({"", "address", "sex"})
"""Kinds of which the whole value of a field is one, whatever its form."""

LONGEST_WHOLE = 80
"""Characters of a whole value: what follows a heading with a colon is longer than an address. Chosen by
the form of addresses, not measured."""
_ALONE = frozenset({"e-mail", "hospital"})
"""Kinds whose values say by themselves what they are."""
_IN_FIGURES = frozenset({"date", "age", "phone", "identifier"})
LONGEST_FIGURE = 24
"""Characters of a value under its label that has figures but not the form of its kind: "21/034/1957" is
shown as it stands."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """text[start:end] of the sentence at place `at` is the value. sure: LABELLED, NAMED, NEAR, with a
    part of one for how well the words meet."""

    at: int
    start: int
    end: int
    sure: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """heading: the last part of its section path, of a table's row the titles of the columns. start:
    characters of the document before it."""

    text: str
    heading: str
    start: int


def candidates(wanted: Wanted, sentences: Iterable[Sentence]) -> Iterator[Candidate]:
    """Values that may be meant, in the order of the sentences."""
    for at, sentence in enumerate(sentences):
        yield from _labelled(wanted, at, sentence)
        if wanted.kind:
            yield from _running(wanted, at, sentence)


def _labelled(wanted: Wanted, at: int, sentence: Sentence) -> Iterator[Candidate]:
    fields = fields_of(sentence.text)
    if CELL_SEPARATOR in sentence.heading:
        fields = (*fields, *cells_of(sentence.text, sentence.heading, CELL_SEPARATOR))
    late = wanted.opening and sentence.start >= OPENING  # the date of a signature
    for field in fields:
        fit = _label_fit(wanted, field.label)
        if fit and (place := _value_in(wanted.kind, field)):
            yield Candidate(at, *place, (NAMED if late else LABELLED) + fit / 2)


def _label_fit(wanted: Wanted, label: str) -> float:
    """How well a label says what is asked for, 0 to 1."""
    words = content_words(label)
    if not words or len(words) > 5:
        return 0.0
    plain = folded_in_place(label)
    if bool(relatives_in(plain)) != bool(relatives_in(" ".join(wanted.words))):
        return 0.0
    if wanted.opening and wanted.rivals is not None and wanted.rivals.search(plain):
        return 0.0
    if wanted.said is not None and wanted.said.search(plain):
        return 0.5 + met_share(words, wanted.words) / 2
    asked = _asking(wanted)
    told = telling(words)
    if wanted.strict or not told or met_share(told, asked) < 1:
        return 0.0
    return 0.5 if wanted.kind else 0.4


def _value_in(kind: str, field: Field) -> tuple[int, int] | None:
    """Where in the sentence the value of a field is; None if it has none of that kind."""
    if kind == "name":
        honorific = _HONORIFIC.match(field.value)
        return _first(kind, field, honorific.end() if honorific else 0)
    if kind in _WHOLE or (kind == "age" and field.value.isdigit()):
        return (field.start, field.end) if len(field.value) <= LONGEST_WHOLE else None
    if kind == "identifier" and (prefix := _PREFIX.match(field.value)):
        return _first(kind, field, prefix.end())
    return _first(kind, field, 0) or _mistyped(kind, field)


def _first(kind: str, field: Field, after: int) -> tuple[int, int] | None:
    """The first value of a kind in a field, from so many of its characters on."""
    start = field.start + after
    found = next(values_of(kind, field.value[after:]), None)
    return None if found is None else (start + found[0], start + found[1])


def _mistyped(kind: str, field: Field) -> tuple[int, int] | None:
    """The whole value, where it has figures but not the form of its kind."""
    if kind not in _IN_FIGURES or not any(sign.isdigit() for sign in field.value):
        return None
    return (field.start, field.end) if len(field.value) <= LONGEST_FIGURE else None


def _running(wanted: Wanted, at: int, sentence: Sentence) -> Iterator[Candidate]:
    """Values in a running sentence, by the words around each."""
    plain = folded_in_place(sentence.text)
    if wanted.context is not None and not wanted.context.search(plain):
        return
    if wanted.never is not None and wanted.never.search(plain):
        return
    told = met_share(_asking(wanted), content_words(sentence.text)) / 2
    for value in _surroundings(wanted.kind, sentence.text, plain):
        sure = _surely(wanted, value, plain)
        if value.start < value.end and sure:
            opens = OPENS if wanted.opening and sentence.start < OPENING else 0.0
            sure = min(sure + told + opens, LABELLED - 0.01)
            yield Candidate(at, value.start, value.end, sure)


@dataclass(frozen=True, slots=True)
class _Value:
    """text[start:end], with the folded words before and after that may speak of it: not beyond the next
    value of the kind, nor the end of a clause."""

    start: int
    end: int
    before: str
    after: str


def _surroundings(kind: str, text: str, plain: str) -> Iterator[_Value]:
    places = tuple(values_of(kind, text))
    for number, (first, last) in enumerate(places):
        lowest = places[number - 1][1] if number else 0
        highest = places[number + 1][0] if number + 1 < len(places) else len(text)
        start, end = bare(text, first, last)
        if kind == "identifier" and (prefix := _PREFIX.match(text, start, end)):
            start = prefix.end()
        before = _CLAUSES.split(plain[max(lowest, start - BEFORE) : start])[-1]
        after = _CLAUSES.split(plain[end : min(highest, end + AFTER)])[0]
        if len(places) > 1:
            after = _NEXT.split(after)[0]
        if number:
            before = _NEXT.split(before)[-1]
        yield _Value(start, end, before, after)


def _surely(wanted: Wanted, value: _Value, plain: str) -> float:
    """How surely a value is the one that is asked for, by the words around it; 0.0 if it is not."""
    if wanted.kind in _ALONE:
        return NAMED
    if _is_of_another(wanted, value):
        return 0.0
    near = met_share(_asking(wanted), content_words(f"{value.before} {value.after}"))
    if wanted.said is None:
        return NEAR + near + _closeness(_asking(wanted), value) if near else 0.0
    if _OTHERS.search(value.before) or _is_denied(wanted.said, value.before):
        return 0.0
    away = _away(wanted.said, value.before, value.after)
    if wanted.rivals is not None and _away(wanted.rivals, value.before, value.after) < away:
        return 0.0
    if away <= BEFORE or wanted.said.search(plain[value.start : value.end]):
        return NAMED + 0.2 * max(0, BEFORE - away) / BEFORE + near / 4
    return NEAR + near / 4 if wanted.said.search(plain) else 0.0


def _asking(wanted: Wanted) -> tuple[str, ...]:
    """The words that are looked for around a value: where no list says which it is, only those that tell
    it from others, if the question has such."""
    return telling(wanted.words) if wanted.said else wanted.which or telling(wanted.words)


def _closeness(words: tuple[str, ...], value: _Value) -> float:
    """Above 0 up to CLOSEST, the nearer the first of the words stands to the value."""
    ahead = [len(value.before) - end for _, end in places_of(words, value.before)]
    behind = [start for start, _ in places_of(words, value.after)]
    return CLOSEST * (1 - min((*ahead, *behind), default=BEFORE) / BEFORE)


def _is_of_another(wanted: Wanted, value: _Value) -> bool:
    """Whether the words around a value speak of a relative and the question does not, or of none where
    it does; or of a day before or after which something was."""
    if wanted.kind == "date" and _BOUND.search(value.before):
        return True
    follows = _AT_ONCE.match(value.after)
    near = relatives_in(value.before) or relatives_in(follows.group() if follows else "")
    return bool(near) != bool(relatives_in(" ".join(wanted.words)))


def _is_denied(said: re.Pattern[str], before: str) -> bool:
    """Whether the words that say which value it is are themselves denied: "not governed by"."""
    return any(_NOT.search(before[: match.start()]) for match in said.finditer(before))


def _away(pattern: re.Pattern[str], before: str, after: str) -> int:
    """Characters between a value and the nearest match around it; beyond BEFORE for none."""
    ahead = [len(before) - match.end() for match in pattern.finditer(before)]
    behind = [match.start() for match in pattern.finditer(after)]
    return min((*ahead, *behind), default=BEFORE + 1)


def least_sure(wanted: Wanted) -> float:
    """From which on a value may stand in front of an answer."""
    return FRONTED if wanted.said is None else NAMED
