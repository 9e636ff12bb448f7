"""`ragkit feedback`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ragkit.cli.door import Door, guarded_options, read_question
from ragkit.cli.marks import MarkedLine, read_marks
from ragkit.errors import EXIT_NOT_FOUND, EXIT_OK, RagkitError, UsageFault
from ragkit.rendering.results import show_search
from ragkit.rendering.tuning import show_marked
from ragkit.types import Step
from ragkit.types.tuning import MarkedQuestion

if TYPE_CHECKING:
    from ragkit.workspace import Workspace


@click.command("feedback")
@click.argument("pipeline")
@click.argument("question", required=False)
@click.option("--right", multiple=True, metavar="PASSAGE", help="A passage that answers it.")
@click.option("--wrong", multiple=True, metavar="PASSAGE", help="A passage that does not.")
@click.option("-k", "passages", type=click.IntRange(1, 1000), default=8, show_default=True)
@click.option(
    "--questions",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help='Many at once: JSONL, {"question": ..., "right": [1], "wrong": ["a.txt:20-90"]} a line.',
)
@click.option("--list", "lists", is_flag=True, help="Show every marked question.")
@click.option(
    "--remove", type=int, metavar="NUMBER", help="Forget a question, as --list numbers it."
)
@guarded_options
def command(
    door: Door,
    pipeline: str,
    question: str | None,
    right: tuple[str, ...],
    wrong: tuple[str, ...],
    passages: int,
    questions: Path | None,
    lists: bool,
    remove: int | None,
) -> int:
    """Mark passages of PIPELINE as right or wrong for QUESTION ("-": read it from standard input).

    PASSAGE is a number as `ragkit search` shows it, or DOCUMENT:START-END. At a terminal, without
    --right and --wrong, the passages are shown and the numbers are asked for. `ragkit tune` learns
    from what is marked; marked questions stay in the pipeline's catalog, on this machine.
    """
    _require_one_thing(question, (*right, *wrong), questions, lists, remove)
    _require_shown((*right, *wrong), passages)
    lines = read_marks(questions) if questions is not None else []
    asked = read_question(question) if question is not None else ""
    asks = question is not None and not right and not wrong
    if asks and (door.as_json or question == "-" or not _is_at_terminal()):
        raise UsageFault(
            "Nothing is marked.",
            hint=f'ragkit feedback {pipeline} "..." --right 2 --wrong 1 (numbers as search shows them)',
        )
    with door.open_workspace() as workspace:
        if lists:
            _show(door, workspace.marked(pipeline))
        elif remove is not None:
            workspace.unmark(pipeline, remove)
            door.result(
                {"version": 1, "removed": remove}, lambda: f"Question {remove} is forgotten."
            )
        elif questions is not None:
            _mark_many(door, workspace, pipeline, lines)
        elif asks:
            return _ask(door, workspace, pipeline, asked, passages)
        else:
            _show(door, [workspace.mark(pipeline, asked, right=right, wrong=wrong)])
    return EXIT_OK


def _require_one_thing(
    question: str | None,
    marks: tuple[str, ...],
    questions: Path | None,
    lists: bool,
    remove: int | None,
) -> None:
    """Raises UsageFault unless exactly one thing is asked for."""
    given = {
        "a question": question is not None,
        "--questions": questions is not None,
        "--list": lists,
        "--remove": remove is not None,
    }
    named = [name for name, is_given in given.items() if is_given]
    if len(named) > 1:
        raise UsageFault(f"There are {' and '.join(named)}.", hint="Leave one of them out.")
    if not named:
        raise UsageFault(
            "The question is missing.", hint='ragkit feedback PIPELINE "..." --right 1'
        )
    if marks and question is None:
        raise UsageFault(f"--right and --wrong belong to a question, not to {named[0]}.")


def _require_shown(marks: tuple[str, ...], passages: int) -> None:
    """Raises UsageFault for the number of a passage that nobody has looked at."""
    unseen = next((mark for mark in marks if mark.isdecimal() and int(mark) > passages), None)
    if unseen is not None:
        raise UsageFault(
            f"`ragkit search` shows {passages} passages, so there is no passage {unseen}.",
            hint=f"-k {unseen}, if you have looked at so many",
        )


def _is_at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _show(door: Door, questions: list[MarkedQuestion] | tuple[MarkedQuestion, ...]) -> None:
    data: dict[str, object] = {"version": 1, "questions": [each.as_dict() for each in questions]}
    door.result(data, lambda: show_marked(questions))


def _ask(door: Door, workspace: Workspace, pipeline: str, question: str, passages: int) -> int:
    """Show what is found, and ask for the numbers."""
    result = workspace.search(pipeline, question, k=passages)
    click.echo(show_search(result, width=door.width))
    if not result.passages:
        return EXIT_NOT_FOUND
    places = {str(one.rank): f"{one.document}:{one.start}-{one.end}" for one in result.passages}
    right = _numbers("Right (numbers, Enter for none)", places)
    wrong = _numbers("Wrong (numbers, Enter for none)", places)
    if right or wrong:
        _show(door, [workspace.mark(pipeline, question, right=right, wrong=wrong)])
    else:
        door.note("Nothing was marked.")
    return EXIT_OK


def _numbers(prompt: str, places: dict[str, str]) -> list[str]:
    """Places for the numbers that are typed; asked again for one that is not shown."""
    while True:
        typed = click.prompt(prompt, default="", show_default=False).replace(",", " ").split()
        unknown = [number for number in typed if number not in places]
        if not unknown:
            return [places[number] for number in dict.fromkeys(typed)]
        click.echo(f"There is no passage {unknown[0]!r}; there are 1 to {len(places)}.", err=True)


def _mark_many(door: Door, workspace: Workspace, pipeline: str, lines: list[MarkedLine]) -> None:
    marked = []
    with door.progress() as progress:
        for number, line in enumerate(lines):
            progress(Step("marking", number, len(lines)))
            try:
                marked.append(
                    workspace.mark(pipeline, line.question, right=line.right, wrong=line.wrong)
                )
            except RagkitError as error:
                error.message = f"Line {line.number}: {error.message} (Lines before it are marked.)"
                raise
    _show(door, marked)
