"""The embedder in the setting of an ingest, beside this machine's matrix product, round by round.

    python -m ragkit.bench.embedding CONFIG PIPELINE ROUNDS -> an EmbeddingResult as JSON

In a process of its own, which gives back what torch and OpenVINO take.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from ragkit.acceleration.batching import TOKENS_IN_BATCH
from ragkit.acceleration.openvino_library import computes_bf16
from ragkit.acceleration.tokenizing import WindowTokenizer
from ragkit.bench.arithmetic import operations, read_layer_shape
from ragkit.bench.products import products
from ragkit.bench.results import EmbeddingResult, WayResult
from ragkit.build import Builder
from ragkit.catalog.contents import (
    embedded_spans,
    embedded_text,
    pack_spans,
    sentences_within,
    unpack_spans,
)
from ragkit.config import load_config
from ragkit.isolation import seal
from ragkit.models import ModelStore, default_models_folder, load_registry
from ragkit.protocols import Chunker, Spans
from ragkit.types import Page, ParsedDocument

_TEXTS = 256
"""About one to ten seconds of embedding on two cores."""


def measure(config: Path, name: str, rounds: int) -> EmbeddingResult:
    """Chunks of the pipeline's documents, which are .txt files, embedded `rounds` times."""
    pipeline = load_config(config).pipeline(name)
    builder = Builder(ModelStore(default_models_folder(), load_registry()))
    prepared = builder.prepared(pipeline)
    parts = builder.ingest_parts(pipeline)
    embedder, folder = parts.open_embedder(), builder.embedding_model(pipeline).path
    texts, spans = _chunks(parts.chunker, pipeline.folders[0])
    lengths = [len(row) for row in WindowTokenizer(folder, embedder.window).encode(texts)]
    bf16 = "bf16" in prepared.way or ("int8" in prepared.way and computes_bf16())
    shape = read_layer_shape(folder)
    measured = products(shape, TOKENS_IN_BATCH, bf16=bf16) if shape else {}
    rates: list[float] = []
    reached: dict[str, list[float]] = {product: [] for product in measured}
    few = len(texts) // 8
    embedder.embed_chunks(texts[:few], spans[:few])
    for _ in range(rounds):
        rates.append(sum(lengths) / _seconds(lambda: embedder.embed_chunks(texts, spans)))
        for product, rate in measured.items():
            reached[product].append(rate())
    return EmbeddingResult(
        way=prepared.way,
        precision="bf16" if bf16 else "f32",
        tokens=sum(lengths),
        tokens_per_second=tuple(rates),
        operations=operations(shape, lengths) / sum(lengths) if shape else 0.0,
        products={product: tuple(values) for product, values in reached.items()},
        ways=tuple(WayResult(f.way, f.texts_per_second, f.cosine) for f in prepared.figures),
    )


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _chunks(chunker: Chunker, folder: Path) -> tuple[list[str], list[Spans]]:
    """Chunks as they are embedded, with the places of their sentences, spread over all documents."""
    found = []
    for path in sorted(folder.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        chunked = chunker.chunk(ParsedDocument((Page(None, 0, text),)))
        sentences = unpack_spans(pack_spans(chunked.sentences))
        for chunk in chunked.chunks:
            body = text[chunk.start : chunk.end]
            spans = sentences_within(sentences, chunk)
            shown = embedded_spans(chunk.header, body, spans)
            found.append((embedded_text(chunk.header, body), shown))
    count = min(_TEXTS, len(found))
    chosen = [found[place * len(found) // count] for place in range(count)]
    return [text for text, _ in chosen], [spans for _, spans in chosen]


def main(arguments: list[str]) -> int:
    """The child's side."""
    # The parent has decided what level it accepts, and its filter is inherited.
    seal(accept_weak=True)
    config, name, rounds = arguments
    json.dump(asdict(measure(Path(config), name, int(rounds))), sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
