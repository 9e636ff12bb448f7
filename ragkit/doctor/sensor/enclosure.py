"""Moving this process, with all its later children, into a network where every address is its own.

Services that would carry a question out on behalf of a process in here (name resolvers, the message
bus) are reached through socket files, which know no networks: their folders are hidden, so that the
control's look-ups stay inside too.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ragkit.doctor.sensor.netlink import bring_loopback_up, route_everything_to_loopback
from ragkit.isolation.kernel import CLONE_NEWNET, CLONE_NEWUSER, Kernel, explain
from ragkit.isolation.namespace import map_own_user

CLONE_NEWNS = 0x00020000
_MS_NOSUID_NODEV_NOEXEC = 2 | 4 | 8
_MS_BIND = 4096
_MS_REC_PRIVATE = 0x4000 | 0x40000
SERVICES = (
    "/run/systemd/resolve",
    "/run/systemd/journal",
    "/run/nscd",
    "/var/run/nscd",
    "/run/dbus",
    "/run/avahi-daemon",
    "/run/varlink",
    f"/run/user/{os.getuid()}",
    "/run/cups",
    "/var/run/cups",
    "/tmp/.X11-unix",
    "/tmp/.ICE-unix",
    "/run/containerd",
    "/run/podman",
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/snapd.socket",
    "/run/pcscd",
)
"""Socket files, and folders of them, behind which somebody with a network answers."""

_SELF = Path("/proc/self")


class CannotEnclose(Exception):
    """There is no such network here. `remedy` says what would make one."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


def enter() -> tuple[str, ...]:
    """Move this process, which must have one thread; returns notes for the report.

    As root only the network and the view of the file system are new; else a user namespace gives the
    right to make them. Raises CannotEnclose.
    """
    if not sys.platform.startswith("linux"):
        raise CannotEnclose(
            f"the sensor needs network namespaces, which {sys.platform} does not have",
            "run it on Linux, with the same version of ragkit",
        )
    _leave(Kernel())
    _hide_services()
    try:
        bring_loopback_up()
        route_everything_to_loopback(socket.AF_INET)
    except OSError as error:
        reason = f"the new network cannot be set up ({error.strerror})"
        raise CannotEnclose(reason, _remedy()) from error
    try:
        route_everything_to_loopback(socket.AF_INET6)
    except OSError as error:
        return (
            f"IPv6 is not available on this machine ({error.strerror}), so not to senders either",
        )
    return ()


def nothing_leads_out(process: Path = _SELF) -> bool:
    """Whether this process's network has no interface but loopback with an address or a route."""
    try:
        addresses6 = _columns(process / "net/if_inet6", 5)
        routes = _columns(process / "net/route", 0)[1:]  # below the heading
        routes6 = _columns(process / "net/ipv6_route", 9)
        owned = (process / "net/fib_trie").read_text()
    except OSError:
        return False
    if {*addresses6, *routes, *routes6} - {"lo"}:
        return False
    hosts = [line.split()[1] for line in owned.splitlines() if line.lstrip().startswith("|--")]
    return all(host.startswith(("127.", "0.0.0.0")) for host in hosts)


def _columns(file: Path, column: int) -> list[str]:
    """One column of a table; nothing where the kernel lacks what it is about."""
    if not file.exists() and file.parent.is_dir():
        return []
    return [
        words[column] for words in map(str.split, file.read_text().splitlines()) if words[column:]
    ]


def _leave(kernel: Kernel) -> None:
    wanted = CLONE_NEWNET | CLONE_NEWNS
    answer = kernel.unshare(wanted)
    if answer == 0:
        return
    user, group = os.geteuid(), os.getegid()
    answer = kernel.unshare(CLONE_NEWUSER | wanted)
    if answer < 0:
        raise CannotEnclose(f"a new network is refused here ({explain(answer)})", _remedy())
    try:
        map_own_user(user, group)
    except OSError as error:
        reason = f"a user namespace is refused here ({error.strerror})"
        raise CannotEnclose(reason, _remedy()) from error


def _hide_services() -> None:
    library = ctypes.CDLL(None, use_errno=True)
    _mount(library, None, "/", None, _MS_REC_PRIVATE)
    for folder in (*SERVICES, *_named_by_environment()):
        path = Path(folder)
        if path.is_dir():
            _mount(library, "tmpfs", folder, "tmpfs", _MS_NOSUID_NODEV_NOEXEC)
        elif path.is_socket():
            _mount(library, os.devnull, folder, None, _MS_BIND)


def _named_by_environment() -> Iterator[str]:
    """Where programs of a desktop and of containers look first."""
    bus = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    named = (
        os.environ.get("XDG_RUNTIME_DIR", ""),
        bus.removeprefix("unix:path=").partition(",")[0] if bus.startswith("unix:path=") else "",
        os.environ.get("DOCKER_HOST", "").removeprefix("unix://"),
        os.environ.get("SSH_AUTH_SOCK", ""),
    )
    kept = Path(tempfile.gettempdir()).resolve()  # the proof's own folder lies there
    for name in named:
        if name.startswith("/") and not kept.is_relative_to(Path(name).resolve()):
            yield name


def _mount(
    library: ctypes.CDLL, source: str | None, target: str, kind: str | None, flags: int
) -> None:
    words = [word.encode() if word is not None else None for word in (source, target, kind)]
    if library.mount(*words, ctypes.c_ulong(flags), None) != 0:
        reason = f"{target} cannot be mounted over ({os.strerror(ctypes.get_errno())})"
        raise CannotEnclose(reason, _remedy())


def _remedy() -> str:
    if Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").exists():
        return "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run it as root"
    return (
        "allow user namespaces (sudo sysctl user.max_user_namespaces=10000; in a container: "
        "--security-opt seccomp=unconfined --cap-add SYS_ADMIN), or run it as root"
    )
