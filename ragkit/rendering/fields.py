"""The fields of documents: a table for one, and a CSV file of all of them. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from ragkit.rendering.phrases import BY_LANGUAGE, ENGLISH
from ragkit.rendering.sweep_rows import plain_cell
from ragkit.types import DocumentSummary
from ragkit.types.fields import CONTRADICTORY, FieldValue, SummaryField

HEADINGS = {
    "en": ("Field", "Value", "not found", CONTRADICTORY),
    "es": ("Campo", "Valor", "no consta", "el documento da valores distintos"),
}
_LENGTH = re.compile(r"(?P<count>\d+) (?P<working>business )?(?P<unit>hour|day|week|month|year)s?")
_UNITS = {
    "es": {
        "hour": ("hora", "horas"),
        "day": ("día", "días"),
        "week": ("semana", "semanas"),
        "month": ("mes", "meses"),
        "year": ("año", "años"),
    }
}
_WORKING = {"es": ("hábil", "hábiles")}
CONTRADICTION = "?"
"""Stands in a cell of the CSV where the document contradicts itself."""


def field_rows(document: DocumentSummary) -> Iterator[tuple[SummaryField, str]]:
    """Each field with the words for it where it has no value; "" where it has."""
    _, _, missing, contradictory = headings_for(document.told_in)
    for field in document.fields:
        told = contradictory if field.note == CONTRADICTORY else missing
        yield field, "" if field.values else told


def headings_for(language: str) -> tuple[str, str, str, str]:
    """field, value, not found, contradictory: in the language of a document, or in English."""
    return HEADINGS.get(language, HEADINGS["en"])


def shown_value(value: FieldValue, language: str = "") -> str:
    """As the document has it; beside it the role of a party, and the one form where that says more.

    language: of the one form; what is not of a length of time has the same in each.
    """
    said = BY_LANGUAGE.get(language, ENGLISH)
    if value.type == "yes/no":
        return {"yes": said.yes, "no": said.no}.get(value.plain or value.value, value.value)
    if value.role and value.role.casefold() != value.value.casefold():
        return f"{value.value} ({value.role})"
    plain = _length_in(value.plain, language) if value.type == "duration" else value.plain
    if plain and plain.casefold() != value.value.casefold():
        return f"{value.value} ({plain})"
    return value.value


def _length_in(plain: str, language: str) -> str:
    """'2 business days' as '2 días hábiles'; as it is where there are no words for it."""
    units = _UNITS.get(language)
    found = _LENGTH.fullmatch(plain) if units else None
    if units is None or found is None:
        return plain
    is_more = found["count"] != "1"
    working = f" {_WORKING[language][is_more]}" if found["working"] else ""
    return f"{found['count']} {units[found['unit']][is_more]}{working}"


def fields_table(
    document: DocumentSummary, literal: Callable[[str], str], marks: Callable[[Iterable[int]], str]
) -> str:
    """A Markdown table; "" for a document whose template asks for nothing.

    literal: makes words of a document harmless. marks: of citations.
    """
    if not document.fields:
        return ""
    heading, value, *_ = headings_for(document.told_in)
    lines = [f"| {heading} | {value} |", "|---|---|"]
    for field, missing in field_rows(document):
        told = "<br>".join(
            f"{literal(shown_value(one, document.told_in))}{marks(one.citations)}"
            for one in field.values
        )
        lines.append(f"| {literal(field.label)} | {told or f'*{missing}*'} |")
    return "\n".join(lines)


def fields_csv(documents: Sequence[DocumentSummary]) -> str:
    """A row for each document, a column for each field of any template.

    A cell has the one form of a value where there is one, else its words; several are separated by "; ".
    """
    names = dict.fromkeys(field.name for document in documents for field in document.fields)
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(["document", "template", *names])
    for document in documents:
        cells = {field.name: _cell(field) for field in document.fields}
        row = [document.document, document.template, *(cells.get(name, "") for name in names)]
        rows.writerow([plain_cell(cell) for cell in row])
    return written.getvalue()


def _cell(field: SummaryField) -> str:
    if not field.values:
        return CONTRADICTION if field.note == CONTRADICTORY else ""
    return "; ".join(value.plain or value.value for value in field.values)
