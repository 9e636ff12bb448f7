"""`python -m ragkit.doctor.unguarded MODULE ARGUMENT...`: a module of ragkit without its guard.

What it runs, with every process that ragkit starts from there, is not shut off by its own hand, so that
what its libraries would send can be seen (the proof) and what the guard costs can be measured (the
benchmark). It starts only where nothing leads out anyway: in a network without any interface but
loopback. No option and no setting of the product leads here.
"""

from __future__ import annotations

import runpy
import subprocess
import sys
from typing import Any

import ragkit
from ragkit import isolation
from ragkit.doctor.sensor.enclosure import nothing_leads_out
from ragkit.isolation import guard, profiles
from ragkit.isolation.environment import scrub_environment
from ragkit.isolation.process import restrict_files

MODULE = "ragkit.doctor.unguarded"
LEFT_OUT = guard.Isolation("D", ("the guard is left out, inside a sensor",))


def main(arguments: list[str]) -> None:
    """Run the module as `python -m` would."""
    if not nothing_leads_out():
        sys.exit("ragkit runs without its guard only in a network that leads nowhere.")
    leave_guard_out()
    sys.argv[:] = arguments
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)


def leave_guard_out() -> None:
    """For this process and those that it starts."""
    for place in (ragkit, isolation, guard):
        vars(place)["seal"] = _do_not_seal
    vars(profiles)["ReaderProfile"] = _OpenProfile
    vars(profiles)["confine_ocr"] = _do_not_confine
    vars(subprocess)["Popen"] = _UnguardedPopen


def _do_not_seal(**_: Any) -> guard.Isolation:
    """What the guard does beside shutting: the libraries' own switches, and files for the owner alone."""
    scrub_environment()
    restrict_files()
    return LEFT_OUT


def _do_not_confine(*_: Any, **__: Any) -> str:
    return ""


class _OpenProfile(profiles.ReaderProfile):
    """What reads a document, and is confined further elsewhere."""

    def confine(self, *, accept_weak: bool = False) -> None:
        """Nothing is taken away."""


class _UnguardedPopen(subprocess.Popen[Any]):
    """Starts modules of ragkit through this one."""

    def __init__(self, args: Any, *rest: Any, **options: Any) -> None:
        super().__init__(_through_this_module(args), *rest, **options)


def _through_this_module(command: Any) -> Any:
    if not isinstance(command, list) or command[0] != sys.executable or "-m" not in command:
        return command
    place = command.index("-m") + 1
    if not command[place].startswith("ragkit.") or command[place] == MODULE:
        return command
    return [*command[:place], MODULE, *command[place:]]


if __name__ == "__main__":
    main(sys.argv[1:])
