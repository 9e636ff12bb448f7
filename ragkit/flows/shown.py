"""Which documents a report names, by the digests that the catalog knows of them: for the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress

from ragkit.catalog import Catalog, Reader
from ragkit.catalog.runs import UNREAD
from ragkit.config import Pipeline
from ragkit.errors import IndexMissing, NotReady
from ragkit.flows.owning import require_owner
from ragkit.flows.stating import published
from ragkit.types import IngestReport, NightlyReport

DIGEST = re.compile(r"[0-9a-f]{64}")


def digests_of(pipeline: Pipeline, paths: Iterable[str]) -> set[str]:
    """SHA-256 of the documents of these paths, as far as the catalog knows them."""
    wanted = set(paths)
    if not wanted:
        return set()
    return {digest for digest, known in paths_by_digest(pipeline).items() if wanted & set(known)}


def paths_by_digest(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    """Present paths by SHA-256, of what is published and of what could not be read.

    Raises UsageFault if the store is another pipeline's.
    """
    found: dict[str, tuple[str, ...]] = {}
    try:
        with Catalog.open_for_reading(pipeline.store) as catalog, catalog.snapshot():
            reader = Reader(catalog)
            require_owner(pipeline, reader)
            known = [(entry.sha256, entry.path) for entry in reader.documents()]
            known += [(entry.sha256, entry.path) for entry in reader.quarantine()]
    except IndexMissing:
        return {}
    for digest, path in known:
        found[digest] = (*found.get(digest, ()), path)
    return found


def gone_since_the_report(pipeline: Pipeline) -> dict[str, set[str]]:
    """By path the digests of what lay there and was changed or went since the last nightly report."""
    found: dict[str, set[str]] = {}
    with suppress(NotReady), published(pipeline) as catalog:
        rows = catalog.connection.execute(
            "SELECT path, before FROM run_documents JOIN names ON names.id = name_id"
        )
        for path, before in rows:
            if DIGEST.fullmatch(digest := before.removeprefix(UNREAD)):
                found.setdefault(path, set()).add(digest)
    return found


def named_in_ingest(report: IngestReport) -> set[str]:
    """Paths of the documents that the report of an ingest names."""
    return _documents(report) | {item.document for item in report.unreadable}


def named_in_night(report: NightlyReport) -> set[str]:
    """The same of a nightly report."""
    changes = report.changes
    came = {*changes.added, *changes.changed, *(new for _, new in changes.renamed)}
    came.update(changes.metadata_changed)
    return _documents(report) | {failure.document for failure in report.failures} | came


def _documents(report: IngestReport | NightlyReport) -> set[str]:
    doubtful = {page.document for page in report.doubtful}
    return doubtful | {item.document for item in report.hidden} | set(report.held)
