"""What a process carries with it: file modes, core dumps, what a parent left open."""

from __future__ import annotations

import fcntl
import os
import stat
import sys
from collections.abc import Collection
from pathlib import Path

from ragkit.isolation.kernel import PR_GET_DUMPABLE, Kernel

NO_FOLDER = "/nonexistent/ragkit-writes-no-temporary-files"
STANDARD_STREAMS = (0, 1, 2)
_DESCRIPTORS = Path("/proc/self/fd")


def restrict_files() -> None:
    """New files and folders are for their owner only."""
    os.umask(0o077)


def forget_temporary_folder() -> None:
    """Libraries may ask where it is, not write there: asking would try, and fail at their import."""
    import tempfile

    tempfile.tempdir = NO_FOLDER


def forbid_core_dumps() -> None:
    """No copy of the memory on disk or in a crash reporter, for this process and its children.

    The limit is 1 byte and not 0: Linux ignores a limit of 0 when core_pattern pipes the dump into
    a program (apport, systemd-coredump), and takes 1 as the order not to start it.
    """
    import resource

    _, ceiling = resource.getrlimit(resource.RLIMIT_CORE)
    limit = 1 if ceiling == resource.RLIM_INFINITY else min(1, ceiling)
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))


def leaves_no_dump() -> bool:
    """Whether this process is as `forbid_core_dumps` makes it and, on Linux, its memory is nobody's."""
    import resource

    if resource.getrlimit(resource.RLIMIT_CORE)[0] not in (0, 1):
        return False
    return not sys.platform.startswith("linux") or Kernel().prctl(PR_GET_DUMPABLE, 0) in (0, 2)


def close_inherited_connections(keep: Collection[int] = ()) -> None:
    """Close the sockets and rings that are open, and what a parent left open to be written to.

    No filter asks where they lead, and no rule about files looks at what is open already. Kept are `keep`
    (a server's listener, bound to loopback), the standard streams (the way in which the user reads the
    answer), what can only be read, and unnamed pipes and pairs, through which parents speak to their
    children. Files that this program opened itself stay open: Python marks them (PEP 446).
    """
    if not _DESCRIPTORS.is_dir():
        return
    for descriptor in [int(entry.name) for entry in _DESCRIPTORS.iterdir()]:
        if descriptor in STANDARD_STREAMS or descriptor in keep:
            continue
        if _leads_elsewhere(descriptor):
            os.close(descriptor)


def _leads_elsewhere(descriptor: int) -> bool:
    try:
        target = str((_DESCRIPTORS / str(descriptor)).readlink())
    except FileNotFoundError:  # the descriptor of the listing itself, closed by now
        return False
    if target.startswith("socket:"):
        return not _is_unnamed_pair(descriptor)
    return target == "anon_inode:[io_uring]" or (
        not target.startswith("pipe:") and _is_left_open_for_writing(descriptor)
    )


def _is_left_open_for_writing(descriptor: int) -> bool:
    """Whether it is a file or a disk that a parent opened: what is inherited is marked so."""
    kind = os.fstat(descriptor).st_mode
    keeps = stat.S_ISREG(kind) or stat.S_ISFIFO(kind) or stat.S_ISBLK(kind)
    written = fcntl.fcntl(descriptor, fcntl.F_GETFL) & (os.O_WRONLY | os.O_RDWR)
    return keeps and bool(written) and os.get_inheritable(descriptor)


def _is_unnamed_pair(descriptor: int) -> bool:
    """Whether the socket is one end of a socketpair that can speak to its other end alone.

    A datagram pair is not: the sender may name any socket file as the receiver.
    """
    import _socket

    try:
        found = _socket.socket(fileno=descriptor)
    except OSError:  # a family this Python does not know is no pair of ours
        return False
    try:
        paired = found.type in (_socket.SOCK_STREAM, _socket.SOCK_SEQPACKET)
        return found.family == _socket.AF_UNIX and paired and not found.getpeername()
    except OSError:  # not connected: a listener
        return False
    finally:
        found.detach()
