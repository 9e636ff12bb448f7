"""Stands in for `python -m ragkit.remote`: `python -m tests.remote.fakes N`, with a workspace of tricks.

What it does is told by the question of `search`; `ingest` reports steps.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ragkit.errors import ConfigFault, Fault, Interrupted, UnreadableDocument
from ragkit.remote import server
from ragkit.remote.frames import Channel
from ragkit.types import SearchResult, Step

RAW = "raw:"
"""A question that begins so is answered with the bytes behind it (latin-1)."""


class Tricks:
    """Has some of the methods of a ragkit.workspace.Workspace, and no network either."""

    pipelines = ("p",)

    def __init__(self, marks: Path) -> None:
        self._marks = marks

    def search(self, pipeline: str, question: str, *, k: int = 8) -> SearchResult:
        trick = getattr(self, f"_{question}", None)
        return trick() if trick else SearchResult(question, (), float(k))

    def ingest(
        self,
        pipeline: str,
        *,
        on_step: Callable[[Step], None],
        retry: bool = False,
        rebuild: bool = False,
        **_: Any,
    ) -> None:
        """retry: does not end when it is interrupted, and is silent. rebuild: the same, and it talks on."""
        if retry or rebuild:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            _deaf(on_step, talks=rebuild)
            return
        try:
            for done in range(1_000_000):
                on_step(Step("reading", done, 0))
        except KeyboardInterrupt:
            self._mark("interrupted")
            raise Interrupted("Interrupted; it is kept.", hint="ragkit ingest p") from None

    def _slow(self) -> None:
        self._mark(f"slow {os.getpid()}")
        try:
            time.sleep(60)
        finally:
            self._mark("woken")

    def _stubborn(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._mark(f"stubborn {os.getpid()}")
        time.sleep(60)

    def _killed(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _bug(self) -> None:
        raise ZeroDivisionError("words of a document")

    def _faults(self) -> None:
        raise ConfigFault("Two faults.", faults=[Fault("a.b", 3, "odd")] * 2, hint="Mend it.")

    def _unreadable(self) -> None:
        raise UnreadableDocument("It is broken.", kind="encrypted", hint="x")

    def _pid(self) -> SearchResult:
        return SearchResult(str(os.getpid()), (), 0.0)

    def _noise(self) -> SearchResult:
        print("words of a document")
        print("words of a document", file=sys.stderr)
        return SearchResult("", (), 0.0)

    def _last_words(self) -> None:
        print("words of a document", file=sys.stderr, flush=True)
        os._exit(7)

    def _mark(self, word: str) -> None:
        with (self._marks).open("a", encoding="utf-8") as stream:
            stream.write(f"{word}\n")

    def __enter__(self) -> Tricks:
        return self

    def __exit__(self, *_: object) -> None:
        self._mark("closed")


DEAF_SECONDS = 6.0


def _deaf(on_step: Callable[[Step], None], *, talks: bool) -> None:
    """Much longer than a test that has set the grace to a moment waits."""
    on_step(Step("reading", 0, 0))
    end = time.monotonic() + DEAF_SECONDS
    while time.monotonic() < end:
        if talks:
            on_step(Step("reading", 1, 0))
        else:
            time.sleep(0.1)


def hostile() -> None:
    """Answers everything with the bytes that it is asked to send."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    channel = Channel(connection)
    channel.receive()
    channel.send({"isolation": {"is": "Isolation", "fields": ISOLATION}})
    while True:
        question = channel.receive()["arguments"]["question"]
        connection.sendall(question.removeprefix(RAW).encode("latin-1"))


ISOLATION = {"level": "A", "reasons": [], "files": ""}


def framed(value: object) -> str:
    """A question that has the hostile end send `value` as one frame."""
    payload = json.dumps(value)
    return RAW + len(payload).to_bytes(4, "big").decode("latin-1") + payload


if __name__ == "__main__":
    if os.environ.get("RAGKIT_TEST_HOSTILE"):
        hostile()
    opened = Tricks(Path(os.environ["RAGKIT_TEST_MARKS"]))
    server._opened = lambda opening: opened  # type: ignore[assignment, return-value]
    server.main()
