"""The other end of the helper processes: how they are started, handed on, asked and replaced."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ragkit.isolation.profiles import why_ocr_is_open, why_readers_are_open
from ragkit.parsers import wire
from ragkit.parsers.ocr_page import NotRecognised, PageImage
from ragkit.parsers.processes import read_frame, start_module, stop_process, write_all
from ragkit.parsers.tesseract import OcrEngine, installed_program

if TYPE_CHECKING:
    from ragkit.config import Config

_MODULE = "ragkit.parsers.ocr_helper"
_GRACE_SECONDS = 30.0
"""On top of a page's time, after which the helper itself hangs."""
_MOST_ANSWER = 50_000_000
GONE = "the process that runs OCR ended unexpectedly"


def open_files() -> tuple[str, ...]:
    """A sentence where the files of helpers are not restricted, though the system is one that could.

    Elsewhere nothing restricts any process's files, as the isolation's description says.
    """
    program = installed_program()
    if not program or not sys.platform.startswith("linux"):
        return ()
    reason = why_ocr_is_open(Path(program))
    return (
        (f"The process that runs OCR may open any file of the user's: {reason}.",) if reason else ()
    )


def open_readers() -> tuple[str, ...]:
    """The same of the processes that read documents."""
    if not sys.platform.startswith("linux"):
        return ()
    reason = why_readers_are_open()
    return (f"What reads a document may open any file of the user's: {reason}.",) if reason else ()


class OcrHelper:
    """A helper process and the two pipes to it. After NotRecognised with GONE it is of no more use."""

    def __init__(self, process_id: int, requests: int, answers: int) -> None:
        self.place = (process_id, requests, answers)
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(cls, program: str, *, accept_weak_isolation: bool = False) -> Self:
        """A new one, which does not delay this process: it gets ready beside it.

        program: tesseract's absolute path; the helper can run nothing else.
        """
        isolation_wanted = "weak" if accept_weak_isolation else "strict"
        process = start_module(_MODULE, [isolation_wanted, program])
        assert process.stdin is not None
        assert process.stdout is not None
        helper = cls(process.pid, process.stdin.fileno(), process.stdout.fileno())
        helper._process = process
        return helper

    @property
    def descriptors(self) -> tuple[int, int]:
        """To be inherited by the process that is handed `place`."""
        return self.place[1:]

    def words(self, engine: OcrEngine, picture: PageImage) -> str:
        """The words of a page as tesseract writes them. Raises NotRecognised."""
        _, requests, answers = self.place
        header = {
            "engine": dataclasses.asdict(engine),
            "width": picture.width,
            "height": picture.height,
            "dpi": picture.dpi,
        }
        try:
            write_all(requests, wire.frame(wire.pack(header)))
            write_all(requests, wire.LENGTH.pack(len(picture.pixels)))
            write_all(requests, picture.pixels)
            ready, _, _ = select.select([answers], [], [], engine.seconds + _GRACE_SECONDS)
            payload = read_frame(answers, _MOST_ANSWER) if ready else None
            answer = wire.unpack(payload or b"")
        except (OSError, wire.BadFrame) as error:
            raise NotRecognised(GONE) from error
        if "words" not in answer:
            raise NotRecognised(str(answer.get("reason")))
        return str(answer["words"])

    def is_alive(self) -> bool:
        """For the process that started it."""
        return self._process is not None and self._process.poll() is None

    def close_pipes(self) -> None:
        """For a forked child that must not speak to it."""
        for descriptor in self.descriptors:
            os.close(descriptor)

    def stop(self) -> None:
        """End it, whoever started it."""
        if self._process is not None:
            stop_process(self._process)
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.place[0], signal.SIGKILL)
        self.close_pipes()


class OcrHelpers:
    """Helper processes that were started in advance, before this process was sealed.

    Workers that find none left start their own. Close it, which ends them.
    """

    def __init__(self, helpers: Sequence[OcrHelper] = ()) -> None:
        self._idle = list(helpers)

    @classmethod
    def start(cls, count: int, *, accept_weak_isolation: bool = False) -> Self:
        """`count` helpers, one for each worker; none where tesseract is not installed."""
        program = installed_program()
        return cls(
            [
                OcrHelper.start(program, accept_weak_isolation=accept_weak_isolation)
                for _ in range(count if program else 0)
            ]
        )

    @classmethod
    def for_pipelines(cls, config: Config, *, accept_weak_isolation: bool = False) -> Self:
        """One for each file that is read at the same time, where a pipeline reads scans.

        They run another program, which a process can do only before it is sealed.
        """
        parsing = [pipeline.settings.parsing for pipeline in config.pipelines.values()]
        workers = [each.workers for each in parsing if each.ocr == "auto"]
        return cls.start(max(workers, default=0), accept_weak_isolation=accept_weak_isolation)

    def take(self) -> OcrHelper | None:
        """One that is alive; None if there is none left."""
        while self._idle:
            helper = self._idle.pop()
            if helper.is_alive():
                return helper
            helper.stop()
        return None

    def give_back(self, helper: OcrHelper) -> None:
        """One that is idle: whose last answer was read to its end."""
        self._idle.append(helper)

    def close(self) -> None:
        """End those that are idle."""
        while self._idle:
            self._idle.pop().stop()
