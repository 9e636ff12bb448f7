"""Keeping what was made of published documents in their catalog, without a writer's lock.

Each thing kept is one small transaction, and SQLite lets one writer in after the other; an ingest that
publishes for longer than SQLite waits is waited for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ragkit.catalog import Catalog, Reader
from ragkit.config import Pipeline
from ragkit.errors import Busy
from ragkit.flows.owning import require_owner, require_same_folders
from ragkit.protocols import Embedder, Generator
from ragkit.templates.reading import read_templates
from ragkit.templates.template import Template

PATIENCE = 20
"""Times that SQLite's half a minute is waited for an ingest that publishes."""


@dataclass(frozen=True, slots=True)
class BatchParts:
    """What batch work over a pipeline is done with. Both models are opened only if something has to be
    made."""

    pipeline: Pipeline
    embedder_fingerprint: str
    open_embedder: Callable[[], Embedder]
    style: str
    model_name: str
    model_reads: Callable[[], bool]
    model_digest: Callable[[], str]
    open_generator: Callable[[], Generator]
    templates: Callable[[], Sequence[Template]] = read_templates


def open_to_keep(pipeline: Pipeline) -> Catalog:
    """The catalog, to read and to keep things in; to read only where it cannot be written.

    Opened for reading first: that refuses another version's catalog instead of migrating it, which
    only the holder of the WriterLock may do.
    """
    with Catalog.open_for_reading(pipeline.store) as reading, reading.snapshot():
        require_owner(pipeline, Reader(reading))
        require_same_folders(pipeline, Reader(reading))
    opened = Catalog.open_for_writing if can_keep(pipeline) else Catalog.open_for_reading
    return opened(pipeline.store)


def can_keep(pipeline: Pipeline) -> bool:
    """False on a read-only disk, where everything is made anew each time."""
    return os.access(pipeline.store, os.W_OK)


def patiently(keep: Callable[[], bool], waiting: Callable[[], None]) -> bool:
    """What `keep` returns; `waiting` is called each time that an ingest is waited for. Raises Busy."""
    for _ in range(PATIENCE):
        try:
            return keep()
        except Busy:
            waiting()
    return keep()
