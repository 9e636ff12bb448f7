"""Purging: some documents and everything derived from them leave every byte below the data folder.

One transaction takes them out of what readers see and out of every table, and notes, by digests,
that a purge has begun. What follows brings the deleted rows out of the files: full-text segments
merged, the catalog written anew, reports written anew, the vector index built from the vectors that
stay, the write-ahead log emptied. Killed anywhere, the next purge or ingest goes on. In the end a
byte scan that knows nothing of all this decides whether the certificate says "clean".
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import Catalog, NightLock, Publisher, Reader, Runs, WriterLock
from ragkit.catalog.erasing import Erasing
from ragkit.catalog.intent import Digests, Intent, name_digest
from ragkit.catalog.publishing import Analyse
from ragkit.catalog.scratch import no_scratch
from ragkit.catalog.store import now, storage_faults
from ragkit.catalog.tracing import Traces
from ragkit.config import Pipeline
from ragkit.errors import StorageFault, UsageFault
from ragkit.flows.certifying import (
    NOT_REACHED,
    also_indexed,
    below,
    differences,
    exports,
    figures,
    holdings,
    undeclared,
    versions,
)
from ragkit.flows.indexing import BuildIndex, CheckIndex, blank_index, renew_vector_index
from ragkit.flows.owning import require_owner
from ragkit.flows.purge_choice import Chosen, choose, known_paths
from ragkit.flows.report_files import (
    leave_kept_reports,
    remove_reports,
    reports_folder,
    reports_naming,
)
from ragkit.flows.scanning import Scanning, found_again
from ragkit.metadata.sidecars import sidecars_of
from ragkit.types import Step
from ragkit.types.erasure import Certificate, ErasedDocument, Scan

OnStep = Callable[[Step], None]
OnCertificate = Callable[[Certificate], None]
TokenIds = Callable[[str], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class PurgeParts:
    """What a purge works with. token_ids: of the embedder's tokenizer, None without its model.
    caches: other folders of ragkit's that are scanned too. others: the settings file's other pipelines,
    which are asked for nothing but whether they have the same bytes."""

    pipeline: Pipeline
    analyse: Analyse
    build_index: BuildIndex
    check_index: CheckIndex
    token_ids: TokenIds | None = None
    caches: tuple[Path, ...] = ()
    others: tuple[Pipeline, ...] = ()


def purge(
    parts: PurgeParts,
    documents: Sequence[str],
    *,
    still_there: bool = False,
    on_step: OnStep | None = None,
    on_certificate: OnCertificate | None = None,
) -> Certificate:
    """Erase documents: paths, folders, patterns; an attachment goes with the whole file it came in.

    still_there: also those whose file still lies in the folder, where the next ingest reads it again.
    on_certificate: keeps the certificate; while it has not returned, or if it raises, the same purge
    may be asked for once more and certifies then.
    Raises UsageFault without any document or if a file still lies there, UnknownPipeline, IndexMissing,
    Busy if somebody writes, a reader does not let go or a comparison runs, StorageFault.
    """
    if not documents:
        raise UsageFault("Which documents?", hint=f"ragkit purge {parts.pipeline.name} DOCUMENT")
    store = parts.pipeline.store
    Catalog.open_for_reading(store).close()  # raises IndexMissing: nothing is made for a purge
    with (
        storage_faults(store),
        NightLock(store),
        WriterLock(store),
        no_scratch(store),
        Catalog.open_for_writing(store) as catalog,
    ):
        require_owner(parts.pipeline, Reader(catalog))
        keep = on_certificate or (lambda certificate: None)
        return _Purge(parts, catalog, on_step or (lambda step: None)).carry_out(
            documents, still_there, keep
        )


class _Purge:
    """One purge: chosen -> traced -> taken out -> cleansed -> scanned."""

    def __init__(self, parts: PurgeParts, catalog: Catalog, on_step: OnStep) -> None:
        self.parts = parts
        self.catalog = catalog
        self.on_step = on_step
        self.reader = Reader(catalog)
        self.runs = Runs(catalog)
        self.publisher = Publisher(catalog, parts.analyse)
        self.erasing = Erasing(catalog)
        self.scanning = Scanning(parts.pipeline, parts.token_ids)
        self.seconds: dict[str, float] = {}
        self.also_erased = 0
        # Of files and attachments, former states too, for what they were exported to.
        self.digests: set[str] = set()
        self.staying: set[str] = set()
        self.found_before: Digests = {}

    def carry_out(
        self, documents: Sequence[str], still_there: bool, keep: OnCertificate
    ) -> Certificate:
        pending = self.erasing.intent
        chosen = choose(self.parts.pipeline, self.catalog, pending, documents, still_there)
        before = figures(self.catalog, self.reader)
        self.erasing.require_no_reader()
        with self._timed("noting what must not be found"):
            erased, intent = self._trace(chosen, pending)
        if chosen.files:
            with self._timed("taking out"):
                self.publisher.erase(chosen.files, intent)
        with _still_open(self.catalog.folder):
            self._cleanse()
        certificate = self._certificate(chosen, erased, before)
        self._note_scan(certificate)
        keep(certificate)
        if certificate.scan.is_clean:  # what could not be looked for now cannot be later either
            self.erasing.certified({document.path_sha256 for document in erased})
            self.catalog.empty_log()
        return certificate

    # Tracing

    def _trace(self, chosen: Chosen, pending: Intent) -> tuple[tuple[ErasedDocument, ...], Intent]:
        """Needles of what goes; the documents by digest, those of an interrupted purge too."""
        blank = blank_index(self.catalog, self.parts.build_index)
        with self.catalog.snapshot():
            failed = {entry.path: (entry.sha256,) for entry in self.reader.quarantine()}
            known = known_paths(self.catalog)
            attached = {path for path in known if path.partition("::")[0] in chosen.files}
            attached |= known.intersection(sidecars_of(chosen.files))
            traces = Traces(self.catalog, chosen.files)
            try:
                shared = traces.digests()
                every = {**failed, **traces.all_digests()}
                earlier = traces.earlier_digests()
                self.staying = traces.staying_digests()
                self.also_erased = traces.unpublished()
                going = {*chosen.files, *chosen.names, *attached}
                self.scanning.note(traces, going, known - attached, blank)
            finally:
                traces.forget()
        digests = {path: every.get(path, ("",)) for path in sorted(chosen.files)}
        former = {path: earlier.get(path, set()) - {*found} for path, found in digests.items()}
        documents = [
            ErasedDocument(
                found[0],
                name_digest(path),
                shared.get(path, ("", False))[1],
                path in every,
                tuple(sorted(former[path])),
            )
            for path, found in digests.items()
        ]
        documents += self._resumed(chosen, pending, {each.path_sha256 for each in documents})
        intent = Intent(
            {name_digest(path): (*found, *former[path]) for path, found in digests.items()},
            chosen.given,
            tuple(reports_naming(self.catalog.folder, chosen.files)),
        )
        self.digests = {one for found in intent.documents.values() for one in found}
        self.digests |= {one for path in chosen.resumed for one in pending.documents[path]}
        self.digests.discard("")
        self.found_before = pending.found if chosen.resumed else {}
        return tuple(documents), intent

    def _resumed(
        self, chosen: Chosen, pending: Intent, again: set[str]
    ) -> Iterator[ErasedDocument]:
        """again: those that are taken once more, since an ingest has read them meanwhile."""
        staying = {entry.sha256 for entry in self.reader.documents()}
        for path in sorted(chosen.resumed - again):
            digest = pending.documents[path][0]
            yield ErasedDocument(digest, path, digest in staying, path in pending.sought)

    # Cleansing

    def _cleanse(self) -> None:
        """Each step may be done again: nothing is noted as done before the last."""
        with self._timed("merging the full-text index"):
            self.erasing.merge_words()
        with self._timed("writing the catalog anew"):
            self.erasing.rewrite()
        with self._timed("building the vector index"):
            renew_vector_index(
                self.catalog,
                self.publisher,
                self.reader.state("embedder"),
                self.parts.build_index,
                self.parts.check_index,
                published=True,
                erase=True,
            )
        if reports_folder(self.catalog.folder).is_dir():
            with self._timed("writing the reports anew"):
                remove_reports(self.catalog.folder, self.erasing.intent.reports)
                leave_kept_reports(self.catalog.folder, self.runs)
        with self._timed("emptying the log"):
            self.erasing.empty_log()
            self.erasing.done()
            self.erasing.empty_log()

    # The certificate

    def _scan(self) -> Scan:
        scan = self.scanning.scan(self.catalog, self.parts.caches, self.on_step)
        left = self.erasing.words_left(self.scanning.terms)
        if left:
            scan = replace(scan, findings=(*scan.findings, self.scanning.terms_left(left)))
        found = tuple(found_again(scan, self.found_before))
        return replace(scan, findings=(*scan.findings, *found))

    def _note_scan(self, certificate: Certificate) -> None:
        """For the same purge, asked for again: it has no text left to look for."""
        found = {each.path for each in certificate.scan.findings}
        digests = {file.path: (file.sha256,) for file in certificate.scan.files}
        sought = [each.path_sha256 for each in certificate.documents if each.is_text_sought]
        if certificate.scan.is_clean:
            self.erasing.scanned({}, sought)
        else:
            self.erasing.scanned({path: digests.get(path, ()) for path in found}, ())
        self.catalog.empty_log()

    def _certificate(
        self, chosen: Chosen, documents: tuple[ErasedDocument, ...], before: dict[str, int]
    ) -> Certificate:
        store, scan = self.catalog.folder, self._scan()
        after = figures(self.catalog, self.reader)
        erased = tuple(differences(before, after))
        return Certificate(
            pipeline=self.parts.pipeline.name,
            finished=now(),
            versions=versions(),
            generation_before=before["generation"],
            generation_after=after["generation"],
            documents=documents,
            erased=erased,
            also_erased=self.also_erased,
            holdings=tuple(holdings(erased, below(store, scan.files))),
            undeclared=tuple(undeclared(store, scan.files)),
            scan=scan,
            exports=exports(self.parts.pipeline, self.digests, self.staying),
            not_reached=NOT_REACHED,
            resumed=bool(chosen.resumed),
            still_there=bool(chosen.lying),
            steps={name: round(seconds, 3) for name, seconds in self.seconds.items()},
            elsewhere=tuple(also_indexed(self.parts.others, self.digests)),
        )

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        self.on_step(Step(step, 0, 0))
        started = time.perf_counter()
        yield
        self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - started


@contextmanager
def _still_open(store: Path) -> Iterator[None]:
    """Says of a fault on the way how far the purge has come, and how it is ended."""
    try:
        with storage_faults(store):
            yield
    except StorageFault as fault:
        free = shutil.disk_usage(store).free / 1e6
        raise StorageFault(
            f"{fault.message.rstrip('.')}. The documents are out of the index, but not yet out of every "
            f"file: there is no certificate. {free:.1f} MB are free on the disk of {store}.",
            hint="Free some space if that is little, then run the same purge again: it goes on.",
        ) from fault
