"""Calling systemctl, loginctl and crontab. Nothing here opens a document."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from ragkit.errors import NotReady

SECONDS = 60


class Ended(NamedTuple):
    """How a tool ended and what it said; bytes that are no UTF-8 as surrogates."""

    code: int
    output: str
    error: str


def has_tool(name: str) -> bool:
    return shutil.which(name) is not None


def run_tool(words: tuple[str, ...], given: str | None = None) -> Ended:
    """Raises NotReady if it cannot be started or does not end."""
    try:
        done = subprocess.run(
            words,
            input=None if given is None else given.encode("utf-8", "surrogateescape"),
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            timeout=SECONDS,
            env=_environment(),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotReady(f"{words[0]} cannot be used: {type(error).__name__}.") from None
    output, said = (part.decode("utf-8", "surrogateescape") for part in (done.stdout, done.stderr))
    return Ended(done.returncode, output, said)


def _environment() -> dict[str, str]:
    """English messages, and the way to the user's own service manager, which `su` and cron lack."""
    environment = {**os.environ, "LC_ALL": "C"}
    runtime = Path(f"/run/user/{os.getuid()}")
    if "XDG_RUNTIME_DIR" not in environment and runtime.is_dir():
        environment["XDG_RUNTIME_DIR"] = str(runtime)
    return environment
