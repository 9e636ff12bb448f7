"""`ragkit status`."""

from __future__ import annotations

import click

from ragkit.cli.door import Door, guarded_options
from ragkit.errors import EXIT_OK
from ragkit.rendering.status import show_status


@click.command("status")
@click.argument("pipeline", required=False)
@guarded_options
def command(door: Door, pipeline: str | None) -> int:
    """Show what is indexed, how it was made, and what could not be read."""
    with door.open_workspace() as workspace:
        entries = workspace.status(pipeline)
    data: dict[str, object] = {"version": 1, "pipelines": [entry.as_dict() for entry in entries]}
    door.result(data, lambda: "\n\n".join(show_status(entry) for entry in entries))
    return EXIT_OK
