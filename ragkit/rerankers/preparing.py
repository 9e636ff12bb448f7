"""Conversion and choice of a way, once for a model and a kind of machine, in a process of its own.

python -m ragkit.rerankers.preparing MODEL_FOLDER DIGEST CACHE
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ragkit.acceleration.child import as_child
from ragkit.acceleration.conversion import convert_once, fastest
from ragkit.acceleration.openvino_library import computes_bf16
from ragkit.acceleration.sentences import SENTENCES
from ragkit.rerankers import openvino
from ragkit.rerankers.base import MOST_DIFFERENCE, FolderReranker, RerankerSpec, Scores
from ragkit.rerankers.folder import read_shape
from ragkit.rerankers.records import (
    PreparedReranker,
    WayFigure,
    converted_folder,
    write_record,
)
from ragkit.rerankers.reference import ReferenceReranker

_QUESTIONS = tuple(sentence for sentence in SENTENCES if sentence.endswith("?"))
_PASSAGES = 16
_PASSAGE_SENTENCES = 8
_ROUNDS = 2


def prepare_here(folder: Path, digest: str, cache: Path) -> PreparedReranker:
    """Convert, measure, choose and remember. Raises ModelMissing, UsageFault."""
    spec = RerankerSpec(folder, digest, read_shape(folder))
    converted = converted_folder(cache, digest)
    problem = convert_once(converted, lambda aside: openvino.convert(spec, aside))
    record = _measured(spec, converted, problem)
    write_record(cache, digest, record)
    return record


def open_way(way: str, spec: RerankerSpec, converted: Path) -> FolderReranker:
    """The reranker that computes in that way. Raises ModelMissing, NotReady."""
    if way == "reference":
        return ReferenceReranker(spec)
    graph = openvino.BF16_GRAPH if way == "openvino-bf16-stored" else openvino.GRAPH
    return openvino.OpenVinoReranker(spec, converted, bf16="bf16" in way, graph=graph)


def _measured(spec: RerankerSpec, converted: Path, problem: str) -> PreparedReranker:
    """Every way that can work here, with its figures, and the choice."""
    reference = open_way("reference", spec, converted)
    wanted = _scores(reference)
    figures = [WayFigure("reference", _rate(reference), 0.0)]
    for way in _candidates(converted, problem):
        reranker = open_way(way, spec, converted)
        difference = float(np.max(np.abs(_scores(reranker) - wanted)))
        figures.append(WayFigure(way, _rate(reranker), difference))
    return choice(tuple(figures), problem)


def choice(figures: tuple[WayFigure, ...], problem: str) -> PreparedReranker:
    """The fastest way that comes near the reference."""
    good = [figure for figure in figures if figure.is_near]
    best = fastest((figure.way, figure.pairs_per_second) for figure in good)
    reason = problem or f"the fastest whose scores are within {MOST_DIFFERENCE} of the reference's"
    return PreparedReranker(best, reason, figures)


def _candidates(converted: Path, problem: str) -> Iterator[str]:
    if problem:
        return
    yield "openvino-f32"
    if computes_bf16():
        yield "openvino-bf16"
        if (converted / openvino.BF16_GRAPH).is_file():
            yield "openvino-bf16-stored"


def _scores(reranker: FolderReranker) -> Scores:
    """Of every built-in question with every built-in sentence."""
    return np.concatenate([reranker.score(question, SENTENCES) for question in _QUESTIONS])


def _rate(reranker: FolderReranker) -> float:
    """Pairs per second, the best round: another process can only make a round slower."""
    passages = [
        " ".join(np.roll(np.array(SENTENCES), -start)[:_PASSAGE_SENTENCES])
        for start in range(_PASSAGES)
    ]
    best = float("inf")
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        reranker.score(_QUESTIONS[0], passages)
        best = min(best, time.perf_counter() - started)
    return len(passages) / best


def main(arguments: list[str]) -> int:
    """The child's side. Returns its exit code."""
    folder, digest, cache = arguments
    return as_child(lambda: prepare_here(Path(folder), digest, Path(cache)))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
