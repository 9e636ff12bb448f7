"""`ragkit search`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from ragkit.cli.batch import answer_many, batch_options, exported, require_one
from ragkit.cli.choosing import Done
from ragkit.cli.door import Door, guarded_options, read_question
from ragkit.cli.filtering import filter_options
from ragkit.cli.together import also_option, ask_together, named_together
from ragkit.errors import EXIT_NOT_FOUND, EXIT_OK
from ragkit.rendering.results import show_search
from ragkit.types.scope import Scope


@click.command("search")
@click.argument("pipeline")
@click.argument("question", required=False)
@click.option("-k", "passages", type=click.IntRange(1, 1000), default=8, show_default=True)
@click.option(
    "--explain",
    is_flag=True,
    help="Show how the question was understood and why each passage is where it is.",
)
@filter_options
@also_option
@batch_options
@guarded_options
def command(
    door: Door,
    pipeline: str,
    question: str | None,
    passages: int,
    explain: bool,
    scope: Callable[[], Scope],
    also: tuple[str, ...],
    questions: Path | None,
    output: Path | None,
) -> int:
    """Find the passages of PIPELINE that fit QUESTION ("-": read it from standard input).

    A document that the question names is preferred, never taken alone: for that there are the filters.
    """
    within = scope()
    require_one(question, questions, output, f'ragkit search {pipeline} "..."')
    names = named_together(pipeline, also, is_batch=questions is not None)
    with door.open_workspace(writes=[output] if output else ()) as workspace:
        if questions is not None:
            written = exported(output)
            return answer_many(
                door,
                questions,
                output,
                within,
                lambda text, its: workspace.search(
                    pipeline, text, k=passages, scope=its, explain=explain, exported=written
                ),
            )
        assert question is not None  # require_one has seen to it
        text = read_question(question)

        def searched(name: str, others: tuple[str, ...]) -> Done:
            result = workspace.search(
                name, text, k=passages, scope=within, explain=explain, with_pipelines=others
            )
            return Done(
                result.as_dict(),
                lambda: show_search(result, width=door.width),
                EXIT_OK if result.passages else EXIT_NOT_FOUND,
            )

        return ask_together(door, workspace, names, searched)
