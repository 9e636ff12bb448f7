"""`ragkit schedule`: opens no document and no store, so it is not sealed; it talks to systemd or cron."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import click

from ragkit.cli.door import Door, common_options
from ragkit.config import load_config
from ragkit.errors import EXIT_OK
from ragkit.models import default_models_folder
from ragkit.scheduling import Job, Plan, carry_out, plan_install, plan_remove
from ragkit.scheduling.job import DEFAULT_TIME
from ragkit.scheduling.planning import require_root

PATH_OF_CRON = "/usr/bin:/bin"


@click.group("schedule", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Have the machine run `ragkit nightly --all` every night.

    By a timer of your own systemd, or by your crontab where there is no systemd. Either makes up for
    nights on which the machine was off.
    """


def job_options(function: Callable[..., None]) -> Callable[..., None]:
    """--at, --system and --user."""
    for option in (
        click.option("--user", default="", help="With --system: whom it runs as (default: you)."),
        click.option(
            "--system", is_flag=True, help="A unit of the system's; installing needs root."
        ),
        click.option("--at", default=DEFAULT_TIME, show_default=True, help="Time of day, HH:MM."),
    ):
        function = option(function)
    return function


@command.command("install")
@job_options
@common_options
def install(door: Door, at: str, system: bool, user: str) -> int:
    """Install it, or bring it up to date. `show` prints beforehand what this does."""
    plan, job = _plan(door, at, system, user)
    if system:
        require_root()
    carry_out(plan)

    def text() -> str:
        runs = f"{job.name} runs `ragkit nightly --all` every night at {job.time}: {plan.how}."
        return "\n".join([runs, *plan.notes])

    door.result(_data(job, plan), text)
    return EXIT_OK


@command.command("show")
@job_options
@common_options
def show(door: Door, at: str, system: bool, user: str) -> int:
    """Print what `install` would write, byte for byte, and the commands it would run."""
    plan, job = _plan(door, at, system, user)
    door.result(_data(job, plan), plan.show)
    for note in plan.notes:
        door.note(note)
    return EXIT_OK


@command.command("remove")
@click.option("--system", is_flag=True, help="The unit of the system's; needs root.")
@common_options
def remove(door: Door, system: bool) -> int:
    """Remove exactly what `install` has installed for this settings file."""
    job = _job(door, DEFAULT_TIME)
    if system:
        require_root()
    plan = plan_remove(job, system=system)
    carry_out(plan)
    said = f"{job.name} is removed." if plan.steps else f"Nothing is installed for {job.config}."
    door.result(_data(job, plan), lambda: said)
    return EXIT_OK


def _plan(door: Door, at: str, system: bool, user: str) -> tuple[Plan, Job]:
    """Raises ConfigFault: what cannot run now would not run at night either."""
    load_config(door.config)
    job = _job(door, at)
    return plan_install(job, system=system, user=user), job


def _job(door: Door, at: str) -> Job:
    return Job.at(
        at,
        config=door.config.resolve(),
        python=Path(sys.executable).absolute(),  # a link of a virtual environment is kept
        environment=_environment(),
    )


def _environment() -> dict[str, str]:
    """What a job would not find by itself: models elsewhere, and a tesseract out of cron's sight."""
    needed = {}
    models = default_models_folder()
    if models != default_models_folder({}):
        needed["RAGKIT_MODELS"] = str(models.absolute())
    tesseract = shutil.which("tesseract")
    if tesseract and not shutil.which("tesseract", path=PATH_OF_CRON):
        needed["PATH"] = f"{Path(tesseract).absolute().parent}:/usr/local/bin:{PATH_OF_CRON}"
    if "TESSDATA_PREFIX" in os.environ:  # where the user keeps tesseract's languages
        needed["TESSDATA_PREFIX"] = os.environ["TESSDATA_PREFIX"]
    return needed


def _data(job: Job, plan: Plan) -> dict[str, object]:
    return {"version": 1, "name": job.name, "at": job.time, **plan.as_dict()}
