"""Rates on seeded changes of true sentences: faults caught, faithful sentences withheld."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from ragkit.verification import check_claim
from tests.verification.mutations import (
    FAITHFUL,
    FAULTS,
    UNSCORED_FAULTS,
    Maker,
    cases,
    true_sentences,
)

LEAST_CAUGHT = 0.97
MOST_WITHHELD = 0.05
LEAST_CAUGHT_OF_A_KIND = 0.9
SENTENCES = 500

pytestmark = pytest.mark.eval_data


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    folder = os.environ.get("RAGKIT_EVAL_DATA")
    if not folder:
        pytest.skip("RAGKIT_EVAL_DATA is not set")
    return true_sentences(Path(folder), SENTENCES)


def _withheld(
    sentences: Sequence[str], kinds: Mapping[str, Sequence[Maker]]
) -> dict[str, tuple[int, int]]:
    """For each kind how many changed sentences are withheld, and of how many."""
    counts: dict[str, tuple[int, int]] = {}
    for kind, makers in kinds.items():
        verdicts = [check_claim(changed, [true]) for true, changed in cases(sentences, makers)]
        counts[kind] = (sum(not verdict.supported for verdict in verdicts), len(verdicts))
        print(f"{kind:15} withheld {counts[kind][0]} of {counts[kind][1]}")
    return counts


def _share(counts: Mapping[str, tuple[int, int]]) -> float:
    return sum(part for part, _ in counts.values()) / sum(whole for _, whole in counts.values())


def test_faults_are_caught(sentences: list[str]) -> None:
    counts = _withheld(sentences, FAULTS)
    assert _share(counts) >= LEAST_CAUGHT
    for kind, (caught, whole) in counts.items():
        assert caught >= LEAST_CAUGHT_OF_A_KIND * whole, kind


def test_most_swapped_numbers_are_caught(sentences: list[str]) -> None:
    assert _share(_withheld(sentences, UNSCORED_FAULTS)) >= 0.7


def test_faithful_sentences_pass(sentences: list[str]) -> None:
    assert _share(_withheld(sentences, FAITHFUL)) <= MOST_WITHHELD
