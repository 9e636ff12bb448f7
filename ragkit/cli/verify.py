"""`ragkit verify`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ragkit.cli.door import Door, guarded_options
from ragkit.errors import EXIT_OK, EXIT_SOME_FAILED, CheckFailed, UsageFault, strongest_exit_code
from ragkit.types.rechecks import Recheck, SavedAnswer

STDIN = "-"


@click.command("verify")
@click.argument("answers", nargs=-1, required=True, metavar="ANSWER.json...")
@click.option(
    "--pipeline",
    default="",
    help="Look in the folders of this pipeline. Default: the one that an answer names.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Also fail where a file has changed, or a quote stands elsewhere on its page.",
)
@guarded_options
def command(door: Door, answers: tuple[str, ...], pipeline: str, strict: bool) -> int:
    """Check saved answers against the files as they are now, byte by byte.

    ANSWER.json is what `ask --json` or `summarize --json` printed, or the file of `ask --questions
    --output` ("-": standard input). Neither the index nor a model is needed.
    Exit code 9: a quote no longer stands, or a sentence is not what its quotes say; it is named.
    Exit code 3: a document could not be read.
    """
    with door.open_workspace(reads_files=True) as workspace:
        if pipeline:
            workspace.config.pipeline(pipeline)
        saved = tuple(each for name in answers for each in _saved(name))
        with door.progress() as progress:
            recheck = workspace.verify_answers(saved, pipeline=pipeline, on_step=progress)
        door.result(recheck.as_dict(), lambda: _shown(recheck, door.width))
    return _exit_code(recheck, strict)


def _saved(name: str) -> tuple[SavedAnswer, ...]:
    """Raises UsageFault."""
    from ragkit.flows.saved_answers import MOST_BYTES, read_saved

    try:
        if name == STDIN:
            return read_saved(sys.stdin.buffer.read(MOST_BYTES + 1), "standard input")
        with Path(name).open("rb") as file:
            return read_saved(file.read(MOST_BYTES + 1), name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "that is no file name"
        raise UsageFault(f"{name} cannot be read: {reason}.") from None


def _shown(recheck: Recheck, width: int) -> str:
    from ragkit.rendering.recheck import show_recheck

    return show_recheck(recheck, width=width)


def _exit_code(recheck: Recheck, strict: bool) -> int:
    fails = recheck.fails or (strict and recheck.changed)
    return strongest_exit_code(
        (
            CheckFailed.exit_code if fails else EXIT_OK,
            EXIT_SOME_FAILED if recheck.unreadable else EXIT_OK,
        )
    )
