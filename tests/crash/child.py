"""An ingest of one folder that can be told at which step to die.

    python -m tests.crash.child FOLDER [--rebuild] [--gate passes|fails] [--die STEP MOMENT COUNT]
    python -m tests.crash.child FOLDER --purge PATH [--die STEP MOMENT COUNT]      the same of a purge

Everything is real but the embedder, which makes vectors of words and so takes no time. MOMENT is
"before" or "after": the process kills itself, as kill -9 would, when STEP is entered, or has been left,
for the COUNTth time. Each document that was kept is told on standard output, as its SHA-256.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ragkit.build import analyse
from ragkit.catalog import Catalog, Contents, Publisher, Runs, store
from ragkit.catalog.erasing import Erasing
from ragkit.chunking.chunker import SentenceChunker
from ragkit.config import Pipeline
from ragkit.embedders.fake import HashEmbedder, WordCounter
from ragkit.errors import CheckFailed, RagkitError
from ragkit.flows import indexing
from ragkit.flows.ingest_parts import IngestOptions, IngestParts
from ragkit.flows.ingesting import ingest
from ragkit.flows.purging import PurgeParts, purge
from ragkit.flows.scanning import Scanning
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.pool import WorkerPool
from ragkit.settings import PipelineSettings
from ragkit.types import GateVerdict
from ragkit.vectors import builder
from ragkit.vectors.manifest import check

EMBEDDER = "words"
STEPS: dict[str, tuple[Any, str]] = {
    "the run is noted": (Runs, "begin"),
    "a document is kept": (Contents, "keep"),
    "its chunks are kept": (Contents, "keep_chunks"),
    "vectors are kept": (Contents, "keep_vectors"),
    "the state is published": (Publisher, "publish"),
    "a document is taken out": (Publisher, "_remove"),
    "a document is shown": (Publisher, "_show"),
    "orphans are erased": (Publisher, "sweep_orphans"),
    "the vector index is built": (builder, "_run"),
    "the vector index is put in place": (builder, "_publish"),
    "readers are told of the index": (Publisher, "use_vector_index"),
    "the old index is removed": (indexing, "_remove_others"),
    "the log is emptied": (Catalog, "empty_log"),
    "the run has ended": (Runs, "end"),
}

PURGE_STEPS: dict[str, tuple[Any, str]] = {
    "what must not be found is noted": (Scanning, "note"),
    "the documents are taken out": (Publisher, "erase"),
    "the words are merged": (Erasing, "merge_words"),
    "the catalog is written anew": (Erasing, "rewrite"),
    "the vector index is built": (builder, "_run"),
    "the vector index is put in place": (builder, "_publish"),
    "readers are told of the index": (Publisher, "use_vector_index"),
    "the old index is removed": (indexing, "_remove_others"),
    "the log is emptied for good": (Erasing, "empty_log"),
    "the erasing is done": (Erasing, "done"),
    "all is scanned": (Scanning, "scan"),
    "the purge has its certificate": (Erasing, "certified"),
}


def pipeline_in(folder: Path) -> Pipeline:
    """The pipeline "p" over FOLDER/files."""
    files = folder / "files"
    return Pipeline(
        "p",
        (files,),
        folder / ".ragkit/p",
        PipelineSettings(folders=("files",)),
        folder / "pipelines.yaml",
    )


def parts_of(folder: Path) -> IngestParts:
    return IngestParts(
        pipeline=pipeline_in(folder),
        parsers=WorkerPool(ParseLimits(), 2),
        chunker=SentenceChunker(WordCounter(), window=64, header_tokens=16),
        embedder_fingerprint=EMBEDDER,
        open_embedder=HashEmbedder,
        analyse=analyse,
        analyser_fingerprint="1",
        build_index=builder.build_in_child,
        check_index=check,
    )


def purge_in(parts: IngestParts, path: str) -> int:
    """The exit code of a purge, as the command has it."""
    purges = PurgeParts(parts.pipeline, parts.analyse, parts.build_index, parts.check_index)
    return 0 if purge(purges, [path], still_there=True).scan.is_clean else CheckFailed.exit_code


def die_at(step: str, moment: str, count: int) -> None:
    """Arrange for this process to kill itself there."""
    owner, name = {**STEPS, **PURGE_STEPS}[step]
    real = getattr(owner, name)
    calls = 0

    def watched(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if moment == "before" and calls == count:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*given, **named)
        if moment == "after" and calls == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, watched)


def tell_what_is_kept() -> None:
    real: Callable[..., int] = Contents.keep

    def keep(self: Contents, sha256: str, *given: Any) -> int:
        content = real(self, sha256, *given)
        os.write(1, f"{sha256}\n".encode())
        return content

    Contents.keep = keep  # type: ignore[method-assign, assignment]


def main() -> int:
    given = argparse.ArgumentParser()
    given.add_argument("folder", type=Path)
    given.add_argument("--rebuild", action="store_true")
    given.add_argument("--gate", choices=("passes", "fails"))
    given.add_argument("--purge")
    given.add_argument("--die", nargs=3)
    given.add_argument("--busy", type=float, default=store.BUSY_SECONDS)
    chosen = given.parse_args()
    store.BUSY_SECONDS = chosen.busy
    tell_what_is_kept()
    if chosen.die:
        step, moment, count = chosen.die
        die_at(step, moment, int(count))
    parts = parts_of(chosen.folder)
    if chosen.gate:
        verdict = GateVerdict(chosen.gate == "passes", 1.0, 0.9, 1)
        parts = replace(parts, judge=lambda catalog: verdict)
    try:
        if chosen.purge:
            return purge_in(parts, chosen.purge)
        ingest(parts, IngestOptions(rebuild=chosen.rebuild))
    except RagkitError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
