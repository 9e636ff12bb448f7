"""`ragkit tune`."""

from __future__ import annotations

from pathlib import Path

import click

from ragkit.cli.door import Door, guarded_options
from ragkit.errors import EXIT_OK, UsageFault
from ragkit.rendering.tuning import show_tuning


@click.command("tune")
@click.argument("pipeline")
@click.option(
    "--questions",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Gold questions to learn from as well, as `ragkit eval` takes them: YAML or JSONL.",
)
@click.option("--undo", is_flag=True, help="Go back to what was learned before, or to nothing.")
@guarded_options
def command(door: Door, pipeline: str, questions: Path | None, undo: bool) -> int:
    """Learn from what was marked in PIPELINE (`ragkit feedback`) which passages answer your questions.

    What is learned is judged on documents that it was not learned from, and used only if it helps
    there. It stays on this machine, in the pipeline's catalog; the index is not touched.
    """
    if undo and questions is not None:
        raise UsageFault("--undo learns nothing, so it takes no --questions.")
    with door.open_workspace() as workspace, door.progress() as progress:
        if undo:
            report = workspace.undo_tuning(pipeline)
        else:
            report = workspace.tune(pipeline, questions, on_step=progress)
    door.result(report.as_dict(), lambda: show_tuning(report))
    return EXIT_OK
