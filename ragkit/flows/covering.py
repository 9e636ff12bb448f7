"""How much of the corpus stands behind an answer: all of it, or what its filters left."""

from __future__ import annotations

from collections.abc import Collection

from ragkit.catalog import Reader
from ragkit.errors import UnknownPipeline
from ragkit.flows.naming import paths_named
from ragkit.flows.scoping import Resolved, format_of, type_named
from ragkit.types import Coverage
from ragkit.types.scope import Scope


def coverage_of(reader: Reader, scope: Resolved) -> Coverage:
    """scope: what the filters came to.

    What could not be read counts as far as its path and format leave it open: its kind, date and
    metadata are not known.
    """
    counts, unreadable, told = reader.counts(), reader.unreadable(), scope.told
    if told is None:
        documents = counts["documents"] + counts["quarantined"]
        return Coverage(documents, counts["documents"], unreadable)
    failed = {entry.path for entry in reader.quarantine()}
    left = tuple(item for item in unreadable if _may_fit(item.document, told.scope, scope.formats))
    missing = sum(item.document in failed for item in left)
    return Coverage(told.documents + missing, told.documents, left, told)


def _may_fit(path: str, scope: Scope, formats: Collection[str]) -> bool:
    """formats: of all documents; a type that is none of them is a kind, which may be this one's."""
    types = {type_named(name) for name in scope.types}
    may_be_of_type = not types or format_of(path) in types or bool(types.difference(formats))
    return may_be_of_type and (not scope.documents or _is_named(path, scope.documents))


def _is_named(path: str, names: Collection[str]) -> bool:
    for name in names:
        try:
            return bool(paths_named(name, [path]))
        except UnknownPipeline:
            continue
    return False
