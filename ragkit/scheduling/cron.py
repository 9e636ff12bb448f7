"""A marked block in the user's crontab; every other byte of it stays as it is."""

from __future__ import annotations

import re
import shlex

from ragkit.errors import NotReady, UsageFault
from ragkit.scheduling.job import Job
from ragkit.scheduling.plan import RunCommand
from ragkit.scheduling.tools import has_tool, run_tool

TITLE = "two lines of the user's crontab"
CATCHES_UP = (
    "cron asks every hour, and when the machine starts, whether the night was missed: then it is made "
    "up for, the first one too."
)
LIST = ("crontab", "-l")
EMPTY = re.compile(r"no crontab for|no such file", re.IGNORECASE)


def is_at_hand() -> bool:
    return has_tool("crontab")


def lines_of(job: Job) -> str:
    """The lines of the job, as cron wants them. Raises UsageFault for a backslash: crons differ in it.

    cron does not make up for a night on which the machine was off. So it calls every hour, and when it
    starts, a command that does nothing unless the night was missed. What that prints is thrown away:
    cron would mail it, and the report names documents. Faults go to stderr, without such names, and
    are mailed.
    """
    variables = [f"{name}={value}" for name, value in job.environment]
    words = shlex.join(
        [
            *(["env"] if variables else []),
            *variables,
            *("nice", "-n", "10"),
            *job.command,
            *("--catch-up", job.time),
        ]
    )
    if "\\" in words:
        raise UsageFault(f"cron cannot run a command with a backslash: {words}.")
    # A percent sign would end the command; / keeps the home folder out of Python's path.
    escaped = words.replace("%", "\\%")
    command = f"cd / && {escaped} > /dev/null"
    return f"{job.minute} * * * * {command}\n@reboot {command}"


def install(job: Job) -> tuple[RunCommand, ...]:
    return (_crontab(with_block(read(), job.name, lines_of(job))),)


def remove(job: Job) -> tuple[RunCommand, ...]:
    """Nothing if the block is not there, or cannot be because this user may not use cron."""
    done = run_tool(LIST) if is_at_hand() else None
    if done is None or done.code:
        return ()
    after = without_block(done.output, job.name)
    return () if after == done.output else (_crontab(after),)


def read() -> str:
    """The user's crontab, empty if there is none. Raises NotReady if it cannot be read."""
    done = run_tool(LIST)
    if done.code == 0:
        return done.output
    if EMPTY.search(done.error):
        return ""
    said = (done.error.strip().splitlines() or ["no reason given"])[0]
    raise NotReady(f"The crontab cannot be read, so it is left alone: {said}.")


def with_block(crontab: str, name: str, lines: str) -> str:
    """The crontab with the block of that name replaced where it stands, or added at the end."""
    begin, end = _marks(name)
    block = f"{begin}\n{lines}\n{end}\n"
    found = _find(crontab, name)
    if found is not None:
        start, stop = found
        return crontab[:start] + block + crontab[stop:]
    gap = "" if not crontab or crontab.endswith("\n") else "\n"
    return f"{crontab}{gap}{block}"


def without_block(crontab: str, name: str) -> str:
    found = _find(crontab, name)
    if found is None:
        return crontab
    start, stop = found
    return crontab[:start] + crontab[stop:]


def _find(crontab: str, name: str) -> tuple[int, int] | None:
    """Where the block begins and ends. Raises NotReady if only one of its marks is there."""
    begin, end = (re.escape(mark) for mark in _marks(name))
    marks = re.findall(rf"^(?:{begin}|{end})$", crontab, re.MULTILINE)
    block = re.search(rf"^{begin}\n(?:(?!{begin}$)[^\n]*\n)*?{end}(?:\n|\Z)", crontab, re.MULTILINE)
    if len(marks) not in (0, 2) or (marks and block is None):
        raise NotReady(
            f"The block of {name} in the crontab has been taken apart, so nothing is changed.",
            hint=f"crontab -e, and remove what is left of it: the lines that name {name}.",
        )
    return None if block is None else block.span()


def _marks(name: str) -> tuple[str, str]:
    return f"# BEGIN {name} (ragkit schedule)", f"# END {name}"


def _crontab(text: str) -> RunCommand:
    return RunCommand(("crontab", "-"), text)
