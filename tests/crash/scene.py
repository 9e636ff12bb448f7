"""A folder with a published state and files that changed since, and a reader that never stops asking."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from ragkit.catalog import Catalog
from ragkit.embedders.fake import HashEmbedder
from ragkit.flows.searching import Searching, SearchParts
from ragkit.vectors.chroma import ChromaIndex
from ragkit.vectors.exact import ExactIndex
from tests.crash.child import EMBEDDER, pipeline_in
from tests.flows.corpus import published_state

REPOSITORY = Path(__file__).resolve().parents[2]
CLAUSE = (
    "The supplier number {0} delivers {1} pumps within {2} days. Payment of {3} euros falls due "
    "after acceptance. Either party may terminate with notice of {4} days.\n\n"
)
QUESTIONS = (
    "How many pumps does supplier number 12 deliver?",
    "When does the payment of supplier 33 fall due?",
    "Notice of termination",
)
PAUSE = 0.02
"""Seconds between two questions: still dozens in one ingest, and it is the ingest that gets the processor."""

Passage = tuple[str, str]
"""Path of the document and the passage's text."""


def write_files(folder: Path, numbers: range, seed: int) -> None:
    """One text file for each number, the same for the same seed."""
    chance = random.Random(seed)
    for number in numbers:
        clauses = [
            CLAUSE.format(number, *(chance.randint(2, 9000) for _ in range(4))) for _ in range(9)
        ]
        path = folder / f"{number:03}.txt"
        path.write_text("".join(clauses), encoding="utf-8")
        os.utime(path, (1_600_000_000, 1_600_000_000 + 1000 * seed + number))


def start(folder: Path, *options: str) -> subprocess.Popen[bytes]:
    """An ingest of the folder in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.crash.child", str(folder), *options],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def run(folder: Path, *options: str) -> int:
    """The exit code of an ingest that is left alone."""
    process = start(folder, *options)
    process.communicate(timeout=120)
    return process.returncode


@dataclass(frozen=True)
class Scene:
    """old, new: the published states before and after the files changed. seconds: what that takes."""

    folder: Path
    old: dict[str, object]
    new: dict[str, object]
    seconds: float

    @classmethod
    def make(cls, folder: Path, also: Mapping[str, bytes] | None = None) -> Scene:
        """also: files that stay as they are, by path."""
        files = folder / "files"
        files.mkdir()
        for path, data in (also or {}).items():
            (files / path).parent.mkdir(exist_ok=True)
            (files / path).write_bytes(data)
        write_files(files, range(20), seed=1)
        assert run(folder) == 0
        store = folder / ".ragkit/p"
        shutil.copytree(store, folder / "old-store")
        old = published_state(store)
        write_files(files, range(10, 40), seed=2)  # ten changed, twenty new
        (files / "000.txt").rename(files / "renamed.txt")
        (files / "001.txt").unlink()
        started = time.monotonic()
        assert run(folder) == 0
        return cls(folder, old, published_state(store), time.monotonic() - started)

    @property
    def store(self) -> Path:
        return self.folder / ".ragkit/p"

    def restore_old_store(self) -> None:
        shutil.rmtree(self.store)
        shutil.copytree(self.folder / "old-store", self.store)

    def kept(self) -> set[str]:
        """SHA-256 of every content that is kept."""
        with Catalog.open_for_reading(self.store) as catalog:
            rows = catalog.connection.execute("SELECT sha256 FROM contents").fetchall()
        return {digest for (digest,) in rows}

    def states(self) -> tuple[frozenset[Passage], frozenset[Passage]]:
        """Every passage of the old state, and of the new one."""
        return _passages(self.old), _passages(self.new)


def _passages(state: dict[str, object]) -> frozenset[Passage]:
    documents = state["documents"]
    assert isinstance(documents, dict)
    return frozenset((path, text) for path, shown in documents.items() for text in shown[3])


@dataclass
class AskingReader:
    """Searches without a pause in a thread of its own, while `with` lasts; `faults` is what was wrong."""

    scene: Scene
    answers: int = 0
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask_on, daemon=True)
        self._old, self._new = self.scene.states()

    def __enter__(self) -> AskingReader:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(60)

    def _ask_on(self) -> None:
        try:
            while not self._stop.is_set():
                self._ask_with(self._searching())
        except Exception as error:  # noqa: BLE001  # whatever a reader meets is what is looked for
            self.faults.append(f"{type(error).__name__}: {error}")

    def _searching(self) -> Searching:
        return Searching(
            SearchParts(
                pipeline=pipeline_in(self.scene.folder),
                embedder_fingerprint=EMBEDDER,
                open_embedder=HashEmbedder,
                open_index=ChromaIndex,
                exact_index=ExactIndex,
            )
        )

    def _ask_with(self, searching: Searching) -> None:
        """Several questions over one open index, as `serve` or a notebook asks them."""
        try:
            for question in QUESTIONS * 5:
                if self._stop.is_set():
                    return
                found = searching.search(question, 5).passages
                shown = {(passage.document, passage.text) for passage in found}
                if len(found) < 5 or not (shown <= self._old or shown <= self._new):
                    self.faults.append(f"{question}: neither the old nor the new state")
                self.answers += 1
                self._stop.wait(PAUSE)
        finally:
            searching.close()
