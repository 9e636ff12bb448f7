"""The store of each pipeline: whether it is sound, and whether it is its owner's alone. Opens no document."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ragkit.catalog import Catalog, Reader, Runs, WriterLock
from ragkit.config import Config, Pipeline
from ragkit.doctor.accounts import readers_of
from ragkit.doctor.findings import Area, collected, quoted
from ragkit.doctor.integrity import (
    CHROMA,
    look_at_access,
    look_at_embedder,
    look_at_ledger,
    look_at_walls,
    lost_catalog,
)
from ragkit.errors import IndexMissing, RagkitError, StorageFault
from ragkit.files import OTHERS
from ragkit.models import ModelStore
from ragkit.types.doctor import Finding
from ragkit.vectors import manifest


def look_at_stores(config: Config, models: ModelStore | None = None) -> Iterator[Finding]:
    """Each pipeline in its order; a damaged store is a finding and no more, and hides nothing else.

    models: to compare each index with the embedder that the settings name; None leaves that out.
    """
    for pipeline in config.pipelines.values():
        area = Area(f"pipeline {pipeline.name}")
        looks = (
            partial(_permissions, area, pipeline),
            partial(look_at_walls, area, pipeline, config),
            partial(_store, area, pipeline),
            partial(look_at_access, area, pipeline),
            partial(look_at_embedder, area, pipeline, models),
            partial(look_at_ledger, area, pipeline),
            partial(_folders, area, pipeline),
        )
        for look in looks:
            yield from collected(area, look)


def _store(area: Area, pipeline: Pipeline) -> Iterator[Finding]:
    ingest = f"ragkit ingest {pipeline.name}"
    try:
        with Catalog.open_for_reading(pipeline.store) as catalog, catalog.snapshot():
            yield _contents(area, Reader(catalog), ingest)
            yield _soundness(area, catalog, pipeline)
            yield from _vectors(area, Reader(catalog), pipeline, ingest)
            yield from _run(area, Runs(catalog), pipeline, ingest)
    except IndexMissing:
        yield lost_catalog(area, pipeline) or area.note("index", "Nothing is indexed yet.", ingest)
    except StorageFault as error:
        yield area.fault("catalog", error.message, error.hint)
    except RagkitError as error:
        yield area.warning("catalog", error.message, error.hint)


def _contents(area: Area, reader: Reader, ingest: str) -> Finding:
    counts, generation = reader.counts(), reader.generation()
    if not generation:
        return area.note("index", "Nothing is published yet.", ingest)
    text = f"{counts['documents']} documents in {counts['chunks']} chunks, generation {generation}"
    if counts["quarantined"]:
        return area.note(
            "index", f"{text}; {counts['quarantined']} could not be read.", "ragkit status"
        )
    return area.ok("index", f"{text}.")


def _soundness(area: Area, catalog: Catalog, pipeline: Pipeline) -> Finding:
    (answer,) = catalog.connection.execute("PRAGMA quick_check(1)").fetchone()
    if answer == "ok":
        return area.ok("catalog", "SQLite finds it sound.")
    mend = f"Restore {quoted(pipeline.store)} from a backup, or remove it and ingest again."
    return area.fault("catalog", "SQLite finds it damaged.", mend)


def _vectors(area: Area, reader: Reader, pipeline: Pipeline, ingest: str) -> Iterator[Finding]:
    entry = reader.vector_index()
    if entry is None:
        return
    try:
        manifest.check(pipeline.store / CHROMA / str(entry.number))
    except RagkitError:
        text = "Its files are not what was written; all vectors are searched exactly meanwhile."
        yield area.warning("vector index", text, ingest)
    else:
        yield area.ok(
            "vector index", f"{entry.vectors} vectors, its files are as they were written."
        )


def _run(area: Area, runs: Runs, pipeline: Pipeline, ingest: str) -> Iterator[Finding]:
    latest = runs.latest(1)
    if WriterLock.is_held(pipeline.store):
        yield area.note("run", "An ingest is going on; what was published answers meanwhile.")
    elif latest and latest[0].outcome == "running":
        text = "The last ingest was killed; the next one goes on where it stopped."
        yield area.warning("run", text, ingest)


def _permissions(area: Area, pipeline: Pipeline) -> Iterator[Finding]:
    store = pipeline.store
    if not store.exists():
        return
    # An ingest may be going on, in which files come and go.
    entries = {path: status for path in (store, *store.rglob("*")) if (status := _status(path))}
    open_ones = [path for path, status in entries.items() if _mode_of(status) & OTHERS]
    if open_ones:
        who = readers_of(open_ones[0])
        text = f"{len(open_ones)} of {len(entries)} files and folders are open to {who}: {open_ones[0]}."
        yield area.fault("permissions", text, f"chmod -R go-rwx {quoted(store)}")
    else:
        yield area.ok("permissions", f"{len(entries)} files and folders are for their owner alone.")
    strange = sum(status.st_uid != os.geteuid() for status in entries.values())
    if strange:
        mend = f"sudo chown -R {os.geteuid()} {quoted(store)}"
        yield area.warning("owner", f"{strange} files belong to another user.", mend)
    yield from _passwords(area, pipeline)


def _passwords(area: Area, pipeline: Pipeline) -> Iterator[Finding]:
    path = pipeline.passwords_file
    if path is not None and path.exists() and _mode(path) & OTHERS:
        text = f"The file of passwords can be read by {readers_of(path)}."
        yield area.fault("passwords", text, f"chmod 600 {quoted(path)}")


def _folders(area: Area, pipeline: Pipeline) -> Iterator[Finding]:
    """The documents' own folders: looked at from outside, and left as they are."""
    for folder in pipeline.folders:
        if not folder.is_dir():
            text = f"{folder} is not there (not mounted?); an ingest changes nothing until it is."
            yield area.warning("documents", text, f"ls {quoted(folder)}")
        elif _mode(folder) & OTHERS and not _is_shut_above(folder):
            text = f"{folder} can be entered or read by {readers_of(folder)}."
            yield area.note("documents", text, f"chmod go-rwx {quoted(folder)}")


def _is_shut_above(folder: Path) -> bool:
    """Whether a folder above lets nobody else through."""
    return any(not _mode(parent) & OTHERS for parent in folder.resolve().parents)


def _mode(path: Path) -> int:
    """0 for what is gone meanwhile."""
    status = _status(path)
    return _mode_of(status) if status else 0


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def _mode_of(status: os.stat_result) -> int:
    return 0 if stat.S_ISLNK(status.st_mode) else stat.S_IMODE(status.st_mode)
