"""`ragkit runs`."""

from __future__ import annotations

import click

from ragkit.cli.choosing import Done, one_after_the_other
from ragkit.cli.door import Door, common_options
from ragkit.errors import UsageFault
from ragkit.rendering.nightly import as_text
from ragkit.rendering.runs import show_runs

LATEST = "latest"


@click.command("runs")
@click.argument("pipeline", required=False)
@click.option("-n", "count", type=click.IntRange(1, 1000), default=10, show_default=True)
@click.option(
    "--report",
    metavar="[RUN]",
    is_flag=False,
    flag_value=LATEST,
    help="Show the latest nightly report again, or that of a run.",
)
@common_options
def command(door: Door, pipeline: str | None, count: int, report: str | None) -> int:
    """Show the latest ingests of PIPELINE (default: of each), newest first, or a nightly report."""
    run = _run_number(report, pipeline)
    with door.open_workspace() as workspace:
        names = (pipeline,) if pipeline else workspace.pipelines

        def listed(name: str) -> Done:
            runs = workspace.runs(name, count)
            data = {"version": 1, "pipeline": name, "runs": [each.as_dict() for each in runs]}
            return Done(data, lambda: show_runs(name, runs))

        def reported(name: str) -> Done:
            found = workspace.nightly_report(name, run)
            return Done(found.as_dict(), lambda: as_text(found))

        work, key = (listed, "pipelines") if report is None else (reported, "reports")
        return one_after_the_other(door, names, work, as_list=key)


def _run_number(report: str | None, pipeline: str | None) -> int:
    """0 for the latest. Raises UsageFault for what is no number."""
    if report in (None, LATEST):
        return 0
    if report.isdecimal():
        return int(report)
    name = pipeline or report
    raise UsageFault(
        f"{report!r} is not the number of a run.", hint=f"ragkit runs {name} --report [RUN]"
    )
