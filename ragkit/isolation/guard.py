"""Sealing: everything in its order, the result measured and never assumed."""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ragkit.errors import IsolationFault
from ragkit.isolation.attempts import watch
from ragkit.isolation.environment import scrub_environment
from ragkit.isolation.kernel import PR_SET_DUMPABLE, Kernel
from ragkit.isolation.namespace import has_no_way_out, in_empty_network, leave_network
from ragkit.isolation.probes import no_internet_sockets, quick_probes
from ragkit.isolation.process import (
    close_inherited_connections,
    forbid_core_dumps,
    forget_temporary_folder,
    restrict_files,
)
from ragkit.isolation.seccomp import install, is_in_place, this_machine
from ragkit.isolation.writing import restrict_writing, writing_is_refused

Level = Literal["A", "B", "C", "D"]

_DESCRIPTIONS: dict[Level, str] = {
    "A": "no network: an empty network namespace and a system call filter",
    "B": "no network: a system call filter",
    "C": "no network where it runs, which the kernel does not enforce for this process",
    "D": "not enforced by the kernel",
}
STRONG: tuple[Level, ...] = ("A", "B")
"""The levels at which documents are opened without being told to."""

NOT_WANTED = "not wanted"
"""Why files are not restricted, where nobody asked for it."""

ACCEPT_WEAK = "--accept-weak-isolation"
"""The option of the commands by which a person accepts less."""


@dataclass(frozen=True, slots=True)
class Isolation:
    """How well this process is shut off.

    level: "A" namespace and filter; "B" filter; "C" the surroundings have no network (measured: an
    empty namespace, a container with loopback alone, a policy against internet sockets), but this
    process could still reach local services; "D" hooks in Python at most.
    reasons: why it is not higher; empty for "A".
    files: why files are not restricted; empty where they are written only where the work is.
    """

    level: Level
    reasons: tuple[str, ...] = ()
    files: str = NOT_WANTED

    @property
    def is_strong(self) -> bool:
        """Whether the kernel holds this process off the network."""
        return self.level in STRONG

    @property
    def description(self) -> str:
        """One line for a person."""
        return "; ".join(
            (f"level {self.level}, {_DESCRIPTIONS[self.level]}", *self.reasons, *self._of_files())
        )

    def _of_files(self) -> tuple[str, ...]:
        if self.files == NOT_WANTED:
            return ()
        return (f"files not restricted: {self.files}" if self.files else "files restricted",)


_sealed: Isolation | None = None


def seal(
    *,
    allow_namespace: bool = True,
    accept_weak: bool = False,
    keep_sockets: Collection[int] = (),
    write: Collection[Path] | None = None,
    kernel: Kernel | None = None,
) -> Isolation:
    """Shut this process and all its later children off the network, for good.

    allow_namespace: False leaves out the network namespace; a server needs that, since nothing
    could reach its listener...
    accept_weak: go on below level B, where the kernel refuses nothing; the caller records it.
    keep_sockets: descriptors to leave open, such as a listener bound to loopback before; it keeps
    the network in which it was made, so connections are still accepted at level A.
    write: the only folders (all below them) and files that are written from now on, where the kernel
    can hold to it (see `Isolation.files`); None does not restrict files. See writing.py.
    kernel: what makes the system calls; for tests.

    A second call, and a call in a child of a sealed process, is harmless and cheap; the first one
    that names `write` restricts files. Where the system is not Linux the level is "D" and nothing is
    raised. Raises IsolationFault on Linux below level B, unless `accept_weak`.
    """
    global _sealed
    if _sealed is None:
        scrub_environment()
        restrict_files()
        forbid_core_dumps()
        close_inherited_connections(keep_sockets)
        isolation = _shut(kernel, allow_namespace, write)
        watch()
        _sealed = isolation
    elif write is not None and _sealed.files == NOT_WANTED and _on_linux():
        _sealed = replace(_sealed, files=restrict_writing(kernel or Kernel(), write))
    if not _sealed.files:
        forget_temporary_folder()
    if not _sealed.is_strong and _on_linux() and not accept_weak:
        raise IsolationFault(
            f"The network cannot be shut off here, so nothing is opened: {_sealed.reasons[0]}.",
            hint="Linux 3.17 or newer with seccomp is needed; a container may have to allow it. "
            f"{ACCEPT_WEAK} goes on without, and is recorded.",
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
    return _measured(kernel, outside, _self_test(kernel), _inherited())


def _inherited() -> str:
    """Of `Isolation.files`: a parent may have restricted them."""
    return "" if writing_is_refused() else NOT_WANTED


def _shut(
    kernel: Kernel | None, allow_namespace: bool, write: Collection[Path] | None
) -> Isolation:
    if not _on_linux():
        files = NOT_WANTED if write is None else f"no Landlock on {sys.platform}"
        return Isolation("D", (f"no system call filter on {sys.platform}",), files)
    kernel = kernel or Kernel()
    outside = leave_network(kernel) if allow_namespace else "no network namespace: not wanted"
    # After the namespace, whose user map a process that is not dumpable may not write. It keeps
    # other processes of the user from reading this one's memory, and crash reporters too.
    kernel.prctl(PR_SET_DUMPABLE, 0)
    files = _inherited() if write is None else restrict_writing(kernel, write)
    return _measured(kernel, outside, install(kernel) or _self_test(kernel), files)


def _measured(kernel: Kernel, outside: str, unfiltered: str, files: str) -> Isolation:
    """The level from the two reasons why a layer is missing, empty where it is there."""
    level: Level = "B" if outside else "A"
    if unfiltered:
        level = "C" if has_no_way_out() or no_internet_sockets(kernel) else "D"
    return Isolation(level, tuple(reason for reason in (unfiltered, outside) if reason), files)


def _self_test(kernel: Kernel) -> str:
    """Really try to get out; the reason why the filter does not hold, or an empty string."""
    open_ways = [probe for probe in quick_probes(kernel) if not probe.refused]
    return "; ".join(f"{probe.name} gives {probe.answer}" for probe in open_ways)


def _on_linux() -> bool:
    return sys.platform.startswith("linux")
