"""Finding the values of a template's fields in a document: by label, by phrase, at their place.

The first rule of a field that finds something decides; what contradicts itself is left empty. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ragkit.templates.document import Reading
from ragkit.templates.labels import MARKER, bare, cut_at_word, joined, labelled
from ragkit.templates.parties import parties_in
from ragkit.templates.phrases import Phrase, compiled
from ragkit.templates.places import span_of
from ragkit.templates.template import Rule, Template, TemplateField
from ragkit.templates.values import Value, name_at
from ragkit.types import Span
from ragkit.types.fields import CONTRADICTORY, NOT_FOUND, FieldType

LONGEST_TEXT = 500
"""Characters of a value that is a sentence: of a longer one, its part around the phrase."""
MOST_ITEMS = 12
_LONGEST_HEADING = 50
_BEFORE, _AFTER = 260, 260
"""Characters around a value in which its phrase stands."""
_NEAR = 250
"""Characters around a phrase without a slot in which its value stands."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value of a field. said: where the phrase stands that says so, if that is elsewhere."""

    value: Value
    type: FieldType
    shown: str
    said: Span | None = None


@dataclass(frozen=True, slots=True)
class FoundField:
    """values: none where nothing was found or all contradict each other; note says which."""

    field: TemplateField
    values: tuple[Found, ...]
    note: str = ""


def find_fields(template: Template, reading: Reading) -> tuple[FoundField, ...]:
    """Every field of the template, in its order."""
    found: dict[str, FoundField] = {}
    for field in template.fields:
        found[field.name] = _find(field, reading, found)
    return tuple(found.values())


def _find(field: TemplateField, reading: Reading, before: dict[str, FoundField]) -> FoundField:
    if field.type == "yes/no":
        return _decided(field, reading, before)
    for rule in field.rules:
        found = list(_distinct(_hits(rule, reading, before)))
        if not found:
            continue
        if rule.read_as in ("party", "list") and rule.take == "only":
            return FoundField(field, tuple(found[:MOST_ITEMS]))
        if len(found) > 1 and rule.take == "only":
            return FoundField(field, (), CONTRADICTORY)
        return FoundField(field, (found[-1 if rule.take == "last" else 0],))
    return FoundField(field, (), NOT_FOUND)


def _decided(field: TemplateField, reading: Reading, before: dict[str, FoundField]) -> FoundField:
    """Yes or no; nothing where the document says both."""
    found = [one for rule in field.rules for one in _hits(rule, reading, before)]
    said = {one.shown for one in found}
    if len(said) > 1:
        return FoundField(field, (), CONTRADICTORY)
    return FoundField(field, tuple(found[:1]), "" if found else NOT_FOUND)


def _distinct(found: Iterator[Found]) -> Iterator[Found]:
    """Each thing said once, in the order of the document."""
    seen: set[str] = set()
    for one in sorted(found, key=lambda hit: hit.value.start):
        if one.value.key not in seen:
            seen.add(one.value.key)
            yield one


def _hits(rule: Rule, reading: Reading, before: dict[str, FoundField]) -> Iterator[Found]:
    place = span_of(rule.place, reading.folded)
    if place is None:
        return
    if rule.same_as:
        yield from _as_another(rule, reading, place, before)
        return
    if rule.joined:
        for value, shown in joined(rule, reading, place):
            yield Found(value, rule.read_as, shown)
        return
    if rule.label:
        candidates = labelled(rule, reading, place)
    elif rule.read_as == "party":
        candidates = parties_in(reading.text, place.start, place.end)
    elif rule.phrase:
        candidates = _phrased(rule, reading, place)
    else:
        candidates = _whole(rule, reading, place)
    for value in candidates:
        if _fits(rule, reading, value.start):
            yield Found(value, rule.read_as, _shown(rule, reading, value))


def _shown(rule: Rule, reading: Reading, value: Value) -> str:
    if rule.read_as == "yes/no":
        return rule.says
    return " ".join(reading.text[value.start : value.end].split())


def _fits(rule: Rule, reading: Reading, at: int) -> bool:
    """Whether the heading and the sentence of a place are such as the rule wants."""
    if rule.under and not _any_in(rule.under, reading.section_at(at)):
        return False
    if not (rule.needs or rule.never):
        return True
    span = reading.sentence_at(at)
    sentence = reading.folded[span.start : span.end]
    if rule.needs and not _any_in(rule.needs, sentence):
        return False
    return not _any_in(rule.never, sentence)


def _any_in(phrases: Sequence[str], folded: str) -> bool:
    return any(pattern.search(folded) for one in phrases if (pattern := compiled(one).whole))


def _as_another(
    rule: Rule, reading: Reading, place: Span, before: dict[str, FoundField]
) -> Iterator[Found]:
    """The value of another field, where a phrase says that it is the same."""
    other = before.get(rule.same_as)
    if other is None or len(other.values) != 1:
        return
    for match in _matches(rule.phrase, reading, place):
        if _fits(rule, reading, match.start()):
            yield Found(
                other.values[0].value,
                other.values[0].type,
                other.values[0].shown,
                Span(*match.span()),
            )
            return


def _matches(phrases: Sequence[str], reading: Reading, place: Span) -> Iterator[re.Match[str]]:
    for phrase in phrases:
        pattern, start = compiled(phrase).whole, place.start
        while pattern and (match := pattern.search(reading.folded, start, place.end)):
            yield match
            # One that begins in a title may begin again in the sentence below it.
            within = match.end() <= reading.sentence_at(match.start()).end
            start = match.end() if within else match.start() + 1


