"""Asking the documents: passages, answers, summaries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from ragkit.errors import UsageFault
from ragkit.types import Answer, AnswerSentence, Citation, SearchResult, Step, Summary
from ragkit.types.scope import Scope
from ragkit.workspace.base import Opened, as_asked, legible


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
        Raises UnknownPipeline, IndexMissing, ModelMissing, UsageFault, NothingInScope, StorageFault
        and CheckFailed if it cannot be noted in the ledger.
        """
        chosen, asked = self._pipeline(pipeline), as_asked(question)
        noting = self._noting_questions(chosen)
        on_evidence = None
        if on_sentence is not None or on_quote is not None:
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
                on_quote=on_quote,
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
        request = SummaryRequest(tuple(documents), style, words, legible(" ".join(focus.split())))
        summary = summarize(self._builder.summary_parts(chosen, on_step), request, on_step)
        models = [document.model for document in summary.documents]
        models += [summary.folder.model] if summary.folder is not None else []
        model = self._generator_digest(chosen) if any(models) else ""
        noting.summary(summary, focus=request.focus, model=model, exported=exported)
        return summary
