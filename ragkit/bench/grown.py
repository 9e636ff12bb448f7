"""A store of so many chunks, made and searched in this process.

    python -m ragkit.bench.grown    a request as JSON on standard input, figures as JSON on standard output

Files are read by the real parsers' processes, cut up, published and indexed as any others; only the
vectors come from a stand-in of the right shape, so that the figures are ragkit's own and not a model's.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from ragkit.bench.warm import bare_lexical
from ragkit.build import analyse
from ragkit.catalog import Catalog, Reader
from ragkit.chunking.chunker import SentenceChunker
from ragkit.config import Pipeline
from ragkit.embedders.fake import HashEmbedder, WordCounter
from ragkit.flows.indexing import index_folder
from ragkit.flows.ingest_parts import IngestParts
from ragkit.flows.ingesting import ingest
from ragkit.flows.searching import Searching, SearchParts
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.pool import WorkerPool
from ragkit.retrieval.analysis import terms
from ragkit.retrieval.gathering import DEPTH
from ragkit.settings import PipelineSettings
from ragkit.vectors.builder import build_in_child
from ragkit.vectors.chroma import ChromaIndex
from ragkit.vectors.exact import ExactIndex
from ragkit.vectors.manifest import check

DIMENSION = 384
VOCABULARY = 30_000
IN_A_FILE = 100
WINDOW = 64
"""Tokens of a chunk; a token is a word here. Short chunks make many of little text."""
SYLLABLES = (
    "ba",
    "cor",
    "den",
    "fi",
    "gul",
    "hem",
    "is",
    "jor",
    "ka",
    "lin",
    "mo",
    "nur",
    "os",
    "pa",
)
QUESTION_WORDS = 8


def main() -> None:
    request = json.load(sys.stdin)
    folder, chunks = Path(request["folder"]), int(request["chunks"])
    write_corpus(folder / "files", chunks)
    pipeline = _pipeline(folder)
    parts = _parts(pipeline)
    started, used = time.monotonic(), _processor_seconds()
    report = ingest(parts)
    seconds, used = time.monotonic() - started, _processor_seconds() - used
    figures: dict[str, object] = {
        "chunks": report.chunks,
        "seconds": round(seconds, 2),
        "processor_seconds": round(used, 2),
        "peak_bytes": _peak_bytes(),
    }
    if request["questions"]:
        figures["searches"] = _searches(pipeline, parts, int(request["questions"]))
    json.dump(figures, sys.stdout)


def _processor_seconds() -> float:
    """Of this process and of its children that have ended: readers and builders of the index."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _peak_bytes() -> int:
    """The most this process has held, its children aside.

    Not by getrusage: that counts what the process that started this one held before.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def write_corpus(folder: Path, chunks: int) -> None:
    """Text files that make about so many chunks, of words as frequent as in a language.

    The share of the word of rank r is proportional to 1 / (r + 2.7) (Zipf and Mandelbrot).
    """
    folder.mkdir(parents=True)
    words = _words(random.Random(1))
    for number in range(-(-chunks // IN_A_FILE)):
        text = " ".join(_sentences(words, number, IN_A_FILE))
        (folder / f"record {number}.txt").write_text(text, encoding="utf-8")


def _words(chance: random.Random) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        found["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))] = None
    return list(found)


def _sentences(words: Sequence[str], number: int, chunks: int) -> Iterator[str]:
    """Sentences of 23 words, two of which fill a chunk."""
    chance = np.random.default_rng(number)
    shares = 1 / (np.arange(len(words)) + 2.7)
    shares /= shares.sum()
    for row in chance.choice(len(words), size=(2 * chunks, 23), p=shares):
        yield " ".join(words[rank] for rank in row).capitalize() + "."


def _pipeline(folder: Path) -> Pipeline:
    settings = PipelineSettings(folders=("files",))
    return Pipeline(
        "grown", (folder / "files",), folder / "store", settings, folder / "pipelines.yaml"
    )


def _parts(pipeline: Pipeline) -> IngestParts:
    embedder = HashEmbedder(DIMENSION)
    return IngestParts(
        pipeline=pipeline,
        parsers=WorkerPool(ParseLimits(), pipeline.settings.parsing.workers),
        chunker=SentenceChunker(WordCounter(), window=WINDOW, header_tokens=16),
        embedder_fingerprint=embedder.fingerprint,
        open_embedder=lambda: embedder,
        analyse=analyse,
        analyser_fingerprint="bench",
        build_index=build_in_child,
        check_index=check,
    )


def _searches(pipeline: Pipeline, parts: IngestParts, count: int) -> dict[str, object]:
    """Median milliseconds of warm searches, and of one bare query each of FTS5 and Chroma, in turn."""
    searching = Searching(
        SearchParts(
            pipeline, parts.embedder_fingerprint, parts.open_embedder, ChromaIndex, ExactIndex
        )
    )
    embedder = parts.open_embedder()
    catalog = Catalog.open_for_reading(pipeline.store)
    entry = Reader(catalog).vector_index()
    assert entry is not None  # an ingest of so many chunks has built one
    index = ChromaIndex(index_folder(pipeline.store, entry.number))
    own, bare = [], []
    for question in _questions(catalog, count + 1):
        started = time.perf_counter()
        searching.search(question, 8)
        own.append(time.perf_counter() - started)
        words = " OR ".join(f'"{term}"' for term in dict.fromkeys(terms(question, "")))
        vector = embedder.embed_queries([question])[0]
        started = time.perf_counter()
        bare_lexical(catalog, words)
        index.query(vector, DEPTH)
        bare.append(time.perf_counter() - started)
    searching.close()
    # The first of each opens files.
    return {
        "search_ms": round(median(own[1:]) * 1000, 3),
        "bare_ms": round(median(bare[1:]) * 1000, 3),
        "ratio": round(median(a / b for a, b in zip(own[1:], bare[1:], strict=True)), 3),
    }


def _questions(catalog: Catalog, count: int) -> Iterator[str]:
    """Words of chunks all over the store: each question has an answer."""
    chance = random.Random(2)
    last = int(catalog.connection.execute("SELECT max(id) FROM documents").fetchone()[0])
    reader = Reader(catalog)
    for _ in range(count):
        number = chance.randint(1, last)
        document = reader.documents_by_id({number})[number]
        start = chance.randint(0, 15_000)
        words = reader.text(document.content_id, start, start + 300).split()[1:-1]
        yield " ".join(words[:QUESTION_WORDS])


if __name__ == "__main__":
    main()
