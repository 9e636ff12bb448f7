"""Counting the calls by which processes ask for the means of a connection, sent or not.

A system call filter that lets everything pass but tells this process of a few calls first (seccomp's
user notification, Linux 5.5). So a socket that is made and never used is counted too, and those
kinds that send no packet: local services, the host of a virtual machine. And it is told whether a process
puts a filter of its own over itself, as the guard does.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress

from ragkit.isolation.bpf import (
    ALLOW,
    ARCHITECTURE,
    CALL_NUMBER,
    NEXT,
    NOTIFY,
    assemble,
    if_equal,
    load,
)
from ragkit.isolation.kernel import PR_SET_NO_NEW_PRIVS, Kernel
from ragkit.isolation.seccomp import MARK_FAMILY, this_machine

SEALED = "filters put in place"
INTERNET = "internet sockets"
KINDS = (INTERNET, "local services (AF_UNIX)", "kernel settings (netlink)", "other sockets",
         "connections begun", "io_uring rings", SEALED)  # fmt: skip
_FAMILIES = {1: KINDS[1], 2: INTERNET, 10: INTERNET, 16: KINDS[2]}

_NEW_LISTENER = 8
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_NOTICE_BYTES = 80
_CONTINUE = 1


class CallCounter:
    """Puts the filter over this process and all its later children; they stop while nobody serves it."""

    def __init__(self, listener: int, kinds: dict[int, str]) -> None:
        self._listener = listener
        self._kinds = kinds
        self.counts: Counter[str] = Counter()

    @classmethod
    def install(cls) -> CallCounter | None:
        """None where this kernel or machine cannot count."""
        machine = this_machine()
        if machine is None:
            return None
        kinds = {
            machine.socket: "socket",
            machine.refused["connect"]: "connections begun",
            machine.refused["io_uring_setup"]: "io_uring rings",
            machine.seccomp: SEALED,
        }
        kernel = Kernel()
        kernel.prctl(PR_SET_NO_NEW_PRIVS, 1)
        program = _program(machine.audit_name, kinds)
        listener = kernel.add_filter(machine.seccomp, _NEW_LISTENER, program)
        return cls(listener, kinds) if listener >= 0 else None

    def fileno(self) -> int:
        return self._listener

    def serve(self) -> None:
        """Count one call and let it go on."""
        notice = bytearray(_NOTICE_BYTES)
        with suppress(FileNotFoundError):  # whoever asked was killed meanwhile
            fcntl.ioctl(self._listener, _RECEIVE, notice, True)
            identity, _, _, number = struct.unpack_from("=QIIi", notice)
            (family,) = struct.unpack_from("=Q", notice, 32)
            self._count(number, family)
            fcntl.ioctl(self._listener, _SEND, struct.pack("=QqiI", identity, 0, 0, _CONTINUE))

    def take(self) -> dict[str, int]:
        """The counts since the last call, by kind, zeros included."""
        counts, self.counts = self.counts, Counter()
        return {kind: counts[kind] for kind in KINDS}

    def close(self) -> None:
        os.close(self._listener)

    def _count(self, number: int, family: int) -> None:
        if self._kinds[number] != "socket":
            self.counts[self._kinds[number]] += 1
        elif family != MARK_FAMILY:  # the guard asking whether it is in place
            self.counts[_FAMILIES.get(family, "other sockets")] += 1


def _program(audit_name: int, calls: Iterable[int]) -> bytes:
    """The filter in the kernel's form; other architectures' calls pass uncounted."""
    return assemble(
        [
            load(ARCHITECTURE),
            if_equal(audit_name, NEXT, otherwise="allow"),
            load(CALL_NUMBER),
            *[if_equal(call, "notify") for call in calls],
            ALLOW,
            NOTIFY,
        ]
    )
