"""Conversion and choice of a way, once for a model and a kind of machine, in a process of its own.

    python -m ragkit.embedders.preparing MODEL_FOLDER DIGEST CACHE WAY

A process of its own gives the 700 MB of torch and transformers back when it ends, and keeps a crash
of a converter away from the ingest.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ragkit.embedders import openvino
from ragkit.embedders.base import LEAST_COSINE, EmbedderSpec, FolderEmbedder, family_of
from ragkit.embedders.folder import read_shape
from ragkit.embedders.openvino_library import computes_bf16
from ragkit.embedders.quantizing import QUANTIZED, quantize
from ragkit.embedders.records import (
    CONVERSION,
    PreparedEmbedder,
    WayFigure,
    converted_folder,
    read_conversion,
    write_json,
    write_record,
)
from ragkit.embedders.reference import ReferenceEmbedder
from ragkit.embedders.sentences import SENTENCES
from ragkit.errors import RagkitError
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
    problem = _convert_once(spec, converted)
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


def _convert_once(spec: EmbedderSpec, converted: Path) -> str:
    """Fill `converted`, unless it is there. Returns why OpenVINO cannot be used, or ""."""
    known = read_conversion(converted)
    if known is not None:
        return known
    converted.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = converted.with_name(f".{converted.name}.{os.getpid()}")
    aside.mkdir(mode=0o700)
    try:
        problem = openvino.convert(spec, aside)
        write_json(aside / CONVERSION, {"reason": problem})
        shutil.rmtree(converted, ignore_errors=True)  # a damaged one
        aside.rename(converted)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return problem


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
    """The fastest way that equals the reference; one on torch only where OpenVINO has none.

    However fast, torch costs each command several seconds of importing.
    """
    good = [figure for figure in figures if figure.is_near and family_of(figure.way) == "f32"]
    light = [figure for figure in good if figure.way.startswith("openvino")]
    best = max(light or good, key=lambda figure: figure.texts_per_second)
    reason = problem or f"the fastest with cosine {LEAST_COSINE['f32']} or more to the reference"
    return PreparedEmbedder(best.way, reason, figures)


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
    from ragkit.isolation import seal

    folder, digest, cache, way = arguments
    try:
        # The parent has decided what level it accepts, and its filter is inherited.
        seal(accept_weak=True)
        prepare_here(Path(folder), digest, Path(cache), way)
    except RagkitError as error:
        print(error.message, file=sys.stderr)  # noqa: T201 (the line the parent reads)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
