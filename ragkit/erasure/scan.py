"""The scan: every byte of every file below some folders, and the files' names, against the needles.

Windows are looked up at every eighth offset of a file, against all windows of the documents. Of a
text two neighbours must be there: where one page of a file ends and another begins, a single byte may
make a stretch of a document that stays look like one of another. So a text is found that is at least
15 bytes longer than a window, wherever it lies, and numbers that are 7 bytes longer.
Names and words are looked up at every offset. Memory is bounded, whatever the size of a file.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np

from ragkit.erasure.forms import TEXTS, length_of
from ragkit.erasure.matching import LONGEST, Needles, exact_matches
from ragkit.erasure.windows import STRETCH, WIDE, keys_of, words_of
from ragkit.types.erasure import HIDDEN_NAME, Finding, Scan, ScannedFile

BLOCK = 1 << 20
OVERLAP = LONGEST
STRIDE = 8
MADE_SURE = 200
"""Findings of one encoding in one block whose bytes are compared; more of them need no more proof."""

OnFile = Callable[[int, int], None]
"""Told (bytes done, bytes in all)."""


@dataclass(slots=True)
class _Found:
    """What was found in one file, by encoding: how often, and where first."""

    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)

    def add(self, encoding: str, offset: int, count: int = 1) -> None:
        self.counts[encoding] = self.counts.get(encoding, 0) + count
        self.first[encoding] = min(self.first.get(encoding, offset), offset)

    def findings(self, path: str) -> Iterator[Finding]:
        for encoding in sorted(self.counts):
            yield Finding(path, encoding, self.counts[encoding], self.first[encoding])


def scan(
    store: Path,
    needles: Needles,
    caches: Iterable[Path] = (),
    on_file: OnFile | None = None,
    *,
    stay_open: Collection[str] = (),
    held: ExitStack | None = None,
) -> Scan:
    """Look for the needles below the store and, but for single words, below `caches`.

    What is no file, or vanishes meanwhile, is passed by. Files in the store whose names are in `stay_open`
    are put into `held`: to close a file takes away the locks that this process has on it.

    A file or a folder that cannot be read is in `unread`, with which a scan is not clean.
    """
    started = time.perf_counter()
    files: list[ScannedFile] = []
    findings: list[Finding] = []
    unread: list[str] = []
    in_caches = needles.without_words()
    paths = [
        (folder, path) for folder in (store, *caches) for path in sorted(_below(folder, unread))
    ]
    total, done = sum(_size_of(path) for _, path in paths), 0
    for folder, path in paths:
        shown = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        wanted, named = needles if folder == store else in_caches, _Found()
        search(str(path.relative_to(folder)).encode("utf-8", "surrogateescape"), wanted, named)
        shown = HIDDEN_NAME if named.counts else shown
        findings += [
            Finding(shown, f"file name, {each.encoding}", each.count, 0)
            for each in named.findings(shown)
        ]
        try:
            if path.is_symlink() or not path.is_file():
                continue
            stream = path.open("rb")
            if held is not None and path.parent == store and path.name in stay_open:
                held.enter_context(stream)
                size, digest, found = _scan_file(stream, wanted)
            else:
                with stream:
                    size, digest, found = _scan_file(stream, wanted)
        except FileNotFoundError:
            continue
        except OSError:
            unread.append(shown)
            continue
        files.append(ScannedFile(shown, size, digest))
        findings += found.findings(shown)
        done += size
        if on_file is not None:
            on_file(done, total)
    seconds = time.perf_counter() - started
    return Scan(tuple(files), needles.counts(), tuple(findings), tuple(unread), seconds)


def _below(folder: Path, unread: list[str]) -> Iterator[Path]:
    """Every file and folder below; a folder that cannot be listed is put into `unread`."""

    def missed(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            inner = Path(error.filename).relative_to(folder).as_posix()
            unread.append(folder.name if inner == "." else f"{folder.name}/{inner}")

    for place, folders, files in os.walk(folder, onerror=missed):
        yield from (Path(place, name) for name in (*folders, *files))


def _size_of(path: Path) -> int:
    """0 of what is no file, or cannot be asked: reading it will tell."""
    try:
        return path.lstat().st_size if path.is_file() else 0
    except OSError:
        return 0


def _scan_file(stream: IO[bytes], needles: Needles) -> tuple[int, str, _Found]:
    """(size, SHA-256, what was found)."""
    found, digest, at, kept = _Found(), hashlib.sha256(), 0, b""
    while block := stream.read(BLOCK):
        digest.update(block)
        # The end of the block before stays in front, so that nothing falls between two.
        search(kept + block, needles, found, at - len(kept))
        at += len(block)
        kept = (kept + block)[-OVERLAP:] if len(block) == BLOCK else b""
    return at, digest.hexdigest(), found


def search(data: bytes, needles: Needles, found: _Found, at: int = 0) -> None:
    """Add to `found` what stands in `data`, which lies at offset `at` of its file."""
    words = words_of(data, STRIDE)
    keys = {length: keys_of(words, length, STRIDE) for length in (STRETCH, WIDE)}
    for encoding, wanted in needles.windows.items():
        length = length_of(encoding)
        offsets = wanted.found_at(keys[length]) * STRIDE
        if encoding in TEXTS:
            offsets = offsets[np.isin(offsets + STRIDE, offsets)]
        sure = [
            o for o in offsets[:MADE_SURE].tolist() if _is_sure(data, o, length, encoding, needles)
        ]
        if sure:
            more = len(offsets) - min(len(offsets), MADE_SURE)
            found.add(encoding, at + sure[0], len(sure) + more)
    for needle, offset in exact_matches(data, needles):
        found.add(needles.exact[needle], at + offset)


def _is_sure(data: bytes, offset: int, length: int, encoding: str, needles: Needles) -> bool:
    """Whether the very bytes stand in a document: keys may be equal by chance."""
    form = needles.forms.get(encoding)
    return form is None or data[offset : offset + length] in form
