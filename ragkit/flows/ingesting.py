"""Ingesting: read what is new, keep what was made of it, publish, rebuild the vector index.

Whatever happens to the process, the state published last goes on answering, and every document
that was read is kept in the content tables: the next ingest goes on from there.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ragkit.catalog import (
    Catalog,
    Changes,
    Contents,
    DocumentEntry,
    DocumentRow,
    Publisher,
    QuarantineEntry,
    QuarantineRow,
    Reader,
    StoredContent,
    WriterLock,
)
from ragkit.catalog.contents import ChunkSet, StoredChild, embedded_text, vector_key
from ragkit.catalog.publishing import Analyse
from ragkit.config import Pipeline
from ragkit.errors import Interrupted, UsageFault
from ragkit.flows.indexing import BuildIndex, renew_vector_index
from ragkit.flows.surveying import SourceFile, Survey, digest_of, stable_mtime, survey
from ragkit.protocols import Chunker, Embedder, ParseOutcome, ParseRequest, ParserPool
from ragkit.types import IngestReport, Step

EMBED_AT_ONCE = 256
"""Texts embedded between two commits: a killed ingest loses at most so many vectors."""

OnStep = Callable[[Step], None]


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

    def fingerprints(self) -> dict[str, str]:
        """What the published state is made with; when one of them changes, it is made anew."""
        return {
            "chunker": self.chunker.fingerprint,
            "embedder": self.embedder_fingerprint,
            "analyser": self.analyser_fingerprint,
        }


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """retry: try again what could not be read. allow_empty: a folder without files is meant."""

    retry: bool = False
    allow_empty: bool = False


def ingest(
    parts: IngestParts, options: IngestOptions = IngestOptions(), on_step: OnStep | None = None
) -> IngestReport:
    """One run over one pipeline.

    Raises Busy, StorageFault, UsageFault (folder missing or empty), Interrupted.
    """
    pipeline = parts.pipeline
    with WriterLock(pipeline.store), Catalog.open_for_writing(pipeline.store) as catalog:
        run = _Run(parts, options, catalog, on_step or (lambda step: None))
        number = run.publisher.begin_run(os.getpid())
        try:
            report = run.carry_out()
        except KeyboardInterrupt:
            run.publisher.end_run(number, "interrupted", dict(run.counts))
            raise Interrupted(
                f"Interrupted; what was read of {pipeline.name} is kept.",
                hint=f"ragkit ingest {pipeline.name} goes on from there.",
            ) from None
        except Exception:
            _note_failure(run, number)
            raise
        run.publisher.end_run(number, "done", _figures(report))
        return report


@dataclass(slots=True)
class _Run:
    """The state of one ingest. Documents go: survey -> read -> chunked -> embedded -> ready -> published."""

    parts: IngestParts
    options: IngestOptions
    catalog: Catalog
    on_step: OnStep
    started: float = field(default_factory=time.monotonic)
    published_at: float = field(default_factory=time.monotonic)
    embedder: Embedder | None = None
    counts: Counter[str] = field(default_factory=Counter)
    ready: Changes = field(default_factory=Changes)
    chunked: list[DocumentRow] = field(default_factory=list)
    texts: dict[bytes, str] = field(default_factory=dict)
    known: dict[str, DocumentEntry] = field(default_factory=dict)
    reading: dict[str, tuple[SourceFile, str]] = field(default_factory=dict)
    failed: dict[str, QuarantineEntry] = field(default_factory=dict)
    files: int = 0
    finished: int = 0

    @property
    def publisher(self) -> Publisher:
        return Publisher(self.catalog, self.parts.analyse)

    @property
    def contents(self) -> Contents:
        return Contents(self.catalog)

    @property
    def reader(self) -> Reader:
        return Reader(self.catalog)

    def carry_out(self) -> IngestReport:
        self.known = {entry.path: entry for entry in self.reader.documents()}
        self.failed = {entry.path: entry for entry in self.reader.quarantine()}
        found = survey(self.parts.pipeline.folders, self.parts.pipeline.settings.exclude)
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
        quarantine = {(entry.path, entry.reason) for entry in self.failed.values()}
        for item in found.refused:
            if (item.path, item.reason) not in quarantine:
                row = QuarantineRow(item.path, None, "", 0, -1, "", item.kind, item.reason)
                self.ready.quarantined.append(row)

    def _sort_out(self, found: Survey) -> list[SourceFile]:
        """Files to look into; notes what is gone and counts what is as it was."""
        remade = self._is_remade()
        quarantined = {path: entry for path, entry in self.failed.items() if not entry.parent}
        work = []
        for file in found.files:
            reader = self.parts.parsers.fingerprint(file.suffix)
            entry = self.known.get(file.path) or quarantined.get(file.path)
            same = entry is not None and (entry.size, entry.mtime_ns, entry.reader) == (
                file.size,
                file.mtime_ns,
                reader,
            )
            in_quarantine = file.path in quarantined
            if same and not (self.options.retry if in_quarantine else remade):
                self.counts["unchanged"] += 1
            else:
                work.append(file)
        if remade:
            self._keep_hidden(found)
        seen = {file.path for file in found.files} | {item.path for item in found.refused}
        top = {path for path, entry in self.known.items() if entry.parent is None} | set(
            quarantined
        )
        self.ready.removed = {path for path in top - seen if found.knows_absence_of(path)}
        self.counts["removed"] = len(self.ready.removed & set(self.known))
        return work

    def _keep_hidden(self, found: Survey) -> None:
        """Show again, from what is kept, the documents of folders that could not be listed today."""
        for path, entry in self.known.items():
            if entry.parent is None and not found.knows_absence_of(path):
                file = SourceFile(path, self.parts.pipeline.folders[0], entry.size, entry.mtime_ns)
                self._show(file, entry.reader, self.contents.get(entry.content_id))

    def _requests(self, work: list[SourceFile]) -> Iterator[ParseRequest]:
        """Those of the files that have to be parsed; what is kept already is shown without it."""
        for file in work:
            reader = self.parts.parsers.fingerprint(file.suffix)
            digest = self._known_digest(file, reader)
            if digest is None:
                continue
            stored = self.contents.find(digest, reader)
            if stored is not None:
                self._show(file, reader, stored)
                self._step("reading")
                continue
            self.counts["files_read"] += 1
            self.reading[file.path] = (file, reader)
            yield ParseRequest(file.path, file.absolute, file.suffix)

    def _known_digest(self, file: SourceFile, reader: str) -> str | None:
        """The file's SHA-256; None if there is nothing more to do for it."""
        entry = self.known.get(file.path)
        if entry and (entry.size, entry.mtime_ns) == (file.size, file.mtime_ns):
            return entry.sha256
        try:
            digest = digest_of(file.absolute)
        except OSError as error:
            kind = "gone" if isinstance(error, FileNotFoundError) else "permission"
            self._fail(file, reader, "", kind, f"it cannot be opened: {error.strerror}")
            return None
        if self._is_as_before(file, digest, reader):
            self.ready.touched.append((file.path, file.size, stable_mtime(file)))
            self.counts["unchanged"] += 1
            self.finished += 1
            return None
        return digest

    def _is_as_before(self, file: SourceFile, digest: str, reader: str) -> bool:
        """Whether only the file's time has changed."""
        entry: DocumentEntry | QuarantineEntry | None
        if entry := self.failed.get(file.path):
            again = self.options.retry
        elif entry := self.known.get(file.path):
            again = self._is_remade()
        return entry is not None and (entry.sha256, entry.reader) == (digest, reader) and not again

    def _is_remade(self) -> bool:
        """Whether the published state was made with other settings or versions than today's."""
        made_with = {name: self.reader.state(name) for name in self.parts.fingerprints()}
        return any(made_with.values()) and made_with != self.parts.fingerprints()

    # Reading

    def _take(self, outcome: ParseOutcome) -> None:
        """Keep what came out of the parser: the document, or why there is none."""
        file, reader = self.reading.pop(outcome.key)
        if outcome.document is None:
            self._fail(file, reader, outcome.sha256, outcome.kind, outcome.reason)
            return
        content_id = self.contents.keep(outcome.sha256, reader, outcome.parser, outcome.document)
        self._show(file, reader, self.contents.get(content_id))

    def _fail(self, file: SourceFile, reader: str, digest: str, kind: str, reason: str) -> None:
        self.finished += 1
        self.counts["failed"] += 1
        if kind == "gone":  # deleted since the survey: not a document any more
            self.ready.removed.add(file.path)
            return
        self.ready.quarantined.append(
            QuarantineRow(
                file.path, None, digest, file.size, stable_mtime(file), reader, kind, reason
            )
        )

    def _show(self, file: SourceFile, reader: str, content: StoredContent) -> None:
        self.finished += 1
        self.counts[self._how(file, content)] += 1
        self._chunk(file, file.path, None, reader, content, file.size)

    def _how(self, file: SourceFile, content: StoredContent) -> str:
        entry = self.known.get(file.path)
        if entry is None:
            return "added"
        return "remade" if entry.sha256 == content.sha256 else "changed"

    def _chunk(
        self,
        file: SourceFile,
        path: str,
        parent: str | None,
        reader: str,
        content: StoredContent,
        size: int,
    ) -> None:
        """Cut a document and its attachments; what has no vector yet waits to be embedded."""
        chunk_set = self._chunk_set(content.id)
        self.chunked.append(
            DocumentRow(
                path,
                parent,
                content.sha256,
                size,
                stable_mtime(file),
                reader,
                content.id,
                chunk_set.id,
            )
        )
        for name, child in _named_apart(content.children):
            below = f"{path}::{name}"
            if child.content_id is None:
                self.ready.quarantined.append(
                    QuarantineRow(
                        below, path, child.sha256, child.size, -1, reader, child.kind, child.reason
                    )
                )
                continue
            self._chunk(file, below, path, reader, self.contents.get(child.content_id), child.size)
        if len(self.texts) >= EMBED_AT_ONCE:
            self._embed()
            self._publish_if_due()

    def _chunk_set(self, content_id: int) -> ChunkSet:
        chunker = self.parts.chunker
        document = self.contents.document(content_id)
        chunk_set = self.contents.find_chunk_set(content_id, chunker.fingerprint)
        text = document.text
        if chunk_set is None:
            chunked = chunker.chunk(document)
            texts = [embedded_text(c.header, text[c.start : c.end]) for c in chunked.chunks]
            keys = [vector_key(embedded) for embedded in texts]
            chunk_set = self.contents.keep_chunks(content_id, chunker.fingerprint, chunked, keys)
        missing = self.contents.missing_vectors(self.parts.embedder_fingerprint, chunk_set.keys)
        if missing:
            chunks = self.contents.chunks(chunk_set.id)
            for chunk, key in zip(chunks, chunk_set.keys, strict=True):
                if key in missing:
                    body = text[chunk.start : chunk.end]
                    self.texts[key] = embedded_text(chunk.header, body)
        return chunk_set

    # Embedding and publishing

    def _embed(self) -> None:
        """Embed what waits, in commits of EMBED_AT_ONCE, then the documents cut so far are ready."""
        waiting = list(self.texts.items())
        for at in range(0, len(waiting), EMBED_AT_ONCE):
            part = waiting[at : at + EMBED_AT_ONCE]
            if self.embedder is None:
                self.embedder = self.parts.open_embedder()
            vectors = self.embedder.embed_passages([text for _, text in part])
            self.contents.keep_vectors(
                self.parts.embedder_fingerprint, [key for key, _ in part], vectors
            )
            self.counts["embedded"] += len(part)
            self._step("embedding")
        self.texts.clear()
        self.ready.shown += self.chunked
        self.chunked.clear()

    def _publish_if_due(self) -> None:
        """A long first ingest can be used while it runs; a remade state is shown only when whole."""
        minutes = (time.monotonic() - self.published_at) / 60
        if not self._is_remade() and minutes >= self.parts.pipeline.settings.publish_minutes:
            self._publish()

    def _publish(self) -> None:
        self.on_step(Step("publishing", 0, 0))
        self.publisher.publish(self.ready, fingerprints=self.parts.fingerprints())
        self.ready = Changes()
        self.published_at = time.monotonic()

    def _finish(self) -> None:
        self.publisher.sweep_orphans(self.parts.embedder_fingerprint)
        self.on_step(Step("building the vector index", 0, 0))
        renew_vector_index(
            self.catalog, self.publisher, self.parts.embedder_fingerprint, self.parts.build_index
        )
        self.catalog.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # Reporting

    def _step(self, stage: str) -> None:
        detail = f"{self.counts['embedded']} chunks embedded" if self.counts["embedded"] else ""
        self.on_step(Step(stage, self.finished, self.files, detail))

    def _report(self) -> IngestReport:
        totals = self.reader.counts()
        renamed = self._renamed()
        failures = {entry.path for entry in self.reader.quarantine()} - set(self.failed)
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
            embedded=self.counts["embedded"],
            documents=totals["documents"],
            chunks=totals["chunks"],
            unreadable=self.reader.unreadable(),
            new_failures=tuple(sorted(failures)),
            seconds=time.monotonic() - self.started,
        )

    def _renamed(self) -> int:
        """Files that are gone from one path and stand, with the same bytes, at a new one."""
        now = {entry.path: entry for entry in self.reader.documents() if entry.parent is None}
        before = {path: entry for path, entry in self.known.items() if entry.parent is None}
        gone = Counter(entry.sha256 for path, entry in before.items() if path not in now)
        new = Counter(entry.sha256 for path, entry in now.items() if path not in before)
        return sum((gone & new).values())


def _named_apart(children: tuple[StoredChild, ...]) -> Iterator[tuple[str, StoredChild]]:
    """Attachments with names of their own: a second "scan.pdf" becomes "scan.pdf (2)"."""
    seen: Counter[str] = Counter()
    for child in children:
        seen[child.name] += 1
        count = seen[child.name]
        yield (child.name if count == 1 else f"{child.name} ({count})"), child


def _note_failure(run: _Run, number: int) -> None:
    try:
        run.publisher.end_run(number, "failed", dict(run.counts))
    except Exception:  # noqa: BLE001  # the fault that ended the run is the one to report
        return


def _figures(report: IngestReport) -> dict[str, object]:
    figures = report.as_dict()
    figures["unreadable"] = len(report.unreadable)
    figures["new_failures"] = len(report.new_failures)
    return figures
