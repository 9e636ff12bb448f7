"""The filter as a program: run by a small interpreter, for both machines, without a kernel."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest

from ragkit.isolation import bpf, reader_filter, seccomp
from ragkit.isolation.seccomp import AARCH64, X86_64, Machine

ALLOWED = 0x7FFF0000
ERROR = 0x00050000
HEADERS = [
    (X86_64, Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")),
    (AARCH64, Path("/usr/include/asm-generic/unistd.h")),
]
MACHINES = pytest.mark.parametrize("machine", [X86_64, AARCH64], ids=["x86_64", "aarch64"])


OWN = 4711


def reader_answer(machine: Machine, number: int, *arguments: int) -> int:
    """What the filter of a reader, process OWN, says to a call."""
    program = reader_filter.reader_program(machine, OWN)
    return answer(machine, number, *arguments, program=program)


def answer(
    machine: Machine,
    number: int,
    *arguments: int,
    name: int | None = None,
    program: bytes = b"",
) -> int:
    """What the filter says to a call: 0 for allowed, else the error number."""
    padded = [*arguments, *[0] * (6 - len(arguments))]
    words = [value & 0xFFFFFFFFFFFFFFFF for value in padded]
    audit_name = machine.audit_name if name is None else name
    call = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, audit_name, 0, *words)
    result = interpret(program or seccomp.filter_program(machine), call)
    assert result == ALLOWED or result & 0xFFFF0000 == ERROR
    return 0 if result == ALLOWED else result & 0xFFFF


def interpret(program: bytes, call: bytes) -> int:
    """Run classic BPF over a call's description, as written in linux/filter.h."""
    steps = list(struct.iter_unpack("=HBBI", program))
    place = value = 0
    while True:
        code, then, otherwise, operand = steps[place]
        place += 1
        if code == 0x20:
            (value,) = struct.unpack_from("<I", call, operand)
        elif code == 0x54:
            value &= operand
        elif code == 0x06:
            return int(operand)
        else:
            tests = {0x15: value == operand, 0x35: value >= operand, 0x45: bool(value & operand)}
            place += then if tests[code] else otherwise


@MACHINES
def test_every_listed_call_is_refused(machine: Machine) -> None:
    for number in (*machine.refused.values(), machine.socket):
        assert answer(machine, number) == errno.EACCES


@MACHINES
def test_all_other_known_calls_are_allowed(machine: Machine) -> None:
    judged = {machine.socketpair, machine.socket, *machine.refused.values()}
    others = set(range(seccomp.FIRST_UNKNOWN_CALL)) - judged
    assert {number for number in others if answer(machine, number)} == set()


@MACHINES
def test_calls_newer_than_the_table_do_not_exist(machine: Machine) -> None:
    assert answer(machine, seccomp.FIRST_UNKNOWN_CALL) == errno.ENOSYS
    assert answer(machine, 548) == errno.ENOSYS


@MACHINES
def test_other_architectures_are_refused_altogether(machine: Machine) -> None:
    other = AARCH64 if machine is X86_64 else X86_64
    for number in range(600):
        assert answer(machine, number, name=other.audit_name) == errno.EACCES
        assert answer(machine, number, name=0x40000003) == errno.EACCES  # 32-bit x86


def test_x32_calls_are_refused() -> None:
    assert answer(X86_64, 0x40000000 | 1) == errno.EACCES
    assert answer(X86_64, -1) == errno.EACCES


@MACHINES
@pytest.mark.parametrize(
    ("family", "kind", "expected"),
    [
        (1, 1, 0),
        (1, 5, 0),
        (1, 1 | 0o2000000 | 0o4000, 0),  # SOCK_CLOEXEC and SOCK_NONBLOCK
        (1, 2, errno.EACCES),
        (1, 3, errno.EACCES),  # the kernel takes a raw local socket for a datagram one
        (1, 2 | 0o2000000, errno.EACCES),
        (30, 1, errno.EACCES),  # AF_TIPC
        (2, 1, errno.EACCES),
    ],
)
def test_socket_pairs(machine: Machine, family: int, kind: int, expected: int) -> None:
    assert answer(machine, machine.socketpair, family, kind) == expected


@MACHINES
def test_fast_open_is_refused(machine: Machine) -> None:
    flag = seccomp.MSG_FASTOPEN
    for number in (machine.sendto, machine.sendmmsg):
        assert answer(machine, number, 3, 0, 0, flag | 0x40) == errno.EACCES
        assert answer(machine, number, 3, 0, flag, 0x40) == 0
    assert answer(machine, machine.sendmsg, 3, 0, flag | 0x40) == errno.EACCES
    assert answer(machine, machine.sendmsg, 3, flag, 0x40, flag) == 0


@MACHINES
def test_typing_into_the_terminal_is_refused(machine: Machine) -> None:
    assert answer(machine, machine.ioctl, 0, seccomp.TIOCSTI) == errno.EACCES
    assert answer(machine, machine.ioctl, 0, seccomp.TIOCLINUX | 1 << 32) == errno.EACCES
    assert answer(machine, machine.ioctl, 0, 0x5413) == 0  # TIOCGWINSZ


