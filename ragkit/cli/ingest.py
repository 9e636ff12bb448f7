"""`ragkit ingest`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ragkit.cli.asking import ROUNDS, asked_passwords, require_terminal, to_ask
from ragkit.cli.choosing import Done, chosen_pipelines, one_after_the_other
from ragkit.cli.door import Door, guarded_options
from ragkit.config import load_config
from ragkit.errors import (
    EXIT_HELD_BACK,
    EXIT_OK,
    EXIT_SOME_FAILED,
    UsageFault,
    strongest_exit_code,
)
from ragkit.rendering.nightly import gate_as_text
from ragkit.rendering.terminal import show_plan, show_report
from ragkit.types import IngestReport, isolation_of

if TYPE_CHECKING:
    from ragkit.workspace import Workspace


@click.command("ingest")
@click.argument("pipelines", nargs=-1, metavar="[PIPELINE...]")
@click.option("--all", "every", is_flag=True, help="Every pipeline of the settings file.")
@click.option("--dry-run", is_flag=True, help="Only say what would be read, from sizes and times.")
@click.option("--retry", is_flag=True, help="Try again what could not be read, though unchanged.")
@click.option(
    "--rebuild",
    is_flag=True,
    help="Read every file again and build the vector index anew; the old state answers until then.",
)
@click.option(
    "--ask-passwords",
    is_flag=True,
    help="Then ask, at this terminal, for the password of each file that needs one.",
)
@click.option("--allow-empty", is_flag=True, help="All files were deleted on purpose.")
@guarded_options
def command(
    door: Door,
    pipelines: tuple[str, ...],
    every: bool,
    dry_run: bool,
    retry: bool,
    rebuild: bool,
    ask_passwords: bool,
    allow_empty: bool,
) -> int:
    """Read what is new or changed in the folders of each PIPELINE and publish it.

    Without a name: the only pipeline there is. Exit code 3: done, but some files could not be read;
    7: the pipeline's quality gate kept the old state.
    """
    if ask_passwords:
        require_terminal()
    known = tuple(load_config(door.config).pipelines)
    names = chosen_pipelines(pipelines, every, known, "ingest")
    if dry_run and (retry or rebuild or ask_passwords):
        raise UsageFault(
            "--dry-run tells what a plain ingest would do.",
            hint="Leave out --retry, --rebuild and --ask-passwords.",
        )
    fills = () if dry_run else names
    with door.open_workspace(reads_files=not dry_run, fills=fills) as workspace:
        if dry_run:
            plans = [workspace.plan(name) for name in names]
            shown = [plan.as_dict() for plan in plans]
            data = shown[0] if len(shown) == 1 else {"version": 1, "plans": shown}
            door.result(data, lambda: "\n".join(map(show_plan, plans)))
            return EXIT_OK

        def ingest(name: str) -> Done:
            with door.progress() as progress:
                report = workspace.ingest(
                    name, retry=retry, rebuild=rebuild, allow_empty=allow_empty, on_step=progress
                )
            if ask_passwords:
                report = _unlocked(door, workspace, name, report)
            return Done(report.as_dict(), lambda: _shown(report), _exit_code_of(report))

        return one_after_the_other(door, names, ingest)


def _unlocked(door: Door, workspace: Workspace, name: str, report: IngestReport) -> IngestReport:
    """The report of the last ingest, after those with the passwords that were typed."""
    typed: dict[str, str] = {}
    for _ in range(ROUNDS):
        answers = asked_passwords(to_ask(report.unreadable, typed))
        if not answers:
            break
        typed |= answers
        with door.progress() as progress:
            report = workspace.ingest(name, passwords=typed, on_step=progress)
    return report


def _exit_code_of(report: IngestReport) -> int:
    unread = EXIT_SOME_FAILED if report.unreadable else EXIT_OK
    held_back = EXIT_HELD_BACK if report.gate and not report.gate.passed else EXIT_OK
    return strongest_exit_code((unread, held_back))


def _shown(report: IngestReport) -> str:
    shown = f"{show_report(report)}\nIsolation level {isolation_of(report.figures())}."
    return shown if report.gate is None else f"{shown}\n{gate_as_text(report.gate)}"
