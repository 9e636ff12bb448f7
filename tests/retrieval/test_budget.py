"""Evidence within a budget: the best first, no document alone, nothing better left out."""

from __future__ import annotations

import numpy as np
import pytest

from ragkit.retrieval.budget import first_tokens, within_budget

ONE = [7] * 10


def test_the_lowest_scored_are_left_out_first() -> None:
    assert within_budget([30, 30, 30, 30], ONE[:4], 100) == [0, 1, 2]


def test_no_sentence_takes_the_place_of_a_better_one() -> None:
    """The third does not fit; the fourth, shorter and worse, is not given in its place."""
    assert within_budget([40, 40, 40, 10], ONE[:4], 100, preferred={7}) == [0, 1]


def test_the_best_is_given_whatever_it_costs() -> None:
    assert within_budget([500, 10], [1, 2], 100) == [0]


def test_one_document_does_not_crowd_out_the_others() -> None:
    costs, documents = [30] * 5, [1, 1, 1, 1, 2]
    assert within_budget(costs, documents, 100, share=0.6) == [0, 1, 4]


def test_a_document_that_the_question_names_may_fill_the_budget() -> None:
    costs, documents = [30] * 5, [1, 1, 1, 1, 2]
    assert within_budget(costs, documents, 100, share=0.6, preferred={1}) == [0, 1, 2]


def test_what_the_others_leave_over_is_filled() -> None:
    costs, documents = [30, 30, 30, 30, 5], [1, 1, 1, 1, 2]
    assert within_budget(costs, documents, 100, share=0.6) == [0, 1, 2, 4]


def test_alone_a_document_is_not_held_back() -> None:
    assert within_budget([30] * 4, ONE[:4], 100) == [0, 1, 2]


@pytest.mark.parametrize("seed", range(20))
def test_never_more_than_the_budget_and_never_the_worse_of_a_document(seed: int) -> None:
    chance = np.random.default_rng(seed)
    costs = chance.integers(1, 60, 40).tolist()
    documents = chance.integers(0, 4, 40).tolist()
    given = within_budget(costs, documents, 200, preferred={0})
    assert sum(costs[index] for index in given) <= 200
    for document in range(4):
        of_it = [index for index in range(40) if documents[index] == document]
        chosen = [index for index in of_it if index in given]
        assert chosen == of_it[: len(chosen)]


def test_nothing_to_give() -> None:
    assert within_budget([], [], 100) == []


def spans(*ends: int) -> np.ndarray:
    return np.array([(end - 1, end) for end in ends], np.int64).reshape(-1, 2)


def test_passages_are_cut_where_the_tokens_end() -> None:
    assert first_tokens([spans(2, 4, 6), spans(3, 5, 9), spans(1)], 5) == [6, 5, 0]
    assert first_tokens([spans(2, 4, 6), spans()], 100) == [6, 0]
    assert first_tokens([], 5) == []
