"""The facts that a lawyer or a doctor looks for first, found by rule in English and Spanish.

Every value is a stretch of the document as it stands, so that the sentence around it can be quoted.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from ragkit.dates import DATES, iso_date
from ragkit.summaries import factrules as rules
from ragkit.summaries.amounts import amounts_told, without_rhythm
from ragkit.summaries.nearby import before, nearest
from ragkit.types import DocumentFacts, Span

MOST_FACTS = 12
_OPENING = 4_000
"""Characters in which a document says what it is."""
_BEFORE_DATE = 60
"""Characters before a date in which the words stand that say what it is."""
_LONGEST_VALUE = 160
_MONTHS = 12

_MOST = {
    "patient": 2,
    "party": 4,
    "person": 3,
    "birth date": 1,
    "record number": 1,
    "date": 1,
    "admission": 1,
    "discharge": 1,
    "review": 2,
    "allergy": 1,
    "diagnosis": 3,
    "medication": 4,
    "effective date": 1,
    "expiry": 1,
    "deadline": 2,
    "term": 1,
    "notice period": 1,
    "governing law": 1,
    "amount": 4,
}
"""How many of each, in the order in which they are shown."""
_ABOUT = frozenset({"patient", "party", "person", "record number"})
"""Whom a document is about: shown before what is told of them."""
_ORDER = {name: place for place, name in enumerate(_MOST)}
_PURPOSE_ORDER = {name: place for place, (name, _) in enumerate(rules.PURPOSES)}
_CELLS = re.compile(r"[,;|\t]|\d")
"""What a line has that is a row of values, and no label."""
_ITEM = re.compile(r"(?:\d{1,2}[.)]|[-*•–])\s+")


@dataclass(frozen=True, slots=True)
class FoundFact:
    """A fact: what it is ("party", "amount: rent") and its value, text[start:end] of the document.

    date: the day that it tells, ISO 8601; "" for what is no date.
    """

    name: str
    value: str
    start: int
    end: int
    date: str = ""


def key_facts(text: str, sentences: Sequence[Span], facts: DocumentFacts) -> tuple[FoundFact, ...]:
    """At most MOST_FACTS facts of a document, the most looked for of all; no value twice.

    Who it is about comes first, then what has a date, in order of date, then the rest.
    sentences: of `text`, in order. facts: what the text says about itself.
    """
    page = _Page(text, sentences, [span.start for span in sentences])
    clinical = _is_clinical(text, facts)
    found = [*_names(page, facts, clinical), *_dates(page, facts, clinical)]
    found += _clinical(page, facts) if clinical else _contractual(page)
    kept = islice(_distinct(sorted(found, key=_rank)), MOST_FACTS)
    return tuple(sorted(kept, key=_place_shown))


@dataclass(frozen=True, slots=True)
class _Page:
    """The text with its sentences, to find the one that a place is in."""

    text: str
    sentences: Sequence[Span]
    starts: list[int]

    def fact(self, name: str, start: int, end: int) -> FoundFact:
        """What stands there, without the marks after it."""
        while end > start and self.text[end - 1] in " \t\r\n.,;:*|":
            end -= 1
        return FoundFact(name, self.text[start:end], start, end)

    def value(self, name: str, match: re.Match[str]) -> FoundFact:
        return self.fact(name, *match.span(match.lastindex or 0))

    def sentence_at(self, place: int) -> Span:
        """The sentence, or the line where a place is in none."""
        index = bisect.bisect_right(self.starts, place) - 1
        if index >= 0 and self.sentences[index].end > place:
            return self.sentences[index]
        end = self.text.find("\n", place)
        return Span(self.text.rfind("\n", 0, place) + 1, end if end >= 0 else len(self.text))

    def words_around(self, match: re.Match[str]) -> str:
        sentence = self.sentence_at(match.start())
        return self.text[sentence.start : sentence.end]

    def after(self, place: int) -> Iterator[Span]:
        """The sentences that begin after a place."""
        yield from self.sentences[bisect.bisect_right(self.starts, place) :]


def _is_clinical(text: str, facts: DocumentFacts) -> bool:
    if facts.kind in rules.CLINICAL_KINDS:
        return True
    return facts.kind not in rules.LEGAL_KINDS and bool(rules.CLINICAL.search(text[:_OPENING]))


def _rank(fact: FoundFact) -> tuple[int, int, int]:
    name, _, purpose = fact.name.partition(": ")
    return (
        _ORDER[name],
        _PURPOSE_ORDER.get(without_rhythm(purpose), len(_PURPOSE_ORDER)),
        fact.start,
    )


def _place_shown(fact: FoundFact) -> tuple[int, str, tuple[int, int, int]]:
    group = 0 if fact.name in _ABOUT else 1 if fact.date else 2
    return group, fact.date, _rank(fact)


def _distinct(facts: Iterable[FoundFact]) -> Iterator[FoundFact]:
    """Without values and purposes that were there before, and at most so many of each name."""
    counts: Counter[str] = Counter()
    seen: set[str] = set()
    for fact in facts:
        name, _, purpose = fact.name.partition(": ")
        told = {" ".join(fact.value.casefold().split()), without_rhythm(purpose)} - {""}
        if not seen & told and counts[name] < _MOST[name]:
            seen |= told
            counts[name] += 1
            yield fact


def _names(page: _Page, facts: DocumentFacts, clinical: bool) -> Iterator[FoundFact]:
    person = "person" if facts.kind == "email" else "patient" if clinical else "party"
    for name in facts.names:
        if place := _place_of(page.text, name):
            what = "party" if rules.COMPANY.search(name) else person
            yield FoundFact(what, page.text[place.start : place.end], place.start, place.end)


def _place_of(text: str, name: str) -> Span | None:
    """Where a name first stands: as it is, with the family first, or its last words."""
    words = name.split()
    cuts = range(1, len(words))
    writings = [
        words,
        *([*words[cut:-1], f"{words[-1]},", *words[:cut]] for cut in cuts),
        *(words[cut:] for cut in cuts[:-1]),
    ]
    for writing in writings:
        pattern = r"\s+".join(map(re.escape, writing))
        if match := re.search(rf"(?<!\w){pattern}(?!\w)", text):
            return Span(*match.span())
    return None


def _dates(page: _Page, facts: DocumentFacts, clinical: bool) -> Iterator[FoundFact]:
    """The dates that the words before them name, and the document's own."""
    last_end = 0
    day_first = facts.language == "es" or _writes_day_first(page.text)
    for match in DATES.finditer(page.text):
        name = nearest(rules.DATE_LABELS, _label_of(page, match.start(), last_end))
        own = iso_date(match, day_first=facts.language == "es") == facts.date
        last_end = match.end()
        everybodys = name in rules.EVERYBODYS_DATES
        told = name and (everybodys or (name in rules.CLINICAL_DATES) == clinical)
        if told or (own and facts.date):
            fact = page.fact(name if told else "date", *match.span())
            yield replace(fact, date=iso_date(match, day_first=day_first))


