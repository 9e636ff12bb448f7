"""Every packet that any process of this network sends, in any protocol.

Only the addressing is kept. Of what a packet holds nothing leaves this module but whether one of the
marks that the control was told to send is in it.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
from collections.abc import Collection, Iterator
from typing import NamedTuple

_EVERY_PROTOCOL = 3  # ETH_P_ALL
_IPV4, _IPV6 = 0x0800, 0x86DD
_SOL_PACKET, _PACKET_STATISTICS = 263, 6
_ROOM = 8 << 20
_PROTOCOLS = {1: "ICMP", 2: "IGMP", 6: "TCP", 17: "UDP", 58: "ICMPv6", 132: "SCTP", 136: "UDP-Lite"}
_WITH_PORTS = frozenset({6, 17, 132, 136})
_TCP, _ICMP, _ICMPV6 = 6, 1, 58
_RESET = 0x04
_FLAGS_AT = 13
_ICMP_ANSWERS, _ICMPV6_ANSWERS = frozenset({0, 3}), frozenset({1, 129})


class Packet(NamedTuple):
    """Where a packet was sent. answer: it is the kernel's own "nobody here" to a packet before it.

    marks: those of the wanted ones that its bytes hold.
    """

    protocol: str
    destination: str
    port: int | None
    answer: bool = False
    marks: frozenset[bytes] = frozenset()


class Capture:
    """Listens on all interfaces of this network from its making to close()."""

    def __init__(self, marks: Collection[bytes] = ()) -> None:
        """Raises PermissionError without the privilege over this network."""
        self._marks = frozenset(marks)
        self._socket = socket.socket(
            socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_EVERY_PROTOCOL)
        )
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
        self._socket.setblocking(False)
        self.lost = 0

    def fileno(self) -> int:
        return self._socket.fileno()

    def taken(self) -> Iterator[Packet]:
        """Packets that were sent since the last call; `lost` grows by those there was no room for."""
        while True:
            try:
                data, origin = self._socket.recvfrom(65535)
            except BlockingIOError:
                break
            if origin[2] == socket.PACKET_OUTGOING:  # each one comes back in, too
                yield read_packet(data, origin[1], self._marks)
        statistics = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
        self.lost += int(struct.unpack("=II", statistics)[1])

    def close(self) -> None:
        self._socket.close()


def read_packet(data: bytes, ethernet_type: int, marks: Collection[bytes] = ()) -> Packet:
    """The addressing of a packet without its link header. Never raises: what is odd is still a packet."""
    held = frozenset(mark for mark in marks if mark in data)
    if ethernet_type == _IPV4 and len(data) >= 20:
        body = data[(data[0] & 0xF) * 4 :]
        return _described(data[9], ipaddress.IPv4Address(data[16:20]), body, held)
    if ethernet_type == _IPV6 and len(data) >= 40:
        number, body = _past_options(data[6], data[40:])
        return _described(number, ipaddress.IPv6Address(data[24:40]), body, held)
    return Packet(f"ethernet type {ethernet_type:#06x}", "", None, marks=held)


def _past_options(number: int, body: bytes) -> tuple[int, bytes]:
    """The protocol and its bytes behind the hop-by-hop options, with which some messages begin."""
    while number == 0 and len(body) >= 8:
        number, body = body[0], body[8 * (body[1] + 1) :]
    return number, body


def _described(
    number: int,
    destination: ipaddress.IPv4Address | ipaddress.IPv6Address,
    body: bytes,
    marks: frozenset[bytes],
) -> Packet:
    protocol = _PROTOCOLS.get(number, f"IP protocol {number}")
    has_ports = number in _WITH_PORTS and len(body) >= 4
    port = int.from_bytes(body[2:4], "big") if has_ports else None
    return Packet(protocol, str(destination), port, _is_answer(number, body), marks)


def _is_answer(number: int, body: bytes) -> bool:
    """A reset, "unreachable" or an echo's reply: the kernel makes them, of its own accord."""
    if number == _TCP:
        return len(body) > _FLAGS_AT and bool(body[_FLAGS_AT] & _RESET)
    kinds = {_ICMP: _ICMP_ANSWERS, _ICMPV6: _ICMPV6_ANSWERS}.get(number, frozenset())
    return bool(body) and body[0] in kinds
