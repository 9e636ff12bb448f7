"""The application: what the command, a Python program and later a page all call. It never prints.

What only one kind of work needs is imported where it is done: a question answered by a fresh process
waits for every module of this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType, TracebackType
from weakref import finalize

from ragkit.build import Builder
from ragkit.catalog import Reader, WriterLock
from ragkit.config import CONFIG_NAME, Config, Pipeline, load_config
from ragkit.errors import IndexMissing, UsageFault
from ragkit.flows.answering import Answering
from ragkit.flows.before import Before
from ragkit.flows.noting import Noting
from ragkit.flows.owning import require_own_store
from ragkit.flows.passwords import Passwords
from ragkit.flows.searching import Searching
from ragkit.flows.shown import gone_since_the_report
from ragkit.flows.stating import nightly_report, published, require_index, runs_of, status_of
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
from ragkit.types.erasure import Certificate
from ragkit.types.evaluation import Comparison, Evaluation
from ragkit.types.ledger import LedgerVerdict, LedgerView
from ragkit.types.scope import Scope
from ragkit.types.tuning import MarkedQuestion, TuningReport

NO_ONE_ASKED: Mapping[str, str] = MappingProxyType({})


class Workspace:
    """A pipelines.yaml and all that can be done with it. Internal: it runs in a sealed process.

    The command seals itself and then opens one; a Python program opens `ragkit.Workspace`, which has
    the same methods and opens one of these in a sealed process of its own.

    config: the settings file. models: the folder of models, by default the user's. ocr_helpers:
    processes that read scanned pages, started before the process was sealed; else they are started
    when a scan is met. accepted_weak: the user goes on though nothing in the kernel keeps the process
    off the network; it stands in every entry of the ledger.
    Opened models and indexes are kept until close(); use it in a `with`. Not thread-safe: one
    Workspace for each thread.

    Raises ConfigFault with every fault of the file.
    """

    def __init__(
        self,
        config: str | Path = CONFIG_NAME,
        *,
        models: Path | None = None,
        ocr_helpers: OcrHelpers | None = None,
        accepted_weak: bool = False,
    ) -> None:
        self.config: Config = load_config(Path(config))
        self.models = ModelStore(models or default_models_folder(), load_registry())
        self._builder = Builder(self.models, ocr_helpers or OcrHelpers(), accepted_weak)
        self._accepted_weak = accepted_weak
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
        chosen = self._pipeline(pipeline)
        noting = self._noting(chosen)
        noting.require_possible_and_own()
        with noting.if_it_fails("ingest"):
            report = self._ingest(
                chosen, retry, allow_empty, rebuild, passwords=passwords, on_step=on_step
            )
        noting.ingest(report)
        noting.remember()
        return report

    def _ingest(
        self,
        chosen: Pipeline,
        retry: bool = False,
        allow_empty: bool = False,
        rebuild: bool = False,
        *,
        passwords: Mapping[str, str] = NO_ONE_ASKED,
        on_step: Callable[[Step], None] | None = None,
    ) -> IngestReport:
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
        `error` and not raised. Raises UnknownPipeline, Interrupted, StorageFault if a report that
        names documents cannot be noted in the ledger.
        """
        from ragkit.flows.nightly import nightly

        chosen = self._pipeline(pipeline)
        noting = self._noting(chosen)

        gone: dict[str, set[str]] = {}

        def ingested() -> IngestReport:
            noting.require_possible_and_own()
            try:
                return self._ingest(chosen, on_step=on_step)
            finally:
                gone.update(gone_since_the_report(chosen))

        report = nightly(chosen, ingested)
        noting.nightly(report, gone)
        noting.remember()
        return report

    def nightly_report(self, pipeline: str, run: int = 0, *, exported: str = "") -> NightlyReport:
        """The nightly report of a run, or the latest one, be it that of a night that failed.

        exported: for the ledger, the absolute path of the file that it is written to.
        Raises UnknownPipeline, UsageFault if there is none, StorageFault and CheckFailed if it cannot
        be noted in the ledger.
        """
        chosen = self._pipeline(pipeline)
        report, noting = nightly_report(chosen, run), self._noting(chosen)
        noting.require_possible()
        noting.report(report, exported=exported)
        return report

    def plan(self, pipeline: str) -> IngestPlan:
        """What an ingest would look into, and about how long it would take.

        Told from sizes, times and the figures of earlier runs; nothing is read or written.
        """
        from ragkit.flows.estimating import timed
        from ragkit.flows.planning import plan

        chosen = self._pipeline(pipeline)
        try:
            with published(chosen) as catalog:
                before = Before.read(Reader(catalog), {})
        except IndexMissing:
            before = Before.nothing()
        parsers = self._builder.parsers(chosen)
        planned = plan(
            chosen, before, parsers.fingerprint, parsers.ocr_fingerprint, _passwords(chosen)
        )
        rate = self._builder.texts_per_second(chosen)
        return timed(planned, self.runs(pipeline), rate, chosen.settings.parsing.workers)

    def search(
        self,
        pipeline: str,
        question: str,
        *,
        k: int = 8,
        scope: Scope | None = None,
        explain: bool = False,
        with_pipelines: tuple[str, ...] = (),
        exported: str = "",
    ) -> SearchResult:
        """The k passages that fit the question best.

        scope: which documents may be found; None for all. explain: with `explanation`, which says why
        each passage is where it is. with_pipelines, exported: for the ledger alone, the other
        pipelines that are asked the same, and the absolute path of the file that the result is
        written to.
        Raises UnknownPipeline, IndexMissing, ModelMissing, UsageFault for an empty question or a k
        that is not 1 to 1000, NothingInScope if no document fits the scope, StorageFault and
        CheckFailed if it cannot be noted in the ledger.
        """
        chosen, asked = self._pipeline(pipeline), _asked(question)
        if not 1 <= k <= 1000:
            raise UsageFault(f"k is {k}, and must be 1 to 1000 passages.")
        noting = self._noting_questions(chosen)
        result = self._searcher(chosen).search(asked, k, scope=scope, explain=explain)
        noting.search(result, asked=asked, with_pipelines=with_pipelines, exported=exported)
        return result

    def ask(
        self,
        pipeline: str,
        question: str,
        *,
        style: str | None = None,
        scope: Scope | None = None,
        explain: bool = False,
        on_sentence: Callable[[AnswerSentence], None] | None = None,
        with_pipelines: tuple[str, ...] = (),
        exported: str = "",
    ) -> Answer:
        """An answer with its quotes, or the outcome that the documents do not hold one.

        style: "quote", "compose" or "auto"; None takes the settings'. on_sentence: given each
        sentence as soon as it is checked, while the rest is still being written.
        scope, explain, with_pipelines, exported: as for `search`.
        Raises UnknownPipeline, IndexMissing, ModelMissing, UsageFault, NothingInScope, StorageFault
        and CheckFailed if it cannot be noted in the ledger.
        """
        chosen, asked = self._pipeline(pipeline), _asked(question)
        noting = self._noting_questions(chosen)
        on_evidence = None
        if on_sentence is not None:
            on_evidence = partial(
                noting.begun, asked=asked, with_pipelines=with_pipelines, scope=scope
            )
        with noting.if_it_fails("ask", question=asked, with_pipelines=with_pipelines):
            answer = self._answerer(chosen).answer(
                asked,
                style=style,
                scope=scope,
                explain=explain,
                on_sentence=on_sentence,
                on_evidence=on_evidence,
            )
        model = self._generator_digest(chosen) if answer.model else ""
        noting.answer(
            answer, asked=asked, model=model, with_pipelines=with_pipelines, exported=exported
        )
        return answer

    def summarize(
        self,
        pipeline: str,
        documents: Iterable[str] = (),
        *,
        style: str | None = None,
        words: int | None = None,
        focus: str = "",
        on_step: Callable[[Step], None] | None = None,
        exported: str = "",
    ) -> Summary:
        """A summary of each document, and of all of them together, every sentence with its quote.

        documents: paths, folders or patterns; none for all. style: as for `ask`. words: how long each
        summary is, None for what its document's size asks for. focus: a question they are to answer.
        exported: for the ledger, the absolute path of the folder that they are written to.
        What was made before is used again. Raises UnknownPipeline for a name that fits no document,
        IndexMissing, ModelMissing, UsageFault, Busy, Interrupted, StorageFault and CheckFailed if it
        cannot be noted in the ledger.
        """
        from ragkit.flows.summarizing import SummaryRequest, summarize

        chosen = self._pipeline(pipeline)
        noting = self._noting_questions(chosen)
        request = SummaryRequest(tuple(documents), style, words, _legible(" ".join(focus.split())))
        summary = summarize(self._builder.summary_parts(chosen, on_step), request, on_step)
        models = [document.model for document in summary.documents]
        models += [summary.folder.model] if summary.folder is not None else []
        model = self._generator_digest(chosen) if any(models) else ""
        noting.summary(summary, focus=request.focus, model=model, exported=exported)
        return summary

    def evaluate(
        self,
        pipeline: str,
        questions: Path | None = None,
        *,
        limit: int = 0,
        mini: bool = False,
        seed: int = 0,
        by: str = "category",
        show_text: bool = False,
        evidence_tokens: int = 0,
        on_step: Callable[[Step], None] | None = None,
        with_pipelines: tuple[str, ...] = (),
        exported: str = "",
    ) -> Evaluation:
        """How well the pipeline finds what its owner's gold questions ask for.

        questions: their file; None for the questions.yaml beside its folder, else its gate's file.
        limit: ask a sample of so many, drawn by `seed`; 0 asks all. mini: only those marked so. by:
        what figures are grouped by, "category" or "document". show_text: let words of the documents
        be part of it. evidence_tokens: how much an answer is made from; 0 for what the settings say.
        with_pipelines, exported: as for `search`.
        Raises UnknownPipeline, IndexMissing, ModelMissing, ConfigFault with every fault of the file,
        UsageFault, Interrupted, StorageFault and CheckFailed if it cannot be noted in the ledger.
        """
        from ragkit.flows.evaluating import evaluate, gold_file
        from ragkit.flows.marking import EvaluationRequest

        chosen = self._pipeline(pipeline)
        request = EvaluationRequest(
            gold_file(chosen, questions), limit, mini, seed, by, show_text, evidence_tokens
        )
        noting = self._noting_questions(chosen)
        with noting.if_it_fails("eval", with_pipelines=with_pipelines):
            tokens = self._builder.token_counter(chosen)
            evaluation = evaluate(self._searcher(chosen), chosen, tokens, request, on_step)
        noting.evaluation(evaluation, with_pipelines=with_pipelines, exported=exported)
        return evaluation

    def compare(self, now: Evaluation, before: Evaluation) -> Comparison:
        """What is better and worse now, question by question.

        Raises UsageFault if the two have no question in common.
        """
        from ragkit.evaluation.comparing import compare

        return compare(now, before)

    def mark(
        self,
        pipeline: str,
        question: str,
        *,
        right: Iterable[str] = (),
        wrong: Iterable[str] = (),
    ) -> MarkedQuestion:
        """Mark passages as right or wrong for a question, for `tune` to learn from.

        right, wrong: the number of a passage as `search` shows it now, or DOCUMENT:START-END. What is
        marked again has the later verdict. Returns the question with all its marks.
        Raises UnknownPipeline also for a document that is not there, IndexMissing, ModelMissing,
        UsageFault for a mark that means nothing, Busy, StorageFault and CheckFailed if it cannot be
        noted in the ledger.
        """
        from ragkit.flows import feedback

        chosen, asked = self._pipeline(pipeline), _asked(question)
        marks = feedback.Marks(tuple(right), tuple(wrong))
        noting = self._noting_questions(chosen)
        found = None
        if marks.highest_rank:
            found = self._searcher(chosen).search(asked, marks.highest_rank)

        def note(marked: feedback.Marked) -> None:
            noting.note(
                "feedback",
                "marked",
                generation=marked.generation,
                documents=marked.sha256,
                question=asked,
            )

        return feedback.mark(chosen, asked, marks, found, note).question

    def marked(self, pipeline: str) -> tuple[MarkedQuestion, ...]:
        """All marked questions. Raises UnknownPipeline, IndexMissing, and as `mark` for the ledger."""
        from ragkit.flows import feedback

        chosen = self._pipeline(pipeline)
        noting = self._noting_questions(chosen)
        questions, generation = feedback.marked(chosen)
        noting.note("feedback", "listed", generation=generation)
        return questions

    def unmark(self, pipeline: str, number: int) -> None:
        """Forget a marked question by its number, with its marks; what was learned of it stays.

        Raises UnknownPipeline, UsageFault if there is none, Busy, and as `mark` for the ledger.
        """
        from ragkit.flows import feedback

        chosen = self._pipeline(pipeline)
        noting = self._noting_questions(chosen)
        feedback.unmark(
            chosen,
            number,
            lambda generation: noting.note("feedback", "removed", generation=generation),
        )

    def tune(
        self,
        pipeline: str,
        questions: Path | None = None,
        *,
        on_step: Callable[[Step], None] | None = None,
    ) -> TuningReport:
        """Learn from what is marked and from gold questions, and use it if it helps on other documents.

        questions: a file of gold questions as `evaluate` takes; None for the marks alone. The index is
        not touched. Raises UnknownPipeline, IndexMissing, ModelMissing, ConfigFault with every fault
        of the file, Busy, Interrupted, and as `mark` for the ledger.
        """
        from ragkit.flows.tuning import tune
        from ragkit.gold import read_gold

        chosen = self._pipeline(pipeline)
        gold = read_gold(questions) if questions is not None else ()
        noting = self._noting_questions(chosen)
        with noting.if_it_fails("tune"):
            return tune(
                chosen, self._searcher(chosen), gold, on_step or (lambda step: None), noting.tuning
            )

    def undo_tuning(self, pipeline: str) -> TuningReport:
        """Go back to what was learned before, or to nothing. Raises as `tune`, without questions."""
        from ragkit.flows.tuning import undo

        chosen = self._pipeline(pipeline)
        return undo(chosen, self._noting_questions(chosen).undoing)

    def purge(
        self,
        pipeline: str,
        documents: Iterable[str],
        *,
        still_there: bool = False,
        on_step: Callable[[Step], None] | None = None,
        on_certificate: Callable[[Certificate], None] | None = None,
    ) -> Certificate:
        """Erase documents, and all that was made of them, from every byte of the store.

        documents: paths, folders or patterns; an attachment goes with the whole file it came in.
        still_there: also those whose file still lies in the folder; the next ingest reads it again.
        on_certificate: keeps the certificate before the purge counts as certified: if that, or noting
        it, fails, the same purge can be asked for again and only its certificate is made.
        The certificate says whether anything was found afterwards; nothing is raised for it. Raises
        UnknownPipeline for a name that fits no document, UsageFault, IndexMissing, Busy, StorageFault.
        """
        from ragkit.flows.purging import purge

        chosen = self._pipeline(pipeline)
        noting = self._noting(chosen)
        noting.require_possible_and_own()
        others = tuple(each for each in self.config.pipelines.values() if each is not chosen)

        def keep(certificate: Certificate) -> None:
            noting.purge(certificate)
            if on_certificate is not None:
                on_certificate(certificate)

        with noting.if_it_fails("purge"):
            certificate = purge(
                replace(self._builder.purge_parts(chosen), others=others),
                tuple(documents),
                still_there=still_there,
                on_step=on_step,
                on_certificate=keep,
            )
        noting.remember()
        return certificate

    def status(self, pipeline: str | None = None) -> list[PipelineStatus]:
        """The state of one pipeline, or of all."""
        names = (pipeline,) if pipeline else self.pipelines
        chosen = [self._pipeline(name) for name in names]
        return [status_of(pipeline, self._builder.trained(pipeline)) for pipeline in chosen]

    def runs(self, pipeline: str, limit: int = 20) -> list[RunRecord]:
        """The latest ingests, newest first; none before the first. One whose process died is "killed"."""
        return runs_of(self._pipeline(pipeline), limit)

    def ledger(
        self,
        pipeline: str,
        *,
        since: str = "",
        user: str = "",
        document: str = "",
        question: str = "",
        newest: int = 0,
    ) -> LedgerView:
        """The ledger's entries, oldest first. Looking at it is not noted: no document is shown.

        since: a date or time (ISO 8601, UTC where no zone is given). document: a present path, or
        the first 8 digits of a SHA-256 or more. question: asked in these words. newest: at most so
        many, 0 for all. Raises UnknownPipeline, UsageFault, StorageFault.
        """
        from ragkit.flows.auditing import LedgerQuery, view

        asked = _legible(question)
        return view(self._pipeline(pipeline), LedgerQuery(since, user, document, asked, newest))

    def verify_ledger(self, pipeline: str, *, head: str = "") -> LedgerVerdict:
        """Whether the ledger is as it was written; head: a hash noted earlier that must be in it."""
        from ragkit.flows.auditing import verify

        return verify(self._pipeline(pipeline), head)

    def begin_ledger(self, pipeline: str) -> LedgerVerdict:
        """A new ledger where the old one is gone or was moved away; its first entry says so.

        Raises UnknownPipeline, UsageFault if none was lost or its files are still there, Busy,
        StorageFault.
        """
        from ragkit.flows.auditing import verify

        chosen = self._pipeline(pipeline)
        self._noting(chosen).begin_anew()
        return verify(chosen, "")

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

    def _pipeline(self, name: str) -> Pipeline:
        """Raises UnknownPipeline, UsageFault if its store is that of another too."""
        chosen = self.config.pipeline(name)
        require_own_store(chosen, self.config.pipelines.values())
        return chosen

    def _noting(self, chosen: Pipeline) -> Noting:
        return Noting(chosen, self._accepted_weak)

    def _noting_questions(self, chosen: Pipeline) -> Noting:
        """Before a model is loaded: an answer of minutes that cannot be noted could not be shown."""
        require_index(chosen)
        noting = self._noting(chosen)
        noting.require_possible()
        return noting

    def _generator_digest(self, chosen: Pipeline) -> str:
        return self.models.resolve(chosen.settings.generator.model, role="generator").digest

    def _searcher(self, chosen: Pipeline) -> Searching:
        if chosen.name not in self._searching:
            self._searching[chosen.name] = self._builder.searching(chosen)
        return self._searching[chosen.name]

    def _answerer(self, chosen: Pipeline) -> Answering:
        if chosen.name not in self._answering:
            opened = self._builder.answering(chosen, self._searcher(chosen))
            self._answering[chosen.name] = opened
        return self._answering[chosen.name]


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
    return _legible(text)


def _legible(question: str) -> str:
    """Raises UsageFault for what was not UTF-8 where it came from: no tokenizer takes it."""
    try:
        question.encode()
    except UnicodeEncodeError:
        raise UsageFault(
            "The question is not valid UTF-8 text.",
            hint="Type it again, or convert it: iconv -t UTF-8",
        ) from None
    return question
