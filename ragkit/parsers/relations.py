"""Which parts of an Office archive another part refers to: its headers, its comments."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree

from ragkit.parsers.archive import read_member


class Relation(NamedTuple):
    """kind: the last word of the relation's type, e.g. "header"; part: a path in the archive."""

    id: str
    kind: str
    part: str


def relations(data: bytes, part: str) -> list[Relation]:
    """What `part` refers to within the archive, in the order of its list; none if it has no list."""
    folder, _, name = part.rpartition("/")
    listed = read_member(data, posixpath.join(folder, "_rels", f"{name}.rels"))
    if listed is None:
        return []
    return [
        Relation(entry.get("Id", ""), _kind(entry), _inside(folder, entry.get("Target", "")))
        for entry in ElementTree.fromstring(listed)
        if entry.get("TargetMode") != "External"
    ]


def related(data: bytes, part: str, kind: str) -> Iterator[ElementTree.Element]:
    """The parts of a kind that `part` refers to, parsed; those that the archive lacks are left out."""
    for relation in relations(data, part):
        content = read_member(data, relation.part) if relation.kind == kind else None
        if content is not None:
            yield ElementTree.fromstring(content)


def _kind(entry: ElementTree.Element) -> str:
    return entry.get("Type", "").rpartition("/")[2]


def _inside(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
