"""`ragkit ask`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ragkit.cli.batch import answer_many, batch_options, exported, require_one
from ragkit.cli.choosing import Done
from ragkit.cli.door import Door, guarded_options, read_question
from ragkit.cli.evidence import (
    evidence_option,
    require_one_answer,
    write_evidence,
)
from ragkit.cli.filtering import filter_options
from ragkit.cli.outputs import require_own_file
from ragkit.cli.together import also_option, ask_together, named_together
from ragkit.errors import EXIT_OK, OUTCOME_EXIT_CODES, RagkitError, strongest_exit_code
from ragkit.rendering.phrases import ENGLISH, Phrases, phrases_for
from ragkit.rendering.results import show_answer
from ragkit.rendering.terminal import one_line, place_of, shortened
from ragkit.types import Answer, AnswerSentence, Citation, Coverage
from ragkit.types.scope import Scope

if TYPE_CHECKING:
    from ragkit.workspace import Workspace


@click.command("ask")
@click.argument("pipeline")
@click.argument("question", required=False)
@click.option(
    "--style",
    type=click.Choice(["auto", "quote", "compose"]),
    default=None,
    help="quote: the documents' sentences. compose: the model writes, checked. "
    "Default: as in the settings.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Show how the question was understood, why it was answered or not, and from what.",
)
@evidence_option
@filter_options
@also_option
@batch_options
@guarded_options
def command(
    door: Door,
    pipeline: str,
    question: str | None,
    style: str | None,
    explain: bool,
    evidence: Path | None,
    scope: Callable[[], Scope],
    also: tuple[str, ...],
    questions: Path | None,
    output: Path | None,
) -> int:
    """Answer QUESTION from the documents of PIPELINE ("-": read it from standard input).

    Exit code 6: the documents do not answer it; with filters, those that they leave do not.
    """
    within = scope()
    require_one(question, questions, output, f'ragkit ask {pipeline} "..."')
    names = named_together(pipeline, also, is_batch=questions is not None)
    require_one_answer(evidence, is_one=questions is None and not also)
    writes = [file for file in (output, evidence) if file is not None]
    with door.open_workspace(reads_files=evidence is not None, writes=writes) as workspace:
        for file in writes:
            require_own_file(file, workspace.config)
        if questions is not None:
            written = exported(output)
            return answer_many(
                door,
                questions,
                output,
                within,
                lambda text, its: workspace.ask(
                    pipeline, text, style=style, scope=its, explain=explain, exported=written
                ),
            )
        assert question is not None  # require_one has seen to it
        asking = _Asking(door, workspace, read_question(question), style, within, explain, evidence)
        return ask_together(door, workspace, names, asking.of)


@dataclass(frozen=True, slots=True)
class _Asking:
    """One question, as it is asked of each pipeline named."""

    door: Door
    workspace: Workspace
    question: str
    style: str | None
    scope: Scope
    explain: bool
    evidence: Path | None

    def of(self, pipeline: str, others: tuple[str, ...]) -> Done:
        door, said = self.door, phrases_for(self.question)
        answer = self.workspace.ask(
            pipeline,
            self.question,
            style=self.style,
            scope=self.scope,
            explain=self.explain,
            on_sentence=None if door.as_json else lambda item: preview(door, item, said),
            on_quote=None if door.as_json else lambda item: quoted(door, item, said),
            with_pipelines=others,
            exported=exported(self.evidence),
        )
        _say_if_empty(door, pipeline, answer.coverage)
        return Done(
            answer.as_dict(),
            lambda: show_answer(answer, width=door.width, typed=door.with_config),
            strongest_exit_code((OUTCOME_EXIT_CODES[answer.outcome], self._written(answer))),
        )

    def _written(self, answer: Answer) -> int:
        """The evidence page, if one is wanted; the answer is there, and is not lost with its page."""
        if self.evidence is None:
            return EXIT_OK
        try:
            write_evidence(self.door, self.workspace, answer, self.evidence)
        except RagkitError as error:
            self.door.complain(error)
            return error.exit_code
        return EXIT_OK


def _say_if_empty(door: Door, pipeline: str, coverage: Coverage) -> None:
    if not coverage.documents:
        hint = door.with_config(f"ragkit ingest {pipeline}")
        door.note(f"The index of {pipeline} holds no document.\n  -> {hint}")


def quoted(door: Door, citation: Citation, said: Phrases = ENGLISH) -> None:
    """Before the model begins: what it is given to read, best first, on stderr."""
    place = place_of(citation.document, citation.page, said)
    door.note(f"… {place}: “{shortened(citation.quote)}”")


def preview(door: Door, sentence: AnswerSentence, said: Phrases = ENGLISH) -> None:
    """While the model still writes: each sentence as soon as it is checked, on stderr."""
    if sentence.status != "quoted":
        marks = "".join(f" [{mark}]" for mark in sentence.citations)
        door.note(f"… {one_line(sentence.text)}{marks} ({said.statuses[sentence.status][0]})")