# By phrase


def _phrased(rule: Rule, reading: Reading, place: Span) -> Iterator[Value]:
    slots = [one for phrase in rule.phrase if (one := compiled(phrase)).whole is None]
    if rule.read_as not in ("yes/no", "list"):
        yield from _in_slots(slots, rule, reading, place)
    for match in _matches(rule.phrase, reading, place):
        yield from _beside(rule, reading, match)


def _in_slots(
    slots: Sequence[Phrase], rule: Rule, reading: Reading, place: Span
) -> Iterator[Value]:
    if not slots:
        return
    if rule.read_as == "text":
        yield from _names(slots, reading, place)
        return
    for value in reading.values_between(rule.read_as, place.start, place.end):
        sentence = reading.sentence_at(value.start)
        first = max(sentence.start, value.start - _BEFORE, place.start)
        last = min(max(sentence.end, value.end), value.end + _AFTER)
        if any(_stands(slot, reading.folded, value, first, last) for slot in slots):
            yield value


def _names(slots: Sequence[Phrase], reading: Reading, place: Span) -> Iterator[Value]:
    """Names that stand right after the words before a slot: where all is in capitals, a run of words
    with capitals begins anywhere."""
    for slot in slots:
        leads = slot.lead.finditer(reading.folded, place.start, place.end) if slot.lead else ()
        for lead in leads:
            value = name_at(reading.text, lead.end())
            last = reading.sentence_at(lead.end()).end
            if value and (slot.after is None or slot.after.match(reading.folded, value.end, last)):
                yield value


def _stands(slot: Phrase, folded: str, value: Value, first: int, last: int) -> bool:
    # A slice, so that "$" is the place where the value begins.
    if slot.before is not None and not slot.before.search(folded[first : value.start]):
        return False
    return slot.after is None or slot.after.match(folded, value.end, last) is not None


def _beside(rule: Rule, reading: Reading, match: re.Match[str]) -> Iterator[Value]:
    """What a phrase without a slot says: its sentence, or the value that is nearest after it, else
    before it. A sentence that has only its first words, such as a title, does not say it."""
    sentence = reading.sentence_at(match.start())
    if rule.read_as in ("text", "yes/no", "list"):
        if match.end() > sentence.end:
            return
        span = _clipped(reading, sentence, match)
        marker = MARKER.match(reading.text, span.start, span.end)
        yield from bare(reading, marker.end() if marker else span.start, span.end, rule)
        return
    end = min(sentence.end, match.end() + _NEAR)
    after = next(iter(reading.values_between(rule.read_as, match.end(), end)), None)
    if after is None:
        start = max(sentence.start, match.start() - _NEAR)
        after = max(
            reading.values_between(rule.read_as, start, match.start()),
            key=lambda value: value.start,
            default=None,
        )
    if after is not None:
        yield after


def _clipped(reading: Reading, sentence: Span, match: re.Match[str]) -> Span:
    """The sentence; of a long one the clauses between two marks around the phrase."""
    if sentence.end - sentence.start <= LONGEST_TEXT:
        return sentence
    text = reading.text
    marks = [m.end() for m in re.finditer(r"[.;:]\s", text[sentence.start : match.start()])]
    start = sentence.start + marks[-1] if marks else sentence.start
    start = max(start, match.start() - LONGEST_TEXT // 2)
    while start > sentence.start and not text[start - 1].isspace():
        start += 1
    closing = re.compile(r"[.;](?=\s)").search(text, match.end(), sentence.end)
    end = min(closing.end() if closing else sentence.end, start + LONGEST_TEXT)
    if end < sentence.end and not text[end : end + 1].isspace():
        end = max(text.rfind(" ", match.end(), end), match.end())
    return Span(min(start, match.start()), end)


def _whole(rule: Rule, reading: Reading, place: Span) -> Iterator[Value]:
    """Every sentence, or value, that is there: what a rule with only a heading means."""
    if rule.read_as in ("text", "list", "yes/no"):
        for number, span in enumerate(reading.sentences):
            inside = place.start <= span.start and span.end <= place.end
            if inside and not _says_nothing(reading, number):
                start = _after_heading(rule, reading, span)
                yield from bare(
                    reading, start, cut_at_word(reading.text, start, span.end, LONGEST_TEXT), rule
                )
        return
    yield from reading.values_between(rule.read_as, place.start, place.end)


def _after_heading(rule: Rule, reading: Reading, span: Span) -> int:
    """Where a sentence begins, without the mark of an item and without the heading that opens its line:
    "Diagnosis: pneumonia"."""
    marker = MARKER.match(reading.text, span.start, span.end)
    start = marker.end() if marker else span.start
    colon = reading.text.find(":", start, min(start + _LONGEST_HEADING, span.end))
    return colon + 1 if colon > 0 and _any_in(rule.under, reading.folded[start:colon]) else start


def _says_nothing(reading: Reading, number: int) -> bool:
    """Whether a sentence is the heading it stands under, or names the columns of a table."""
    span = reading.sentences[number]
    words = reading.text[span.start : span.end].strip(" #*:.")
    if words.casefold() == reading.sections[number].rpartition(" > ")[2].strip(" #*:.").casefold():
        return True
    return words.count("|") > 1 and not any(sign.isdigit() for sign in words)
