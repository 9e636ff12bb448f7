"""Documents that are judged together, and the folds."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ragkit.tuning import grouping
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


def test_only_documents_that_may_be_alike_are_compared_chunk_by_chunk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[bool] = []
    real = grouping._are_alike

    def counted(first: NDArray[np.float32], second: NDArray[np.float32]) -> bool:
        compared.append(real(first, second))
        return compared[-1]

    monkeypatch.setattr(grouping, "_are_alike", counted)
    others = {number: chunks(number) for number in range(40)}
    copies = {number: chunks(0) for number in range(40, 60)}
    vectors = {**others, **copies}
    groups = groups_of(dict.fromkeys(vectors, ()), vectors)
    assert len(set(groups.values())) == 40
    assert {groups[number] for number in copies} == {0}
    # Of 1,770 pairs; the copies among themselves are joined already.
    assert sum(compared) == len(copies)
    assert len(compared) < 60
