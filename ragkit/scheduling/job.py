"""What is to be run, when, and under which name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ragkit.errors import UsageFault

TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
DEFAULT_TIME = "02:00"


def time_of_day(time: str, *, option: str) -> tuple[int, int]:
    """Hour and minute of "02:00". Raises UsageFault for what is none."""
    match = TIME.fullmatch(time)
    if match is None:
        raise UsageFault(f"{time!r} is not a time of day.", hint=f"Write it as {option} 02:00")
    return int(match[1]), int(match[2])


@dataclass(frozen=True, slots=True)
class Job:
    """`ragkit nightly --all` for one settings file, at a time of day on the machine's clock.

    config: absolute. python: the interpreter to run it with, absolute, its links not followed (a
    virtual environment is known by its own path). environment: names and values of variables that
    the job needs; a service and cron see nothing of the shell's.
    """

    config: Path
    hour: int
    minute: int
    python: Path
    environment: tuple[tuple[str, str], ...] = ()

    @classmethod
    def at(
        cls, time: str, config: Path, python: Path, environment: Mapping[str, str] | None = None
    ) -> Job:
        """Raises UsageFault for a time that is none, and for paths no table of jobs can hold."""
        hour, minute = time_of_day(time, option="--at")
        variables = tuple((environment or {}).items())
        for text in (str(config), str(python), *(value for _, value in variables)):
            if not text.isprintable():
                raise UsageFault(
                    f"A job cannot name {text!r}: it holds characters that cannot be printed.",
                    hint="Rename that folder or file.",
                )
        return cls(config, hour, minute, python, variables)

    @property
    def name(self) -> str:
        """The same for a settings file every time, and another one for every other file."""
        return f"ragkit-{sha256(str(self.config).encode()).hexdigest()[:8]}"

    @property
    def time(self) -> str:
        return f"{self.hour:02}:{self.minute:02}"

    @property
    def command(self) -> tuple[str, ...]:
        """Quiet: what it prints goes into logs and mail, and a log must not name documents."""
        arguments = ("nightly", "--all", "--config", str(self.config), "--quiet")
        return (str(self.python), "-m", "ragkit", *arguments)
