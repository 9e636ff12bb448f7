"""The second filter: what a process that reads one stranger's file has no use for.

It lies over the one in seccomp.py, which every process of ragkit has, and refuses (EACCES) to start
programs and processes, to signal or slow others, to change what is known of files, to share memory, and
what only root may do. Calls newer than any that a reader needs do not exist for it (ENOSYS).
"""

from __future__ import annotations

import errno

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
    load,
    refuse,
)
from ragkit.isolation.calls import (
    AARCH64_COLUMN,
    X86_64_COLUMN,
    numbers,
    refused_everywhere,
)
from ragkit.isolation.seccomp import AARCH64, X32_CALLS, X86_64, Machine

FIRST_UNKNOWN_CALL = 451
"""Linux 6.6 and later: nothing that reading a file takes."""

_OTHERS = """
execve 59 221, execveat 322 281, fork 57 -, vfork 58 -, pidfd_open 434 434, pidfd_send_signal
424 424, tkill 200 130, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240, process_madvise 440
440, process_mrelease 448 448, kcmp 312 272, move_pages 279 239, migrate_pages 256 238,
setpriority 141 140, ioprio_set 251 30, sched_setaffinity 203 122, sched_setparam 142 118,
sched_setscheduler 144 119, sched_setattr 314 274, setpgid 109 154, setsid 112 157
"""
"""Other programs, other processes."""

_FILES = """
chmod 90 -, fchmod 91 52, fchmodat 268 53, chown 92 -, fchown 93 55, lchown 94 -, fchownat 260
54, utime 132 -, utimes 235 -, utimensat 280 88, futimesat 261 -, rename 82 -, renameat 264 38,
renameat2 316 276, link 86 -, linkat 265 37, symlink 88 -, symlinkat 266 36,
unlink 87 -, unlinkat 263 35, mkdir 83 -, mkdirat 258 34, rmdir 84 -, mknod 133 -, mknodat 259
33, truncate 76 45, creat 85 -, name_to_handle_at 303 264, open_by_handle_at 304 265,
memfd_create 319 279, memfd_secret 447 447, inotify_init 253 -, inotify_init1 294 26,
fanotify_init 300 262, flock 73 32, fallocate 285 47
"""
"""Files and what is known of them; what Landlock does not cover, and what it covers only in part."""

_SHARED = """
socketpair 53 199, bind 49 200, listen 50 201, accept 43 202, accept4 288 242
"""
"""Messages shared with others."""

_MACHINE = """
unshare 272 97, syslog 103 116, vhangup 153 58, modify_ldt 154 -, personality 135 92
"""
"""The machine: for a reader that runs as root."""

# Allowed with some arguments only.
_CONDITIONAL = "clone 56 220, clone3 435 435, kill 62 129, tgkill 234 131, prlimit64 302 261, \
prctl 157 167, fcntl 72 25, ioctl 16 29"

_CLONE_THREAD = 0x10000
_DESCRIPTOR_COMMANDS = (0, 1, 2, 3, 4, 1030)
"""Of fcntl: F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL and F_DUPFD_CLOEXEC; no locks or leases, which hold
up the user's programs, and no signals."""
_DEVICE_COMMANDS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""Of ioctl: TCGETS (whether it is a terminal), TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX and FIOCLEX. Others
change what is known of the document's file, through the very descriptor it is read by."""
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4


def refused_calls(machine: Machine) -> dict[str, int]:
    """Name and number of what is refused whatever its arguments are."""
    column = _column(machine)
    own = numbers(",".join((_OTHERS, _FILES, _SHARED, _MACHINE)), column)
    known = {**own, **refused_everywhere(column)}
    return {name: number for name, number in known.items() if number < FIRST_UNKNOWN_CALL}


def conditional_calls(machine: Machine) -> dict[str, int]:
    """Name and number of what depends on its arguments."""
    return numbers(_CONDITIONAL, _column(machine))


def _column(machine: Machine) -> int:
    return {X86_64.audit_name: X86_64_COLUMN, AARCH64.audit_name: AARCH64_COLUMN}[
        machine.audit_name
    ]


def reader_program(machine: Machine, process_id: int) -> bytes:
    """The filter in the kernel's form, for the process of that number, which may signal itself."""
    calls = conditional_calls(machine)
    x32 = [if_at_least(X32_CALLS, "refuse")] if machine.has_x32 else []
    return assemble(
        [
            load(ARCHITECTURE),
            if_equal(machine.audit_name, NEXT, otherwise="refuse"),
            load(CALL_NUMBER),
            *x32,
            if_at_least(FIRST_UNKNOWN_CALL, "unknown"),
            # Its flags lie in memory, where no filter sees them: the C library falls back to clone.
            if_equal(calls["clone3"], "unknown"),
            *[if_equal(number, "refuse") for number in refused_calls(machine).values()],
            if_equal(calls["clone"], "clone"),
            if_equal(calls["kill"], "itself"),
            if_equal(calls["tgkill"], "itself"),
            if_equal(calls["prlimit64"], "limits"),
            if_equal(calls["prctl"], "attribute"),
            if_equal(calls["fcntl"], "descriptor"),
            if_equal(calls["ioctl"], "device", otherwise="allow"),
            *_conditions(process_id),
            ALLOW,
            refuse(errno.EACCES, label="refuse"),
            refuse(errno.ENOSYS, label="unknown"),
        ]
    )


def _conditions(process_id: int) -> list[Step]:
    return [
        # Threads, not processes.
        load(argument(0), label="clone"),
        if_any_bit(_CLONE_THREAD, "allow", otherwise="refuse"),
        # abort() does; 0 would be the whole group, in which the command itself is.
        load(argument(0), label="itself"),
        if_equal(process_id, "allow", otherwise="refuse"),
        load(argument(0), label="limits"),
        if_equal(0, "allow", otherwise="refuse"),
        # It ends with its worker, and its memory is nobody's.
        load(argument(0), label="attribute"),
        if_equal(_PR_SET_PDEATHSIG, "refuse"),
        if_equal(_PR_SET_DUMPABLE, "refuse", otherwise="allow"),
        # A descriptor may also send a signal, SIGKILL too, to whom it is said to belong to.
        load(argument(1), label="descriptor"),
        *_one_of(_DESCRIPTOR_COMMANDS),
        load(argument(1), label="device"),
        *_one_of(_DEVICE_COMMANDS),
    ]


def _one_of(values: tuple[int, ...]) -> list[Step]:
    """Allowed if what was loaded is among them, refused else."""
    *others, last = values
    return [*(if_equal(value, "allow") for value in others), if_equal(last, "allow", "refuse")]
