"""Summarizing: each document by itself, then all of them together, every sentence with its quote.

Only what is published is looked at, no file is read. A document's summary is kept in the catalog as
soon as it is made, with its content: a run that was killed goes on from there, and an ingest that
erases a document erases its summary with it.

No WriterLock is taken (flows/keeping.py). Documents are read in snapshots of their own: one for the whole
run would keep an ingest from emptying the write-ahead log, and with it erased text. What an ingest changed
meanwhile is told apart at the end, when every quote is compared with the text as it is published then.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import blake2b

from ragkit.catalog import Catalog, Contents, DocumentEntry, Reader
from ragkit.catalog.store import storage_faults
from ragkit.errors import Busy, Interrupted
from ragkit.flows.abridgement import NOTHING, Abridgement
from ragkit.flows.abridging import POOL_WORDS, Wanted
from ragkit.flows.abridging_kept import AbridgementsOfRun, Made, Task
from ragkit.flows.citing import require_quotes
from ragkit.flows.composing import choose_style, trust_in
from ragkit.flows.fielding import require_values
from ragkit.flows.keeping import BatchParts, can_keep, open_to_keep
from ragkit.flows.naming import paths_named
from ragkit.flows.overview import choose_for_folder, folder_summary
from ragkit.flows.summaries_kept import KeptSummaries, Telling
from ragkit.flows.summary_pace import Pace, expected, kind_of, measure_of, note_pace
from ragkit.summaries.selection import DocumentSentences
from ragkit.types import DocumentSummary, Step, Summary, Unreadable
from ragkit.types.summaries import SummaryPlan

VERSION = "7"
"""Changes when the same document would get another summary; kept ones are then made anew."""
VANISHED = "changed or removed while it was summarized: summarize again"

MANY_DOCUMENTS = 1_000
"""From so many on each brings fewer sentences to choose the folder's summary from: what is held for that
does not grow any more."""
LEAST_POOL_WORDS = 15

OnStep = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class SummaryRequest:
    """documents: names as `paths_named` takes them; none for all of them and the folder.
    style: None for the settings'. words: of each summary, None for what its size asks for.
    focus: the question that the summaries are to answer, or "". language: ISO 639-1, of what is said
    of the documents; "" for their own. Quotes stay as they are."""

    documents: tuple[str, ...] = ()
    style: str | None = None
    words: int | None = None
    focus: str = ""
    language: str = ""


def summarize(
    parts: BatchParts,
    request: SummaryRequest,
    on_step: OnStep | None = None,
    *,
    is_held: bool = True,
) -> Summary:
    """Summaries of the documents asked for, in order of path.

    is_held: False for very many, which are read from the catalog again each time that they are gone
    through (`KeptSummaries`).
    Raises UnknownPipeline for a name that fits no document, UsageFault for an unknown style,
    ModelMissing, Busy, StorageFault, Interrupted; CheckFailed if a quote is not in its document.
    """
    store = parts.pipeline.store
    with storage_faults(store), open_to_keep(parts.pipeline) as catalog:
        run = _Run(parts, request, catalog, on_step or (lambda step: None))
        try:
            return run.carry_out(is_held=is_held)
        except KeyboardInterrupt:
            raise Interrupted(
                f"Interrupted; the summaries of {parts.pipeline.name} made so far are kept.",
                hint="The same command goes on from there.",
            ) from None


def plan_summary(
    parts: BatchParts, request: SummaryRequest, on_step: OnStep | None = None
) -> SummaryPlan:
    """What `summarize` would do, and about how long it would take. Keeps and shows nothing.

    Raises as it does.
    """
    with storage_faults(parts.pipeline.store), open_to_keep(parts.pipeline) as catalog:
        try:
            return _Run(parts, request, catalog, on_step or (lambda step: None)).plan()
        except KeyboardInterrupt:
            raise Interrupted("Interrupted; nothing was summarized.") from None


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
        self.started = time.monotonic()
        self.style = choose_style(request.style or parts.style, parts.model_reads)
        templates = tuple(parts.templates())
        trust = trust_in(self.style == "compose" and parts.model_reads())
        self.wanted = Wanted(self.style, request.words, request.focus, templates, trust)
        self.abridgements = AbridgementsOfRun(
            parts, self.wanted, catalog, self._note_vanished, self.on_step
        )
        self.vanished: set[Unreadable] = set()
        self.meant: set[str] = set()

    def carry_out(self, *, is_held: bool) -> Summary:
        groups, maker, tasks = self._chosen()
        begun = time.monotonic()
        made = self.abridgements.make_all(tasks, "summarizing")
        self._note_pace(made, tasks, time.monotonic() - begun)
        # Single documents, each asked for by its name, are not told of together.
        together = not self.request.documents or any(len(group) > 1 for group in groups)
        excerpts = self._excerpts(made, maker) if together else None
        with self.catalog.snapshot():
            return self._checked(made, excerpts, is_held=is_held)

    def plan(self) -> SummaryPlan:
        _, _, tasks = self._chosen()
        missing = self.abridgements.missing(tasks)
        self.on_step(Step("estimating", 0, 0))
        found = expected(self.catalog, self._kind, self.abridgements.abridger, missing)
        return SummaryPlan(
            pipeline=self.parts.pipeline.name,
            documents=len(tasks),
            reused=len(tasks) - len(missing),
            unreadable=sum(item.document in self.meant for item in self.reader.unreadable()),
            style=self.style,
            seconds=found.seconds if found else None,
            basis=found.basis if found else "",
            measured_on=found.documents if found else 0,
        )

    # How long it takes

    @cached_property
    def _kind(self) -> str:
        composing = self.style == "compose"
        model = f"{self.parts.model_digest()} {self.wanted.trust}" if composing else ""
        words = str(self.request.words or "")
        return kind_of(self.style, model, words, self.parts.embedder_fingerprint)

    def _note_pace(self, made: Sequence[Made], tasks: Sequence[Task], seconds: float) -> None:
        """For the next time that somebody asks beforehand; not worth waiting for an ingest."""
        fresh = {item.entry.id for item in made if not item.reused}
        size = measure_of([task for task in tasks if task.entry.id in fresh], self.reader)
        if can_keep(self.parts.pipeline):
            with suppress(Busy):
                note_pace(self.catalog, self._kind, Pace(seconds, size, len(fresh)))

    # Choosing

    def _chosen(self) -> tuple[list[set[str]], str, list[Task]]:
        """The paths that each name stands for, what the summaries are kept under, and what to make."""
        with self.catalog.snapshot():
            maker = self._maker()
            published = list(self.reader.documents())
            groups = self._groups_meant(published)
        self.meant = set().union(*groups)
        entries = [entry for entry in published if entry.path in self.meant]
        choose = self.abridgements.abridger.choose
        return groups, maker, [Task(entry, maker, choose) for entry in entries]

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
            [template.digest for template in self.wanted.templates],
        ]
        return f"summary {VERSION} {_digest(json.dumps(made_with))}"

    # All documents together

    def _excerpts(self, made: Sequence[Made], maker: str) -> list[Made]:
        """What the folder's summary says of each document that it quotes.

        A model is given one document's sentences at a time: it cannot mix up two patients, and what
        it wrote is kept with, and erased with, the document that it speaks of.
        """
        abridger = self.abridgements.abridger
        pools = [self._pool(item, len(made)) for item in made]
        tasks = []
        for index, chosen in choose_for_folder(pools, self.request.words, abridger.focus):
            spans = json.dumps([(item.start, item.end) for item in chosen])
            excerpt_maker = f"{maker} folder {_digest(spans)}"
            choose = partial(abridger.choose_excerpt, chosen=chosen)
            tasks.append(Task(made[index].entry, excerpt_maker, choose))
        return self.abridgements.make_all(tasks, "summarizing the folder")

    def _pool(self, made: Made, documents: int) -> DocumentSentences:
        """What a document has to say for the folder; of one among very many, less."""
        abridgement = self.abridgements.read(made)
        if abridgement is None:
            return NOTHING
        words = POOL_WORDS * MANY_DOCUMENTS // max(documents, 1)
        if words >= POOL_WORDS:
            return abridgement.pool
        return self.abridgements.abridger.shrunk(abridgement.pool, max(words, LEAST_POOL_WORDS))

    # Showing

    def _checked(
        self, made: Sequence[Made], excerpts: Sequence[Made] | None, *, is_held: bool
    ) -> Summary:
        """The summary of what is published at this moment, every quote compared with its text."""
        now = {entry.path: entry.content_id for entry in self.reader.documents()}
        unreadable = self.reader.unreadable()
        model = self.parts.model_name if self.style == "compose" else ""
        language, templates = self.request.language, self.wanted.templates
        telling = Telling(self.style, model, language, templates, unreadable)
        standing = self._standing(made, now)
        documents: Sequence[DocumentSummary]
        if is_held:
            documents = tuple(telling.document(self.reader, *each) for each in standing)
        else:
            documents = KeptSummaries(self.catalog.folder, [item for item, _ in standing], telling)
        folder = None
        if excerpts is not None:
            told = [(item.entry, said) for item, said in self._standing(excerpts, now)]
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
            said_in=self.request.language,
        )

    def _standing(
        self, made: Iterable[Made], now: Mapping[str, int]
    ) -> Iterator[tuple[Made, Abridgement]]:
        """Those whose document still is what was summarized. Raises CheckFailed for a false quote."""
        for item in made:
            entry, abridgement = item.entry, self.abridgements.read(item)
            if abridgement is None or now.get(entry.path) != entry.content_id:
                self._note_vanished(entry)
                continue
            text = Contents(self.catalog).document(entry.content_id).text
            require_quotes(abridgement.citations, entry.path, text)
            require_values(abridgement.fields, abridgement.citations, entry.path)
            yield item, abridgement

    def _note_vanished(self, entry: DocumentEntry) -> None:
        self.vanished.add(Unreadable(entry.path, VANISHED, "changed"))


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()
