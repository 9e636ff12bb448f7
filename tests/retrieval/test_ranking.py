"""Fusion: what each score does to the order, and that its parts add up."""

from __future__ import annotations

import numpy as np
import pytest

from ragkit.retrieval.ranking import (
    FOREIGN,
    FOREIGN_UNNAMED,
    NAMED,
    UNNAMED,
    Candidates,
    Ranked,
    Weights,
    rank,
    weighted,
)


def candidates(count: int, native: bool = True, **scores: list[float]) -> Candidates:
    return Candidates(
        ids=np.arange(10, 10 + count, dtype=np.int64),
        documents=np.arange(count, dtype=np.int64),
        native=np.full(count, native),
        scores={name: np.array(values, dtype=np.float32) for name, values in scores.items()},
    )


def ranked(found: Candidates, weights: Weights, limit: int) -> list[Ranked]:
    return rank(found, weighted(found, weights), limit)


@pytest.mark.parametrize(
    ("weights", "name"),
    [
        (weights, name)
        for weights in (NAMED, UNNAMED, FOREIGN_UNNAMED)
        for name in Weights.__slots__
        if getattr(weights, name)
    ],
)
def test_more_of_any_score_ranks_higher(weights: Weights, name: str) -> None:
    found = candidates(3, **{name: [0.2, 0.9, 0.5]})
    assert [item.id for item in ranked(found, weights, 3)] == [11, 12, 10]


def test_naming_outweighs_likeness_where_a_document_is_named() -> None:
    found = candidates(
        2, question=[0.9, 0.4], content_words=[9.0, 3.0], other_words=[5.0, 1.0], route=[0.1, 0.9]
    )
    assert ranked(found, NAMED, 1)[0].id == 11


def test_parts_add_up_and_stay_between_nothing_and_one() -> None:
    chance = np.random.default_rng(0)
    found = candidates(20, **{name: chance.random(20).tolist() for name in Weights.__slots__})
    for weights in (NAMED, UNNAMED, FOREIGN_UNNAMED):
        for item in ranked(found, weights, 20):
            assert item.score == pytest.approx(sum(value for _, value in item.parts), abs=1e-3)
            assert 0 <= item.score <= 1


def test_what_has_no_weight_is_no_part() -> None:
    found = candidates(2, question=[0.9, 0.1], other_words=[1.0, 0.0])
    assert [name for name, _ in ranked(found, UNNAMED, 1)[0].parts] == ["meaning"]


def test_cosines_of_a_foreign_language_count_for_less() -> None:
    (best, _) = ranked(candidates(2, question=[0.9, 0.1]), UNNAMED, 2)
    (foreign, _) = ranked(candidates(2, native=False, question=[0.9, 0.1]), UNNAMED, 2)
    assert foreign.score == pytest.approx(FOREIGN * best.score)


def test_equal_scores_keep_the_order_of_ids_and_the_limit_holds() -> None:
    found = candidates(5, question=[0.5] * 5)
    assert [item.id for item in ranked(found, NAMED, 3)] == [10, 11, 12]


def test_no_candidates_no_ranking() -> None:
    assert ranked(candidates(0, question=[]), NAMED, 8) == []