def _writes_day_first(text: str) -> bool:
    """Whether a date like 25/3/2024 stands there, and none like 3/25/2024."""
    pairs = [(int(match["a"]), int(match["b"])) for match in DATES.finditer(text) if match["a"]]
    day_first = any(a > _MONTHS >= b for a, b in pairs)
    return day_first and not any(b > _MONTHS >= a for a, b in pairs)


def _label_of(page: _Page, place: int, last_end: int) -> str:
    """The words before a place in its line, or the line above where that is nothing but a label.

    Never a row of a table or a CSV file above: its last word says nothing about the next row.
    """
    start = max(place - _BEFORE_DATE, last_end)
    words = before(page.text, place, start)
    above, line_end, here = words.rpartition("\n")
    if not line_end or here.strip(" \t|*") or _CELLS.search(above.rpartition("\n")[2]):
        return here if _CELLS.search(above) else words
    return words


def _clinical(page: _Page, facts: DocumentFacts) -> Iterator[FoundFact]:
    text = page.text
    for name, pattern in (("record number", rules.RECORD_NUMBER), ("allergy", rules.ALLERGY)):
        yield from (page.value(name, match) for match in pattern.finditer(text))
    for match in rules.DIAGNOSIS.finditer(text):
        yield from _items(page, "diagnosis", match.start(1))
    if facts.names:  # a protocol's doses are nobody's
        yield from _medication(page)


def _medication(page: _Page) -> Iterator[FoundFact]:
    """Drugs with their doses: those under the last heading for them, else wherever they are."""
    labels = [match.end() for match in rules.MEDICATION_LABEL.finditer(page.text)]
    listed = list(rules.MEDICATION.finditer(page.text, labels[-1] if labels else 0))
    for match in listed or rules.MEDICATION.finditer(page.text):
        if not rules.NOT_TAKEN.search(page.words_around(match)):
            yield page.value("medication", match)


def _items(page: _Page, name: str, place: int) -> Iterator[FoundFact]:
    """What stands at a place: the rest of its sentence, and the items of a list that begins there."""
    sentence = page.sentence_at(place)
    yield from _item(page, name, Span(place, sentence.end))
    if _ITEM.match(page.text, place):
        for following in islice(page.after(place), _MOST[name] - 1):
            if not _ITEM.match(page.text, following.start):
                return
            yield from _item(page, name, following)


def _item(page: _Page, name: str, span: Span) -> Iterator[FoundFact]:
    """The words of an item without its marker, in one cell, cut between words where they are many."""
    marker = _ITEM.match(page.text, span.start, span.end)
    start = marker.end() if marker else span.start
    cell = page.text.find("|", start, span.end)
    end = cell if cell > start else span.end
    if end - start > _LONGEST_VALUE:
        end = max(page.text.rfind(" ", start, start + _LONGEST_VALUE), start)
    if end - start >= 3:
        yield page.fact(name, start, end)


def _contractual(page: _Page) -> Iterator[FoundFact]:
    yield from _first(page, "term", _terms(page))
    notices = sorted(
        _notices(page), key=lambda match: not rules.ENDING.search(page.words_around(match))
    )
    yield from _first(page, "notice period", notices)
    yield from _first(page, "governing law", rules.LAW.finditer(page.text))
    amounts = [
        page.fact(f"amount: {told.purpose}" if told.purpose else "amount", told.start, told.end)
        for told in amounts_told(page.text, page.sentence_at)
    ]
    yield from [fact for fact in amounts if fact.name != "amount"] or amounts


def _first(page: _Page, name: str, matches: Iterable[re.Match[str]]) -> Iterator[FoundFact]:
    yield from (page.value(name, match) for match in islice(matches, 1))


def _terms(page: _Page) -> Iterator[re.Match[str]]:
    """How long the contract runs; what lasts longer or shorter than it is left out."""
    yield from rules.INITIAL_TERM.finditer(page.text)
    for match in rules.TERM.finditer(page.text):
        if not rules.NOT_ITS_TERM.search(page.words_around(match)):
            yield match


def _notices(page: _Page) -> Iterator[re.Match[str]]:
    for word in rules.NOTICE_WORD.finditer(page.text):
        start, end = word.start() - rules.NOTICE_REACH, word.end() + rules.NOTICE_REACH
        if match := rules.NOTICE.search(page.text, max(0, start), end):
            yield match
