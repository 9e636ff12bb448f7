"""`--evidence FILE.html`: an answer with its pages as one file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ragkit.cli.door import Door
from ragkit.cli.outputs import require_writable_file
from ragkit.errors import StorageFault, UsageFault
from ragkit.files import remove_leftovers, write_atomically
from ragkit.types import Answer

if TYPE_CHECKING:
    from ragkit.workspace import Workspace

SUFFIXES = (".html", ".htm")


def evidence_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --evidence to a command."""
    return click.option(
        "--evidence",
        metavar="FILE.html",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write the answer as one page that needs nothing else, each quote marked on a picture "
        "of its page; for you alone to read.",
    )(command)


def require_one_answer(file: Path | None, *, is_one: bool) -> None:
    """Before anything is asked. Raises UsageFault for a place that nothing can be written to, a file
    that is there, and for more than one answer."""
    if file is None:
        return
    if not is_one:
        raise UsageFault("--evidence is for one question to one pipeline.")
    if file.suffix.lower() not in SUFFIXES:
        raise UsageFault(f"{file} is written as a web page.", hint="--evidence FILE.html")
    require_writable_file(file)
    if file.exists() or file.is_symlink():
        raise UsageFault(
            f"{file} is already there and was left as it is.", hint="Name a file that is not there."
        )


def write_evidence(door: Door, workspace: Workspace, answer: Answer, file: Path) -> None:
    """Raises StorageFault if the file cannot be written."""
    from ragkit.rendering.evidence_page import as_html

    with door.progress() as progress:
        pack = workspace.illustrate(answer, on_step=progress)
    try:
        remove_leftovers(file)
        write_atomically(file, as_html(pack))
    except OSError as error:
        raise StorageFault(f"{file} cannot be written: {error.strerror}.") from None
    door.note(
        f"{file} holds the answer with its evidence: it names documents and shows their pages."
    )
