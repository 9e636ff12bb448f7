"""Which line of Python tried to reach the network.

An audit hook sees what Python code does, not native code and not child processes: it is there for
the report, and to refuse what it sees where the kernel does not (level D). It answers as the sealed
kernel would, so that a library behaves alike at every level.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from types import FrameType
from typing import Any, Literal, NamedTuple

AttemptKind = Literal["socket", "connect", "lookup"]

_KINDS: dict[str, AttemptKind] = {
    "socket.__new__": "socket",
    "socket.connect": "connect",
    "socket.getaddrinfo": "lookup",
    "socket.gethostbyname": "lookup",
    "socket.gethostbyaddr": "lookup",
}
_STANDARD_LIBRARY = str(Path(os.__file__).parent)
_FAMILY_OF_THE_DESCRIPTOR = -1
_LOCAL_NAMES = ("", "localhost")
_MOST_TOLD = 20

KNOWN_PROBES = {
    ("urllib3/util/connection.py", "_has_ipv6"): "binds a socket at import to learn of IPv6",
}
"""Code, by file and function, that makes a socket and never connects it, with what it does."""


class Attempt(NamedTuple):
    """Something tried to reach the network `times` times from one place ("file:line").

    Kinds: "socket" (made one), "connect", "lookup" (asked for a name). `harmless` marks the
    KNOWN_PROBES, which no user need hear of. No address and no name is kept: either may be
    somebody's data.
    """

    kind: AttemptKind
    place: str
    times: int = 1
    harmless: bool = False

    def __str__(self) -> str:
        return f"{self.kind} from {self.place}" + (
            f", {self.times} times" if self.times > 1 else ""
        )


_seen: dict[tuple[AttemptKind, str], Attempt] = {}
_watching = False


def attempts() -> tuple[Attempt, ...]:
    """All attempts in this process since it was sealed, one for each place, the first one first."""
    return tuple(_seen.values())


def report(told: object) -> None:
    """Take over what a child process has seen, as `told_by` packs it, and what is no such thing never.

    The child has read a stranger's file: a place must be a line of a file of Python that is there, else
    "an unknown place" stands for it, so that nothing of a document can be shown as one.
    """
    for entry in told[:_MOST_TOLD] if isinstance(told, list) else ():
        match entry:
            case [str(kind), str(place), int(times), bool(harmless)] if kind in _KINDS.values():
                _add(Attempt(kind, _sensible(place), max(1, times), harmless))  # type: ignore[arg-type]


def told_by(seen: tuple[Attempt, ...]) -> list[list[object]]:
    """Plain values, for `report` in another process."""
    return [list(attempt) for attempt in seen[:_MOST_TOLD]]


def _sensible(place: str) -> str:
    file, _, line = place.rpartition(":")
    known = file.endswith(".py") and line.isdecimal() and Path(file).is_file()
    return place if known else "an unknown place in the reader of a document"


def watch() -> None:
    """Start to watch; a hook can never be removed, so there is only one."""
    global _watching
    if not _watching:
        _watching = True
        sys.addaudithook(_notice)


def _notice(event: str, arguments: tuple[Any, ...]) -> None:
    kind = _KINDS.get(event)  # first and cheap: every import and open comes through here
    if kind is None or _needs_nothing_new(kind, arguments, sys._getframe(1)):
        return
    _record(kind, _call_site(sys._getframe(1)))
    if kind == "lookup":
        from _socket import EAI_AGAIN, gaierror

        raise gaierror(EAI_AGAIN, "ragkit has shut this process off the network")
    raise PermissionError(errno.EACCES, "ragkit has shut this process off the network")


def _needs_nothing_new(kind: AttemptKind, arguments: tuple[Any, ...], caller: FrameType) -> bool:
    """Whether it only wraps an open descriptor, or looks up what is a number already."""
    if kind == "socket":
        # Pairs and accepted connections are Python objects around descriptors that exist already.
        wrapped = caller.f_code.co_name == "__init__" and caller.f_locals.get("fileno") is not None
        return wrapped or arguments[1] == _FAMILY_OF_THE_DESCRIPTOR
    return kind == "lookup" and _is_local_or_number(arguments[0])


def _is_local_or_number(host: object) -> bool:
    from _socket import AF_INET, AF_INET6, inet_pton

    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    if name in _LOCAL_NAMES:
        return True
    for family in (AF_INET, AF_INET6):
        try:
            inet_pton(family, name.partition("%")[0])
        except (OSError, ValueError):
            continue
        return True
    return False


def _record(kind: AttemptKind, site: FrameType) -> None:
    file = site.f_code.co_filename
    harmless = any(
        file.endswith(probe) and site.f_code.co_name == function for probe, function in KNOWN_PROBES
    )
    _add(Attempt(kind, f"{file}:{site.f_lineno}", harmless=harmless))


def _add(attempt: Attempt) -> None:
    before = _seen.get((attempt.kind, attempt.place))
    if before is not None:
        attempt = attempt._replace(times=before.times + attempt.times)
    _seen[attempt.kind, attempt.place] = attempt


def _call_site(frame: FrameType) -> FrameType:
    """The innermost frame outside the standard library, whose modules only pass the call on."""
    candidate: FrameType | None = frame
    while candidate is not None and _is_standard(candidate.f_code.co_filename):
        candidate = candidate.f_back
    return candidate or frame


def _is_standard(file: str) -> bool:
    inside = file.startswith((_STANDARD_LIBRARY, "<frozen"))
    return inside and "site-packages" not in file and "dist-packages" not in file
