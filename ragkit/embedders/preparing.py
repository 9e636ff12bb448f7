"""Conversion and choice of a way, once for a model and a kind of machine, in a process of its own.

python -m ragkit.embedders.preparing MODEL_FOLDER DIGEST CACHE WAY
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ragkit.acceleration.child import as_child
from ragkit.acceleration.conversion import convert_once, fastest
from ragkit.acceleration.openvino_library import computes_bf16
from ragkit.acceleration.sentences import SENTENCES
from ragkit.embedders import openvino
from ragkit.embedders.base import LEAST_COSINE, EmbedderSpec, FolderEmbedder, family_of
from ragkit.embedders.folder import read_shape
from ragkit.embedders.quantizing import QUANTIZED, quantize
from ragkit.embedders.records import (
    PreparedEmbedder,
    WayFigure,
    converted_folder,
    write_record,
)
from ragkit.embedders.reference import ReferenceEmbedder
from ragkit.protocols import Vectors

_PASSAGES = 24
_PASSAGE_SENTENCES = 8
_ROUNDS = 3


def prepare_here(folder: Path, digest: str, cache: Path, way: str) -> PreparedEmbedder:
    """Convert, measure, choose and remember; int8 only if `way` asks for it, or asked before.

    Raises ModelMissing if the model cannot be loaded.
    """
    spec = EmbedderSpec(folder, digest, read_shape(folder))
    converted = converted_folder(cache, digest)
    problem = convert_once(converted, lambda aside: openvino.convert(spec, aside))
    if family_of(way) == "int8" and not problem:
        _quantize_once(spec, converted)
    record = _measured(spec, converted, problem)
    write_record(cache, digest, record)
    return record


def open_way(way: str, spec: EmbedderSpec, converted: Path) -> FolderEmbedder:
    """The embedder that computes in that way. Raises ModelMissing, NotReady."""
    if way in ("reference", "torch-bf16"):
        return ReferenceEmbedder(spec, bf16=way == "torch-bf16")
    if way == "openvino-int8":
        return openvino.OpenVinoEmbedder(spec, converted, bf16=computes_bf16(), graph=QUANTIZED)
    graph = openvino.BF16_GRAPH if way == "openvino-bf16-stored" else openvino.GRAPH
    return openvino.OpenVinoEmbedder(spec, converted, bf16="bf16" in way, graph=graph)


def _quantize_once(spec: EmbedderSpec, converted: Path) -> None:
    """Put the int8 model beside the other, unless it is there."""
    if (converted / QUANTIZED).is_file():
        return
    with tempfile.TemporaryDirectory(dir=converted, prefix=".int8-") as aside:
        quantize(converted / openvino.GRAPH, Path(aside), spec)
        # In this order: the weights (.bin) first, then the graph (.xml) that needs them.
        for path in sorted(Path(aside).iterdir()):
            path.rename(converted / path.name)


def _measured(spec: EmbedderSpec, converted: Path, problem: str) -> PreparedEmbedder:
    """Every way that can work here, with its figures, and the choice."""
    reference = open_way("reference", spec, converted)
    wanted = reference.embed_passages(SENTENCES)
    figures = [WayFigure("reference", _rate(reference), 1.0)]
    for way in _candidates(converted, problem):
        embedder = open_way(way, spec, converted)
        cosine = _least_cosine(wanted, embedder.embed_passages(SENTENCES))
        embedder.embed_queries(SENTENCES[:1])  # compiles, and so keeps, what a question needs
        figures.append(WayFigure(way, _rate(embedder), cosine))
    return _choice(tuple(figures), problem)


def _candidates(converted: Path, problem: str) -> Iterator[str]:
    bf16 = computes_bf16()
    if (converted / QUANTIZED).is_file():
        yield "openvino-int8"
    if not problem:
        yield "openvino-f32"
        if bf16:
            yield "openvino-bf16"
        if bf16 and (converted / openvino.BF16_GRAPH).is_file():
            yield "openvino-bf16-stored"
    if bf16:
        yield "torch-bf16"


def _choice(figures: tuple[WayFigure, ...], problem: str) -> PreparedEmbedder:
    """The fastest way that equals the reference."""
    good = [figure for figure in figures if figure.is_near and family_of(figure.way) == "f32"]
    best = fastest((figure.way, figure.texts_per_second) for figure in good)
    reason = problem or f"the fastest with cosine {LEAST_COSINE['f32']} or more to the reference"
    return PreparedEmbedder(best, reason, figures)


def _least_cosine(wanted: Vectors, found: Vectors) -> float:
    least = float(np.min(np.sum(wanted * found, axis=1)))
    return least if np.isfinite(least) else -1.0


def _rate(embedder: FolderEmbedder) -> float:
    """Passages per second, the best round: another process can only make a round slower."""
    passages = [
        " ".join(np.roll(np.array(SENTENCES), -start)[:_PASSAGE_SENTENCES])
        for start in range(_PASSAGES)
    ]
    embedder.embed_passages(passages[:2])
    best = float("inf")
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        embedder.embed_passages(passages)
        best = min(best, time.perf_counter() - started)
    return len(passages) / best


def main(arguments: list[str]) -> int:
    """The child's side. Returns its exit code; a failure is one line on standard error."""
    folder, digest, cache, way = arguments
    return as_child(lambda: prepare_here(Path(folder), digest, Path(cache), way))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
