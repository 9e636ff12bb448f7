"""Tries to get out, and looks at what the kernel answers.

`quick_probes` runs after every sealing and in well under a millisecond. `prove` is for a person and
for the tests: every refused call, and a child process. Nothing is sent anywhere: a socket that
should not have been given is closed at once, and the other calls get arguments that are no use.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from typing import NamedTuple

from ragkit.isolation.kernel import Kernel, explain
from ragkit.isolation.seccomp import (
    AF_UNIX,
    MSG_FASTOPEN,
    SOCK_DGRAM,
    SOCK_STREAM,
    X32_CALLS,
    Machine,
    this_machine,
)

_SOCKETS = {
    "TCP over IPv4": (2, 1, 0),
    "UDP over IPv4": (2, 2, 0),
    "TCP over IPv6": (10, 1, 0),
    "UDP over IPv6": (10, 2, 0),
    "multipath TCP": (2, 1, 262),
    "a local service": (AF_UNIX, SOCK_STREAM, 0),
    "a local datagram service": (AF_UNIX, SOCK_DGRAM, 0),
    "the host of a virtual machine": (40, 1, 0),
    "the kernel's network settings": (16, 3, 0),
}

_CHILD_PROGRAM = """
import socket, sys
for family, kind, protocol in {sockets}:
    try:
        socket.socket(family, kind, protocol).close()
    except PermissionError:
        continue
    except OSError:
        pass
    sys.exit(1)
"""


class Probe(NamedTuple):
    """One try: what was asked for, whether it was refused as meant, and the answer in a word."""

    name: str
    refused: bool
    answer: str


def quick_probes(kernel: Kernel) -> tuple[Probe, ...]:
    """Sockets of each kind, and calls that every ordinary program may make.

    Not the rare ones: a service manager's own policy may kill a process that makes those.
    """
    machine = this_machine()
    calls = _common_calls(machine) if machine else {}
    return (*_ask_for_sockets(kernel), *_make_calls(kernel, calls))


def no_internet_sockets(kernel: Kernel) -> bool:
    """Whether none of the internet's sockets is given here, be it by whose policy it may."""
    names = [name for name in _SOCKETS if "IPv" in name or "TCP" in name]
    answers = [_probe(f"socket: {name}", kernel.socket(*_SOCKETS[name])) for name in names]
    return not any(answer.answer == "allowed" for answer in answers)


def prove(kernel: Kernel | None = None) -> tuple[Probe, ...]:
    """Every way that the guard shuts, tried in this process and in a child.

    Usable before sealing too: then the probes say what is open. Takes as long as a Python takes to
    start.
    """
    kernel = kernel or Kernel()
    machine = this_machine()
    calls = {**_common_calls(machine), **_rare_calls(machine)} if machine else {}
    return (*_ask_for_sockets(kernel), *_make_calls(kernel, calls), _try_in_child())


def _ask_for_sockets(kernel: Kernel) -> Iterator[Probe]:
    for name, wanted in _SOCKETS.items():
        yield _probe(f"socket: {name}", kernel.socket(*wanted))


def _make_calls(kernel: Kernel, calls: dict[str, tuple[int, ...]]) -> Iterator[Probe]:
    for name, call in calls.items():
        yield _probe(f"call: {name}", kernel.system_call(*call))


def _common_calls(machine: Machine) -> dict[str, tuple[int, ...]]:
    nowhere = -1
    return {
        "socket by number": (machine.socket, 2, SOCK_STREAM, 0),
        "connect": (machine.refused["connect"], nowhere, 0, 0),
        "fast open": (machine.sendto, nowhere, 0, 0, MSG_FASTOPEN, 0, 0),
        "datagram pair": (machine.socketpair, AF_UNIX, SOCK_DGRAM, 0, 0),
    }


def _rare_calls(machine: Machine) -> dict[str, tuple[int, ...]]:
    """Arguments of -1: no descriptor, no process, no address, no flags that any of them takes."""
    rare = {name: (number, *[-1] * 6) for name, number in machine.refused.items()}
    rare["msgget"] = (machine.refused["msgget"], -1, 0)  # those flags would make a queue
    if machine.has_x32:
        rare["socket by its x32 number"] = (X32_CALLS | machine.socket, 2, SOCK_STREAM, 0)
    return rare


def _probe(name: str, answer: int) -> Probe:
    if answer > 0 and name.startswith(("socket: ", "call: socket")):
        os.close(answer)
    said = "allowed" if answer >= 0 else explain(answer)
    return Probe(name, answer == -errno.EACCES, said)


def _try_in_child() -> Probe:
    import subprocess

    program = _CHILD_PROGRAM.format(sockets=list(_SOCKETS.values()))
    ended = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True)
    return Probe("a child process", ended.returncode == 0, f"exit {ended.returncode}")
