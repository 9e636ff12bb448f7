"""`python -m ragkit.doctor.unguarded MODULE ARGUMENT...`: a module of ragkit without its guard.

What it runs, with every process that ragkit starts from there, is not shut off by its own hand, so that
what its libraries would send can be seen (the proof) and what the guard costs can be measured (the
benchmark). It starts only where nothing leads out anyway: in a network without any interface but
loopback. No option and no setting of the product leads here.
"""

from __future__ import annotations

import os
import runpy
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import ragkit
from ragkit import isolation
from ragkit.doctor.sensor.enclosure import nothing_leads_out
from ragkit.isolation import guard, profiles
from ragkit.isolation.environment import scrub_environment
from ragkit.isolation.process import restrict_files

MODULE = "ragkit.doctor.unguarded"
CALLERS = "RAGKIT_PROOF_CALLERS"
"""Names the file in which each process notes who asks for sockets; without it nobody does."""
LEFT_OUT = guard.Isolation("D", ("the guard is left out, inside a sensor",))


_SOCKET_EVENTS = {"socket.__new__": "made", "socket.bind": "bound", "socket.connect": "connected"}


def main(arguments: list[str]) -> None:
    """Run the module as `python -m` would."""
    if not nothing_leads_out():
        sys.exit("ragkit runs without its guard only in a network that leads nowhere.")
    leave_guard_out()
    _note_callers()
    sys.argv[:] = arguments
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)


def leave_guard_out() -> None:
    """For this process and those that it starts."""
    for place in (ragkit, isolation, guard):
        vars(place)["seal"] = _do_not_seal
    vars(profiles)["ReaderProfile"] = _OpenProfile
    vars(profiles)["confine_ocr"] = _do_not_confine
    vars(subprocess)["Popen"] = _UnguardedPopen


def _note_callers() -> None:
    file = os.environ.get(CALLERS)
    if not file:
        return

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _SOCKET_EVENTS:
            with Path(file).open("a", encoding="utf-8") as stream:
                stream.write(f"{_caller()}, {_family(event, arguments)}\n")

    sys.addaudithook(hook)
    _UnguardedPopen.noted_in = file


def _family(event: str, arguments: tuple[Any, ...]) -> str:
    made, named = arguments[0], arguments[1]
    family = named if event == "socket.__new__" else made.family
    known = {member.value: member.name for member in socket.AddressFamily}
    return f"{known.get(family, family)}, {_SOCKET_EVENTS[event]}"


def _caller() -> str:
    """The module that asked, past the standard library's own."""
    names = list(_modules(sys._getframe(2)))
    library = [name for name in names if name.partition(".")[0] not in sys.stdlib_module_names]
    return next(iter([*library, *names]), "Python")


def _modules(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if not name.startswith(("importlib", MODULE)):
            yield name
        frame = frame.f_back


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
    """Starts modules of ragkit through this one. noted_in: see CALLERS."""

    noted_in = ""

    def __init__(self, args: Any, *rest: Any, **options: Any) -> None:
        if options.get("env") is not None and self.noted_in:
            options["env"] = {**options["env"], CALLERS: self.noted_in}
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
