"""The end of an ingest: what is published stands; what it no longer shows is erased, the index renewed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ragkit.catalog import Catalog, Publisher, Reader, Runs
from ragkit.catalog.erasing import Erasing
from ragkit.errors import Busy, StorageFault
from ragkit.flows.before import HELD
from ragkit.flows.indexing import Batches, renew_vector_index
from ragkit.flows.ingest_parts import IngestParts
from ragkit.flows.publication import Publication
from ragkit.flows.report_files import leave_kept_reports, remove_reports
from ragkit.types import Step

READERS_SECONDS = 10.0
"""How long an ingest waits for readers that hold what it has erased; the next one tries again."""


class Finishing:
    """Erases and renews for one ingest. anew: the index is built in any case."""

    def __init__(
        self, parts: IngestParts, catalog: Catalog, on_step: Callable[[Step], None], *, anew: bool
    ) -> None:
        self._parts = parts
        self._catalog = catalog
        self._on_step = on_step
        self._anew = anew
        self._reader = Reader(catalog)
        self._publisher = Publisher(catalog, parts.analyse)
        self._erasing = Erasing(catalog)
        self._notes: list[str] = []

    def finish(self, publication: Publication, *, to_sweep: bool) -> list[str]:
        """to_sweep: something may be kept that nothing published shows, whatever was published now.

        Returns notes for the report: what could not be done and is tried at the next ingest.
        """
        changed = to_sweep or publication.is_done
        if changed:
            self._publisher.sweep_orphans(self._parts.embedder_fingerprint, publication.held)
            self._publisher.note({HELD: "yes" if publication.held else "no"})
        ends_purge = not self._erasing.intent.is_cleansed
        erases = self._erases(ends_purge)
        if erases:
            self._erase()
        is_renewed = self._renew_index(changed, erases)
        if erases and ends_purge:
            remove_reports(self._catalog.folder, self._erasing.intent.reports)
            leave_kept_reports(self._catalog.folder, Runs(self._catalog))
        self._empty_log(waits=erases and is_renewed)
        return self._notes

    def _erases(self, ends_purge: bool) -> bool:
        """Whether deleted rows leave the files now: with `keep` only to end a purge that was killed."""
        purges = self._parts.pipeline.settings.on_delete == "purge" or ends_purge
        return self._erasing.is_pending and purges

    def _erase(self) -> None:
        self._on_step(Step("erasing what is not shown any more", 0, 0))
        if self._erasing.has_words_left:  # a purge was killed before it had merged them
            self._erasing.merge_words()
        self._erasing.rewrite()

    def _renew_index(self, published: bool, erases: bool) -> bool:
        """False, and noted, if that was not possible: then what was published stays."""
        try:
            renew_vector_index(
                self._catalog,
                self._publisher,
                self._reader.state("embedder"),
                self._build_index,
                self._parts.check_index,
                published=published,
                anew=self._anew,
                erase=erases,
            )
        except StorageFault as fault:
            self._notes.append(
                f"The vector index could not be renewed; search is exact and slower: {fault.message}"
            )
            return False
        return True

    def _build_index(self, folder: Path, batches: Batches, count: int, dimension: int) -> None:
        self._on_step(Step("building the vector index", 0, 0))
        self._parts.build_index(folder, batches, count, dimension)

    def _empty_log(self, *, waits: bool) -> None:
        """waits: something was erased, so readers are waited for and it is noted as done."""
        try:
            if waits:
                self._erasing.empty_log(READERS_SECONDS)
                self._erasing.done()
            is_empty = self._catalog.empty_log()
        except Busy:
            is_empty = False
        if not is_empty:
            self._notes.append(
                "A reader was busy: erased text leaves the write-ahead log at the next ingest."
            )
