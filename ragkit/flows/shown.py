"""Which documents an answer or a report names, by their digests: for the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from ragkit.catalog import Catalog, Reader
from ragkit.catalog.runs import UNREAD
from ragkit.config import Pipeline
from ragkit.errors import IndexMissing, NotReady
from ragkit.flows.owning import require_owner
from ragkit.flows.stating import published
from ragkit.types import IngestReport, NightlyReport

if TYPE_CHECKING:
    from ragkit.flows.evidence import Gathered

DIGEST = re.compile(r"[0-9a-f]{64}")


def named_beside(gathered: Gathered, candidates: Iterable[str]) -> tuple[str, ...]:
    """SHA-256 of the documents that an answer names beside its quotes, or explains itself by.

    candidates: paths. Of what is explained every passage that was found is shown, by its best sentence.
    """
    digests = {entry.path: entry.sha256 for entry in gathered.apart.entries.values()}
    digests |= {item.document: item.sha256 for item in gathered.evidence}
    digests |= {passage.document: passage.sha256 for passage in gathered.passages}
    if gathered.explanation is None:
        fenced = (place.document for place in gathered.fenced)
        return tuple(sorted({digests[path] for path in (*candidates, *fenced)}))
    preferred = (each.sha256 for each in gathered.explanation.asked.preferred)
    return tuple(sorted({*digests.values(), *preferred}))


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
    unseen = {item.document for item in report.hidden}
    fenced = {item.document for item in report.fenced}
    return doubtful | unseen | fenced | set(report.held)
