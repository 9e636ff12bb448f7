"""System calls by name and number: what no process of ragkit makes, and how such tables are written.

A row is a name and its numbers on x86-64 and on aarch64 ("-" where there is none). Both filters refuse
what is here; what only readers have no use for is in reader_filter.py.
"""

from __future__ import annotations

ATTRIBUTES = """
setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, removexattr 197 14, lremovexattr 198 15,
fremovexattr 199 16, setxattrat 463 463, removexattrat 466 466, file_setattr 469 469
"""
"""Text beside any file of the user's, which stays there; Landlock does not ask about it."""

SHARED = """
shmget 29 194, shmat 30 196, shmctl 31 195, shmdt 67 197, msgget 68 186, msgsnd 69 189, msgrcv
70 188, msgctl 71 187, semget 64 190, semop 65 193, semtimedop 220 192, semctl 66 191, mq_open
240 180, mq_unlink 241 181
"""
"""Memory and messages that outlive the process, for any other one of the user's."""

MACHINE = """
chroot 161 51, pivot_root 155 41, umount2 166 39, mount_setattr 442 442, move_mount 429 429,
open_tree 428 428, open_tree_attr 467 467, fsmount 432 432, fsconfig 431 431, fspick 433 433,
swapon 167 224, swapoff 168 225, reboot 169 142, sethostname 170 161, setdomainname 171 162,
init_module 175 105, finit_module 313 273, delete_module 176 106, kexec_load 246 104,
kexec_file_load 320 294, settimeofday 164 170, clock_settime 227 112, clock_adjtime 305 266,
adjtimex 159 171, acct 163 89, quotactl 179 60, quotactl_fd 443 443, ioperm 173 -, iopl 172 -
"""
"""The machine itself, and what is mounted: for a process that runs as root."""

X86_64_COLUMN, AARCH64_COLUMN = 1, 2


def numbers(table: str, column: int) -> dict[str, int]:
    """Name and number of the rows that this machine has."""
    rows = [row.split() for row in table.split(",")]
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


def refused_everywhere(column: int) -> dict[str, int]:
    """All rows of this file, for one machine."""
    return numbers(",".join((ATTRIBUTES, SHARED, MACHINE)), column)
