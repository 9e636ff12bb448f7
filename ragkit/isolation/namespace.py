"""A network of one's own: empty, without an address or a route, its loopback down."""

from __future__ import annotations

import os
from pathlib import Path

from ragkit.isolation.kernel import CLONE_NEWNET, CLONE_NEWUSER, Kernel, explain

_SELF = Path("/proc/self")


def leave_network(kernel: Kernel) -> str:
    """Move this process into a network namespace of its own.

    Returns the reason why it was not possible, or an empty string. With the privilege to do so the
    network alone is left: root in a user namespace would lose other users' files.
    """
    if in_empty_network():
        return ""  # a parent was sealed
    if count_threads() != 1:
        return "no network namespace: the process already has threads"
    answer = kernel.unshare(CLONE_NEWNET)
    if answer < 0 and os.geteuid() == 0:
        return f"no network namespace: {explain(answer)}"
    if answer < 0:
        reason = _try_in_child(kernel) or _enter_user_namespace(kernel)
        if reason:
            return reason
    return "" if in_empty_network() else "the new network namespace is not empty"


def in_empty_network() -> bool:
    """Whether this process sees no address and no route at all, not even loopback."""
    try:
        routes = (_SELF / "net/fib_trie").read_text()
    except OSError:
        return False  # without /proc nothing can be said
    try:
        addresses = (_SELF / "net/if_inet6").read_text()
    except FileNotFoundError:
        addresses = ""  # a kernel without IPv6
    return not routes.strip() and not addresses.strip()


def has_no_way_out() -> bool:
    """Whether there is no network interface here but loopback: an own network or a container's."""
    try:
        lines = (_SELF / "net/dev").read_text().splitlines()
    except OSError:
        return False
    return {line.partition(":")[0].strip() for line in lines[2:]} <= {"lo"}


def count_threads() -> int:
    """The kernel moves the calling thread only, so there must be no other; 0 if not known."""
    try:
        return len(list((_SELF / "task").iterdir()))
    except OSError:
        return 0


def _try_in_child(kernel: Kernel) -> str:
    """Try it in a throwaway child first, since a half-entered user namespace cannot be left.

    Some distributions let the namespace be made and then refuse its map of users, which would leave
    this process as nobody.
    """
    child = os.fork()
    if child == 0:
        try:
            os._exit(1 if _enter_user_namespace(kernel) else 0)
        finally:  # whatever happens, the child never runs the caller's code
            os._exit(2)
    _, status = os.waitpid(child, 0)
    return "" if status == 0 else "no network namespace: user namespaces are not allowed here"


def map_own_user(user: int, group: int) -> None:
    """In a user namespace that was just made: keep the numbers that these were outside. Raises OSError."""
    (_SELF / "setgroups").write_text("deny")
    (_SELF / "uid_map").write_text(f"{user} {user} 1")
    (_SELF / "gid_map").write_text(f"{group} {group} 1")


def _enter_user_namespace(kernel: Kernel) -> str:
    """Make user and network namespace at once, keeping this user's and group's own numbers."""
    user, group = os.geteuid(), os.getegid()
    answer = kernel.unshare(CLONE_NEWUSER | CLONE_NEWNET)
    if answer < 0:
        return f"no user namespace: {explain(answer)}"
    try:
        map_own_user(user, group)
    except OSError as error:
        return f"no user namespace: {explain(-(error.errno or 0))}"
    # The maker of a namespace has every capability in it: files it may not read would open.
    kernel.drop_capabilities()
    return ""