@MACHINES
def test_only_the_mark_is_answered_by_the_mark(machine: Machine) -> None:
    assert answer(machine, machine.socket, seccomp.MARK_FAMILY) == seccomp.mark(machine)
    assert 2048 <= seccomp.mark(machine) < 4096


def test_the_mark_changes_with_the_rules() -> None:
    changed = X86_64._replace(refused={**X86_64.refused, "ustat": 136})
    assert seccomp.mark(changed) != seccomp.mark(X86_64)


@pytest.mark.parametrize(("machine", "header"), HEADERS, ids=["x86_64", "aarch64"])
def test_the_numbers_are_the_kernels(machine: Machine, header: Path) -> None:
    if not header.exists():
        pytest.skip("no kernel headers here")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())
    numbers = {name: int(number) for name, number in found}
    conditional = ("socket", "socketpair", "sendto", "sendmsg", "sendmmsg", "ioctl", "seccomp")
    ours = {**machine.refused, **{name: getattr(machine, name) for name in conditional}}
    ours |= reader_filter.refused_calls(machine) | reader_filter.conditional_calls(machine)
    newest = max(number for name, number in numbers.items() if name != "syscalls")
    known = {name: number for name, number in ours.items() if number <= newest}
    assert len(known) > 110
    assert {name: numbers[name] for name in known} == known


def test_a_jump_back_is_not_assembled() -> None:
    with pytest.raises(struct.error):
        bpf.assemble([bpf.ALLOW, bpf.if_equal(1, "allow")])
    with pytest.raises(KeyError):
        bpf.assemble([bpf.if_equal(1, "nowhere"), bpf.ALLOW])


@MACHINES
def test_a_reader_is_refused_every_listed_call(machine: Machine) -> None:
    refused = reader_filter.refused_calls(machine)
    assert len(refused) > 90
    for number in refused.values():
        assert reader_answer(machine, number) == errno.EACCES
        assert answer(machine, number) in (0, errno.EACCES)  # commands may do most of it


@MACHINES
def test_a_reader_is_allowed_all_other_calls(machine: Machine) -> None:
    judged = {
        *reader_filter.refused_calls(machine).values(),
        *reader_filter.conditional_calls(machine).values(),
    }
    others = set(range(reader_filter.FIRST_UNKNOWN_CALL)) - judged
    assert {number for number in others if reader_answer(machine, number)} == set()
    assert reader_answer(machine, reader_filter.FIRST_UNKNOWN_CALL) == errno.ENOSYS


@MACHINES
@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("clone", (0x11,), errno.EACCES),  # a process
        ("clone", (0x3D0F00,), 0),  # a thread, as the C library makes them
        ("clone3", (), errno.ENOSYS),
        ("kill", (OWN, 6), 0),
        ("kill", (OWN + 1, 0), errno.EACCES),
        ("kill", (0, 9), errno.EACCES),
        ("kill", (-1, 9), errno.EACCES),
        ("tgkill", (OWN, OWN + 1, 6), 0),
        ("tgkill", (OWN + 1, OWN + 1, 6), errno.EACCES),
        ("prlimit64", (0, 7), 0),
        ("prlimit64", (1, 7), errno.EACCES),
        ("prctl", (1, 0), errno.EACCES),  # PR_SET_PDEATHSIG
        ("prctl", (4, 1), errno.EACCES),  # PR_SET_DUMPABLE
        ("prctl", (15, 0), 0),  # PR_SET_NAME
        ("fcntl", (3, 8), errno.EACCES),  # F_SETOWN
        ("fcntl", (3, 10), errno.EACCES),  # F_SETSIG
        ("fcntl", (3, 15), errno.EACCES),  # F_SETOWN_EX
        ("fcntl", (3, 2), 0),  # F_SETFD
        ("fcntl", (3, 1030, 0), 0),  # F_DUPFD_CLOEXEC
        ("fcntl", (3, 6), errno.EACCES),  # F_SETLK
        ("fcntl", (3, 37), errno.EACCES),  # F_OFD_SETLK
        ("fcntl", (3, 1024, 0), errno.EACCES),  # F_SETLEASE
        ("fcntl", (3, 1026), errno.EACCES),  # F_NOTIFY
        ("ioctl", (3, 0x5401), 0),  # TCGETS
        ("ioctl", (3, 0x541B), 0),  # FIONREAD
        ("ioctl", (3, 0x5451), 0),  # FIOCLEX
        ("ioctl", (3, 0x40086602), errno.EACCES),  # FS_IOC_SETFLAGS
        ("ioctl", (3, 0x401C5820), errno.EACCES),  # FS_IOC_FSSETXATTR
        ("ioctl", (3, 0x40049409), errno.EACCES),  # FICLONE
        ("ioctl", (3, 0x5412), errno.EACCES),  # TIOCSTI
    ],
)
def test_a_readers_conditions(
    machine: Machine, call: str, arguments: tuple[int, ...], expected: int
) -> None:
    number = reader_filter.conditional_calls(machine)[call]
    assert reader_answer(machine, number, *arguments) == expected
