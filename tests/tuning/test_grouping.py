"""Documents that are judged together, and the folds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ragkit.tuning.grouping import folds_of, groups_of


def chunks(seed: int, count: int = 20) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((count, 16))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_documents_that_share_a_party_are_one_group() -> None:
    names = {1: ("Acme",), 2: ("Bolt",), 3: ("ACME", "Cone"), 4: ("Cone",)}
    assert groups_of(names, {}) == {1: 1, 2: 2, 3: 1, 4: 1}


def test_a_name_that_most_documents_have_joins_none() -> None:
    names = {number: ("Our Firm", f"Party {number}") for number in range(40)}
    assert len(set(groups_of(names, {}).values())) == 40


def test_near_duplicates_are_one_group() -> None:
    copy = chunks(1) + np.float32(0.01)
    vectors = {1: chunks(1), 2: chunks(2), 3: copy / np.linalg.norm(copy, axis=1, keepdims=True)}
    assert groups_of({1: (), 2: (), 3: ()}, vectors) == {1: 1, 2: 2, 3: 1}


def test_a_short_document_that_is_part_of_a_long_one_is_not_its_duplicate() -> None:
    vectors = {1: chunks(1), 2: chunks(1)[:2]}
    assert groups_of({1: (), 2: ()}, vectors) == {1: 1, 2: 2}


def test_documents_of_one_question_are_one_group() -> None:
    assert groups_of({1: (), 2: (), 3: ()}, {}, [(1, 3), (2,)]) == {1: 1, 2: 2, 3: 1}


def test_a_group_lies_in_one_fold_and_folds_are_even() -> None:
    groups = [1] * 9 + [2] * 5 + [3] * 4 + [4] * 4 + [5] * 5
    fold = folds_of(groups, 3)
    assert len(fold) == len(groups)
    assert all(
        len({f for f, g in zip(fold, groups, strict=True) if g == one}) == 1 for one in groups
    )
    assert sorted(fold.count(one) for one in range(3)) == [9, 9, 9]
