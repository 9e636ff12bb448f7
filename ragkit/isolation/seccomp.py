"""The system call filter: which calls are refused, and the program that tells the kernel so.

Refused is whatever makes an endpoint, takes one from another process, or has the kernel or another
process connect on one's behalf; also what leaves text where no rule about files looks, and what changes
the machine (calls.py). Modes and times of the user's own files can still be changed: stores need that,
and no filter sees whose file is meant. Calls newer than this table are answered as by an older kernel
(ENOSYS), so that a new way out, as io_uring once was, is shut before it is known; the C library falls
back by itself. A filter holds for all threads and all children, and cannot be taken off.
"""

from __future__ import annotations

import errno
import os
import sys
from binascii import crc32
from typing import NamedTuple

from ragkit.isolation.bpf import (
    ALLOW,
    ARCHITECTURE,
    CALL_NUMBER,
    NEXT,
    Step,
    argument,
    assemble,
    if_any_bit,
    if_at_least,
    if_equal,
    keep_bits,
    load,
    refuse,
)
from ragkit.isolation.calls import AARCH64_COLUMN, X86_64_COLUMN, refused_everywhere
from ragkit.isolation.kernel import PR_SET_NO_NEW_PRIVS, Kernel, explain

FIRST_UNKNOWN_CALL = 470
"""Linux 6.18 ends at 469, on both machines; raise it only after reading what the new calls do."""

X32_CALLS = 0x40000000
"""The bit by which a 64-bit x86 program asks for the x32 variant of a call."""

AF_UNIX = 1
SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET = 1, 2, 5
SOCKET_KIND_BITS = 0xF
MSG_FASTOPEN = 0x20000000
TIOCSTI, TIOCLINUX = 0x5412, 0x541C

MARK_FAMILY = 0x7261676B
"""No protocol family: asking for it shows by the answer whether this very filter is in place."""

_FLAG_ALL_THREADS = 1  # SECCOMP_FILTER_FLAG_TSYNC
_FLAG_KEEP_SPEED = 4  # SPEC_ALLOW: kernels before 5.16 else turn off a speed-up of the processor


class Machine(NamedTuple):
    """The numbers of one architecture: those refused always, and those that depend."""

    audit_name: int
    refused: dict[str, int]
    socket: int
    socketpair: int
    sendto: int
    sendmsg: int
    sendmmsg: int
    ioctl: int
    seccomp: int
    has_x32: bool = False


X86_64 = Machine(
    audit_name=0xC000003E,
    refused={
        # An endpoint. io_uring makes and connects sockets without any of the calls seen here.
        "connect": 42,
        "io_uring_setup": 425,
        "io_uring_enter": 426,
        "io_uring_register": 427,
        # Somebody else's: their memory, descriptors, namespaces.
        "ptrace": 101,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "pidfd_getfd": 438,
        "setns": 308,
        # The kernel on one's behalf: programs in its network path, network file systems, and
        # keys of type dns_resolver, which are looked up by a helper outside the filter.
        "bpf": 321,
        "mount": 165,
        "fsopen": 430,
        "add_key": 248,
        "request_key": 249,
        "keyctl": 250,
        # No way out, but ways into the kernel that nothing here needs.
        "userfaultfd": 323,
        "perf_event_open": 298,
        **refused_everywhere(X86_64_COLUMN),
    },
    socket=41,
    socketpair=53,
    sendto=44,
    sendmsg=46,
    sendmmsg=307,
    ioctl=16,
    seccomp=317,
    has_x32=True,
)

AARCH64 = Machine(
    audit_name=0xC00000B7,
    refused={
        "connect": 203,
        "io_uring_setup": 425,
        "io_uring_enter": 426,
        "io_uring_register": 427,
        "ptrace": 117,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "pidfd_getfd": 438,
        "setns": 268,
        "bpf": 280,
        "mount": 40,
        "fsopen": 430,
        "add_key": 217,
        "request_key": 218,
        "keyctl": 219,
        "userfaultfd": 282,
        "perf_event_open": 241,
        **refused_everywhere(AARCH64_COLUMN),
    },
    socket=198,
    socketpair=199,
    sendto=206,
    sendmsg=211,
    sendmmsg=269,
    ioctl=29,
    seccomp=277,
)

