"""Summarizing: each document by itself, then all of them together, every sentence with its quote.

Only what is published is looked at, no file is read. A document's summary is kept in the catalog as
soon as it is made, with its content: a run that was killed goes on from there, and an ingest that
erases a document erases its summary with it.

No WriterLock is taken (flows/keeping.py). Documents are read in
snapshots of their own: one for the whole run would keep an ingest from emptying the write-ahead log,
and with it erased text. What an ingest changed meanwhile is told apart at the end, when every quote
is compared with the text as it is published then.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b

from ragkit.catalog import Catalog, Contents, DocumentEntry, Reader, Summaries
from ragkit.catalog.store import storage_faults
from ragkit.errors import Interrupted
from ragkit.flows.abridging import Abridgement, Abridger, Wanted
from ragkit.flows.citing import require_quotes
from ragkit.flows.composing import choose_style
from ragkit.flows.keeping import BatchParts, can_keep, open_to_keep, patiently
from ragkit.flows.material import Material
from ragkit.flows.naming import paths_named
from ragkit.flows.overview import choose_for_folder, folder_summary
from ragkit.types import DocumentSummary, Step, Summary, Unreadable

VERSION = "3"
"""Changes when the same document would get another summary; kept ones are then made anew."""
VANISHED = "changed or removed while it was summarized: summarize again"

OnStep = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class SummaryRequest:
    """documents: names as `paths_named` takes them; none for all of them and the folder.
    style: None for the settings'. words: of each summary, None for what its size asks for.
    focus: the question that the summaries are to answer, or ""."""

    documents: tuple[str, ...] = ()
    style: str | None = None
    words: int | None = None
    focus: str = ""


def summarize(parts: BatchParts, request: SummaryRequest, on_step: OnStep | None = None) -> Summary:
    """Summaries of the documents asked for, in order of path.

    Raises UnknownPipeline for a name that fits no document, UsageFault for an unknown style,
    ModelMissing, Busy, StorageFault, Interrupted; CheckFailed if a quote is not in its document.
    """
    store = parts.pipeline.store
    with storage_faults(store), open_to_keep(parts.pipeline) as catalog:
        run = _Run(parts, request, catalog, on_step or (lambda step: None))
        try:
            return run.carry_out()
        except KeyboardInterrupt:
            raise Interrupted(
                f"Interrupted; the summaries of {parts.pipeline.name} made so far are kept.",
                hint="The same command goes on from there.",
            ) from None


@dataclass(frozen=True, slots=True)
class _Made:
    """A document's summary, and the published document it was made of."""

    entry: DocumentEntry
    abridgement: Abridgement
    reused: bool


