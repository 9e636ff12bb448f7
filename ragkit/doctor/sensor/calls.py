"""Counting the calls by which processes ask for the means of a connection, sent or not.

A system call filter that lets everything pass but tells this process of a few calls first (seccomp's
user notification, Linux 5.5). So a socket that is made and never used is counted too, and those
kinds that send no packet: local services, the host of a virtual machine. And it is told whether a process
puts a filter of its own over itself, as the guard does.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import struct
from collections import Counter
from contextlib import suppress

from ragkit.isolation.kernel import PR_SET_NO_NEW_PRIVS, Kernel
from ragkit.isolation.seccomp import MARK_FAMILY, this_machine

SEALED = "filters put in place"
INTERNET = "internet sockets"
KINDS = (INTERNET, "local services (AF_UNIX)", "kernel settings (netlink)", "other sockets",
         "connections begun", "io_uring rings", SEALED)  # fmt: skip
_FAMILIES = {1: KINDS[1], 2: INTERNET, 10: INTERNET, 16: KINDS[2]}

_NEW_LISTENER, _SET_FILTER = 8, 1
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
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
        program = _program(machine.audit_name, tuple(kinds))
        listener = _listen(kernel, machine.seccomp, program)
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


def _program(audit_name: int, calls: tuple[int, ...]) -> bytes:
    """The filter in the kernel's form; other architectures' calls pass uncounted."""
    steps = [
        (_LOAD, 0, 0, 4),
        (_JUMP_IF_EQUAL, 0, len(calls) + 1, audit_name),
        (_LOAD, 0, 0, 0),
        *((_JUMP_IF_EQUAL, len(calls) - place, 0, call) for place, call in enumerate(calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _NOTIFY),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _listen(kernel: Kernel, seccomp: int, program: bytes) -> int:
    """The descriptor on which the kernel tells of calls, or minus an error number."""
    instructions = ctypes.create_string_buffer(program, len(program))
    described = ctypes.create_string_buffer(
        struct.pack("@HP", len(program) // 8, ctypes.addressof(instructions))
    )
    return kernel.system_call(seccomp, _SET_FILTER, _NEW_LISTENER, ctypes.addressof(described))
