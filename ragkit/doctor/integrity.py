"""Whether a store is whole, its own pipeline's, and usable: what commands refuse, and what they do not see."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from ragkit.catalog import Catalog, Reader
from ragkit.config import Config, Pipeline
from ragkit.doctor.findings import Area, quoted
from ragkit.errors import IndexMissing, RagkitError
from ragkit.flows.owning import require_own_store, require_owner
from ragkit.ledger import Ledger
from ragkit.models import ModelStore
from ragkit.types.doctor import Finding
from ragkit.types.ledger import LedgerVerdict

CHROMA = "chroma"
_REPORT = re.compile(r"\d+\.(md|html|json)")


def lost_catalog(area: Area, pipeline: Pipeline) -> Finding | None:
    """A store whose catalog is gone or emptied, though other files tell that there was one."""
    if not (left := _left_of_an_index(pipeline)):
        return None
    text = f"The catalog is gone or empty, but the store holds {left}: what was indexed is lost."
    mend = f"Restore {quoted(pipeline.store)} from a backup, or ragkit ingest {pipeline.name}"
    return area.fault("catalog", text, mend)


def _left_of_an_index(pipeline: Pipeline) -> str:
    """What only an index that was published leaves; "" for nothing."""
    store = pipeline.store
    if any(_names_in(pipeline, CHROMA)):
        return "a vector index"
    if any(_REPORT.fullmatch(name) for name in _names_in(pipeline, "runs")):
        return "reports of runs"
    if store.is_dir() and any(entry.generation for entry in Ledger(store).read()):
        return "a ledger of what was shown"
    return ""


def _names_in(pipeline: Pipeline, folder: str) -> list[str]:
    place = pipeline.store / folder
    return [path.name for path in place.iterdir()] if place.is_dir() else []


def look_at_walls(area: Area, pipeline: Pipeline, config: Config) -> Iterator[Finding]:
    """Whose store it is; one that was copied or linked from another pipeline's is refused by commands."""
    try:
        require_own_store(pipeline, config.pipelines.values())
        with Catalog.open_for_reading(pipeline.store) as catalog, catalog.snapshot():
            require_owner(pipeline, Reader(catalog))
    except IndexMissing:
        return
    except RagkitError as error:
        if error.exit_code == _WALL:
            yield area.fault("owner of the store", error.message, error.hint)


_WALL = 2
"""How a refusal ends; what else is wrong with a catalog is told of elsewhere."""


def look_at_access(area: Area, pipeline: Pipeline) -> Iterator[Finding]:
    """Whether it can be written: each question leaves an entry in the ledger."""
    store = pipeline.store
    if not store.is_dir():
        return
    shut = [path for path in (store, *sorted(store.iterdir())) if not _is_writable(path)]
    if shut:
        text = f"{shut[0]} cannot be written, so searching, ingesting and purging end with exit code 4."
        is_disk = bool(os.statvfs(store).f_flag & os.ST_RDONLY)
        mend = "Mount its disk for writing." if is_disk else f"chmod -R u+rwX {quoted(store)}"
        yield area.fault("access", text, mend)


def _is_writable(path: os.PathLike[str]) -> bool:
    needed = os.W_OK | (os.X_OK if os.path.isdir(path) else 0)  # noqa: PTH112
    return os.access(path, needed) or not os.path.lexists(path)


def look_at_embedder(
    area: Area, pipeline: Pipeline, models: ModelStore | None
) -> Iterator[Finding]:
    """Whether the index was made with the embedder that the settings name."""
    if models is None:
        return
    from ragkit.build import Builder

    try:
        with Catalog.open_for_reading(pipeline.store) as catalog, catalog.snapshot():
            noted = Reader(catalog).state("embedder")
        named = Builder(models).embedder_fingerprint(pipeline) if noted else noted
    except RagkitError:
        return  # the catalog and the models have findings of their own
    if noted != named:
        text = (
            "The index was made with another embedder than the settings name; nothing is searched."
        )
        yield area.fault("embedder", text, f"ragkit ingest {pipeline.name}")


def look_at_ledger(area: Area, pipeline: Pipeline) -> Iterator[Finding]:
    """Whether each of its lines is as it was written."""
    if pipeline.settings.ledger == "off":
        yield area.note("ledger", "Off: what is shown leaves no entry.", "Set `ledger: on`.")
    if not pipeline.store.is_dir():
        return
    verify = f"ragkit audit verify {pipeline.name}"
    try:
        verdict = Ledger(pipeline.store).verify(pipeline.name)
    except RagkitError as error:
        yield area.fault("ledger", error.message, error.hint or verify)
        return
    yield from _told(area, verdict, verify)


def _told(area: Area, verdict: LedgerVerdict, verify: str) -> Iterator[Finding]:
    fault = verdict.fault
    if fault is not None:
        where = f"line {fault.line}: " if fault.line else ""
        yield area.fault("ledger", f"{fault.problem.upper()}: {where}{fault.says}.", verify)
    elif verdict.entries:
        yield area.ok("ledger", f"{verdict.entries} entries, each as it was written.")
