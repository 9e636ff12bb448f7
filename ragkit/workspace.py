"""The application: what the command, a Python program and later a page all call. It never prints.

What only one kind of work needs is imported where it is done: a question answered by a fresh process
waits for every module of this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from weakref import finalize

from ragkit.build import Builder
from ragkit.catalog import Catalog, Reader, Runs, WriterLock
from ragkit.config import CONFIG_NAME, Config, Pipeline, load_config
from ragkit.errors import IndexMissing, UsageFault
from ragkit.flows.answering import Answering
from ragkit.flows.before import HELD, Before
from ragkit.flows.owning import require_owner
from ragkit.flows.passwords import Passwords
from ragkit.flows.searching import Searching
from ragkit.isolation import current
from ragkit.models import ModelStore, default_models_folder, load_registry
from ragkit.parsers.ocr_helpers import OcrHelpers
from ragkit.types import (
    Answer,
    AnswerSentence,
    IngestPlan,
    IngestReport,
    NightlyReport,
    PipelineStatus,
    RunRecord,
    SearchResult,
    Step,
    Summary,
)

NO_ONE_ASKED: Mapping[str, str] = MappingProxyType({})


class Workspace:
    """A pipelines.yaml and all that can be done with it.

    config: the settings file. models: the folder of models, by default the user's. ocr_helpers:
    processes that read scanned pages, started before the process was sealed; else they are started
    when a scan is met.
    Opened models and indexes are kept until close(); use it in a `with`. Not thread-safe: one
    Workspace for each thread. Call `ragkit.seal()` first to shut the process off the network, as
    the command does.

    Raises ConfigFault with every fault of the file.
    """

    def __init__(
        self,
        config: str | Path = CONFIG_NAME,
        *,
        models: Path | None = None,
        ocr_helpers: OcrHelpers | None = None,
    ) -> None:
        self.config: Config = load_config(Path(config))
        self.models = ModelStore(models or default_models_folder(), load_registry())
        self._builder = Builder(self.models, ocr_helpers or OcrHelpers())
        self._searching: dict[str, Searching] = {}
        self._answering: dict[str, Answering] = {}
        # Also runs when the interpreter ends: native threads of an open model must not outlive it.
        self._finalizer = finalize(self, _close, self._searching, self._answering, self._builder)

    @property
    def pipelines(self) -> tuple[str, ...]:
        """The names of the pipelines, in the file's order."""
        return tuple(self.config.pipelines)

    def ingest(
        self,
        pipeline: str,
        *,
        retry: bool = False,
        allow_empty: bool = False,
        rebuild: bool = False,
        passwords: Mapping[str, str] = NO_ONE_ASKED,
        on_step: Callable[[Step], None] | None = None,
    ) -> IngestReport:
        """Read what is new or changed in the pipeline's folders and publish it.

        retry: try again what could not be read, though it has not changed. allow_empty: folders
        without a file are meant. rebuild: read every file again, beside the state that answers.
        passwords: by path, of documents that need one, beside those of the pipeline's file; not kept.
        on_step: told how far it has come, in this thread.
        Raises UnknownPipeline, ModelMissing, Busy, StorageFault, UsageFault, Interrupted.
        """
        chosen = self.config.pipeline(pipeline)
        if WriterLock.is_held(chosen.store):
            with WriterLock(chosen.store):  # raises Busy, before seconds go into getting ready
                pass
        from ragkit.flows.ingest_parts import IngestOptions
        from ragkit.flows.ingesting import ingest

        known = _passwords(chosen).and_asked(passwords) if passwords else _passwords(chosen)
        parts = self._builder.ingest_parts(chosen, on_step, known)
        options = IngestOptions(retry=retry, allow_empty=allow_empty, rebuild=rebuild)
        return ingest(parts, options, on_step)

    def nightly(
        self, pipeline: str, *, on_step: Callable[[Step], None] | None = None
    ) -> NightlyReport:
        """Ingest, and leave a report of everything since the report before.

        It is kept in the catalog and left in `<store>/runs/`. What goes wrong is the report's
        `error` and not raised. Raises UnknownPipeline, Interrupted.
        """
        from ragkit.flows.nightly import nightly

        chosen = self.config.pipeline(pipeline)
        return nightly(chosen, lambda: self.ingest(pipeline, on_step=on_step))

    def nightly_report(self, pipeline: str, run: int = 0) -> NightlyReport:
        """The nightly report of a run, or the latest one, be it that of a night that failed.

        Raises UnknownPipeline, UsageFault if there is none.
        """
        from ragkit.flows.report_files import read_latest_report

        chosen = self.config.pipeline(pipeline)
        kept = _kept_report(chosen, run)
        left = None if run else read_latest_report(chosen.store)
        found = [report for report in (kept, left) if report is not None]
        if not found:
            which = f"of run {run}" if run else "yet"
            raise UsageFault(
                f"There is no nightly report {which} for {pipeline}.",
                hint=f"ragkit nightly {pipeline} writes one.",
            )
        return max(found, key=lambda report: report.finished)

    def plan(self, pipeline: str) -> IngestPlan:
        """What an ingest would look into, and about how long it would take.

        Told from sizes, times and the figures of earlier runs; nothing is read or written.
        """
        from ragkit.flows.estimating import estimate
        from ragkit.flows.planning import plan

        chosen = self.config.pipeline(pipeline)
        try:
            with _published(chosen) as catalog:
                before = Before.read(Reader(catalog), {})
        except IndexMissing:
            before = Before.nothing()
        parsers = self._builder.parsers(chosen)
        planned = plan(
            chosen, before, parsers.fingerprint, parsers.ocr_fingerprint, _passwords(chosen)
        )
        done = [run.figures for run in self.runs(pipeline) if run.outcome == "done"]
        rate = self._builder.texts_per_second(chosen)
        workers = chosen.settings.parsing.workers
        return replace(planned, time=estimate(planned.kinds, done, rate, workers))

    def search(self, pipeline: str, question: str, *, k: int = 8) -> SearchResult:
        """The k passages that fit the question best.

        Raises UnknownPipeline, IndexMissing, ModelMissing, UsageFault for an empty question.
        """
        return self._searcher(pipeline).search(_asked(question), k)

    def ask(
        self,
        pipeline: str,
        question: str,
        *,
        style: str | None = None,
        on_sentence: Callable[[AnswerSentence], None] | None = None,
    ) -> Answer:
        """An answer with its quotes, or the outcome that the documents do not hold one.

        style: "quote", "compose" or "auto"; None takes the settings'. on_sentence: given each
        sentence as soon as it is checked, while the rest is still being written.
        Raises UnknownPipeline, IndexMissing, ModelMissing, UsageFault.
        """
        if pipeline not in self._answering:
            chosen = self.config.pipeline(pipeline)
            searching = self._searcher(pipeline)
            self._answering[pipeline] = self._builder.answering(chosen, searching)
        return self._answering[pipeline].answer(
            _asked(question), style=style, on_sentence=on_sentence
        )

    def summarize(
        self,
        pipeline: str,
        documents: Iterable[str] = (),
        *,
        style: str | None = None,
        words: int | None = None,
        focus: str = "",
        on_step: Callable[[Step], None] | None = None,
    ) -> Summary:
        """A summary of each document, and of all of them together, every sentence with its quote.

        documents: paths, folders or patterns; none for all. style: as for `ask`. words: how long each
        summary is, None for what its document's size asks for. focus: a question they are to answer.
        What was made before is used again. Raises UnknownPipeline for a name that fits no document,
        IndexMissing, ModelMissing, UsageFault, Busy, Interrupted.
        """
        from ragkit.flows.summarizing import SummaryRequest, summarize

        chosen = self.config.pipeline(pipeline)
        _require_index(chosen)
        request = SummaryRequest(tuple(documents), style, words, " ".join(focus.split()))
        return summarize(self._builder.summary_parts(chosen, on_step), request, on_step)

    def status(self, pipeline: str | None = None) -> list[PipelineStatus]:
        """The state of one pipeline, or of all."""
        chosen = [self.config.pipeline(pipeline)] if pipeline else self.config.pipelines.values()
        return [_status(each) for each in chosen]

    def runs(self, pipeline: str, limit: int = 20) -> list[RunRecord]:
        """The latest ingests, newest first; none before the first. One whose process died is "killed"."""
        store = self.config.pipeline(pipeline).store
        try:
            with _published(self.config.pipeline(pipeline)) as catalog:
                runs = Runs(catalog).latest(limit)
        except IndexMissing:
            return []
        if WriterLock.is_held(store):
            return runs
        return [replace(run, outcome="killed") if run.outcome == "running" else run for run in runs]

    def close(self) -> None:
        """Free models and indexes."""
        self._finalizer()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _searcher(self, pipeline: str) -> Searching:
        if pipeline not in self._searching:
            chosen = self.config.pipeline(pipeline)
            _require_index(chosen)
            self._searching[pipeline] = self._builder.searching(chosen)
        return self._searching[pipeline]


