"""Reranking reads only what can change the result, and changes it as if it had read everything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ragkit.retrieval.ranking import Ranked
from ragkit.retrieval.reranking import READ_AT_ONCE, RERANKED, WEIGHT, Reranking


class Known:
    """A reranker that gives each text, which is a number, the score of its place. read: all it was given."""

    fingerprint = "known"

    def __init__(self, scores: Sequence[float]) -> None:
        self._scores = scores
        self.read: list[int] = []

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        assert question == "asked"
        places = [int(passage) for passage in passages]
        self.read += places
        return np.array([self._scores[place] for place in places], dtype=np.float32)


def chunks(scores: Sequence[float]) -> list[Ranked]:
    return [
        Ranked(id=place, document=1, score=score, parts=(("words", score),))
        for place, score in enumerate(scores)
    ]


def texts(ids: Sequence[int]) -> dict[int, str]:
    return {id: str(id) for id in ids}


def reranked(
    before: Sequence[float], said: Sequence[float], limit: int, passages: int = 1000
) -> tuple[list[Ranked], list[int]]:
    reranker = Known(said)
    found = Reranking(reranker, passages).rerank("asked", chunks(before), texts, limit)
    return found, reranker.read


def everything(before: Sequence[float], said: Sequence[float]) -> list[int]:
    """The order if all were read, by hand: shares of the way from the last to the first."""
    share = (np.array(before) - before[-1]) / (before[0] - before[-1])
    blended = (1 - WEIGHT) * share + WEIGHT * np.array(said, dtype=np.float32)
    return np.argsort(-blended, kind="stable").tolist()


@pytest.mark.parametrize("limit", [1, 3, 8, 20, 60])
@pytest.mark.parametrize("seed", range(8))
def test_the_result_is_that_of_reading_everything(limit: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    before = np.sort(random.beta(2, 5, 60))[::-1].tolist()
    said = random.beta(0.3, 0.5, 60).tolist()  # mostly near 0 or near 1, as these models give
    found, read = reranked(before, said, limit)
    assert [item.id for item in found] == everything(before, said)[:limit]
    assert len(read) == len(set(read))


def test_what_cannot_be_among_the_best_is_not_read() -> None:
    before = [1.0] * 4 + list(np.linspace(0.45, 0, 200))
    found, read = reranked(before, [0.9] * 4 + [0.999] * 200, limit=4)
    assert [item.id for item in found] == [0, 1, 2, 3]
    assert len(read) < 2 * READ_AT_ONCE


def test_what_may_be_among_the_best_is_read() -> None:
    before = [1.0, 0.9, *np.linspace(0.8, 0, 30)]
    said = [0.1] * 32
    said[10] = 0.95
    found, read = reranked(before, said, limit=2)
    assert 10 in read
    assert found[0].id == 10


def test_no_more_are_read_than_may_be() -> None:
    before = np.linspace(1, 0.5, 50).tolist()
    said = [0.0] * 50
    said[9], said[10] = 1.0, 1.0
    found, read = reranked(before, said, limit=12, passages=10)
    assert sorted(read) == list(range(10))
    order = [item.id for item in found]
    assert order.index(2) < order.index(9) < order.index(4), (
        "from the last place to among the first"
    )
    assert [item.id for item in found[10:]] == [10, 11], "those behind keep their places"
    assert [item.score for item in found[10:]] == [before[10], before[11]]
    assert found[9].score >= found[10].score


def test_the_parts_still_add_up() -> None:
    found, _ = reranked([0.8, 0.6, 0.2], [0.1, 0.9, 0.5], limit=3)
    for item in found:
        assert sum(value for _, value in item.parts) == pytest.approx(item.score, abs=2e-4)
        assert item.parts[-1][0] == RERANKED
    moved = {item.id: item.parts[-1][1] for item in found}
    assert moved[0] < 0 < moved[1], "the sign says which way the reranker moved it"
    assert found[0].id == 1


def test_among_equals_the_reranker_decides() -> None:
    found, _ = reranked([0.5, 0.5, 0.5], [0.2, 0.3, 0.9], limit=3)
    assert [item.id for item in found] == [2, 1, 0]


def test_nothing_to_rerank() -> None:
    assert reranked([], [], limit=3) == ([], [])


def test_one_chunk_is_read_once() -> None:
    found, read = reranked([0.5], [0.2], limit=8)
    assert ([item.id for item in found], read) == ([0], [0])
