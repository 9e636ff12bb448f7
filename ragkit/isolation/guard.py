"""Sealing: everything in its order, the result measured and never assumed."""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from ragkit.errors import IsolationFault
from ragkit.isolation.attempts import watch
from ragkit.isolation.environment import scrub_environment
from ragkit.isolation.kernel import PR_SET_DUMPABLE, Kernel
from ragkit.isolation.namespace import in_empty_network, leave_network
from ragkit.isolation.probes import quick_probes
from ragkit.isolation.process import (
    close_inherited_connections,
    forbid_core_dumps,
    restrict_files,
)
from ragkit.isolation.seccomp import install, is_in_place, this_machine

Level = Literal["A", "B", "D"]

_DESCRIPTIONS: dict[Level, str] = {
    "A": "no network: an empty network namespace and a system call filter",
    "B": "no network: a system call filter",
    "D": "not enforced by the kernel",
}


@dataclass(frozen=True, slots=True)
class Isolation:
    """How well this process is shut off.

    level: "A" namespace and filter, "B" filter, "D" hooks in Python at most ("C", a policy of the
    operating system, is not measured yet).
    reasons: why it is not higher; empty for "A".
    """

    level: Level
    reasons: tuple[str, ...] = ()

    @property
    def description(self) -> str:
        """One line for a person."""
        return "; ".join((f"level {self.level}, {_DESCRIPTIONS[self.level]}", *self.reasons))


_sealed: Isolation | None = None


def seal(
    *,
    allow_namespace: bool = True,
    accept_weak: bool = False,
    keep_sockets: Collection[int] = (),
    kernel: Kernel | None = None,
) -> Isolation:
    """Shut this process and all its later children off the network, for good.

    allow_namespace: False leaves out the network namespace; a server needs that, since nothing
    could reach its listener...
    accept_weak: go on below level B, where the kernel refuses nothing; the caller records it.
    keep_sockets: descriptors to leave open, such as a listener bound to loopback before; it keeps
    the network in which it was made, so connections are still accepted at level A.
    kernel: what makes the system calls; for tests.

    A second call, and a call in a child of a sealed process, is harmless and cheap. Where the
    system is not Linux the level is "D" and nothing is raised.
    Raises IsolationFault on Linux below level B, unless `accept_weak`.
    """
    global _sealed
    if _sealed is None:
        scrub_environment()
        restrict_files()
        forbid_core_dumps()
        close_inherited_connections(keep_sockets)
        isolation = _shut(kernel, allow_namespace)
        watch()
        _sealed = isolation
    if _sealed.level == "D" and _on_linux() and not accept_weak:
        raise IsolationFault(
            f"The network cannot be shut off here, so nothing is opened: {_sealed.reasons[0]}.",
            hint="Linux 3.17 or newer with seccomp is needed; a container may have to allow it.",
        )
    return _sealed


def current() -> Isolation:
    """The level of this process, measured if it has not called `seal()` (a parent may have)."""
    if _sealed is not None:
        return _sealed
    if not _on_linux():
        return Isolation("D", ("this process has not been sealed",))
    kernel, machine = Kernel(), this_machine()
    if machine is None or not is_in_place(kernel, machine):
        return Isolation("D", ("this process has not been sealed",))
    outside = "" if in_empty_network() else "no network namespace"
    return _measured(outside, _self_test(kernel))


def _shut(kernel: Kernel | None, allow_namespace: bool) -> Isolation:
    if not _on_linux():
        return Isolation("D", (f"no system call filter on {sys.platform}",))
    kernel = kernel or Kernel()
    outside = leave_network(kernel) if allow_namespace else "no network namespace: not wanted"
    # After the namespace, whose user map a process that is not dumpable may not write. It keeps
    # other processes of the user from reading this one's memory, and crash reporters too.
    kernel.prctl(PR_SET_DUMPABLE, 0)
    return _measured(outside, install(kernel) or _self_test(kernel))


def _measured(outside: str, unfiltered: str) -> Isolation:
    """The level from the two reasons why a layer is missing, empty where it is there."""
    level: Level = "D" if unfiltered else "B" if outside else "A"
    return Isolation(level, tuple(reason for reason in (unfiltered, outside) if reason))


def _self_test(kernel: Kernel) -> str:
    """Really try to get out; the reason why the filter does not hold, or an empty string."""
    open_ways = [probe for probe in quick_probes(kernel) if not probe.refused]
    return "; ".join(f"{probe.name} gives {probe.answer}" for probe in open_ways)


def _on_linux() -> bool:
    return sys.platform.startswith("linux")
