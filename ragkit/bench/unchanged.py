"""A night in which nothing happened: ingesting unchanged files, beside a bare walk that looks at them.

The files are made for the purpose, and read and embedded by stand-ins: what is measured neither opens
a file nor needs a model.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from ragkit.build import Builder
from ragkit.catalog.scratch import scratch_folder
from ragkit.config import Pipeline
from ragkit.flows.ingest_parts import IngestParts
from ragkit.flows.ingesting import ingest
from ragkit.machine import Machine, this_machine
from ragkit.testing import HashEmbedder, TextParserPool
from ragkit.types import IngestReport, Step

IN_A_FOLDER = 50
LONG_AGO_NS = 1_600_000_000_000_000_000
"""A time of change that counts as settled; see RACY_NS of flows/surveying.py."""


@dataclass(frozen=True, slots=True)
class UnchangedResult:
    """walks, ingests: seconds of each round, in turn. embedded_renamed: chunks embedded after all
    files were renamed, which should be none."""

    machine: Machine
    files: int
    walks: tuple[float, ...]
    ingests: tuple[float, ...]
    embedded_renamed: int

    @property
    def ratio(self) -> float:
        """How many times as long as the walk the ingest takes: the median of the rounds."""
        return median(own / bare for own, bare in zip(self.ingests, self.walks, strict=True))

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            "machine": self.machine.as_dict(),
            "files": self.files,
            "ratio": round(self.ratio, 3),
            "walk_seconds": [round(seconds, 4) for seconds in self.walks],
            "ingest_seconds": [round(seconds, 4) for seconds in self.ingests],
            "embedded_after_renaming": self.embedded_renamed,
        }


def bench_unchanged(
    builder: Builder,
    pipeline: Pipeline,
    files: int,
    rounds: int,
    work: Path,
    on_step: Callable[[Step], None],
) -> UnchangedResult:
    """work: where a folder is made for the duration. Raises ModelMissing."""
    with scratch_folder(work) as folder:
        corpus = folder / "files"
        _write(corpus, files)
        parts = _parts(builder, replace(pipeline, folders=(corpus,), store=folder / "store"))
        ingest(parts, on_step=on_step)
        ingest(parts)  # the first of the day looks at every byte of the index
        walks, ingests = [], []
        for number in range(rounds):
            on_step(Step("walking and ingesting in turn", number, rounds))
            walks.append(_seconds(lambda: _walk(corpus)))
            ingests.append(_seconds(lambda: ingest(parts)))
        for below in list(corpus.iterdir()):
            below.rename(below.with_name(f"renamed {below.name}"))
        renamed = ingest(parts, on_step=on_step)
    return UnchangedResult(this_machine(), files, tuple(walks), tuple(ingests), renamed.embedded)


def _write(corpus: Path, files: int) -> None:
    for number in range(files):
        below = corpus / f"matter {number // IN_A_FOLDER}"
        below.mkdir(parents=True, exist_ok=True)
        path = below / f"note {number}.txt"
        path.write_text(f"Invoice {number} of {number} euros was paid.\n", encoding="utf-8")
        os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))


def _parts(builder: Builder, pipeline: Pipeline) -> IngestParts:
    parts = builder.ingest_parts(pipeline)
    parts.parsers.close()
    embedder = HashEmbedder()
    return replace(
        parts,
        parsers=TextParserPool(),
        embedder_fingerprint=embedder.fingerprint,
        open_embedder=lambda: embedder,
    )


def _walk(folder: Path) -> None:
    """What any program must do that looks whether files have changed."""
    for below, _, names in os.walk(folder):
        for name in names:
            os.stat(os.path.join(below, name))  # noqa: PTH116, PTH118 (as bare as it gets)


def _seconds(work: Callable[[], IngestReport | None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def show_unchanged(result: UnchangedResult) -> str:
    """In three lines for people."""
    walk, own = (median(side) * 1000 for side in (result.walks, result.ingests))
    return (
        f"{result.files} unchanged files: a bare walk {walk:.0f} ms, an ingest {own:.0f} ms; "
        f"{result.ratio:.2f} times the walk (median of {len(result.walks)} pairs in turn).\n"
        f"All renamed: {result.embedded_renamed} chunks embedded.\n"
        "In one process: the start of Python is on neither side."
    )
