"""Fusion: what each score does to the order, and that its parts add up."""

from __future__ import annotations

import numpy as np
import pytest

from ragkit.retrieval.ranking import FOREIGN, NAMED, UNNAMED, Candidates, Weights, rank


def candidates(count: int, **scores: list[float]) -> Candidates:
    def values(name: str) -> np.ndarray:
        return np.array(scores.get(name, [0.0] * count), dtype=np.float32)

    return Candidates(
        ids=np.arange(10, 10 + count, dtype=np.int64),
        documents=np.array(range(count), dtype=np.int64),
        question=values("question"),
        content=values("content"),
        words=values("words"),
        content_words=values("content_words"),
        route=values("route"),
        native=np.array(scores.get("native", [1.0] * count), dtype=bool),
    )


@pytest.mark.parametrize("weights", [NAMED, UNNAMED])
@pytest.mark.parametrize("name", ["question", "words", "route"])
def test_more_of_any_score_ranks_higher(weights: Weights, name: str) -> None:
    ranked = rank(candidates(3, **{name: [0.2, 0.9, 0.5]}), weights, 3)
    assert [item.id for item in ranked] == [11, 12, 10]


def test_naming_outweighs_likeness_where_a_document_is_named() -> None:
    scores = {"question": [0.9, 0.4], "content_words": [9.0, 3.0], "route": [1.0, 20.0]}
    assert rank(candidates(2, **scores), NAMED, 1)[0].id == 11


def test_parts_add_up_and_stay_between_nothing_and_one() -> None:
    chance = np.random.default_rng(0)
    names = ("question", "content", "words", "content_words", "route")
    scores = {name: chance.random(20).tolist() for name in names}
    for item in rank(candidates(20, **scores), NAMED, 20):
        assert item.score == pytest.approx(sum(value for _, value in item.parts), abs=1e-3)
        assert 0 <= item.score <= 1


def test_cosines_of_a_foreign_language_count_for_less() -> None:
    (best, _) = rank(candidates(2, question=[0.9, 0.1], native=[1, 1]), UNNAMED, 2)
    (foreign, _) = rank(candidates(2, question=[0.9, 0.1], native=[0, 0]), UNNAMED, 2)
    assert foreign.score == pytest.approx(FOREIGN * best.score)


def test_equal_scores_keep_the_order_of_ids_and_the_limit_holds() -> None:
    assert [item.id for item in rank(candidates(5), NAMED, 3)] == [10, 11, 12]


def test_no_candidates_no_ranking() -> None:
    assert rank(candidates(0), NAMED, 8) == []