def _close(
    searching: dict[str, Searching], answering: dict[str, Answering], builder: Builder
) -> None:
    for opened in searching.values():
        opened.close()
    searching.clear()
    answering.clear()
    builder.close()


def _passwords(pipeline: Pipeline) -> Passwords:
    """Raises UsageFault if others may read their file, ConfigFault with its faults."""
    path = pipeline.passwords_file
    return Passwords.none() if path is None else Passwords.load(path)


def _asked(question: str) -> str:
    text = " ".join(question.split())
    if not text:
        raise UsageFault("The question is empty.")
    return text


def _require_index(pipeline: Pipeline) -> None:
    """Said before a model is loaded: a missing index is the likelier reason, and the cheaper one."""
    if not _generation(pipeline):
        raise IndexMissing(
            f"Nothing is indexed yet for {pipeline.name}.", hint=f"ragkit ingest {pipeline.name}"
        )


@contextmanager
def _published(pipeline: Pipeline) -> Iterator[Catalog]:
    """The published state of a pipeline. Raises IndexMissing, UsageFault if it is another's."""
    with Catalog.open_for_reading(pipeline.store) as catalog, catalog.snapshot():
        require_owner(pipeline, Reader(catalog))
        yield catalog


def _kept_report(pipeline: Pipeline, run: int) -> NightlyReport | None:
    try:
        with _published(pipeline) as catalog:
            data = Runs(catalog).report(run)
    except IndexMissing:
        return None
    return NightlyReport.from_dict(data) if data is not None else None


def _generation(pipeline: Pipeline) -> int:
    try:
        with _published(pipeline) as catalog:
            return Reader(catalog).generation()
    except IndexMissing:
        return 0


def _status(pipeline: Pipeline) -> PipelineStatus:
    settings = pipeline.settings
    nothing = PipelineStatus(
        pipeline=pipeline.name,
        description=settings.description,
        folders=tuple(str(folder) for folder in pipeline.folders),
        documents=0,
        chunks=0,
        generation=0,
        published="",
        quarantined=0,
        embedder=settings.embedder.model,
        generator=settings.generator.model,
        isolation=current().description,
    )
    try:
        with _published(pipeline) as catalog:
            reader = Reader(catalog)
            counts = reader.counts()
            return replace(
                nothing,
                documents=counts["documents"],
                chunks=counts["chunks"],
                quarantined=counts["quarantined"],
                generation=reader.generation(),
                published=reader.state("published"),
                unreadable=reader.unreadable(),
                held_back=reader.state(HELD) == "yes",
            )
    except IndexMissing:
        return nothing
