"""Ingesting: read what is new, keep what was made of it, publish, rebuild the vector index.

Whatever happens to the process, the state published last goes on answering, and every document
that was read is kept in the content tables: the next ingest goes on from there.
"""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from pathlib import Path

from ragkit.catalog import (
    Catalog,
    Changes,
    Contents,
    DocumentRow,
    Publisher,
    QuarantineRow,
    Reader,
    Runs,
    StoredContent,
    WriterLock,
)
from ragkit.catalog.erasing import Erasing
from ragkit.catalog.store import storage_faults
from ragkit.errors import Busy, Interrupted, StorageFault
from ragkit.flows.before import HELD, PASSWORD, Before
from ragkit.flows.comparing import Comparison, refuse_empty
from ragkit.flows.indexing import Batches, renew_vector_index
from ragkit.flows.ingest_parts import IngestOptions, IngestParts
from ragkit.flows.owning import require_owner
from ragkit.flows.preparing import Preparation
from ragkit.flows.progressing import Progress
from ragkit.flows.publication import Publication
from ragkit.flows.report_files import leave_kept_reports
from ragkit.flows.surveying import SourceFile, Survey, digest_of, survey
from ragkit.isolation import current
from ragkit.protocols import ParseOutcome, ParseRequest
from ragkit.types import NEEDS_OCR, IngestReport, Step

OnStep = Callable[[Step], None]
PARTS_AHEAD = 2
"""Parts of texts that may wait for the embedder while documents are read: enough to keep it busy."""
DEFAULT_OPTIONS = IngestOptions()
LARGE_BYTES = 2_000_000
"""From this size on a file is named while it is cut into chunks, which takes seconds."""
CLOSED_NAMED = 20
READERS_SECONDS = 10.0
"""How long an ingest waits for readers that hold what it has erased; the next one tries again."""
NEVER = -1
"""A time no file has: what bears it is looked at again at the next ingest."""


def ingest(
    parts: IngestParts, options: IngestOptions = DEFAULT_OPTIONS, on_step: OnStep | None = None
) -> IngestReport:
    """One run over one pipeline.

    Raises Busy, StorageFault, UsageFault (folder missing or empty), Interrupted.
    """
    store = parts.pipeline.store
    with storage_faults(store), WriterLock(store), Catalog.open_for_writing(store) as catalog:
        require_owner(parts.pipeline, Reader(catalog))
        run = _Run(parts, options, catalog, on_step or (lambda step: None))
        number = run.begin()
        try:
            report = run.carry_out()
        except KeyboardInterrupt:
            run.runs.end(number, "interrupted", dict(run.counts))
            raise Interrupted(
                f"Interrupted; what was read of {parts.pipeline.name} is kept.",
                hint=f"ragkit ingest {parts.pipeline.name} goes on from there.",
            ) from None
        except Exception:
            _note_failure(run, number)
            raise
        passed = report.gate is None or report.gate.passed
        run.runs.end(number, "done" if passed else "held back", report.figures())
        return report


