"""What can be wrong in a template: every fault, with its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from ragkit.templates.phrases import SLOT, fault_of
from ragkit.templates.template import PLACES, TAKES
from ragkit.types.fields import FIELD_TYPES

KEYS = {
    "template": ("name", "extends", "when", "sections", "fields"),
    "when": ("kinds", "title", "opening"),
    "section": ("title", "headings"),
    "field": ("name", "label", "type", "find"),
    "rule": (
        *("label", "and", "phrase", "in", "under"),
        *("with", "never", "take", "as", "same_as", "says"),
    ),
}
_WITHOUT_SLOT = ("label", "and", "under", "with", "never")
MOST_FIELDS = 60
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")

Problem = tuple[str, str]
"""A place within the template, and what is wrong there."""


def problems_of(entry: Any, bases: Collection[str]) -> Iterator[Problem]:
    """Every fault of a template as it stands in YAML. bases: names of those that it can extend."""
    if not isinstance(entry, dict):
        yield "", "must be a mapping with `name` and `fields`"
        return
    yield from _unknown(entry, "template", "")
    name = entry.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        yield "name", "must be a text of small letters, digits and -"
    if "extends" in entry and (
        not isinstance(entry["extends"], str) or entry["extends"] not in bases
    ):
        yield "extends", f"must be one of {', '.join(bases)}"
    yield from _problems_of_when(entry.get("when", {}))
    for number, section in _entries(entry, "sections"):
        yield from _problems_of_section(section, f"sections.{number}")
    yield from _problems_of_fields(entry)
    for key in ("sections", "fields"):
        if not isinstance(entry.get(key, []), list):
            yield key, "must be a list"


def _entries(entry: dict[str, Any], key: str) -> Iterator[tuple[int, Any]]:
    value = entry.get(key, [])
    yield from enumerate(value if isinstance(value, list) else [])


def _unknown(entry: dict[str, Any], kind: str, place: str) -> Iterator[Problem]:
    for key in entry.keys() - set(KEYS[kind]):
        yield (
            _join(place, str(key)),
            f"is not a key of a {kind}; there are {', '.join(KEYS[kind])}",
        )


def _problems_of_when(when: Any) -> Iterator[Problem]:
    if not isinstance(when, dict):
        yield "when", f"must be a mapping of {', '.join(KEYS['when'])}"
        return
    yield from _unknown(when, "when", "when")
    yield from _problems_of_texts(when, "kinds", "when")
    for key in ("title", "opening"):
        yield from _problems_of_phrases(when, key, "when", slot=False)


def _problems_of_section(section: Any, place: str) -> Iterator[Problem]:
    if not isinstance(section, dict):
        yield place, "must be a mapping with `title` and `headings`"
        return
    yield from _unknown(section, "section", place)
    yield from _problems_of_label(section, "title", place)
    if not section.get("headings"):
        yield place, "needs `headings`"
    yield from _problems_of_phrases(section, "headings", place, slot=False)


def _problems_of_fields(entry: dict[str, Any]) -> Iterator[Problem]:
    fields = list(_entries(entry, "fields"))
    if len(fields) > MOST_FIELDS:
        yield "fields", f"has more than {MOST_FIELDS}"
    before: list[str] = []
    for number, field in fields:
        place = f"fields.{number}"
        if not isinstance(field, dict):
            yield place, "must be a mapping with `name`, `type` and `find`"
            continue
        yield from _problems_of_field(field, place, before, extends="extends" in entry)
        before.append(str(field.get("name")))


def _problems_of_field(
    field: dict[str, Any], place: str, before: Sequence[str], *, extends: bool
) -> Iterator[Problem]:
    yield from _unknown(field, "field", place)
    name = field.get("name")
    if not isinstance(name, str) or not _FIELD_NAME.fullmatch(name):
        yield _join(place, "name"), "must be a text of small letters, digits and _"
    elif name in before:
        yield _join(place, "name"), f"is the name of a field before it: {name}"
    if "label" in field:
        yield from _problems_of_label(field, "label", place)
    if field.get("type") not in FIELD_TYPES:
        yield _join(place, "type"), f"must be one of {', '.join(FIELD_TYPES)}"
        return
    if not isinstance(field.get("find"), list) or not field["find"]:
        yield _join(place, "find"), "must be a list with at least one rule"
        return
    for number, rule in enumerate(field["find"]):
        known = None if extends else before
        yield from _problems_of_rule(rule, field["type"], f"{place}.find.{number}", known)


def _problems_of_rule(
    rule: Any, kind: str, place: str, before: Sequence[str] | None
) -> Iterator[Problem]:
    if not isinstance(rule, dict):
        yield place, "must be a mapping"
        return
    yield from _unknown(rule, "rule", place)
    for key in _WITHOUT_SLOT:
        yield from _problems_of_phrases(rule, key, place, slot=False)
    kind = rule.get("as", kind)
    yield from _problems_of_phrases(rule, "phrase", place, slot=kind not in ("yes/no", "list"))
    choices = (("in", PLACES), ("take", TAKES), ("as", FIELD_TYPES))
    for key, known in choices:
        if key in rule and rule[key] not in known:
            yield _join(place, key), f"must be one of {', '.join(known)}"
    says = rule.get("says")
    if (kind == "yes/no") != (isinstance(says, str | bool) and says in SAYS):
        yield place, "needs `says: yes` or `says: no`, and only for the type yes/no"
    if "phrase" in rule and kind == "party" and "same_as" not in rule:
        yield _join(place, "phrase"), "finds no party: `label` or `in` says where it is"
    if "and" in rule and not (rule.get("label") and kind == "text"):
        yield _join(place, "and"), "is only for a `label` of the type text"
    if "same_as" in rule and not rule.get("phrase"):
        yield place, "has `same_as` without `phrase`"
    if "same_as" in rule and before is not None and rule["same_as"] not in before:
        yield _join(place, "same_as"), "must be the name of a field before this one"
    if not any(rule.get(key) for key in ("label", "phrase", "in", "under")):
        yield place, "says nothing about where the value is: `label`, `phrase`, `in` or `under`"


SAYS = {"yes": "yes", "no": "no", True: "yes", False: "no"}
"""The bare words are read as true and false."""


def _problems_of_label(entry: dict[str, Any], key: str, place: str) -> Iterator[Problem]:
    label = entry.get(key)
    labels = label.values() if isinstance(label, dict) else [label]
    if not labels or not all(isinstance(one, str) and one.strip() for one in labels):
        yield _join(place, key), "must be a text, or one for each language: {en: ..., es: ...}"


def _problems_of_texts(entry: dict[str, Any], key: str, place: str) -> Iterator[Problem]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        yield _join(place, key), "must be a list of texts"


def _problems_of_phrases(
    entry: dict[str, Any], key: str, place: str, *, slot: bool
) -> Iterator[Problem]:
    phrases = entry.get(key, [])
    if not isinstance(phrases, list):
        yield _join(place, key), "must be a list of texts"
        return
    for number, phrase in enumerate(phrases):
        where = f"{_join(place, key)}.{number}"
        if problem := fault_of(phrase):
            yield where, f"{phrase!r} {problem}"
        elif not slot and SLOT in phrase:
            yield where, f"{phrase!r} has {{}}, which only a `phrase` for a value can have"


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
