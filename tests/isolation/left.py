"""Two documents after each other: what of the first lies in the memory of what reads the second.

Run as a script with a folder and "1" or "0": whether each is served by a process of its own. It prints
JSON: how often the marks of its own document, and of the other, were found there.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from ragkit.errors import UnreadableDocument
from ragkit.isolation.profiles import ReaderProfile
from ragkit.parsers import registry, wire, worker
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.ocr_line import OcrDesk
from ragkit.parsers.processes import read_frame
from ragkit.parsers.tesseract import OcrEngine
from ragkit.types import Page, ParsedDocument

LINES = 5_000


def mark(letter: str) -> str:
    """Made where it is needed, so that it is nowhere before."""
    return "-".join(["diagnosis", letter * 8, ""])


def memory() -> bytes:
    """Of this process, what it may write."""
    held = bytearray()
    with open("/proc/self/mem", "rb", buffering=0) as file:  # noqa: PTH123
        for line in Path("/proc/self/maps").read_text().splitlines():
            place, rights = line.split()[:2]
            if rights.startswith("rw") and "[v" not in line:
                begin, end = (int(number, 16) for number in place.split("-"))
                file.seek(begin)
                try:
                    held += file.read(end - begin)
                except OSError:
                    continue
    return bytes(held)


def read(data: bytes, name: str, *_: object) -> ParsedDocument:
    """The first document is read; what reads the second looks around."""
    if name == "first.txt":
        return ParsedDocument((Page(None, 0, data.decode()),))
    held = memory()
    counted = {
        "its own": len(re.findall(mark("b").encode(), held)),
        "of the other": len(re.findall(mark("a").encode(), held)),
    }
    raise UnreadableDocument(json.dumps(counted))


def request(path: Path) -> dict[str, Any]:
    return {"path": str(path), "suffix": ".txt", "passwords": []}


def main() -> None:
    folder, apart = Path(sys.argv[1]), sys.argv[2] == "1"
    ReaderProfile.confine = lambda self, **_: None  # type: ignore[method-assign]
    vars(registry)["in_process_parse"] = read
    for name, letter in (("first.txt", "a"), ("second.txt", "b")):
        with (folder / name).open("w") as file:
            file.writelines(f"{mark(letter)}{number}\n" for number in range(LINES))
    desk = OcrDesk(OcrEngine(absent="needs OCR"), None, lambda page, pages: None)
    told: dict[str, Any] = {}
    for name in ("first.txt", "second.txt"):
        if not apart:
            told = json.loads(worker._serve(request(folder / name), ParseLimits(), desk))
            continue
        outcomes = os.open(folder / f"{name}.outcome", os.O_CREAT | os.O_RDWR, 0o600)
        worker._in_its_own_process(request(folder / name), ParseLimits(), desk, outcomes)
        os.lseek(outcomes, 0, os.SEEK_SET)
    if apart:
        told = wire.unpack(read_frame(outcomes) or b"")
    sys.stdout.write(told["reason"])


if __name__ == "__main__":
    main()
