"""`ragkit nightly`."""

from __future__ import annotations

import click

from ragkit.cli.choosing import Done, chosen_pipelines, one_after_the_other
from ragkit.cli.door import Door, common_options
from ragkit.errors import EXIT_OK, EXIT_SOME_FAILED, strongest_exit_code
from ragkit.rendering.nightly import as_text
from ragkit.types import NightlyReport


@click.command("nightly")
@click.argument("pipelines", nargs=-1, metavar="[PIPELINE...]")
@click.option("--all", "every", is_flag=True, help="Every pipeline of the settings file.")
@common_options
def command(door: Door, pipelines: tuple[str, ...], every: bool) -> int:
    """Ingest each PIPELINE and leave a report of everything since the report before.

    Without a name: the only pipeline there is. The report also lies in runs/latest.md of the
    pipeline's store. Exit code 3: there are documents that could not be read and that no report has
    named before. `ragkit schedule install` runs this every night.
    """
    with door.open_workspace(reads_files=True) as workspace:
        names = chosen_pipelines(pipelines, every, workspace.pipelines, "nightly")

        def night(name: str) -> Done:
            with door.progress() as progress:
                report = workspace.nightly(name, on_step=progress)
            code = exit_code_of(report)
            if code != EXIT_OK:
                command = door.with_config(f"ragkit runs {name} --report")
                door.alert(f"{name}: {in_brief(report)}. The report: {command}")
            return Done(report.as_dict(), lambda: as_text(report), code)

        return one_after_the_other(door, names, night)


def exit_code_of(report: NightlyReport) -> int:
    """That of the fault, or 3 for failures that no report has named before."""
    fault = int(str(report.error["exit_code"])) if report.error else EXIT_OK
    return strongest_exit_code((fault, EXIT_SOME_FAILED if report.has_new_failures else EXIT_OK))


def in_brief(report: NightlyReport) -> str:
    """What a log may say: no file name."""
    if report.error is not None:
        return f"failed ({report.error['error']})"
    new = sum(failure.new for failure in report.failures)
    return f"{new} document{'s' if new > 1 else ''} newly could not be read"
