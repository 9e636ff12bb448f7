"""`ragkit ask`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from ragkit.cli.batch import answer_many, batch_options, exported, require_one
from ragkit.cli.choosing import Done
from ragkit.cli.door import Door, guarded_options, read_question
from ragkit.cli.filtering import filter_options
from ragkit.cli.together import also_option, ask_together, named_together
from ragkit.errors import OUTCOME_EXIT_CODES
from ragkit.rendering.results import show_answer
from ragkit.rendering.terminal import one_line, place_of, shortened
from ragkit.types import AnswerSentence, Citation, Coverage
from ragkit.types.scope import Scope


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
    with door.open_workspace(writes=[output] if output else ()) as workspace:
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
        text = read_question(question)

        def asked(name: str, others: tuple[str, ...]) -> Done:
            answer = workspace.ask(
                name,
                text,
                style=style,
                scope=within,
                explain=explain,
                on_sentence=None if door.as_json else lambda sentence: _preview(door, sentence),
                on_quote=None if door.as_json else lambda citation: _quoted(door, citation),
                with_pipelines=others,
            )
            _say_if_empty(door, name, answer.coverage)
            return Done(
                answer.as_dict(),
                lambda: show_answer(answer, width=door.width),
                OUTCOME_EXIT_CODES[answer.outcome],
            )

        return ask_together(door, workspace, names, asked)


def _say_if_empty(door: Door, pipeline: str, coverage: Coverage) -> None:
    if not coverage.documents:
        hint = door.with_config(f"ragkit ingest {pipeline}")
        door.note(f"The index of {pipeline} holds no document.\n  -> {hint}")


def _quoted(door: Door, citation: Citation) -> None:
    """Before the model begins: what it is given to read, best first, on stderr."""
    place = place_of(citation.document, citation.page)
    door.note(f"… {place}: “{shortened(citation.quote)}”")


def _preview(door: Door, sentence: AnswerSentence) -> None:
    """While the model still writes: each sentence as soon as it is checked, on stderr."""
    if sentence.status != "quoted":
        marks = "".join(f" [{mark}]" for mark in sentence.citations)
        door.note(f"… {one_line(sentence.text)}{marks} ({sentence.status})")
