"""Documents to look for fields in."""

from __future__ import annotations

from pathlib import Path

from ragkit.chunking.facts import facts_of
from ragkit.chunking.sentences import split_sentences
from ragkit.chunking.structure import Sections, headings_of
from ragkit.templates.choosing import choose_template
from ragkit.templates.document import Reading
from ragkit.templates.finding import FoundField, find_fields
from ragkit.templates.reading import read_templates
from ragkit.templates.template import Template


def document(text: str) -> Reading:
    """A text as an ingest reads it."""
    sentences = split_sentences(text)
    sections = Sections(headings_of(text, sentences))
    paths = [sections.path_at(span.start) for span in sentences]
    facts = facts_of(text)
    return Reading(text, sentences, paths, facts.title, facts.kind, facts.language)


def template_from(folder: Path, text: str, name: str) -> Template:
    """A template of one's own, read from a file."""
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return next(one for one in read_templates(path) if one.name == name)


def fields_of(text: str, template: Template | None = None) -> dict[str, FoundField]:
    """By name, by the given template or the shipped one that fits."""
    reading = document(text)
    chosen = template or choose_template(read_templates(), reading)
    return {one.field.name: one for one in find_fields(chosen, reading)}


def shown(found: FoundField) -> list[str]:
    return [one.shown for one in found.values]