_MACHINES = {"x86_64": X86_64, "aarch64": AARCH64}


def this_machine() -> Machine | None:
    """The numbers for this process; None where there are none (also a 32-bit Python)."""
    return _MACHINES.get(os.uname().machine) if sys.maxsize > 2**32 else None


def filter_program(machine: Machine) -> bytes:
    """The filter in the kernel's form, 8 bytes an instruction."""
    return assemble(_steps(machine, mark(machine)))


def mark(machine: Machine) -> int:
    """The error number by which this filter answers MARK_FAMILY; it changes with the rules."""
    return 2048 + crc32(assemble(_steps(machine, 0))) % 2000


def _steps(machine: Machine, mark_error: int) -> list[Step]:
    x32 = [if_at_least(X32_CALLS, "refuse")] if machine.has_x32 else []
    return [
        load(ARCHITECTURE),
        if_equal(machine.audit_name, NEXT, otherwise="refuse"),
        load(CALL_NUMBER),
        *x32,
        if_at_least(FIRST_UNKNOWN_CALL, "unknown"),
        *[if_equal(number, "refuse") for number in machine.refused.values()],
        if_equal(machine.socket, "socket"),
        if_equal(machine.socketpair, "socketpair"),
        if_equal(machine.sendto, "flags fourth"),
        if_equal(machine.sendmmsg, "flags fourth"),
        if_equal(machine.sendmsg, "flags third"),
        if_equal(machine.ioctl, "ioctl", otherwise="allow"),
        # Every family is refused, AF_UNIX too: a local service can be a way out.
        load(argument(0), label="socket"),
        if_equal(MARK_FAMILY, "mark", otherwise="refuse"),
        # Pairs are what pipes are made of. Not datagram pairs: their sendto reaches any socket
        # file; not other families: pairs of TIPC reach other machines.
        load(argument(0), label="socketpair"),
        if_equal(AF_UNIX, NEXT, otherwise="refuse"),
        load(argument(1)),
        keep_bits(SOCKET_KIND_BITS),
        if_equal(SOCK_STREAM, "allow"),
        if_equal(SOCK_SEQPACKET, "allow", otherwise="refuse"),
        # TCP fast open connects without connect(): an inherited listener, once shut down, could.
        load(argument(3), label="flags fourth"),
        if_any_bit(MSG_FASTOPEN, "refuse", otherwise="allow"),
        load(argument(2), label="flags third"),
        if_any_bit(MSG_FASTOPEN, "refuse", otherwise="allow"),
        # Typing into the terminal would have the user's shell, which is not sealed, run commands.
        load(argument(1), label="ioctl"),
        if_equal(TIOCSTI, "refuse"),
        if_equal(TIOCLINUX, "refuse", otherwise="allow"),
        ALLOW,
        refuse(errno.EACCES, label="refuse"),
        refuse(errno.ENOSYS, label="unknown"),
        refuse(mark_error, label="mark"),
    ]


def is_in_place(kernel: Kernel, machine: Machine) -> bool:
    """Whether this very filter is over the process, put there by itself or by a parent."""
    return kernel.socket(MARK_FAMILY, 0) == -mark(machine)


def install(kernel: Kernel) -> str:
    """Put the filter over all threads; returns why it was not possible, or an empty string."""
    machine = this_machine()
    if machine is None:
        return f"no system call filter for a {os.uname().machine} process of this word size"
    if is_in_place(kernel, machine):
        return ""
    return put(kernel, machine, filter_program(machine))


def put(kernel: Kernel, machine: Machine, program: bytes) -> str:
    """Put a program over all threads, beside those that are in place; returns why it was not possible."""
    answer = kernel.prctl(PR_SET_NO_NEW_PRIVS, 1)
    if answer < 0:
        return f"no system call filter: no_new_privs gives {explain(answer)}"
    for flags in (_FLAG_ALL_THREADS | _FLAG_KEEP_SPEED, _FLAG_ALL_THREADS):
        answer = kernel.add_filter(machine.seccomp, flags, program)
        if answer != -errno.EINVAL:  # EINVAL: a kernel before 4.17 does not know the second flag
            break
    if answer > 0:
        return f"no system call filter: thread {answer} could not be reached"
    return f"no system call filter: seccomp gives {explain(answer)}" if answer else ""
