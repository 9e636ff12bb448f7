"""`ragkit ingest`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from ragkit.cli.door import Door, common_options
from ragkit.errors import (
    EXIT_OK,
    EXIT_SOME_FAILED,
    Interrupted,
    RagkitError,
    UsageFault,
    strongest_exit_code,
)
from ragkit.rendering.terminal import show_plan, show_report

if TYPE_CHECKING:
    from ragkit.workspace import Workspace


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
            plans = [workspace.plan(name) for name in names]
            shown = [plan.as_dict() for plan in plans]
            data = shown[0] if len(shown) == 1 else {"version": 1, "plans": shown}
            door.result(data, lambda: "\n".join(map(show_plan, plans)))
            return EXIT_OK
        return _ingest_all(door, workspace, names, retry=retry, allow_empty=allow_empty)


def _ingest_all(
    door: Door, workspace: Workspace, names: tuple[str, ...], *, retry: bool, allow_empty: bool
) -> int:
    """One after the other; a fault of one pipeline does not take the others' turn."""
    codes, reports = [], []
    for name in names:
        try:
            with door.progress() as progress:
                report = workspace.ingest(
                    name, retry=retry, allow_empty=allow_empty, on_step=progress
                )
        except Interrupted:
            raise
        except RagkitError as error:
            if len(names) == 1:
                raise
            reports.append({"pipeline": name, **error.as_dict()})
            door.complain(error)
            codes.append(error.exit_code)
            continue
        reports.append(report.as_dict())
        codes.append(EXIT_SOME_FAILED if report.unreadable else EXIT_OK)
        if not door.as_json:
            door.result({}, partial(show_report, report))
    if door.as_json:
        door.result(reports[0] if len(names) == 1 else {"version": 1, "reports": reports}, str)
    return strongest_exit_code(codes)


def _chosen(given: tuple[str, ...], every: bool, known: tuple[str, ...]) -> tuple[str, ...]:
    if every and given:
        raise UsageFault("There are pipelines and --all.", hint="Leave one of them out.")
    if every:
        return known
    if given:
        return given
    if len(known) == 1:
        return known
    raise UsageFault(
        f"Which pipeline? There are {', '.join(known)}.", hint="ragkit ingest --all takes them all."
    )
