"""Between the child that reads a document and the helper that recognises its pages: the worker.

The child sends a page's picture up a pipe of its own. The worker takes the whole of it, then speaks
with the helper from the first byte to the last, then answers the child: a child that is killed at any
moment leaves the helper ready for the next page.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass

from ragkit.parsers import wire
from ragkit.parsers.ocr import Ocr
from ragkit.parsers.ocr_helpers import GONE, OcrHelper
from ragkit.parsers.ocr_page import MOST_PIXELS, NotRecognised, PageImage
from ragkit.parsers.processes import read_frame, write_all
from ragkit.parsers.tesseract import OcrEngine

DRAWING_SECONDS = 2.0
"""What a document's time grows by with each page of full size that is recognised, for drawing it."""
FULL_PIXELS = 4_000_000
"""A4 at 200 dpi; smaller pictures are given as much less time."""
MOST_DRAWING_SECONDS = 1800.0
"""Of one file, however many pages it has; more is a matter of parsing.seconds."""
_MOST_HEADER = 1_000
_MOST_ANSWER = 50_000_000
_MOST_PAGES = 10_000_000
_MOST_OF_A_FILE = 10_000
"""Pages recognised for one file: each of them gives the file more time."""


@dataclass(slots=True)
class OcrDesk:
    """The worker's helper, if it has one yet. on_page: told (page, pages) before each page."""

    engine: OcrEngine
    helper: OcrHelper | None
    on_page: Callable[[int, int], None]
    accept_weak_isolation: bool = False

    def words(self, picture: PageImage) -> str:
        """Raises NotRecognised; a helper that has died by then is replaced for the next page."""
        if self.helper is None:
            self.helper = OcrHelper.start(
                self.engine.program, accept_weak_isolation=self.accept_weak_isolation
            )
        try:
            return self.helper.words(self.engine, picture)
        except NotRecognised as failure:
            if str(failure) == GONE:
                self.helper.stop()
                self.helper = None
            raise

    def forget_helper(self) -> None:
        """It has died in the hands of a child of this process; the next page has another one started."""
        if self.helper is not None:
            self.helper.stop()
            self.helper = None


class OcrLine:
    """Two pipes between a child and its worker, made before the fork; each keeps its ends of them."""

    def __init__(self, desk: OcrDesk) -> None:
        self._desk = desk
        self.requests, self._requests_in = os.pipe()
        self._answers, self._answers_in = os.pipe()
        self._left = _MOST_OF_A_FILE
        self._drawing_left = MOST_DRAWING_SECONDS

    @property
    def accepts_weak_isolation(self) -> bool:
        """Whether the command accepts that the kernel may not shut its processes in."""
        return self._desk.accept_weak_isolation

    # In the child

    @property
    def childs_ends(self) -> tuple[int, int]:
        """The descriptors that the child needs; it must close all others of the worker's."""
        return self._requests_in, self._answers

    def enter_child(self) -> Ocr:
        """What the document's reader is given."""
        absent = self._desk.engine.absent
        return Ocr(absent=absent) if absent else Ocr(self._ask)

    def _ask(self, picture: PageImage, page: int, pages: int) -> str:
        header = [picture.width, picture.height, picture.dpi, page, pages]
        write_all(self._requests_in, wire.frame(wire.pack({"header": header})))
        write_all(self._requests_in, wire.LENGTH.pack(len(picture.pixels)))
        write_all(self._requests_in, picture.pixels)
        answer = wire.unpack(read_frame(self._answers, _MOST_ANSWER) or b"{}")
        before = round(self._drawing_left)
        self._drawing_seconds(picture)
        _allow_time(before - round(self._drawing_left))
        if "words" not in answer:
            raise NotRecognised(str(answer.get("reason", GONE)))
        return str(answer["words"])

    # In the worker

    def enter_worker(self) -> None:
        os.close(self._requests_in)
        os.close(self._answers)

    def serve(self) -> float | None:
        """Take one page and answer; the seconds that are not the document's, None at the end.

        What the child says is checked: it has read a stranger's file.
        """
        self._left -= 1
        if self._left < 0:
            return None
        try:
            picture, page, pages = self._receive()
        except (EOFError, wire.BadFrame):
            return None
        self._desk.on_page(page, pages)
        began = time.monotonic()
        try:
            answer = {"words": self._desk.words(picture)}
        except NotRecognised as failure:
            answer = {"reason": str(failure)}
        recognised = time.monotonic() - began
        try:
            write_all(self._answers_in, wire.frame(wire.pack(answer)))
        except BrokenPipeError:  # the child was killed meanwhile; its end is told elsewhere
            return None
        return recognised + self._drawing_seconds(picture)

    def _drawing_seconds(self, picture: PageImage) -> float:
        """What this page gives its document beside its recognition; both sides count for themselves."""
        share = min(1.0, picture.width * picture.height / FULL_PIXELS)
        seconds = min(self._drawing_left, DRAWING_SECONDS * share)
        self._drawing_left -= seconds
        return seconds

    def close(self) -> None:
        os.close(self.requests)
        os.close(self._answers_in)

    def _receive(self) -> tuple[PageImage, int, int]:
        header = read_frame(self.requests, _MOST_HEADER)
        if header is None:
            raise EOFError
        width, height, dpi, page, pages = _numbers(wire.unpack(header).get("header"))
        if not 0 < width * height <= MOST_PIXELS:
            raise wire.BadFrame("a page of an impossible size")
        pixels = read_frame(self.requests, MOST_PIXELS)
        if pixels is None or len(pixels) != width * height:
            raise wire.BadFrame("a page that is not whole")
        return PageImage(width, height, dpi, pixels), page, pages


def _numbers(header: object) -> list[int]:
    if not isinstance(header, list) or len(header) != 5:
        raise wire.BadFrame("no header of a page")
    if any(not isinstance(number, int) or not 0 < number < _MOST_PAGES for number in header):
        raise wire.BadFrame("a number is of a wrong type")
    return header


def _allow_time(seconds: int) -> None:
    """Let this process compute so much longer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if soft != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_CPU, (soft + seconds, hard))
