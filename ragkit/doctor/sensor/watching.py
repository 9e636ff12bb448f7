"""Capture and call counter served in one thread, read phase by phase."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Collection

from ragkit.doctor.sensor.calls import CallCounter
from ragkit.doctor.sensor.capture import Capture, Packet

_SETTLING_SECONDS = 0.2
"""A packet is delivered while it is sent; this is for what a process that has just ended left behind."""


class Sensor:
    """Watches the network of this process from its making to close(). See enclosure.enter() first.

    Not safe for two threads; this process itself must ask for no socket while it is open.
    """

    def __init__(self, marks: Collection[bytes] = ()) -> None:
        """marks: see Capture. Raises PermissionError without the privilege over this network."""
        self._capture = Capture(marks)
        self._packets: list[Packet] = []
        self._counter = CallCounter.install()
        self._wake, self._stop = os.pipe()
        self._lock = threading.Lock()  # the packets and the counts, between the thread and take()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def lost(self) -> int:
        """Packets that were sent but not looked at."""
        return self._capture.lost

    def take(self) -> tuple[list[Packet], dict[str, int] | None]:
        """The packets since the last call, and the calls by kind (None: not counted here)."""
        time.sleep(_SETTLING_SECONDS)
        with self._lock:
            self._packets += self._capture.taken()
            packets, self._packets = self._packets, []
            return packets, self._counter.take() if self._counter else None

    def close(self) -> None:
        """Children that are still running go on uncounted: they are refused what was counted."""
        os.close(self._stop)
        self._thread.join()
        os.close(self._wake)
        self._capture.close()
        if self._counter is not None:
            self._counter.close()

    def _serve(self) -> None:
        poller = select.poll()
        poller.register(self._wake, select.POLLIN)
        poller.register(self._capture, select.POLLIN)
        if self._counter is not None:
            poller.register(self._counter, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poller.poll()}
            if self._wake in ready:
                return
            with self._lock:
                self._packets += self._capture.taken()
                if self._counter is not None and self._counter.fileno() in ready:
                    self._counter.serve()
