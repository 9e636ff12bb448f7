"""Which template a document has: the first whose rules fit it."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.folding import folded_in_place
from ragkit.templates.document import Reading
from ragkit.templates.phrases import compiled
from ragkit.templates.places import OPENING
from ragkit.templates.template import Template, TemplateSection


def choose_template(templates: Sequence[Template], reading: Reading) -> Template:
    """The first template of which a rule fits; else the first without rules. One without must be there."""
    for template in templates:
        if _fits(template, reading):
            return template
    return next(template for template in templates if not _has_rules(template))


def _has_rules(template: Template) -> bool:
    return bool(template.when.kinds or template.when.title or template.when.opening)


def _fits(template: Template, reading: Reading) -> bool:
    when = template.when
    title = folded_in_place(reading.title)
    return (
        reading.kind in when.kinds
        or _holds(when.title, title)
        or _holds(when.opening, reading.folded[:OPENING])
    )


def _holds(phrases: Sequence[str], folded: str) -> bool:
    return any(pattern.search(folded) for one in phrases if (pattern := compiled(one).whole))


def section_of(sections: Sequence[TemplateSection], heading: str) -> int:
    """The number of the section that a heading path belongs to; len(sections) for none."""
    folded = folded_in_place(heading)
    for number, section in enumerate(sections):
        if _holds(section.headings, folded):
            return number
    return len(sections)
