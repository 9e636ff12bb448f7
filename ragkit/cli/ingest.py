"""`ragkit ingest`."""

from __future__ import annotations

import click

from ragkit.cli.door import Door, common_options
from ragkit.errors import EXIT_OK, EXIT_SOME_FAILED, RagkitError, UsageFault, strongest_exit_code
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
    with door.open_workspace() as workspace:
        names = _chosen(pipelines, every, workspace.pipelines)
        if dry_run:
            for name in names:
                plan = workspace.plan(name)
                door.result(plan.as_dict(), lambda plan=plan: show_plan(plan))  # type: ignore[misc]
            return EXIT_OK
        codes = []
        for name in names:
            try:
                with door.progress() as progress:
                    report = workspace.ingest(
                        name, retry=retry, allow_empty=allow_empty, on_step=progress
                    )
            except RagkitError as error:
                if len(names) == 1 or error.exit_code == 130:
                    raise
                door.failure(error)  # the other pipelines still get their turn
                codes.append(error.exit_code)
                continue
            door.result(report.as_dict(), lambda report=report: show_report(report))  # type: ignore[misc]
            codes.append(EXIT_SOME_FAILED if report.unreadable else EXIT_OK)
        return strongest_exit_code(codes)


def _chosen(given: tuple[str, ...], every: bool, known: tuple[str, ...]) -> tuple[str, ...]:
    if every:
        return known
    if given:
        return given
    if len(known) == 1:
        return known
    raise UsageFault(
        f"Which pipeline? There are {', '.join(known)}.", hint="ragkit ingest --all takes them all."
    )