class _Run:
    """One ingest. Documents go: survey -> read -> chunked -> embedded -> ready -> published.

    Files are read in processes of their own and embedded in a thread of its own; what comes from
    either is written here, in the thread that began the run.
    """

    def __init__(
        self, parts: IngestParts, options: IngestOptions, catalog: Catalog, on_step: OnStep
    ) -> None:
        self.parts = parts
        self.options = options
        self.catalog = catalog
        self.on_step = on_step
        self.number = 0
        self.to_sweep = True  # whether something may be kept that nothing published shows
        self.reader = Reader(catalog)
        self.contents = Contents(catalog)
        self.publisher = Publisher(catalog, parts.analyse)
        self.runs = Runs(catalog)
        self.preparation = Preparation(
            self.contents, parts.chunker, parts.embedder_fingerprint, parts.open_embedder
        )
        self.started = time.monotonic()
        self.counts: Counter[str] = Counter()
        self.notes: list[str] = []
        before = Before.read(self.reader, parts.fingerprints())
        self.before = before.made_anew() if options.rebuild else before
        self.publication = Publication(parts, catalog, self.publisher, self.before, on_step)
        self.closed: list[str] = []  # files that cannot be opened now, whose earlier text answers
        self.chunked = Changes()  # not ready before their vectors are made
        self.embedding: deque[tuple[int, Changes]] = deque()  # waves that are being embedded
        self.reading: dict[str, SourceFile] = {}
        self.digests: dict[str, str] = {}  # of the files that are being read
        self.compared = Comparison(self.before, frozenset(), parts.reader, self.reader)
        self.anew: set[str] = set()  # files that are read though something is kept of them
        self.added: list[str] = []  # digests of files that were not there before
        self.progress = Progress(on_step)

    def begin(self) -> int:
        """Note that the run has begun. Returns its number."""
        latest = self.runs.latest(1)
        was_held = self.reader.state(HELD) == "yes"  # what was kept of that may be gone since
        self.to_sweep = was_held or not latest or latest[0].outcome != "done"
        self.number = self.publication.run = self.runs.begin(os.getpid())
        return self.number

    def carry_out(self) -> IngestReport:
        found = self._sort_out()
        try:
            requests = self._requests(found.files)
            for outcome in self.parts.parsers.parse_all(requests, self._page_read):
                self._take(outcome)
            self._embed()
        finally:
            self.parts.parsers.close()
            self.preparation.close()
        self.publication.publish({} if self._hides(found) else {**self._ocr(), **self._passwords()})
        self._finish()
        return self._report()

    # Sorting out

    def _note_refused(self, found: Survey) -> None:
        for item in found.refused:
            before = self.before.failed.get(item.path)
            if before is None or before.reason != item.reason:
                row = QuarantineRow(item.path, None, "", 0, NEVER, "", item.kind, item.reason)
                self.publication.ready.quarantined.append(row)

    def _sort_out(self) -> Survey:
        """Look at the folders; note what is gone and what cannot be opened."""
        parsers = self.parts.parsers
        anew = self.before.read_anew(
            retry=self.options.retry,
            ocr=parsers.ocr_fingerprint,
            passwords=self.parts.passwords,
            everything=self.options.rebuild,
        )
        self.compared = Comparison(self.before, anew, self.parts.reader, self.reader)
        self.anew = set(anew)
        found = survey(self.parts.pipeline, self.before.settled(self.parts.reader, anew))
        if not self.options.allow_empty:
            refuse_empty(self.parts.pipeline, self.before, found)
        self._note_refused(found)
        self.counts["unchanged"] = len(found.unchanged)
        self.publication.ready.removed = self.before.gone(found)
        gone = self.publication.ready.removed & self.before.known.keys()
        self.counts["removed"] = len(gone)
        self.publication.gone = {path: self.compared.published_digest(path) for path in gone}
        self.progress.expect(found.files)
        if self.before.remade:
            self._keep_hidden(found)
        return found

    def _keep_hidden(self, found: Survey) -> None:
        """Show again, from what is kept, the documents of folders that could not be listed today."""
        for path in self.before.known:
            if not found.knows_absence_of(path):
                self._show_as_before(path)

    def _show_as_before(self, path: str) -> None:
        entry = self.reader.document(path)
        if entry is not None:
            times = (entry.mtime_ns, entry.mtime_ns)
            file = SourceFile(entry.path, "", entry.size, *times, suffix="")
            self._show(file, entry.reader, self.contents.get(entry.content_id))

    def _hides(self, found: Survey) -> bool:
        """Whether a folder that could not be listed holds what today's OCR or passwords concern."""
        concerned = self.before.concerned_by_ocr | self.before.locked
        return any(not found.knows_absence_of(path) for path in concerned)

    def _requests(self, work: list[SourceFile]) -> Iterator[ParseRequest]:
        """Those of the files that have to be parsed; what is kept already is shown without it."""
        for file in work:
            compared = self.compared.of(file)
            if compared.fault is not None:
                self._fail(file, "", *compared.fault)
                continue
            if compared.as_before:
                self._touch(file)
                continue
            digest, reader = compared.digest, self.parts.reader(file.suffix)
            stored = self._kept(file, digest)
            if stored is not None:
                self._show(file, reader, stored)
                continue
            self.counts["files_read"] += 1
            self.counts["bytes_read"] += file.size
            self.reading[file.path] = file
            self.digests[file.path] = digest
            passwords = self.parts.passwords.for_file(file.path)
            yield ParseRequest(file.path, Path(file.absolute), file.suffix, passwords)

    def _touch(self, file: SourceFile) -> None:
        self.publication.ready.touched.append((file.path, file.size, file.stamp_ns))
        self.counts["unchanged"] += 1
        self.progress.finish(file)

    def _kept(self, file: SourceFile, digest: str) -> StoredContent | None:
        """What was made of these bytes before, if it would be made so today."""
        reader = self.parts.reader(file.suffix)
        stored = self.contents.find(digest, reader)
        if stored is not None and self._reads_more_today(file, stored):
            self.anew.add(file.path)
        if file.path not in self.anew:
            return stored
        if self.options.retry or self.options.rebuild:
            return None
        return self.contents.find(digest, self._key(file))  # the gate may have held it back

    def _reads_more_today(self, file: SourceFile, stored: StoredContent) -> bool:
        """Also of what an earlier ingest kept without the OCR, or the password, that is here by now."""
        ocr = self.parts.parsers.ocr_fingerprint
        if self.contents.awaits(stored, NEEDS_OCR) and ocr() not in ("", self.before.ocr):
            return True
        return self.contents.awaits(stored, PASSWORD) and bool(
            self.parts.passwords.for_file(file.path)
        )

    def _key(self, file: SourceFile) -> str:
        """What a content is kept by: what reads the file.

        One that is read once more, beside what was made of it before, has a key that also says why.
        """
        reader = self.parts.reader(file.suffix)
        if file.path not in self.anew:
            return reader
        if self.options.retry or self.options.rebuild:
            return f"{reader} #{self.number}"
        return f"{reader} #{self.parts.parsers.ocr_fingerprint()} {self.parts.passwords.stamp}"

    # Reading

    def _take(self, outcome: ParseOutcome) -> None:
        """Keep what came out of the parser: the document, or why there is none."""
        file = self.reading.pop(outcome.key)
        if outcome.document is None:
            self._fail(file, outcome.sha256, outcome.kind, outcome.reason)
            return
        if not self._is_of(file, outcome.sha256):
            self._fail(file, "", "changed", "it changed while it was read: ingest again")
            return
        reader = self.parts.reader(file.suffix)
        key = self._key(file)
        content_id = self.contents.keep(outcome.sha256, key, outcome.parser, outcome.document)
        self._show(file, reader, self.contents.get(content_id))

    def _is_of(self, file: SourceFile, digest: str) -> bool:
        """Whether a text was made of the file as it is: of nothing else, and not of half a change."""
        if digest == self.digests.pop(file.path):
            return True
        try:
            return digest == digest_of(file.absolute)
        except OSError:
            return False

    def _page_read(self, path: str, page: int, pages: int) -> None:
        """Recognising characters takes a second a page: a long scan is told of page by page."""
        self.on_step(Step(f"OCR of {path}", page, pages))

    def _fail(self, file: SourceFile, digest: str, kind: str, reason: str) -> None:
        self.progress.finish(file)
        if kind == "gone":
            self._note_gone(file.path)
            return
        self.counts["failed"] += 1
        if self._still_answers(file, digest, kind):
            self.closed.append(file.path)
            if self.before.remade:
                self._show_as_before(file.path)
            return
        # Permissions change without changing the file's time.
        stamp = NEVER if kind in ("permission", "changed") else file.stamp_ns
        reader = self.parts.reader(file.suffix)
        row = QuarantineRow(file.path, None, digest, file.size, stamp, reader, kind, reason)
        if not self.before.failed_so(row):
            self.publication.ready.quarantined.append(row)

    def _note_gone(self, path: str) -> None:
        """Deleted since the survey: not a document any more."""
        if path in self.before.known:
            self.counts["removed"] += 1
            self.publication.gone[path] = self.compared.published_digest(path)
        if path in self.before.known or path in self.before.failed:
            self.publication.ready.removed.add(path)

    def _still_answers(self, file: SourceFile, digest: str, kind: str) -> bool:
        """Whether the file is, for all that is known, what it was when it could be opened."""
        stamp = self.before.known.get(file.path)
        if stamp is None:
            return False
        is_same = digest == self.compared.published_digest(file.path)
        return (kind == "permission" and stamp[0] == file.size) or (kind == PASSWORD and is_same)

    def _show(self, file: SourceFile, reader: str, content: StoredContent) -> None:
        """A file with all its attachments is ready once its vectors are made."""
        how = self.compared.how_it_differs(file.path, content.sha256)
        self.counts[how] += 1
        if how == "added":
            self.added.append(content.sha256)
        if file.size > LARGE_BYTES:
            self.on_step(Step(f"cutting up {file.path}", 0, 0))
        self._prepare(file, file.path, None, reader, content, file.size)
        self.progress.finish(file)
        if self.preparation.is_full:
            self._embed(leave=PARTS_AHEAD)

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

    def _embed(self, leave: int = 0) -> None:
        """Hand over what was cut up; wait while more than `leave` parts are being embedded."""
        self.embedding.append((self.preparation.hand_over(), self.chunked))
        self.chunked = Changes()
        for _ in self.preparation.keep_finished(leave):
            self._after_part()
        self._after_part()

    def _after_part(self) -> None:
        """What is embedded is ready; while a large document is at it, the others need not wait."""
        while self.embedding and self.embedding[0][0] <= self.preparation.done:
            _, wave = self.embedding.popleft()
            self.publication.ready.shown += wave.shown
            self.publication.ready.quarantined += wave.quarantined
        self.progress.tell(self.preparation.embedded, self.preparation.handed_over)
        if self.publication.is_due:
            self.publication.publish()

    def _ocr(self) -> dict[str, str]:
        """What read scanned pages, if any could have been read; without OCR the old note stands."""
        if not self.counts["files_read"]:
            return {}
        self.notes += [note for note in self.parts.parsers.ocr_notes() if note not in self.notes]
        fingerprint = self.parts.parsers.ocr_fingerprint()
        return {"ocr": fingerprint} if fingerprint else {}

    def _passwords(self) -> dict[str, str]:
        """Which passwords were tried on all that is locked."""
        stamp = self.parts.passwords.stamp
        return {"passwords": stamp} if stamp else {}

    def _finish(self) -> None:
        """What is published stands; now erase what it no longer shows, and renew the vector index."""
        published, held = self.publication.is_done, self.publication.held
        if self.to_sweep or published:
            self.publisher.sweep_orphans(self.parts.embedder_fingerprint, held)
            self.publisher.note({HELD: "yes" if held else "no"})
        erasing = Erasing(self.catalog)
        purges = self.parts.pipeline.settings.on_delete == "purge" or bool(erasing.intent)
        erases = erasing.is_pending and purges
        if erases:
            self.on_step(Step("erasing what is not shown any more", 0, 0))
            erasing.rewrite()
        is_renewed = self._renew_index(self.to_sweep or published, erases)
        if erases and erasing.intent:
            leave_kept_reports(self.catalog.folder, self.runs)
        self._empty_log(erasing if erases and is_renewed else None)

    def _renew_index(self, published: bool, erases: bool) -> bool:
        """False, and noted, if that was not possible: then what was published stays."""
        try:
            renew_vector_index(
                self.catalog,
                self.publisher,
                self.reader.state("embedder"),
                self._build_index,
                self.parts.check_index,
                published=published,
                anew=self.options.rebuild,
                erase=erases,
            )
        except StorageFault as fault:
            self.notes.append(
                f"The vector index could not be renewed; search is exact and slower: {fault.message}"
            )
            return False
        return True

    def _empty_log(self, erasing: Erasing | None) -> None:
        """erasing: what has erased something, waits for readers and notes that it is done."""
        try:
            if erasing is not None:
                erasing.empty_log(READERS_SECONDS)
                erasing.done()
            is_empty = self.catalog.empty_log()
        except Busy:
            is_empty = False
        if not is_empty:
            self.notes.append(
                "A reader was busy: erased text leaves the write-ahead log at the next ingest."
            )

    def _build_index(self, folder: Path, batches: Batches, count: int, dimension: int) -> None:
        self.on_step(Step("building the vector index", 0, 0))
        self.parts.build_index(folder, batches, count, dimension)

    # Reporting

    def _of_closed(self) -> Iterator[str]:
        if self.closed:
            more = f" and {len(self.closed) - CLOSED_NAMED} more" * (
                len(self.closed) > CLOSED_NAMED
            )
            yield (
                "Cannot be opened now, what was read before goes on answering: "
                f"{', '.join(self.closed[:CLOSED_NAMED])}{more}."
            )

    def _report(self) -> IngestReport:
        totals = self.reader.counts()
        # Files that are gone from one path and stand, with the same bytes, at a new one.
        renamed = sum((Counter(self.publication.gone.values()) & Counter(self.added)).values())
        unreadable = self.reader.unreadable()
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
            bytes_read=self.counts["bytes_read"],
            ocr_pages=self.reader.ocr_pages(),
            embedded=self.preparation.embedded,
            documents=totals["documents"],
            chunks=totals["chunks"],
            unreadable=unreadable,
            new_failures=self.runs.note_failures(unreadable),
            doubtful=self.reader.doubtful_pages(),
            hidden=self.reader.hidden(),
            seconds=time.monotonic() - self.started,
            embedding_seconds=self.preparation.seconds,
            notes=(*self.notes, *self._of_closed()),
            held=tuple(row.path for row in self.publication.held if row.parent is None),
            gate=self.publication.verdict,
            isolation=current().level,
            accepted_weak=self.parts.accepted_weak,
        )


def _note_failure(run: _Run, number: int) -> None:
    try:
        run.runs.end(number, "failed", dict(run.counts))
    except Exception:  # noqa: BLE001  # the fault that ended the run is the one to report
        return
