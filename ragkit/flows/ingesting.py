"""Ingesting: read what is new, keep what was made of it, publish, rebuild the vector index.

Whatever happens to the process, the state published last goes on answering, and every document
that was read is kept in the content tables: the next ingest goes on from there.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ragkit.catalog import (
    Catalog,
    Changes,
    Contents,
    DocumentRow,
    Publisher,
    QuarantineRow,
    Reader,
    StoredContent,
    WriterLock,
)
from ragkit.catalog.publishing import Analyse
from ragkit.catalog.store import storage_faults
from ragkit.config import Pipeline
from ragkit.errors import Interrupted, StorageFault, UsageFault
from ragkit.flows.before import Before
from ragkit.flows.indexing import Batches, BuildIndex, CheckIndex, renew_vector_index
from ragkit.flows.owning import owner_of, require_owner
from ragkit.flows.preparing import Preparation
from ragkit.flows.surveying import SourceFile, Survey, digest_of, survey
from ragkit.protocols import Chunker, Embedder, ParseOutcome, ParseRequest, ParserPool
from ragkit.types import IngestReport, Step

OnStep = Callable[[Step], None]
LARGE_BYTES = 2_000_000
"""From this size on a file is named while it is cut into chunks, which takes seconds."""
NEVER = -1
"""A time no file has: what bears it is looked at again at the next ingest."""


@dataclass(frozen=True, slots=True)
class IngestParts:
    """What an ingest works with. The embedder is opened only if there is something to embed."""

    pipeline: Pipeline
    parsers: ParserPool
    chunker: Chunker
    embedder_fingerprint: str
    open_embedder: Callable[[], Embedder]
    analyse: Analyse
    analyser_fingerprint: str
    build_index: BuildIndex
    check_index: CheckIndex

    def fingerprints(self) -> dict[str, str]:
        """What the published state is made with; when one of them changes, it is made anew."""
        return {
            "chunker": self.chunker.fingerprint,
            "embedder": self.embedder_fingerprint,
            "analyser": self.analyser_fingerprint,
        }

    def reader(self, file: SourceFile) -> str:
        """What reads a file. The suffix counts: the same bytes are read otherwise as .md than as .txt."""
        return f"{file.suffix} {self.parsers.fingerprint(file.suffix)}".strip()


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """retry: read again what could not be read, wholly or in part. allow_empty: no files is meant."""

    retry: bool = False
    allow_empty: bool = False


def ingest(
    parts: IngestParts, options: IngestOptions = IngestOptions(), on_step: OnStep | None = None
) -> IngestReport:
    """One run over one pipeline.

    Raises Busy, StorageFault, UsageFault (folder missing or empty), Interrupted.
    """
    store = parts.pipeline.store
    with storage_faults(store), WriterLock(store), Catalog.open_for_writing(store) as catalog:
        require_owner(parts.pipeline, Reader(catalog))
        run = _Run(parts, options, catalog, on_step or (lambda step: None))
        number = run.publisher.begin_run(os.getpid())
        run.number = number
        try:
            report = run.carry_out()
        except KeyboardInterrupt:
            run.publisher.end_run(number, "interrupted", dict(run.counts))
            raise Interrupted(
                f"Interrupted; what was read of {parts.pipeline.name} is kept.",
                hint=f"ragkit ingest {parts.pipeline.name} goes on from there.",
            ) from None
        except Exception:
            _note_failure(run, number)
            raise
        run.publisher.end_run(number, "done", report.figures())
        return report


class _Run:
    """One ingest. Documents go: survey -> read -> chunked -> embedded -> ready -> published."""

    def __init__(
        self, parts: IngestParts, options: IngestOptions, catalog: Catalog, on_step: OnStep
    ) -> None:
        self.parts = parts
        self.options = options
        self.catalog = catalog
        self.on_step = on_step
        self.number = 0
        self.reader = Reader(catalog)
        self.contents = Contents(catalog)
        self.publisher = Publisher(catalog, parts.analyse)
        self.preparation = Preparation(
            self.contents, parts.chunker, parts.embedder_fingerprint, parts.open_embedder
        )
        self.started = self.published_at = time.monotonic()
        self.counts: Counter[str] = Counter()
        self.notes: list[str] = []
        self.before = Before.read(self.reader, parts.fingerprints())
        self.ready = Changes()
        self.chunked = Changes()  # not ready before their vectors are made
        self.reading: dict[str, SourceFile] = {}
        self.files = 0
        self.finished = 0

    def carry_out(self) -> IngestReport:
        found = survey(self.parts.pipeline)
        self._refuse_empty(found)
        self._note_refused(found)
        work = self._sort_out(found)
        self.files = len(work)
        try:
            for outcome in self.parts.parsers.parse_all(self._requests(work)):
                self._take(outcome)
                self._step("reading")
        finally:
            self.parts.parsers.close()
        self._embed()
        self._publish()
        self._finish()
        return self._report()

    # Sorting out

    def _refuse_empty(self, found: Survey) -> None:
        if found.files or self.options.allow_empty:
            return
        folders = ", ".join(map(str, self.parts.pipeline.folders))
        raise UsageFault(
            f"There are no documents in {folders}; nothing was changed.",
            hint="Put some there, or check the folder; if all were deleted on purpose: --allow-empty",
        )

    def _note_refused(self, found: Survey) -> None:
        for item in found.refused:
            before = self.before.failed.get(item.path)
            if before is None or before.reason != item.reason:
                row = QuarantineRow(item.path, None, "", 0, NEVER, "", item.kind, item.reason)
                self.ready.quarantined.append(row)

    def _sort_out(self, found: Survey) -> list[SourceFile]:
        """Files to look into; notes what is gone and counts what is as it was."""
        work = []
        for file in found.files:
            entry = self.before.entry(file.path)
            stamp = (file.size, file.mtime_ns, self.parts.reader(file))
            same = entry is not None and (entry.size, entry.mtime_ns, entry.reader) == stamp
            if same and not self._again(file.path):
                self.counts["unchanged"] += 1
            else:
                work.append(file)
        if self.before.remade:
            self._keep_hidden(found)
        seen = {file.path for file in found.files} | {item.path for item in found.refused}
        gone = self.before.top_level() - seen
        self.ready.removed = {path for path in gone if found.knows_absence_of(path)}
        self.counts["removed"] = len(self.ready.removed & set(self.before.known))
        return work

    def _again(self, path: str) -> bool:
        """Whether a file that has not changed is looked into all the same."""
        if path in self.before.failed:
            return self.options.retry
        return self.before.remade or self._is_retried(path)

    def _is_retried(self, path: str) -> bool:
        return self.options.retry and path in self.before.partly_failed

    def _keep_hidden(self, found: Survey) -> None:
        """Show again, from what is kept, the documents of folders that could not be listed today."""
        for path, entry in self.before.known.items():
            if entry.parent is None and not found.knows_absence_of(path):
                folder = self.parts.pipeline.folders[0]
                file = SourceFile(path, folder, entry.size, entry.mtime_ns, entry.mtime_ns)
                self._show(file, entry.reader, self.contents.get(entry.content_id))

    def _requests(self, work: list[SourceFile]) -> Iterator[ParseRequest]:
        """Those of the files that have to be parsed; what is kept already is shown without it."""
        for file in work:
            digest = self._known_digest(file)
            if digest is None:
                continue
            reader = self.parts.reader(file)
            stored = self.contents.find(digest, reader)
            if stored is not None and not self._is_retried(file.path):
                self._show(file, reader, stored)
                self._step("reading")
                continue
            self.counts["files_read"] += 1
            self.reading[file.path] = file
            yield ParseRequest(file.path, file.absolute, file.suffix)

    def _known_digest(self, file: SourceFile) -> str | None:
        """The file's SHA-256; None if there is nothing more to do for it."""
        entry = self.before.known.get(file.path)
        if entry and (entry.size, entry.mtime_ns) == (file.size, file.mtime_ns):
            return entry.sha256
        try:
            digest = digest_of(file.absolute)
        except FileNotFoundError:
            self._fail(file, "", "gone", "it is gone")
            return None
        except OSError as error:
            self._fail(file, "", "permission", f"it cannot be opened: {error.strerror}")
            return None
        if self._is_as_before(file, digest):
            self.ready.touched.append((file.path, file.size, file.stamp_ns))
            self.counts["unchanged"] += 1
            self.finished += 1
            return None
        return digest

    def _is_as_before(self, file: SourceFile, digest: str) -> bool:
        """Whether only the file's time has changed."""
        entry = self.before.entry(file.path)
        same = entry and (entry.sha256, entry.reader) == (digest, self.parts.reader(file))
        return bool(same) and not self._again(file.path)

    # Reading

    def _take(self, outcome: ParseOutcome) -> None:
        """Keep what came out of the parser: the document, or why there is none."""
        file = self.reading.pop(outcome.key)
        if outcome.document is None:
            self._fail(file, outcome.sha256, outcome.kind, outcome.reason)
            return
        reader = self.parts.reader(file)
        # A file that is read once more beside what was made of it before gets a key of its own.
        key = f"{reader} #{self.number}" if self._is_retried(file.path) else reader
        content_id = self.contents.keep(outcome.sha256, key, outcome.parser, outcome.document)
        self._show(file, reader, self.contents.get(content_id))

    def _fail(self, file: SourceFile, digest: str, kind: str, reason: str) -> None:
        self.finished += 1
        self.counts["failed"] += 1
        if kind == "gone":  # deleted since the survey: not a document any more
            self.ready.removed.add(file.path)
            return
        # Permissions change without changing the file's time.
        stamp = NEVER if kind == "permission" else file.stamp_ns
        reader = self.parts.reader(file)
        row = QuarantineRow(file.path, None, digest, file.size, stamp, reader, kind, reason)
        self.ready.quarantined.append(row)

    def _show(self, file: SourceFile, reader: str, content: StoredContent) -> None:
        """A file with all its attachments is ready once its vectors are made."""
        self.finished += 1
        self.counts[self.before.how_it_differs(file.path, content.sha256)] += 1
        if file.size > LARGE_BYTES:
            self.on_step(Step(f"cutting up {file.path}", 0, 0))
        self._prepare(file, file.path, None, reader, content, file.size)
        if self.preparation.is_full:
            self._embed()
            self._publish_if_due()

    def _prepare(
        self,
        file: SourceFile,
        path: str,
        parent: str | None,
        reader: str,
        content: StoredContent,
        size: int,
    ) -> None:
        chunk_set = self.preparation.add(content.id)
        self.chunked.shown.append(
            DocumentRow(
                path=path,
                parent=parent,
                sha256=content.sha256,
                size=size,
                mtime_ns=file.stamp_ns,
                reader=reader,
                content_id=content.id,
                chunk_set_id=chunk_set.id,
            )
        )
        for child in content.children:
            below = f"{path}::{child.name}"
            if child.content_id is None:
                self.chunked.quarantined.append(
                    QuarantineRow(
                        below,
                        path,
                        child.sha256,
                        child.size,
                        NEVER,
                        reader,
                        child.kind,
                        child.reason,
                    )
                )
            else:
                inner = self.contents.get(child.content_id)
                self._prepare(file, below, path, reader, inner, child.size)

    # Embedding and publishing

    def _embed(self) -> None:
        self.preparation.embed(self._after_batch)
        self.ready.shown += self.chunked.shown
        self.ready.quarantined += self.chunked.quarantined
        self.chunked = Changes()

    def _after_batch(self) -> None:
        """While a large document is embedded, those that are ready need not wait for it."""
        self._step("embedding")
        self._publish_if_due()

    def _publish_if_due(self) -> None:
        """A long first ingest can be used while it runs; a remade state is shown only when whole."""
        minutes = (time.monotonic() - self.published_at) / 60
        due = minutes >= self.parts.pipeline.settings.publish_minutes
        if due and self.ready and not self.before.remade:
            self._publish()

    def _publish(self) -> None:
        if self.ready:
            self.on_step(Step("publishing", 0, 0))
        self.publisher.publish(
            self.ready,
            fingerprints=self.parts.fingerprints(),
            owner=owner_of(self.parts.pipeline),
        )
        self.ready = Changes()
        self.published_at = time.monotonic()

    def _finish(self) -> None:
        """What is published stands; now erase what it no longer shows, and renew the vector index."""
        self.publisher.sweep_orphans(self.parts.embedder_fingerprint)
        try:
            renew_vector_index(
                self.catalog,
                self.publisher,
                self.parts.embedder_fingerprint,
                self._build_index,
                self.parts.check_index,
            )
        except StorageFault as fault:
            self.notes.append(
                f"The vector index could not be renewed; search is exact and slower: {fault.message}"
            )
        if not self.catalog.empty_log():
            self.notes.append(
                "A reader was busy: erased text leaves the write-ahead log at the next ingest."
            )

    def _build_index(self, folder: Path, batches: Batches, count: int, dimension: int) -> None:
        self.on_step(Step("building the vector index", 0, 0))
        self.parts.build_index(folder, batches, count, dimension)

    # Reporting

    def _step(self, stage: str) -> None:
        done = self.preparation.embedded
        detail = f"{done} chunks embedded" if done else ""
        self.on_step(Step(stage, self.finished, self.files, detail))

    def _report(self) -> IngestReport:
        totals = self.reader.counts()
        renamed = self.before.renamed(self.reader)
        failures = {entry.path for entry in self.reader.quarantine()} - set(self.before.failed)
        return IngestReport(
            pipeline=self.parts.pipeline.name,
            generation=self.reader.generation(),
            added=self.counts["added"] - renamed,
            changed=self.counts["changed"],
            remade=self.counts["remade"],
            renamed=renamed,
            removed=self.counts["removed"] - renamed,
            unchanged=self.counts["unchanged"],
            files_read=self.counts["files_read"],
            embedded=self.preparation.embedded,
            documents=totals["documents"],
            chunks=totals["chunks"],
            unreadable=self.reader.unreadable(),
            new_failures=tuple(sorted(failures)),
            seconds=time.monotonic() - self.started,
            notes=tuple(self.notes),
        )


def _note_failure(run: _Run, number: int) -> None:
    try:
        run.publisher.end_run(number, "failed", dict(run.counts))
    except Exception:  # noqa: BLE001  # the fault that ended the run is the one to report
        return
