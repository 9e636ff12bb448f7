"""The process that writes a saved conversation: it is started before the chat is sealed.

A sealed process cannot write to a place that is named later, as by `/save`. So the lines go through
a pipe to this one, which has opened nothing, has no network either, and only makes new files that end
in .jsonl: whatever goes wrong in the sealed process, no file of the user's is ever replaced by it.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from ragkit.conversation.saving import SavedFiles
from ragkit.errors import RagkitError, StorageFault, UsageFault
from ragkit.isolation import seal

_HELD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Saver:
    """Adds lines to files, as SavedFiles does, in a process of its own; use it in a `with`."""

    def __init__(self, process: int, requests: BinaryIO, answers: BinaryIO) -> None:
        self._process, self._requests, self._answers = process, requests, answers

    @classmethod
    def start(cls, *, accept_weak: bool) -> Self:
        """By fork: this process has one thread and has opened no document yet."""
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(ours_out)
            os.close(ours_in)
            _work(theirs_in, theirs_out, accept_weak=accept_weak)
        os.close(theirs_in)
        os.close(theirs_out)
        return cls(process, os.fdopen(ours_out, "wb"), os.fdopen(ours_in, "rb"))

    def __call__(self, path: Path, lines: Sequence[str]) -> None:
        """As `saving.Write`. Ctrl-C waits until the file is whole."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
        try:
            answer = self._asked({"path": str(path), "lines": list(lines)})
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if answer:
            kind = UsageFault if answer["exit_code"] == UsageFault.exit_code else StorageFault
            raise kind(str(answer["message"]), hint=str(answer["hint"]))

    def _asked(self, request: dict[str, object]) -> dict[str, object]:
        try:
            self._requests.write(json.dumps(request).encode() + b"\n")
            self._requests.flush()
            line = self._answers.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            raise StorageFault("The process that writes the conversation has ended.")
        answer: dict[str, object] = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._requests.close()
        self._answers.close()
        os.waitpid(self._process, 0)


def _work(requests: int, answers: int, *, accept_weak: bool) -> None:
    """In the child, which ends when nobody asks any more. Never returns."""
    for number in _HELD:  # a terminal sends them to both; what is being written is finished
        signal.signal(number, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    code = 1
    try:
        seal(accept_weak=accept_weak)
        _serve(requests, answers)
        code = 0
    finally:
        os._exit(code)


def _serve(requests: int, answers: int) -> None:
    files = SavedFiles()
    with os.fdopen(requests, "rb") as asked, os.fdopen(answers, "wb") as told:
        for line in asked:
            request = json.loads(line)
            told.write(json.dumps(_answer(files, request)).encode() + b"\n")
            told.flush()


def _answer(files: SavedFiles, request: dict[str, object]) -> dict[str, object]:
    try:
        lines = request["lines"]
        assert isinstance(lines, list)
        files(Path(str(request["path"])), lines)
    except RagkitError as error:
        return error.as_dict()
    return {}
