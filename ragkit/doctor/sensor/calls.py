"""Counting the calls by which processes ask for the means of a connection, sent or not.

A system call filter that lets everything pass but tells this process of a few calls first (seccomp's
user notification, Linux 5.5). So a socket that is made and never used is counted too, and those
kinds that send no packet: local services, the host of a virtual machine. And it is told whether a process
puts a filter of its own over itself, as the guard does. Of a connection that is begun the family of
its address is read in the memory of the process that waits.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

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
LOCAL, NETLINK = "local services (AF_UNIX)", "kernel settings (netlink)"
OTHER, RINGS = "other sockets", "io_uring rings"
TO_INTERNET, TO_LOCAL = "connections to internet addresses", "connections to local services"
TO_OTHERS = "connections of other kinds"
KINDS = (INTERNET, LOCAL, NETLINK, OTHER, TO_INTERNET, TO_LOCAL, TO_OTHERS, RINGS, SEALED)
_FAMILIES = {1: LOCAL, 2: INTERNET, 10: INTERNET, 16: NETLINK}
_DESTINATIONS = {0: TO_INTERNET, 1: TO_LOCAL, 2: TO_INTERNET, 10: TO_INTERNET}
"""By the address's family; 0 undoes a connection of UDP."""
_CONNECT = "connect"
_LONGEST_ADDRESS = 110

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
        self.services: Counter[str] = Counter()

    @classmethod
    def install(cls) -> CallCounter | None:
        """None where this kernel or machine cannot count."""
        machine = this_machine()
        if machine is None:
            return None
        kinds = {
            machine.socket: "socket",
            machine.refused["connect"]: _CONNECT,
            machine.refused["io_uring_setup"]: RINGS,
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
            identity, process, _, number = struct.unpack_from("=QIIi", notice)
            arguments = struct.unpack_from("=QQQ", notice, 32)
            self._count(number, process, arguments)
            fcntl.ioctl(self._listener, _SEND, struct.pack("=QqiI", identity, 0, 0, _CONTINUE))

    def take(self) -> dict[str, int]:
        """The counts since the last call, by kind, zeros included."""
        counts, self.counts = self.counts, Counter()
        return {kind: counts[kind] for kind in KINDS}

    def take_services(self) -> dict[str, int]:
        """The local services to which connections were begun since the last call, and how often."""
        services, self.services = self.services, Counter()
        return dict(services)

    def close(self) -> None:
        os.close(self._listener)

    def _count(self, number: int, process: int, arguments: tuple[int, ...]) -> None:
        """arguments: of the call, by `process`."""
        kind = self._kinds[number]
        if kind == _CONNECT:
            address = _address_at(process, *arguments[1:])
            kind = _DESTINATIONS.get(int.from_bytes(address[:2], sys.byteorder), TO_OTHERS)
            self.counts[kind if address else TO_OTHERS] += 1
            if address and kind == TO_LOCAL:
                self.services[_service_named(address[2:])] += 1
        elif kind != "socket":
            self.counts[kind] += 1
        elif arguments[0] != MARK_FAMILY:  # the guard asking whether it is in place
            self.counts[_FAMILIES.get(arguments[0], OTHER)] += 1


def _address_at(process: int, address: int, size: int) -> bytes:
    """The socket address there, `size` bytes; empty where it cannot be read."""
    try:
        with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
            memory.seek(address)
            return memory.read(min(size, _LONGEST_ADDRESS))
    except (OSError, ValueError, OverflowError):
        return b""


def _service_named(name: bytes) -> str:
    """The path of a socket file; a name that begins with a null byte is an abstract one."""
    path = name.split(b"\0")[0].decode(errors="replace")
    return path or f"@{name[1:].split(bytes(1))[0].decode(errors='replace')}"


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
