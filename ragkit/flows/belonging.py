"""What belongs to a document that was chosen: the amendments and newer versions, without which what it
says may no longer hold."""

from __future__ import annotations

from ragkit.catalog import DocumentEntry, Reader
from ragkit.config import Pipeline
from ragkit.flows.scoping import resolve
from ragkit.flows.stating import published
from ragkit.flows.versions import pairs_of
from ragkit.types.scope import Scope

MOST = 20
"""Documents that one brings along, so that a question of one document never becomes one of all."""


def belonging(pipeline: Pipeline, document: str, scope: Scope | None) -> tuple[str, ...]:
    """Paths of the amendments and newer versions of `document`, and of those of these, at most MOST.

    scope: only what fits it. () for a document that is not there. Raises IndexMissing, and as
    `scoping.resolve`.
    """
    with published(pipeline) as catalog:
        reader = Reader(catalog)
        within = resolve(pipeline, reader, scope).ids
        found = _newer(reader, document)
        entries = [entry for path in found if (entry := reader.document(path)) is not None]
    return tuple(entry.path for entry in entries if within is None or entry.id in within)[:MOST]


def _newer(reader: Reader, document: str) -> list[str]:
    """Nearest first; without the document itself."""
    found = [document]
    for path in found:  # grows while it is gone through
        if len(found) <= MOST and (entry := reader.document(path)) is not None:
            found += [each for each in _newer_than(reader, entry) if each not in found]
    return found[1:]


def _newer_than(reader: Reader, entry: DocumentEntry) -> list[str]:
    pairs = (pair for other in reader.akin(entry) for pair in pairs_of((entry, other)))
    return [pair.newer for pair in pairs if pair.older == entry.path]
