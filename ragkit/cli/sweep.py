"""`ragkit sweep`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ragkit.cli.batch import exported
from ragkit.cli.door import Door, guarded_options, read_question
from ragkit.cli.filtering import filter_options
from ragkit.cli.outputs import require_own_file, require_writable_file
from ragkit.errors import EXIT_OK, EXIT_SOME_FAILED, UsageFault
from ragkit.types.scope import Scope
from ragkit.types.sweeps import Sweep, SweepPlan, SweepQuestion, SweepRow

if TYPE_CHECKING:
    from ragkit.workspace import Workspace

SHOWN = 20
"""Rows of one question at the terminal that are not a no; a file has them all."""


@click.command("sweep")
@click.argument("pipeline")
@click.argument("question", required=False)
@click.option(
    "--questions",
    metavar="FILE|NAME",
    help="Many questions: a YAML or JSONL file, or a set that comes with ragkit "
    "(due-diligence, medication-review).",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Every row, to FILE.csv, .xlsx, .jsonl or .html.",
)
@click.option(
    "--value",
    metavar="KIND",
    default="",
    help="With QUESTION: which short fact to pull out of its quotes, such as date, duration, amount.",
)
@click.option(
    "--look-for",
    metavar="PHRASE",
    multiple=True,
    help='With QUESTION: words that mean yes, such as "change of control" or "not ... assign*"; may '
    "be repeated.",
)
@click.option(
    "--style",
    type=click.Choice(["auto", "quote", "compose"]),
    default=None,
    help="quote: rules alone. compose: the model is asked about rows that rules leave in doubt. "
    "Default: as in the settings.",
)
@click.option(
    "--dry-run", is_flag=True, help="Only tell what would be judged, and how long it takes."
)
@filter_options
@guarded_options
def command(
    door: Door,
    pipeline: str,
    question: str | None,
    questions: str | None,
    output: Path | None,
    value: str,
    look_for: tuple[str, ...],
    style: str | None,
    dry_run: bool,
    scope: Callable[[], Scope],
) -> int:
    """Ask QUESTION of every document of PIPELINE: a row each, yes, no, unclear or unreadable.

    ("-": read the question from standard input.) What was judged before is used again; a document
    that changed is judged anew. Exit code 3: done, but some documents could not be read.
    """
    asked = _asked(question, questions, value, look_for, f'ragkit sweep {pipeline} "..."')
    within = scope()
    if output is not None:
        _require_kind(output)
        require_writable_file(output)
    with door.open_workspace(writes=[output] if output else ()) as workspace:
        require_own_file(output, workspace.config)
        if dry_run:
            with door.progress() as progress:
                plan = workspace.plan_sweep(
                    pipeline, asked, scope=within, style=style, on_step=progress
                )
            door.result(plan.as_dict(), lambda: _planned(plan))
            return EXIT_OK
        if output is not None:
            swept = _written(door, workspace, pipeline, asked, within, style, output)
            door.result({**swept.as_dict(), "output": str(output)}, lambda: _counted(swept, output))
        else:
            rows: list[SweepRow] = []
            swept = _swept(door, workspace, pipeline, asked, within, style, rows.append)
            whole = {**swept.as_dict(), "rows": [row.as_dict() for row in rows]}
            door.result(whole, lambda: _shown(swept, rows, door.width))
    unread = any(count.unreadable for count in swept.counts)
    return EXIT_SOME_FAILED if unread else EXIT_OK


def _asked(
    question: str | None, name: str | None, value: str, look_for: tuple[str, ...], example: str
) -> tuple[SweepQuestion, ...]:
    """One question, or those of a set. Raises UsageFault, ConfigFault with every fault of the file."""
    from ragkit.shortfacts.values import KINDS
    from ragkit.sweeps.phrases import fault_of
    from ragkit.sweeps.question_sets import read_set

    if (question is None) == (name is None):
        said = (
            "The question is missing." if name is None else "There is a question and a set of them."
        )
        raise UsageFault(said, hint=f"{example}, or --questions due-diligence")
    if name is not None:
        if value or look_for:
            raise UsageFault("--value and --look-for are for one QUESTION; a set has its own.")
        return read_set(name, KINDS)
    if value and value not in KINDS:
        raise UsageFault(f"There is no --value {value}; there are {', '.join(sorted(KINDS))}.")
    for phrase in look_for:
        if fault := fault_of(phrase):
            raise UsageFault(f"--look-for {phrase!r} {fault}.")
    assert question is not None
    return (SweepQuestion("q1", read_question(question), look_for, value=value),)


def _require_kind(output: Path) -> None:
    from ragkit.flows.sweep_files import KINDS

    if output.suffix.lower() not in KINDS:
        raise UsageFault(
            f"{output} ends in none of {', '.join(KINDS)}, so it is not known what to write."
        )


def _written(
    door: Door,
    workspace: Workspace,
    pipeline: str,
    asked: Sequence[SweepQuestion],
    scope: Scope,
    style: str | None,
    output: Path,
) -> Sweep:
    """The file appears whole, after the sweep is noted in the ledger, or not at all."""
    from ragkit.flows.sweep_files import written_to

    with written_to(output, workspace.config.pipeline(pipeline), asked) as file:
        swept = _swept(door, workspace, pipeline, asked, scope, style, file.row, exported(output))
        file.end(swept.counts)
    return swept


def _swept(
    door: Door,
    workspace: Workspace,
    pipeline: str,
    asked: Sequence[SweepQuestion],
    scope: Scope,
    style: str | None,
    on_row: Callable[[SweepRow], None],
    exported_to: str = "",
) -> Sweep:
    with door.progress() as progress:
        return workspace.sweep(
            pipeline,
            asked,
            scope=scope,
            style=style,
            on_row=on_row,
            on_step=progress,
            exported=exported_to,
        )


def _shown(swept: Sweep, rows: Sequence[SweepRow], width: int) -> str:
    from ragkit.rendering.sweeps import show_rows

    return f"{show_rows(rows, SHOWN, width)}\n\n{_counted(swept, None)}"


def _counted(swept: Sweep, output: Path | None) -> str:
    from ragkit.rendering.sweeps import show_counts

    return show_counts(swept, str(output) if output else "")


def _planned(plan: SweepPlan) -> str:
    from ragkit.rendering.sweeps import show_plan

    return show_plan(plan)
