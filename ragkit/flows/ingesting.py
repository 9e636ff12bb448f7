"""Ingesting: read what is new, keep what was made of it, publish, rebuild the vector index.

Whatever happens to the process, the state published last goes on answering, and every document
that was read is kept in the content tables: the next ingest goes on from there.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from ragkit.catalog import (
    Catalog,
    Contents,
    Publisher,
    QuarantineRow,
    Reader,
    Runs,
    StoredContent,
    WriterLock,
)
from ragkit.catalog.scratch import clear_scratch
from ragkit.catalog.store import storage_faults
from ragkit.errors import Interrupted
from ragkit.files import digest_of
from ragkit.flows.before import HELD, PASSWORD, Before
from ragkit.flows.comparing import Comparison, refuse_empty
from ragkit.flows.describing import Describing
from ragkit.flows.finishing import Finishing
from ragkit.flows.ingest_parts import IngestOptions, IngestParts
from ragkit.flows.ingest_report import Done, report_of
from ragkit.flows.owning import require_owner
from ragkit.flows.preparing import Preparation
from ragkit.flows.progressing import Progress
from ragkit.flows.publication import Publication
from ragkit.flows.surveying import SourceFile, Survey, survey
from ragkit.flows.waves import NEVER, PARTS_AHEAD, Waves
from ragkit.protocols import ParseOutcome, ParseRequest
from ragkit.types import NEEDS_OCR, IngestReport, Step

OnStep = Callable[[Step], None]
DEFAULT_OPTIONS = IngestOptions()
LARGE_BYTES = 2_000_000
"""From this size on a file is named while it is cut into chunks, which takes seconds."""


def ingest(
    parts: IngestParts, options: IngestOptions = DEFAULT_OPTIONS, on_step: OnStep | None = None
) -> IngestReport:
    """One run over one pipeline.

    Raises Busy, StorageFault, UsageFault (folder missing or empty), Interrupted.
    """
    store = parts.pipeline.store
    with storage_faults(store), WriterLock(store), Catalog.open_for_writing(store) as catalog:
        require_owner(parts.pipeline, Reader(catalog))
        clear_scratch(store)
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
        self.finishing = Finishing(parts, catalog, on_step, anew=options.rebuild)
        self.closed: list[str] = []  # files that cannot be opened now, whose earlier text answers
        self.reading: dict[str, SourceFile] = {}
        self.digests: dict[str, str] = {}  # of the files that are being read
        self.compared = Comparison(self.before, frozenset(), parts.reader, self.reader)
        self.anew: set[str] = set()  # files that are read though something is kept of them
        self.added: list[str] = []  # digests of files that were not there before
        self.progress = Progress(on_step)
        self.waves = Waves(self.preparation, self.contents, self.publication, self.progress)

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
            self.waves.embed()
        finally:
            self.parts.parsers.close()
            self.preparation.close()
        noted = {} if self._hides(found) else {**self._ocr(), **self._passwords()}
        self.publication.publish({**noted, **self.describing.stamp()})
        self.notes += self.describing.notes()
        self.notes += self.finishing.finish(self.publication, to_sweep=self.to_sweep)
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
        self._describe(found)
        self.counts["unchanged"] = len(found.unchanged)
        self.publication.ready.removed = self.before.gone(found)
        gone = self.publication.ready.removed & self.before.known.keys()
        self.counts["removed"] = len(gone)
        self.publication.gone = {path: self.compared.published_digest(path) for path in gone}
        self.progress.expect(found.files)
        if self.before.remade:
            self._keep_hidden(found)
        return found

    def _describe(self, found: Survey) -> None:
        """Note which documents have other metadata than before; nothing is read again for that."""
        self.describing = Describing(self.parts.pipeline, found, self.reader)
        self.publication.metadata_of = self.describing.of
        changes = self.publication.ready.metadata = self.describing.changes()
        files = {path.partition("::")[0] for path in changes.changed} if changes else set()
        self.counts["metadata_changed"] = len(files)

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
            return digest == digest_of(Path(file.absolute))
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
        self.waves.add(file, reader, content)
        self.progress.finish(file)
        if self.preparation.is_full:
            self.waves.embed(leave=PARTS_AHEAD)

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

    def _report(self) -> IngestReport:
        done = Done(
            counts=self.counts,
            gone=self.publication.gone,
            added=self.added,
            closed=self.closed,
            notes=self.notes,
            held=[row.path for row in self.publication.held if row.parent is None],
            verdict=self.publication.verdict,
            embedded=self.preparation.embedded,
            embedding_seconds=self.preparation.seconds,
            seconds=time.monotonic() - self.started,
        )
        return report_of(self.parts, self.catalog, done)


def _note_failure(run: _Run, number: int) -> None:
    try:
        run.runs.end(number, "failed", dict(run.counts))
    except Exception:  # noqa: BLE001  # the fault that ended the run is the one to report
        return
