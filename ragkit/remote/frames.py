"""Whole JSON objects over a pair of connected sockets, each within a size.

A frame is its length (4 bytes, big endian) and so many bytes of JSON in ASCII, so that odd file
names (surrogate escapes) pass.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import time
from typing import Any

_LENGTH = struct.Struct(">I")
_BLOCK = 1 << 20
LARGEST_FRAME = 256 * 1024 * 1024
"""Bytes. A summary of ten thousand documents has about 100 MB."""
MOST_VALUES = 8_000_000
"""Commas and brackets of a frame, which bound the memory that it can take: an empty list costs 60
bytes for its three. A hundred megabytes of prose have about two million."""


class BadFrame(ValueError):
    """What arrived is not what the two ends agreed on."""


class EndOfStream(Exception):
    """The other end is gone, was never there, or said nothing whole before the deadline."""


class Channel:
    """One end of the pair. `in_doubt`: an interrupt fell into the moment of reading or writing, so
    nobody knows where the next frame begins; such a channel is of no more use.
    """

    def __init__(self, connection: socket.socket, *, largest: int = LARGEST_FRAME) -> None:
        self._connection = connection
        self._largest = largest
        self.in_doubt = False

    def fileno(self) -> int:
        return self._connection.fileno()

    def send(self, value: dict[str, Any]) -> None:
        """Raises EndOfStream; BadFrame if it is too long, and then nothing was sent."""
        payload = json.dumps(value, separators=(",", ":")).encode("ascii")
        if len(payload) > self._largest:
            raise BadFrame("too much for one message")
        self.in_doubt = True
        try:
            self._connection.sendall(_LENGTH.pack(len(payload)) + payload)
        except OSError as error:
            raise EndOfStream from error
        self.in_doubt = False

    def receive(self, deadline: float | None = None) -> dict[str, Any]:
        """The next frame, waited for until the deadline (by time.monotonic), if there is one.

        Raises EndOfStream, BadFrame.
        """
        self._wait(deadline)  # here an interrupt loses nothing
        self.in_doubt = True
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size, deadline))
        if length > self._largest:
            raise BadFrame("a message is too long")
        payload = self._exactly(length, deadline)
        self.in_doubt = False
        return _object(payload)

    def end(self) -> None:
        """Tell the other end that nothing more will come."""
        try:
            self._connection.shutdown(socket.SHUT_WR)
        except OSError:  # it is gone already
            return

    def close(self) -> None:
        self._connection.close()

    def _wait(self, deadline: float | None) -> None:
        """Until there is something to read. One who always has something is late too."""
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise EndOfStream
        if not select.select([self._connection], [], [], left)[0]:
            raise EndOfStream

    def _exactly(self, count: int, deadline: float | None) -> bytes:
        data = bytearray()
        while len(data) < count:
            if deadline is not None:
                self._wait(deadline)
            try:
                block = self._connection.recv(min(_BLOCK, count - len(data)))
            except OSError as error:
                raise EndOfStream from error
            if not block:
                raise EndOfStream
            data += block
        return bytes(data)


def _object(payload: bytes) -> dict[str, Any]:
    if sum(payload.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
        raise BadFrame("a message of too many values")
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise BadFrame("not JSON") from error
    if not isinstance(value, dict):
        raise BadFrame("not an object")
    return value
