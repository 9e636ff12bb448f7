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
"""What a document's time grows by with each page that is recognised, beside the recognition itself."""
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


class OcrLine:
    """Two pipes between a child and its worker, made before the fork; each keeps its ends of them."""

    def __init__(self, desk: OcrDesk) -> None:
        self._desk = desk
        self.requests, self._requests_in = os.pipe()
        self._answers, self._answers_in = os.pipe()
        self._left = _MOST_OF_A_FILE

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
        _allow_time(DRAWING_SECONDS)
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
        began = time.monotonic()
        self._left -= 1
        if self._left < 0:
            return None
        try:
            picture, page, pages = self._receive()
        except (EOFError, wire.BadFrame):
            return None
        self._desk.on_page(page, pages)
        try:
            answer = {"words": self._desk.words(picture)}
        except NotRecognised as failure:
            answer = {"reason": str(failure)}
        try:
            write_all(self._answers_in, wire.frame(wire.pack(answer)))
        except BrokenPipeError:  # the child was killed meanwhile; its end is told elsewhere
            return None
        return time.monotonic() - began + DRAWING_SECONDS

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


def _allow_time(seconds: float) -> None:
    """Let this process compute so much longer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if soft != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_CPU, (soft + round(seconds), hard))
