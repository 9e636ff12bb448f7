"""`python -m ragkit.parsers.ocr_helper strict|weak PROGRAM`: has tesseract read one page after the other.

Started before the commands shut themselves off from what documents must not reach, because it runs
another program: that one alone, which reads its libraries and languages and writes nothing (see
isolation/profiles.py). It opens no file and sees no document, only the pixels of pages: a request on
standard input is a frame of JSON {"engine", "width", "height", "dpi"} and one of width x height
bytes of grey; the answer is a frame of JSON, {"words"} (tesseract's tab-separated values) or {"reason"}.
"""

from __future__ import annotations

import dataclasses
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from ragkit import isolation
from ragkit.isolation.profiles import confine_ocr
from ragkit.parsers import wire
from ragkit.parsers.ocr import Ocr
from ragkit.parsers.ocr_page import NotRecognised, PageImage
from ragkit.parsers.processes import (
    die_with_parent,
    read_frame,
    take_standard_streams,
    write_all,
)
from ragkit.parsers.tesseract import OcrEngine

_MEMORY_BYTES = 1_000_000_000
"""Address space of tesseract; a dense page of 25 megapixels took 264 MB."""


def main() -> None:
    """Serve until standard input ends."""
    die_with_parent(os.getppid())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    accept_weak = sys.argv[1] == "weak"
    isolation.seal(accept_weak=accept_weak, write=())
    confine_ocr(Path(sys.argv[2]), accept_weak=accept_weak)
    # Inherited by tesseract: nothing of a page gets onto a disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    requests, answers = take_standard_streams()
    while (request := read_frame(requests)) is not None:
        pixels = read_frame(requests)
        if pixels is None:
            break
        write_all(answers, wire.frame(wire.pack(read_page(wire.unpack(request), pixels))))


def ocr_here(engine: OcrEngine) -> Ocr:
    """OCR without helper processes, run from this one: to check a text once more, and for tests."""

    def ask(picture: PageImage, page: int, pages: int) -> str:
        size = {"width": picture.width, "height": picture.height, "dpi": picture.dpi}
        answer = read_page({"engine": dataclasses.asdict(engine), **size}, picture.pixels)
        if "words" not in answer:
            raise NotRecognised(answer["reason"])
        return answer["words"]

    return Ocr(absent=engine.absent) if engine.absent else Ocr(ask)


def read_page(request: dict[str, Any], pixels: bytes) -> dict[str, str]:
    """The answer to one request."""
    engine = OcrEngine(**request["engine"])
    header = f"P5\n{request['width']} {request['height']}\n255\n".encode("ascii")
    here = os.getpid()
    try:
        done = subprocess.run(
            engine.command(request["dpi"]),
            input=header + pixels,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=engine.seconds,
            check=False,
            # This process has one thread, so nothing can be held while it forks.
            preexec_fn=lambda: die_with_parent(here),
        )
    except subprocess.TimeoutExpired:
        return {"reason": f"OCR took longer than {engine.seconds:g} s"}
    except (OSError, subprocess.SubprocessError):
        return {"reason": "tesseract could not be started"}
    if done.returncode != 0:
        return {"reason": f"tesseract failed on it (status {done.returncode})"}
    return {"words": done.stdout.decode("utf-8", "replace")}


if __name__ == "__main__":
    main()
