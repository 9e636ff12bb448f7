"""Relabelling: a summary that is kept, with the words of its template in the language that is asked for.

Only labels and titles change, so that nothing is made anew. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ragkit.flows.abridgement import Abridgement
from ragkit.templates.template import Template


def said_in(language: str, abridgement: Abridgement, templates: Sequence[Template]) -> Abridgement:
    """With the labels and the parts of its template in another language than the document's own.

    templates: those that it was made with.
    """
    template = next((each for each in templates if each.name == abridgement.template), None)
    if template is None:
        return abridgement
    labels = {field.name: field.label(language) for field in template.fields}
    titles = {
        title: section.title(language)
        for section in template.sections
        for _, title in section.titles
    }
    return replace(
        abridgement,
        fields=tuple(
            replace(item, label=labels.get(item.name, item.label)) for item in abridgement.fields
        ),
        sentences=tuple(
            replace(item, part=titles.get(item.part, item.part)) for item in abridgement.sentences
        ),
    )
