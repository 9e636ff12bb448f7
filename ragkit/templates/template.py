"""A template as it is read: for which documents it is, its sections in order, and its fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ragkit.types.fields import FieldType

Place = Literal["anywhere", "title", "preamble", "opening", "closing"]
PLACES: tuple[Place, ...] = ("anywhere", "title", "preamble", "opening", "closing")
Take = Literal["only", "first", "last"]
TAKES: tuple[Take, ...] = ("only", "first", "last")


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to find a field's value. A value fits if one of `label` or of `phrase` says so, it stands
    in `place` and `under` a heading with such words, and its sentence has one of `needs` and none of
    `never`; without label and phrase everything in its place does.

    read_as: the type that it is read as. joined: labels whose value belongs to that of `label`, as a
    family name to a first name. take: "only" finds nothing where several differ. same_as: the
    field whose value it is. says: what a yes/no rule means.
    """

    read_as: FieldType
    label: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    phrase: tuple[str, ...] = ()
    place: Place = "anywhere"
    under: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    take: Take = "only"
    same_as: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True)
class TemplateField:
    """labels: by language, "" for any. rules: the first that finds something decides."""

    name: str
    labels: tuple[tuple[str, str], ...]
    type: FieldType
    rules: tuple[Rule, ...]

    def label(self, language: str) -> str:
        labels = dict(self.labels)
        return labels.get(language) or labels.get("") or labels.get("en") or self.labels[0][1]


@dataclass(frozen=True, slots=True)
class TemplateSection:
    """Sentences under a heading with one of these words stand together, under this title."""

    titles: tuple[tuple[str, str], ...]
    headings: tuple[str, ...]

    def title(self, language: str) -> str:
        titles = dict(self.titles)
        return titles.get(language) or titles.get("") or titles.get("en") or self.titles[0][1]


@dataclass(frozen=True, slots=True)
class When:
    """A document has the template if any of these holds; without any, if no other template fits."""

    kinds: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """digest: of all that it says; a template that changed has another."""

    name: str
    when: When
    sections: tuple[TemplateSection, ...]
    fields: tuple[TemplateField, ...]
    digest: str
