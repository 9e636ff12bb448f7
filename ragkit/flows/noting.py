"""Noting in a pipeline's ledger what is shown of it, before it is shown.

With `ledger: on` what cannot be noted is not done: the disk's fault is raised and the caller shows
nothing. With `ledger: off` nothing is noted and no file is made.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from ragkit.catalog import Catalog, Reader
from ragkit.config import Pipeline
from ragkit.errors import IndexMissing
from ragkit.flows.owning import require_owner
from ragkit.isolation import current
from ragkit.ledger import Ledger
from ragkit.types import IngestReport, NightlyReport
from ragkit.types.ledger import LedgerEntry

BEGUN = "begun"
"""Outcome of an entry for an answer whose sentences are shown while the rest is still written."""


@dataclass(frozen=True, slots=True)
class Noting:
    """Notes for one pipeline. accepted_weak: the user goes on below level B, and that is noted."""

    pipeline: Pipeline
    accepted_weak: bool = False

    @property
    def is_on(self) -> bool:
        return self.pipeline.settings.ledger == "on"

    def require_possible(self) -> None:
        """Before long work. Raises StorageFault, CheckFailed, Busy where nothing could be noted."""
        if self.is_on:
            Ledger(self.pipeline.store).prepare()

    def note(
        self,
        command: str,
        outcome: str,
        *,
        generation: int,
        documents: Iterable[str] = (),
        model: str = "",
        question: str = "",
        with_pipelines: Collection[str] = (),
        exported: str = "",
    ) -> None:
        """One entry, on the disk when this returns. question: in words; its keyed hash is kept.

        Raises StorageFault, CheckFailed, Busy: then nothing may be shown.
        """
        if not self.is_on:
            return
        ledger = Ledger(self.pipeline.store)
        ledger.append(
            LedgerEntry(
                at=datetime.now(UTC).isoformat("T", "seconds"),
                user=user_name(),
                command=command,
                pipeline=self.pipeline.name,
                generation=generation,
                outcome=outcome,
                isolation=current().level,
                accepted_weak=self.accepted_weak,
                documents=tuple(sorted(set(documents) - {""})),
                model=model,
                question=ledger.question(question) if question else "",
                with_pipelines=tuple(with_pipelines),
                exported=exported,
            )
        )


def user_name() -> str:
    """Of the operating system's user; the number where it has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


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


def named_in_ingest(report: IngestReport) -> set[str]:
    """Paths of the documents that the report of an ingest names."""
    return _documents(report) | {item.document for item in report.unreadable}


def named_in_night(report: NightlyReport) -> set[str]:
    """The same of a nightly report."""
    changes = report.changes
    came = {*changes.added, *changes.changed, *(new for _, new in changes.renamed)}
    return _documents(report) | {failure.document for failure in report.failures} | came


def _documents(report: IngestReport | NightlyReport) -> set[str]:
    doubtful = {page.document for page in report.doubtful}
    return doubtful | {item.document for item in report.hidden} | set(report.held)
