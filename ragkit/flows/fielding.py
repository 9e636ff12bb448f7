"""Fielding: the typed fields that a document's template asks for, each value with its quote.

Nothing is composed: a value is a stretch of the document, found by the template's rules, and its quote
is the sentence around that stretch. What is not found stays empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ragkit.errors import CheckFailed
from ragkit.flows.citing import Marks
from ragkit.flows.material import Material, Quote
from ragkit.templates.choosing import choose_template, section_of
from ragkit.templates.document import Reading
from ragkit.templates.finding import Found, FoundField, find_fields
from ragkit.templates.template import Template
from ragkit.types import Citation, Span, SummarySentence
from ragkit.types.fields import FieldValue, SummaryField

LONGEST_QUOTE = 400
"""Characters of a sentence that a value quotes; of a longer one, what stands around the value."""
_AROUND = 120


@dataclass(frozen=True)
class Fielded:
    """What a template found. fields cite evidence numbers; quotes: those that were not there before."""

    template: Template
    fields: tuple[SummaryField, ...]
    quotes: tuple[Quote, ...]

    def arranged(
        self, sentences: Sequence[SummarySentence], language: str
    ) -> list[SummarySentence]:
        """The sentences in the order of the template's sections, each with the title of its own.

        What belongs to none stays before them if it stood before all that do, else it follows them.
        """
        sections = self.template.sections
        numbers = [section_of(sections, item.section) for item in sentences]
        first = next((at for at, number in enumerate(numbers) if number < len(sections)), 0)
        order = sorted(range(len(numbers)), key=lambda at: -1 if at < first else numbers[at])
        return [
            replace(
                sentences[at],
                part=sections[numbers[at]].title(language) if numbers[at] < len(sections) else "",
            )
            for at in order
        ]


def field_document(
    material: Material, templates: Sequence[Template], quotes: Sequence[Quote]
) -> Fielded | None:
    """The fields of a document by the first of the templates that fits it; None without templates.

    quotes: evidence that is there already; what it holds is cited again.
    """
    if not templates:
        return None
    facts = material.document_facts
    reading = Reading(
        text=material.text,
        sentences=material.sentences,
        sections=material.sections,
        title=facts.title,
        kind=facts.kind,
        language=facts.language,
    )
    template = choose_template(templates, reading)
    evidence = _Evidence(material, list(quotes))
    fields = tuple(
        _shown(found, facts.language, evidence) for found in find_fields(template, reading)
    )
    return Fielded(template, fields, tuple(evidence.quotes[len(quotes) :]))


def marked_fields(fields: Sequence[SummaryField], marks: Marks) -> tuple[SummaryField, ...]:
    """With marks in place of evidence numbers."""
    return tuple(
        replace(
            item,
            values=tuple(
                replace(value, citations=marks.of(value.citations)) for value in item.values
            ),
        )
        for item in fields
    )


def kept_field(row: dict[str, Any]) -> SummaryField:
    """A field as JSON has kept it."""
    values = (
        FieldValue(**{**value, "citations": tuple(value["citations"])}) for value in row["values"]
    )
    return SummaryField(**{**row, "values": tuple(values)})


def require_values(
    fields: Sequence[SummaryField], citations: Sequence[Citation], path: str
) -> None:
    """Raises CheckFailed if a value does not stand in one of its own quotes, word by word."""
    quotes = {citation.mark: _plain(citation.quote) for citation in citations}
    for item in fields:
        for value in item.values:
            if value.type == "yes/no" and value.citations:
                continue
            said = [quotes.get(mark, "") for mark in value.citations]
            if not any(_holds(quote, value.value) for quote in said):
                raise CheckFailed(
                    f"The field {item.name} of {path} has a value that its quote does not hold; "
                    "nothing is shown.",
                    hint="Please report this: it is a bug in ragkit or a damaged index.",
                )


def _holds(quote: str, value: str) -> bool:
    """Whether the words stand there, all in a row or, of a name in two cells, one after the other."""
    plain = _plain(value)
    if plain in quote:
        return True
    place = 0
    for word in plain.split():
        place = quote.find(word, place)
        if place < 0:
            return False
        place += len(word)
    return True


def _plain(words: str) -> str:
    return " ".join(words.split())


@dataclass
class _Evidence:
    """The quotes of a summary, to which those of fields are added; none twice."""

    material: Material
    quotes: list[Quote]
    _numbers: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for quote in self.quotes:
            evidence = quote.evidence
            self._numbers.setdefault((evidence.start, evidence.end), evidence.number)

    def number_of(self, start: int, end: int) -> int:
        """The number of the evidence that holds a stretch."""
        for (first, last), number in self._numbers.items():
            if first <= start and end <= last:
                return number
        span = self._around(start, end)
        number = max(self._numbers.values(), default=0) + 1
        self.quotes.append(self.material.quote(number, span.start, span.end))
        self._numbers[span.start, span.end] = number
        return number

    def _around(self, start: int, end: int) -> Span:
        """Its sentence; of a long one some words before and after, of none the stretch alone."""
        text = self.material.text
        if not self.material.sentences:
            return Span(start, end)
        sentence = self.material.sentence_at(start)
        if not (sentence.start <= start and end <= sentence.end):
            return Span(start, end)
        if sentence.end - sentence.start <= LONGEST_QUOTE:
            return sentence
        first = max(sentence.start, start - _AROUND)
        while sentence.start < first < start and not text[first - 1].isspace():
            first += 1
        last = min(sentence.end, end + _AROUND)
        while end < last < sentence.end and not text[last].isspace():
            last -= 1
        while end < last and text[last - 1].isspace():
            last -= 1
        return Span(first, last)


def _shown(found: FoundField, language: str, evidence: _Evidence) -> SummaryField:
    asked = found.field
    values = tuple(_value(one, evidence) for one in found.values)
    return SummaryField(asked.name, asked.label(language), asked.type, values, found.note)


def _value(found: Found, evidence: _Evidence) -> FieldValue:
    value = found.value
    spans = [(value.start, value.end)]
    if found.said is not None:
        spans.append((found.said.start, found.said.end))
    numbers = dict.fromkeys(evidence.number_of(*span) for span in spans)
    plain = value.plain if found.type in ("date", "duration", "money", "yes/no") else ""
    return FieldValue(found.shown, found.type, plain, value.role, tuple(numbers))
