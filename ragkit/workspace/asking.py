"""Asking the documents: passages, answers, summaries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from ragkit.errors import UsageFault
from ragkit.flows.stating import require_index
from ragkit.types import Answer, AnswerSentence, Citation, SearchResult, Step, Summary
from ragkit.types.conversation import StillShown
from ragkit.types.packs import EvidencePack
from ragkit.types.scope import Scope
from ragkit.types.summaries import SummaryPlan
from ragkit.workspace.base import Opened, as_asked, legible

if TYPE_CHECKING:
    from ragkit.flows.conversing import Conversation


class Asking(Opened):
    """What is found in the documents and shown with its quotes."""

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
        chosen, asked = self._pipeline(pipeline), as_asked(question)
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
        on_quote: Callable[[Citation], None] | None = None,
        with_pipelines: tuple[str, ...] = (),
        exported: str = "",
    ) -> Answer:
        """An answer with its quotes, or the outcome that the documents do not hold one.

        style: "quote", "compose" or "auto"; None takes the settings'. on_sentence: given each
        sentence as soon as it is checked, while the rest is still being written. on_quote: given what
        the documents say best, before a model begins to read it.
        scope, explain, with_pipelines, exported: as for `search`.
        An answer that a purge or an ingest has overtaken is made anew, once; its sentences come again.
        Raises UnknownPipeline, IndexMissing, ModelMissing, UsageFault, NothingInScope, Busy if it was
        overtaken twice, StorageFault and CheckFailed if it cannot be noted in the ledger.
        """
        from ragkit.flows.still_shown import answered_as_it_is

        chosen, asked = self._pipeline(pipeline), as_asked(question)
        noting = self._noting_questions(chosen)
        on_evidence = None
        if on_sentence is not None or on_quote is not None:
            on_evidence = partial(
                noting.begun, asked=asked, with_pipelines=with_pipelines, scope=scope
            )
        with noting.if_it_fails("ask", question=asked, with_pipelines=with_pipelines):
            answer = answered_as_it_is(
                chosen,
                lambda: self._answerer(chosen).answer(
                    asked,
                    style=style,
                    scope=scope,
                    explain=explain,
                    on_sentence=on_sentence,
                    on_evidence=on_evidence,
                    on_quote=on_quote,
                ),
            )
        model = self._generator_digest(chosen) if answer.model else ""
        noting.answer(
            answer, asked=asked, model=model, with_pipelines=with_pipelines, exported=exported
        )
        return answer

    def illustrate(
        self, answer: Answer, *, on_step: Callable[[Step], None] | None = None
    ) -> EvidencePack:
        """An answer of `ask` with the pages that it quotes, drawn, and where the quotes stand on them.

        The files are opened again, to be drawn; nothing is noted, since `ask` has noted what is shown.
        Where a page cannot be drawn the pack says why. Raises UnknownPipeline, IndexMissing, and
        UsageFault for a folder or a file of passwords that is not there.
        """
        from ragkit.flows.illustrating import IllustrateParts, illustrate
        from ragkit.workspace.indexing import passwords_of

        chosen = self._pipeline(answer.pipeline)
        parts = IllustrateParts(chosen, self._builder.parsers(chosen), passwords_of(chosen))
        return illustrate(parts, answer, on_step)

    def converse(
        self,
        pipeline: str,
        *,
        style: str | None = None,
        scope: Scope | None = None,
        as_typed: bool = False,
    ) -> Conversation:
        """Questions one after the other, each rewritten to stand alone and then asked as by `ask`.

        style, scope: as for `ask`. as_typed: nothing is rewritten. What is remembered is in memory
        only. Raises UnknownPipeline, IndexMissing.
        """
        from ragkit.flows.conversing import Conversation

        require_index(self._pipeline(pipeline))
        return Conversation(self, pipeline, style=style, scope=scope, as_typed=as_typed)

    def still_shown(self, pipeline: str, shown: Iterable[tuple[str, str]] = ()) -> StillShown:
        """Which of the documents (path, SHA-256 or "" for any version) are not published any more.

        Raises UnknownPipeline, IndexMissing if nothing is published and nothing was shown.
        """
        from ragkit.flows.still_shown import still_shown

        chosen, wanted = self._pipeline(pipeline), tuple(shown)
        if not wanted:
            require_index(chosen)
        return still_shown(chosen, wanted)

    def names_among(self, pipeline: str, words: Iterable[str]) -> tuple[str, ...]:
        """Those of some words, in lower case, that parties or patients of documents are called by.

        Raises UnknownPipeline, IndexMissing.
        """
        from ragkit.flows.still_shown import names_among

        return names_among(self._pipeline(pipeline), words)

    def belonging(
        self, pipeline: str, document: str, *, scope: Scope | None = None
    ) -> tuple[str, ...]:
        """Paths of the amendments and newer versions of a document, of those that fit the scope.

        Raises UnknownPipeline, IndexMissing, and as `ask` for the scope.
        """
        from ragkit.flows.belonging import belonging

        return belonging(self._pipeline(pipeline), document, scope)

    def reword(self, pipeline: str, question: str, earlier: Iterable[str]) -> str:
        """A question that points back to earlier ones, as one that stands alone, by the model.

        It may hold only words of these questions and function words. "" where the model is none that
        can be trusted to write, or what it writes may not be used. Raises UnknownPipeline,
        ModelMissing, Interrupted.
        """
        from ragkit.flows.rewording import reword

        parts = self._builder.answer_parts(self._pipeline(pipeline))
        return reword(parts, as_asked(question), tuple(earlier))

    def note_saved(self, pipeline: str, documents: Iterable[str], *, exported: str) -> None:
        """Note in the ledger that answers are written to a file, before they are.

        documents: SHA-256 of all that they quote. exported: absolute path of the file.
        Raises UnknownPipeline, IndexMissing, StorageFault and CheckFailed if it cannot be noted.
        """
        chosen = self._pipeline(pipeline)
        noting = self._noting_questions(chosen)
        noting.saved(tuple(documents), exported=exported)

    def summarize(
        self,
        pipeline: str,
        documents: Iterable[str] = (),
        *,
        style: str | None = None,
        words: int | None = None,
        focus: str = "",
        language: str = "",
        on_step: Callable[[Step], None] | None = None,
        exported: str = "",
    ) -> Summary:
        """A summary of each document, and of all of them together, every sentence with its quote.

        documents: paths, folders or patterns; none for all. style: as for `ask`. words: how long each
        summary is, None for what its document's size asks for. focus: a question they are to answer.
        language: "en" or "es", of what is said of the documents; "" for their own.
        exported: for the ledger, the absolute path of the folder that they are written to; then the
        documents of the summary are read from the index again each time that they are gone through, so
        that not all that they say is held at once. What was made before is used again.
        Raises UnknownPipeline for a name that fits no document, IndexMissing, ModelMissing, UsageFault,
        Busy, Interrupted, StorageFault and CheckFailed if it cannot be noted in the ledger.
        """
        from ragkit.flows.summarizing import SummaryRequest, summarize

        chosen = self._pipeline(pipeline)
        noting = self._noting_questions(chosen)
        asked = legible(" ".join(focus.split()))
        request = SummaryRequest(tuple(documents), style, words, asked, language)
        batch = self._builder.batch_parts(chosen, on_step)
        summary = summarize(batch, request, on_step, is_held=not exported)
        models = [document.model for document in summary.documents]
        models += [summary.folder.model] if summary.folder is not None else []
        model = self._generator_digest(chosen) if any(models) else ""
        noting.summary(summary, focus=request.focus, model=model, exported=exported)
        return summary

    def plan_summary(
        self,
        pipeline: str,
        documents: Iterable[str] = (),
        *,
        style: str | None = None,
        words: int | None = None,
        focus: str = "",
        on_step: Callable[[Step], None] | None = None,
    ) -> SummaryPlan:
        """What `summarize` would make, and about how long it would take. Raises as it does."""
        from ragkit.flows.summarizing import SummaryRequest, plan_summary

        chosen = self._pipeline(pipeline)
        self._noting_questions(chosen)
        request = SummaryRequest(tuple(documents), style, words, legible(" ".join(focus.split())))
        return plan_summary(self._builder.batch_parts(chosen, on_step), request, on_step)
