"""Preparation of a model in a process of its own.

It gives the 700 MB of torch and transformers back when it ends, and keeps a crash of a converter
away from the work that needs the model.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import ragkit
from ragkit.errors import EXIT_OK, NotReady, RagkitError
from ragkit.files import scratch_file

_LONGEST = 900.0


def prepare_in_child(module: str, arguments: Sequence[str], model: str, hint: str) -> None:
    """Run `python -m module arguments`. model: its name, for the message. Raises NotReady."""
    # Started in the folder that holds ragkit: `-m` imports from the current one first.
    root = Path(ragkit.__file__).parent.parent
    with scratch_file("complaints") as complaints:
        try:
            done = subprocess.run(
                [sys.executable, "-m", module, *arguments],
                cwd=root,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                timeout=_LONGEST,
            )
        except subprocess.TimeoutExpired as error:
            problem = f"preparing {model} took more than {_LONGEST:.0f} seconds"
            raise NotReady(problem, hint=hint) from error
        if done.returncode != 0:
            complaints.seek(0, os.SEEK_END)
            complaints.seek(max(0, complaints.tell() - 2000))
            reason = complaints.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise NotReady(f"preparing {model} failed: {reason}", hint=hint)


def as_child(prepare: Callable[[], object]) -> int:
    """The child's side. Returns its exit code; a failure is one line on standard error."""
    from ragkit.isolation import seal

    try:
        # The parent has decided what level it accepts, and its filter is inherited.
        seal(accept_weak=True)
        prepare()
    except RagkitError as error:
        print(error.message, file=sys.stderr)  # noqa: T201 (the line the parent reads)
        return error.exit_code
    return EXIT_OK
