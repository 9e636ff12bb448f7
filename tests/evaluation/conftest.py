"""A small indexed corpus, with fakes for the parser and the embedder, and what asks it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ragkit.embedders.fake import WordCounter
from ragkit.errors import StorageFault
from ragkit.flows.evaluating import evaluate
from ragkit.flows.marking import EvaluationRequest
from ragkit.flows.searching import Searching, SearchParts
from ragkit.parsers.fake import REFUSE
from ragkit.protocols import VectorIndex
from ragkit.types.evaluation import Evaluation
from ragkit.vectors.exact import ExactIndex
from tests.flows.corpus import Corpus

Ask = Callable[..., Evaluation]
LEASE = "The rent is 900 euros a month.\n\nThe deposit is two months of rent, kept by the bank."


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("leases/lease.txt", LEASE)
    corpus.write("letter.txt", "The visit of the surgeon is on Monday at nine.")
    corpus.write("scan.txt", REFUSE)
    for number in range(12):
        corpus.write(f"other/{number}.txt", f"Pump number {number} is replaced in June.")
    corpus.ingest()
    return corpus


@pytest.fixture
def searching(corpus: Corpus) -> Iterator[Searching]:
    def open_index(folder: Path) -> VectorIndex:
        raise StorageFault("It is gone.")  # then everything is searched exactly

    parts = SearchParts(
        pipeline=corpus.pipeline,
        embedder_fingerprint=corpus.embedder_version,
        open_embedder=lambda: corpus.embedder,
        open_index=open_index,
        exact_index=ExactIndex,
    )
    searching = Searching(parts)
    yield searching
    searching.close()


@pytest.fixture
def write_gold(tmp_path: Path) -> Callable[..., Path]:
    def write(*questions: dict[str, object]) -> Path:
        path = tmp_path / "gold.jsonl"
        path.write_text("\n".join(map(json.dumps, questions)), encoding="utf-8")
        return path

    return write


@pytest.fixture
def ask(corpus: Corpus, searching: Searching, write_gold: Callable[..., Path]) -> Ask:
    """Evaluates questions given as the lines of a file are."""

    def asked(*questions: dict[str, object], on_step: object = None, **more: object) -> Evaluation:
        request = EvaluationRequest(write_gold(*questions), **more)  # type: ignore[arg-type]
        return evaluate(searching, corpus.pipeline, WordCounter(), request, on_step)  # type: ignore[arg-type]

    return asked
