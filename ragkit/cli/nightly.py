"""`ragkit nightly`."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from ragkit.cli.choosing import Done, chosen_pipelines, one_after_the_other
from ragkit.cli.door import Door, guarded_options
from ragkit.config import load_config
from ragkit.errors import (
    EXIT_HELD_BACK,
    EXIT_OK,
    EXIT_SOME_FAILED,
    Busy,
    UsageFault,
    strongest_exit_code,
)
from ragkit.places import make_night_lock, make_outputs
from ragkit.rendering.nightly import as_text
from ragkit.scheduling.missed import is_missed, last_due
from ragkit.types import NightlyReport

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from ragkit.workspace import Workspace

GOES_ON = "is still going on"


@click.command("nightly")
@click.argument("pipelines", nargs=-1, metavar="[PIPELINE...]")
@click.option("--all", "every", is_flag=True, help="Every pipeline of the settings file.")
@click.option(
    "--catch-up",
    metavar="HH:MM",
    help="Leave out pipelines whose night has been done since it was last HH:MM here, or is going on. "
    "Called every hour, this makes up for a night on which the machine was off.",
)
@guarded_options
def command(door: Door, pipelines: tuple[str, ...], every: bool, catch_up: str | None) -> int:
    """Ingest each PIPELINE, leave a report of everything since the report before, and do what the
    settings name in `after_ingest`: summaries and sweeps of what is new, into files.

    Without a name: the only pipeline there is. The report also lies in runs/latest.md and latest.html
    of the pipeline's store. Exit code 3: there are documents that could not be read and that no report
    has named before; 5: another night of the pipeline is still going on; 7: its quality gate kept the
    old state; a step that failed has the code of its fault. `ragkit schedule install` runs this every
    night.
    """
    due = last_due(catch_up) if catch_up is not None else None
    config = load_config(door.config)
    names = chosen_pipelines(pipelines, every, tuple(config.pipelines), "nightly")
    chosen = [config.pipeline(name) for name in names]
    if len(chosen) > 1:
        make_night_lock(chosen[:1])
    outputs = make_outputs(chosen)
    opened = door.open_workspace(reads_files=True, fills=names, writes=outputs)
    with opened as workspace, ExitStack() as held:
        try:
            _require_no_other_night([pipeline.store for pipeline in chosen], held)
        except Busy:
            if due is None:
                raise
            return one_after_the_other(door, names, lambda name: _left_out(name, GOES_ON))
        return _nights(door, workspace, names, due)


def _require_no_other_night(stores: list[Path], held: ExitStack) -> None:
    """Found out before anything slow. Raises Busy.

    Nights of single pipelines may go on beside each other; those of several never overlap, else the
    two would get into each other's way at every pipeline.
    """
    from ragkit.catalog.lock import NightLock

    if len(stores) > 1:
        held.enter_context(NightLock(stores[0].parent))
    else:
        NightLock.require_free(stores[0])


def _nights(door: Door, workspace: Workspace, names: tuple[str, ...], due: datetime | None) -> int:
    def night(name: str) -> Done:
        if due is None:
            return _night(door, workspace, name)
        if not is_missed(due, _latest_report(workspace, name)):
            return _left_out(name, "is done already")
        try:
            return _night(door, workspace, name)
        except Busy:
            return _left_out(name, GOES_ON)

    return one_after_the_other(door, names, night)


def _night(door: Door, workspace: Workspace, name: str) -> Done:
    """Raises Busy if another night of the pipeline goes on."""
    with door.progress() as progress:
        report = workspace.nightly(name, on_step=progress)
    code = exit_code_of(report)
    if code != EXIT_OK:
        door.alert(f"{name}: {in_brief(report)}.{_where(door, workspace, report)}")
    return Done(report.as_dict(), lambda: as_text(report), code)


def _where(door: Door, workspace: Workspace, report: NightlyReport) -> str:
    """How to see the report again, if it could be left."""
    left = _latest_report(workspace, report.pipeline)
    if left is None or (left.run, left.started) != (report.run, report.started):
        return ""
    return f" The report: {door.with_config(f'ragkit runs {report.pipeline} --report')}"


def _latest_report(workspace: Workspace, name: str) -> NightlyReport | None:
    """It names documents and is not shown, so it is not noted in the ledger either."""
    from ragkit.flows.stating import nightly_report

    try:
        return nightly_report(workspace.config.pipeline(name), 0)
    except UsageFault:
        return None  # none was left; whose store it is, the night itself will say


def _left_out(name: str, why: str) -> Done:
    data: dict[str, object] = {"version": 1, "pipeline": name, "left_out": why}
    return Done(data, lambda: f"{name}: the night {why}.")


def exit_code_of(report: NightlyReport) -> int:
    """The strongest of the fault's, those of failed steps, 7 if the gate held the new state back, 3 for
    new failures."""
    steps = [int(str(step.error["exit_code"])) for step in report.failed_steps if step.error]
    fault = int(str(report.error["exit_code"])) if report.error else EXIT_OK
    held_back = EXIT_HELD_BACK if report.gate and not report.gate.passed else EXIT_OK
    new = EXIT_SOME_FAILED if report.has_new_failures else EXIT_OK
    return strongest_exit_code((fault, held_back, new, *steps))


def in_brief(report: NightlyReport) -> str:
    """What a log may say: no file name, and no question."""
    if report.error is not None:
        return f"failed ({report.error['error']})"
    new = sum(failure.new for failure in report.failures)
    unread = [f"{new} document{'s' if new > 1 else ''} newly could not be read"] if new else []
    gate = report.gate
    held = []
    if gate is not None and not gate.passed:
        failed = f"{len(gate.failures)} of {gate.questions} questions failed"
        held = [f"the quality gate kept the old state, {failed}"]
    steps = [
        f"{step.name} failed ({step.error['error']})" for step in report.failed_steps if step.error
    ]
    return "; ".join([*held, *unread, *steps])