class _Run:
    """One run. Documents go: chosen -> found or made and kept -> checked -> shown."""

    def __init__(
        self, parts: BatchParts, request: SummaryRequest, catalog: Catalog, on_step: OnStep
    ) -> None:
        self.parts = parts
        self.request = request
        self.catalog = catalog
        self.on_step = on_step
        self.reader = Reader(catalog)
        self.kept = Summaries(catalog)
        self.started = time.monotonic()
        self.style = choose_style(request.style or parts.style, parts.model_reads)
        self.wanted = Wanted(self.style, request.words, request.focus)
        self.abridger = Abridger(self.wanted, parts.open_embedder, parts.open_generator)
        self.vanished: set[Unreadable] = set()
        self.meant: set[str] = set()
        self.fresh: set[int] = set()

    def carry_out(self) -> Summary:
        with self.catalog.snapshot():
            maker = self._maker()
            published = list(self.reader.documents())
            groups = self._groups_meant(published)
        self.meant = set().union(*groups)
        entries = [entry for entry in published if entry.path in self.meant]
        made = list(self._all_made(entries, maker))
        # Single documents, each asked for by its name, are not told of together.
        together = not self.request.documents or any(len(group) > 1 for group in groups)
        excerpts = list(self._excerpts(made, maker)) if together else None
        with self.catalog.snapshot():
            return self._checked(made, excerpts)

    # Choosing

    def _groups_meant(self, published: Sequence[DocumentEntry]) -> list[set[str]]:
        """The paths that each name stands for; those of files that could not be read are known too."""
        known = {entry.path for entry in published}
        known |= {item.document for item in self.reader.unreadable()}
        if not self.request.documents:
            return [known]
        return [paths_named(name, known) for name in self.request.documents]

    def _maker(self) -> str:
        """What a kept summary was made with: as long as it stays the same, it is used again."""
        model = self.parts.model_digest() if self.style == "compose" else ""
        made_with = [
            self.style,
            model,
            self.request.words,
            self.request.focus,
            self.parts.embedder_fingerprint,
            self.reader.state("chunker"),
        ]
        return f"summary {VERSION} {_digest(json.dumps(made_with))}"

    # Making

    def _all_made(self, entries: Sequence[DocumentEntry], maker: str) -> Iterator[_Made]:
        reused = 0
        for done, entry in enumerate(entries):
            self._step(done, len(entries), reused)
            made = self._found(entry, maker) or self._make(entry, maker, self.abridger.abridge)
            if made is not None:
                reused += made.reused
                yield made
        self._step(len(entries), len(entries), reused)

    def _found(self, entry: DocumentEntry, maker: str) -> _Made | None:
        body = self.kept.find(entry.content_id, maker)
        if body is None:
            return None
        earlier = entry.content_id not in self.fresh  # else it is a copy of a document of this run
        return _Made(entry, Abridgement.from_json(body), reused=earlier)

    def _make(
        self, entry: DocumentEntry, maker: str, abridge: Callable[[Material], Abridgement]
    ) -> _Made | None:
        """None, and noted, if an ingest has erased the document meanwhile."""
        material = self._material(entry)
        if material is not None:
            abridgement = abridge(material)
            if self._keep(entry, maker, abridgement.to_json()):
                self.fresh.add(entry.content_id)
                return _Made(entry, abridgement, reused=False)
        self.vanished.add(Unreadable(entry.path, VANISHED))
        return None

    def _material(self, entry: DocumentEntry) -> Material | None:
        with self.catalog.snapshot():
            if entry.id not in self.reader.documents_by_id([entry.id]):
                return None
            return Material.read(self.catalog, entry)

    def _keep(self, entry: DocumentEntry, maker: str, body: str) -> bool:
        """False if the content is gone. On a read-only disk nothing is kept."""
        if not can_keep(self.parts.pipeline):
            return True
        return patiently(
            lambda: self.kept.keep(entry.content_id, maker, body),
            lambda: self.on_step(Step("waiting for an ingest that publishes", 0, 0)),
        )

    # All documents together

    def _excerpts(self, made: Sequence[_Made], maker: str) -> Iterator[_Made]:
        """What the folder's summary says of each document that it quotes.

        A model is given one document's sentences at a time: it cannot mix up two patients, and what
        it wrote is kept with, and erased with, the document that it speaks of.
        """
        pools = [item.abridgement.pool for item in made]
        for index, chosen in choose_for_folder(pools, self.request.words, self.abridger.focus):
            self.on_step(Step("summarizing the folder", 0, 0))
            entry = made[index].entry
            spans = json.dumps([(item.start, item.end) for item in chosen])
            excerpt_maker = f"{maker} folder {_digest(spans)}"
            found = self._found(entry, excerpt_maker)
            excerpt = found or self._make(
                entry, excerpt_maker, partial(self.abridger.excerpt, chosen=chosen)
            )
            if excerpt is not None:
                yield excerpt

    # Showing

    def _checked(self, made: Sequence[_Made], excerpts: Sequence[_Made] | None) -> Summary:
        """The summary of what is published at this moment, every quote compared with its text."""
        now = {entry.path: entry.content_id for entry in self.reader.documents()}
        standing = [item for item in made if self._stands(item, now)]
        quoted = [item for item in excerpts or () if self._stands(item, now)]
        unreadable = self.reader.unreadable()
        documents = tuple(self._document(item, unreadable) for item in standing)
        model = self.parts.model_name if self.style == "compose" else ""
        folder = None
        if excerpts is not None:
            told = [(item.entry, item.abridgement) for item in quoted]
            folder = folder_summary(documents, told, self.style, model)
        concerned = [item for item in unreadable if item.document in self.meant]
        return Summary(
            pipeline=self.parts.pipeline.name,
            focus=self.request.focus,
            generation=self.reader.generation(),
            folder=folder,
            documents=documents,
            unreadable=tuple(sorted({*concerned, *self.vanished}, key=lambda item: item.document)),
            seconds=time.monotonic() - self.started,
        )

    def _stands(self, made: _Made, now: dict[str, int]) -> bool:
        """Whether the document is still what was summarized. Raises CheckFailed for a false quote."""
        entry = made.entry
        if now.get(entry.path) != entry.content_id:
            self.vanished.add(Unreadable(entry.path, VANISHED))
            return False
        text = Contents(self.catalog).document(entry.content_id).text
        require_quotes(made.abridgement.citations, entry.path, text)
        return True

    def _document(self, made: _Made, unreadable: Sequence[Unreadable]) -> DocumentSummary:
        entry, abridgement = made.entry, made.abridgement
        composed = self.style == "compose"
        return DocumentSummary(
            document=entry.path,
            sha256=entry.sha256,
            title=entry.title,
            kind=entry.kind,
            language=entry.language,
            date=entry.date,
            style=self.style,
            model=self.parts.model_name if composed else "",
            facts=abridgement.facts,
            sentences=abridgement.sentences,
            citations=abridgement.cited_as(entry),
            sections=abridgement.sections,
            covered=abridgement.covered,
            unread=_unread_of(entry.path, unreadable),
            reused=made.reused,
        )

    def _step(self, done: int, total: int, reused: int) -> None:
        made = done - reused
        seconds = time.monotonic() - self.started
        rate = f"{made / seconds:.1f} a second" if made and seconds else ""
        again = f"{reused} as they were kept" if reused else ""
        detail = ", ".join(filter(None, (rate, again)))
        self.on_step(Step("summarizing", done, total, detail))


def _unread_of(path: str, unreadable: Sequence[Unreadable]) -> str:
    """What of a document, its attachments included, could not be read; "" if all could be."""
    reasons = [item.reason for item in unreadable if item.document == path]
    reasons += [
        f"{item.document.removeprefix(f'{path}::')}: {item.reason}"
        for item in unreadable
        if item.document.startswith(f"{path}::")
    ]
    return "; ".join(reasons)


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()
