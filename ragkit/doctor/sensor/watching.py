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
        self._fault = ""
        self._wake, self._stop = os.pipe()
        self._lock = threading.Lock()  # the packets and the counts, between the thread and take()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @property
    def lost(self) -> int:
        """Packets that were sent but not looked at."""
        return self._capture.lost

    @property
    def fault(self) -> str:
        """Why it has stopped watching, in a word; "" while it watches. Then it has proved nothing."""
        return self._fault

    def take(self) -> tuple[list[Packet], dict[str, int] | None]:
        """The packets since the last call, and the calls by kind (None: not counted here)."""
        time.sleep(_SETTLING_SECONDS)
        with self._lock:
            self._packets += self._capture.taken()
            packets, self._packets = self._packets, []
            return packets, self._counter.take() if self._counter else None

    def take_services(self) -> dict[str, int]:
        """The local services that processes turned to since the last call; empty where not counted."""
        with self._lock:
            return self._counter.take_services() if self._counter else {}

    def close(self) -> None:
        """Children that are still running go on uncounted: they are refused what was counted."""
        os.close(self._stop)
        self._thread.join()
        os.close(self._wake)
        self._capture.close()
        self._release()

    def _watch(self) -> None:
        """Whatever happens here, nobody is left waiting for an answer of this thread."""
        try:
            self._serve()
        except Exception as error:  # noqa: BLE001 (a thread's end would be told to nobody)
            with self._lock:
                self._fault = type(error).__name__
                self._release()

    def _release(self) -> None:
        """Those that wait in the kernel for the counter get an error at once."""
        counter, self._counter = self._counter, None
        if counter is not None:
            counter.close()

    def _serve(self) -> None:
        counter = self._counter
        poller = select.poll()
        poller.register(self._wake, select.POLLIN)
        poller.register(self._capture, select.POLLIN)
        if counter is not None:
            poller.register(counter, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poller.poll()}
            if self._wake in ready:
                return
            with self._lock:
                self._packets += self._capture.taken()
                if counter is not None and counter.fileno() in ready:
                    counter.serve()
