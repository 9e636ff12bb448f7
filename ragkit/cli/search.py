"""`ragkit search`."""

from __future__ import annotations

from pathlib import Path

import click

from ragkit.cli.batch import answer_many, batch_options, require_one
from ragkit.cli.door import Door, common_options, read_question
from ragkit.errors import EXIT_NOT_FOUND, EXIT_OK
from ragkit.rendering.terminal import show_search


@click.command("search")
@click.argument("pipeline")
@click.argument("question", required=False)
@click.option("-k", "passages", type=click.IntRange(1, 1000), default=8, show_default=True)
@click.option("--explain", is_flag=True, help="Show what each passage's score is made of.")
@batch_options
@common_options
def command(
    door: Door,
    pipeline: str,
    question: str | None,
    passages: int,
    explain: bool,
    questions: Path | None,
    output: Path | None,
) -> int:
    """Find the passages of PIPELINE that fit QUESTION ("-": read it from standard input)."""
    require_one(question, questions, output, f'ragkit search {pipeline} "..."')
    with door.open_workspace() as workspace:
        if questions is not None:
            return answer_many(
                door, questions, output, lambda text: workspace.search(pipeline, text, k=passages)
            )
        assert question is not None  # require_one has seen to it
        result = workspace.search(pipeline, read_question(question), k=passages)
    door.result(result.as_dict(), lambda: show_search(result, explain=explain, width=door.width))
    return EXIT_OK if result.passages else EXIT_NOT_FOUND
