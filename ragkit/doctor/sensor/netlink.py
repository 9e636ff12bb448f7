"""Setting up the loopback interface of a fresh network through rtnetlink, as `ip` would."""

from __future__ import annotations

import os
import socket
import struct

LOOPBACK_INDEX = 1
"""The first interface of every network namespace."""

_ACKNOWLEDGE = 0x1 | 0x4  # NLM_F_REQUEST | NLM_F_ACK
_CREATE = 0x400
_RTM_NEWLINK, _RTM_NEWROUTE = 16, 24
_IFF_UP = 1
_TABLE_LOCAL, _PROTOCOL_STATIC, _TYPE_LOCAL = 255, 4, 2
_SCOPE_HOST, _SCOPE_UNIVERSE = 254, 0
_RTA_OIF = 4
_HEADER = struct.Struct("=IHHII")
_ERROR_AT = _HEADER.size


def bring_loopback_up() -> None:
    """Raises OSError without the privilege over this network."""
    change = struct.pack("=BxHiII", 0, 0, LOOPBACK_INDEX, _IFF_UP, _IFF_UP)
    _ask(_RTM_NEWLINK, 0, change)


def route_everything_to_loopback(family: int) -> None:
    """Have the kernel take every address of the family for one of this machine's own.

    What is sent to any address in the world then arrives here, and is refused at once where nobody
    listens: no library waits for an answer. Raises OSError, also where the family is switched off.
    """
    scope = _SCOPE_HOST if family == socket.AF_INET else _SCOPE_UNIVERSE
    whole = (family, 0, 0, 0, _TABLE_LOCAL, _PROTOCOL_STATIC, scope, _TYPE_LOCAL, 0)
    through = struct.pack("=HHI", 8, _RTA_OIF, LOOPBACK_INDEX)
    _ask(_RTM_NEWROUTE, _CREATE, struct.pack("=BBBBBBBBI", *whole) + through)


def _ask(kind: int, flags: int, body: bytes) -> None:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        length = _HEADER.size + len(body)
        kernel.send(_HEADER.pack(length, kind, flags | _ACKNOWLEDGE, 1, 0) + body)
        (answer,) = struct.unpack_from("=i", kernel.recv(65536), _ERROR_AT)
    if answer < 0:
        raise OSError(-answer, os.strerror(-answer))
