"""`ragkit runs`."""

from __future__ import annotations

import click

from ragkit.cli.door import Door, common_options
from ragkit.errors import EXIT_OK


@click.command("runs")
@click.argument("pipeline")
@click.option("-n", "count", type=click.IntRange(1, 1000), default=10, show_default=True)
@common_options
def command(door: Door, pipeline: str, count: int) -> int:
    """Show the latest ingests of PIPELINE, newest first."""
    with door.open_workspace() as workspace:
        runs = workspace.runs(pipeline, count)
    data: dict[str, object] = {
        "version": 1,
        "pipeline": pipeline,
        "runs": [run.as_dict() for run in runs],
    }
    door.result(data, lambda: "\n".join(run.in_words() for run in runs) or "No ingest yet.")
    return EXIT_OK
