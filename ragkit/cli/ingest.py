"""`ragkit ingest`."""

from __future__ import annotations

import click

from ragkit.cli.choosing import Done, chosen_pipelines, one_after_the_other
from ragkit.cli.door import Door, common_options
from ragkit.errors import EXIT_OK, EXIT_SOME_FAILED
from ragkit.rendering.terminal import show_plan, show_report


@click.command("ingest")
@click.argument("pipelines", nargs=-1, metavar="[PIPELINE...]")
@click.option("--all", "every", is_flag=True, help="Every pipeline of the settings file.")
@click.option("--dry-run", is_flag=True, help="Only say what would be read, from sizes and times.")
@click.option("--retry", is_flag=True, help="Try again what could not be read, though unchanged.")
@click.option("--allow-empty", is_flag=True, help="All files were deleted on purpose.")
@common_options
def command(
    door: Door,
    pipelines: tuple[str, ...],
    every: bool,
    dry_run: bool,
    retry: bool,
    allow_empty: bool,
) -> int:
    """Read what is new or changed in the folders of each PIPELINE and publish it.

    Without a name: the only pipeline there is. Exit code 3: done, but some files could not be read.
    """
    with door.open_workspace(reads_files=not dry_run) as workspace:
        names = chosen_pipelines(pipelines, every, workspace.pipelines, "ingest")
        if dry_run:
            plans = [workspace.plan(name) for name in names]
            shown = [plan.as_dict() for plan in plans]
            data = shown[0] if len(shown) == 1 else {"version": 1, "plans": shown}
            door.result(data, lambda: "\n".join(map(show_plan, plans)))
            return EXIT_OK

        def ingest(name: str) -> Done:
            with door.progress() as progress:
                report = workspace.ingest(
                    name, retry=retry, allow_empty=allow_empty, on_step=progress
                )
            code = EXIT_SOME_FAILED if report.unreadable else EXIT_OK
            return Done(report.as_dict(), lambda: show_report(report), code)

        return one_after_the_other(door, names, ingest)
