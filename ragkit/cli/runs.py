"""`ragkit runs`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import click

from ragkit.cli.batch import exported
from ragkit.cli.choosing import Done, one_after_the_other
from ragkit.cli.door import Door, guarded_options
from ragkit.cli.outputs import require_writable_file
from ragkit.errors import EXIT_OK, StorageFault, UsageFault
from ragkit.files import write_atomically
from ragkit.rendering.nightly import as_markdown, as_text
from ragkit.rendering.nightly_page import as_html
from ragkit.rendering.runs import show_runs
from ragkit.types import NightlyReport

LATEST = "latest"
FORMATS: dict[str, Callable[[NightlyReport], str]] = {
    "text": lambda report: f"{as_text(report)}\n",
    "json": lambda report: _as_json(report, escaped=False),
    "markdown": as_markdown,
    "html": as_html,
}


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
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    help="How to write the report (default: text); html is one page that needs nothing else.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report to this file, readable by you alone, instead of showing it.",
)
@guarded_options
def command(
    door: Door,
    pipeline: str | None,
    count: int,
    report: str | None,
    form: str | None,
    output: Path | None,
) -> int:
    """Show the latest ingests of PIPELINE (default: of each), newest first, or a nightly report."""
    run = _run_number(report, pipeline)
    if form is not None or output is not None:
        _require_one_report(door, pipeline, report, form)
    if output is not None:
        require_writable_file(output)
        if output.exists():
            raise UsageFault(f"{output} is already there and was left as it is.")
    with door.open_workspace(writes=[output] if output else ()) as workspace:
        if pipeline and (form is not None or output is not None):
            written = form or ("json" if door.as_json else "text")
            return _write(
                workspace.nightly_report(pipeline, run, exported=exported(output)), written, output
            )
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


def _require_one_report(
    door: Door, pipeline: str | None, report: str | None, form: str | None
) -> None:
    """Raises UsageFault where --format and --output say nothing."""
    if pipeline is None or report is None:
        raise UsageFault(
            "--format and --output are for the nightly report of one pipeline.",
            hint="ragkit runs PIPELINE --report --format html --output FILE",
        )
    if door.as_json and form not in (None, "json"):
        raise UsageFault(f"--json and --format {form} are two ways of writing it.")


def _write(report: NightlyReport, form: str, output: Path | None) -> int:
    if output is None:
        # At a terminal JSON is escaped: what a document is called must not steer it.
        escaped = form == "json" and sys.stdout.isatty()
        click.echo(_as_json(report, escaped=True) if escaped else FORMATS[form](report), nl=False)
        return EXIT_OK
    try:
        write_atomically(output, FORMATS[form](report))
    except OSError as error:
        raise StorageFault(f"{output} cannot be written: {error.strerror}.") from None
    click.echo(f"{output} holds the report; it names documents.", err=True)
    return EXIT_OK


def _as_json(report: NightlyReport, *, escaped: bool) -> str:
    return json.dumps(report.as_dict(), ensure_ascii=escaped, indent=2) + "\n"


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
