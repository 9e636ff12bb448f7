"""`--also PIPELINE`: one question to several pipelines, each asked for itself.

Their evidence is never mixed: every pipeline has its own answer, shown under its name, and an entry in
its own ledger that names the others. There is no way to ask all: they are listed one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from ragkit.cli.choosing import Done, one_after_the_other
from ragkit.cli.door import Door
from ragkit.errors import UsageFault

if TYPE_CHECKING:
    from ragkit.workspace import Workspace


def also_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --also to a command."""
    return click.option(
        "--also",
        metavar="PIPELINE",
        multiple=True,
        help="Ask this pipeline too, for itself; may be given several times.",
    )(command)


def named_together(pipeline: str, also: tuple[str, ...], *, is_batch: bool) -> tuple[str, ...]:
    """Raises UsageFault for a pipeline named twice, and for --also with --questions."""
    names = (pipeline, *also)
    if len(set(names)) < len(names):
        raise UsageFault("A pipeline is named twice.")
    if also and is_batch:
        raise UsageFault("--also is for one question, --questions for one pipeline.")
    return names


def ask_together(
    door: Door,
    workspace: Workspace,
    names: tuple[str, ...],
    ask: Callable[[str, tuple[str, ...]], Done],
) -> int:
    """ask: given a pipeline and the others. Returns the exit code that stands for all.

    Raises UnknownPipeline before any is asked, and noted as asked together with another.
    """
    for name in names:
        workspace.config.pipeline(name)
    if len(names) == 1:
        return one_after_the_other(door, names, lambda name: ask(name, ()))

    def asked(name: str) -> Done:
        done = ask(name, tuple(other for other in names if other != name))
        return Done(
            {"pipeline": name, **done.data}, lambda: f"{name}:\n\n{done.text()}\n", done.exit_code
        )

    return one_after_the_other(door, names, asked, as_list="results")
