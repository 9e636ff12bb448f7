"""Searching with a reranker: it has the last word, and says that it had it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ragkit.errors import StorageFault
from ragkit.flows.searching import Searching, SearchParts
from ragkit.protocols import VectorIndex
from ragkit.rerankers.fake import WordReranker
from ragkit.retrieval.reranking import RERANKED, Reranking
from ragkit.vectors.exact import ExactIndex
from tests.flows.corpus import Corpus

QUESTION = "Which pumps does Beta deliver?"


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    for number in range(12):
        corpus.write(f"rent {number}.txt", f"The monthly rent of flat {number} is 900 euros.")
    corpus.write("pumps.txt", "Beta delivers forty pumps within thirty days.")
    corpus.ingest()
    return corpus


class Choosy(WordReranker):
    """Wants flat 7, whatever is asked."""

    fingerprint = "rerank~choosy"

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        self.asked += passages
        return np.array(["flat 7" in passage for passage in passages], dtype=np.float32)


def no_index(folder: Path) -> VectorIndex:
    """So everything is searched exactly."""
    raise StorageFault("It is gone.")


@contextmanager
def searching(
    corpus: Corpus, reranker: WordReranker | None, passages: int = 13
) -> Iterator[Searching]:
    opened = Searching(
        SearchParts(
            pipeline=corpus.pipeline,
            embedder_fingerprint=corpus.embedder_version,
            open_embedder=lambda: corpus.embedder,
            open_index=no_index,
            exact_index=ExactIndex,
            open_reranking=lambda: Reranking(reranker, passages) if reranker else None,
        )
    )
    yield opened
    opened.close()


def test_it_has_the_last_word(corpus: Corpus) -> None:
    question = "How much is the monthly rent?"
    with searching(corpus, None) as plain:
        before = plain.search(question, 13)
    with searching(corpus, Choosy()) as reranked:
        after = reranked.search(question, 13)
    assert before.passages[0].document != "rent 7.txt"
    assert after.passages[0].document == "rent 7.txt"
    assert {p.document for p in after.passages} == {p.document for p in before.passages}
    for passage in after.passages:
        assert passage.parts[-1][0] == RERANKED
        assert sum(value for _, value in passage.parts) == pytest.approx(passage.score, abs=1e-3)


def test_it_reads_the_header_and_the_text_of_few(corpus: Corpus) -> None:
    reranker = WordReranker()
    with searching(corpus, reranker, passages=5) as opened:
        opened.search(QUESTION, 1)
    assert len(reranker.asked) <= 5
    assert any("Beta delivers forty pumps within thirty days." in text for text in reranker.asked)


def test_the_result_and_an_explanation_say_who_had_it(corpus: Corpus) -> None:
    with searching(corpus, Choosy()) as opened:
        result = opened.search(QUESTION, 3, explain=True)
        with opened.view(is_reranked=False) as view:
            assert view.reranker == ""
            assert view.find(QUESTION, 1).ranked[0].parts[-1][0] != RERANKED
    assert result.as_dict()["reranker"] == result.reranker == "rerank~choosy"
    assert result.explanation is not None
    assert result.explanation.reranker == "rerank~choosy"
    with searching(corpus, None) as opened:
        assert opened.search(QUESTION, 3).as_dict()["reranker"] == ""


def test_without_one_nothing_is_read(corpus: Corpus) -> None:
    with searching(corpus, None) as opened:
        assert opened.reranking is None
        assert all(RERANKED not in dict(p.parts) for p in opened.search(QUESTION, 3).passages)
