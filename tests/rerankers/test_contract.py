"""What every reranker must do; those of a model folder must equal the reference too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ragkit.protocols import Reranker
from ragkit.rerankers.base import MOST_DIFFERENCE, FolderReranker, RerankerSpec, Scores
from ragkit.rerankers.fake import WordReranker
from ragkit.rerankers.folder import PairShape
from tests.rerankers.conftest import KINDS, WAYS_TESTED, Tiny

QUESTION = "What is the notice period of the lease?"
PASSAGES = [
    "The notice period of the lease is ninety days.",
    "x",
    "",
    "The supplier keeps all records for seven years after the end of the term.",
    "La fianza equivale a dos mensualidades de renta.",
]


def _of_every_kind() -> Iterator[Any]:
    for kind in KINDS:
        name, marks = (kind, ()) if isinstance(kind, str) else (kind.values[0], kind.marks)
        yield from (pytest.param(f"{name} {way}", marks=marks) for way in WAYS_TESTED)


@pytest.fixture(params=["words", *_of_every_kind()])
def reranker(request: pytest.FixtureRequest, tinies: Callable[[str], Tiny]) -> Reranker:
    if request.param == "words":
        return WordReranker()
    kind, way = request.param.split()
    return tinies(kind).open(way)


def test_one_score_between_0_and_1_for_each_passage(reranker: Reranker) -> None:
    scores = reranker.score(QUESTION, PASSAGES)
    assert scores.dtype == np.float32
    assert scores.shape == (len(PASSAGES),)
    assert np.all((scores >= 0) & (scores <= 1))
    assert len(set(scores.tolist())) > 1


def test_nothing_in_nothing_out(reranker: Reranker) -> None:
    assert reranker.score(QUESTION, []).shape == (0,)


def test_neither_order_nor_company_changes_a_score(reranker: Reranker) -> None:
    together = reranker.score(QUESTION, PASSAGES)
    backwards = reranker.score(QUESTION, PASSAGES[::-1])[::-1]
    alone = [float(reranker.score(QUESTION, [passage])[0]) for passage in PASSAGES]
    np.testing.assert_allclose(together, backwards, atol=MOST_DIFFERENCE)
    np.testing.assert_allclose(together, alone, atol=MOST_DIFFERENCE)


def test_many_passages_keep_their_places(reranker: Reranker) -> None:
    passages = [f"{'clause ' * (number % 7)}number {number}" for number in range(90)]
    scores = reranker.score(QUESTION, passages)
    for number in range(0, 90, 13):
        alone = reranker.score(QUESTION, [passages[number]])
        assert scores[number] == pytest.approx(float(alone[0]), abs=MOST_DIFFERENCE)


def test_the_question_counts_as_the_passage_does(tiny: Tiny) -> None:
    reranker = tiny.open("openvino-f32")
    one, other = (
        reranker.score(question, PASSAGES) for question in (QUESTION, "Who signed the deed?")
    )
    assert np.abs(one - other).max() > 0.05


@pytest.mark.parametrize("way", WAYS_TESTED)
def test_every_way_equals_the_reference(tiny: Tiny, way: str) -> None:
    """Also beyond the window, where each must cut the same tokens away."""
    long = " ".join(PASSAGES) * 3
    texts = [*PASSAGES, long, long + " another end", long[40:]]
    reference, reranker = tiny.open("reference"), tiny.open(way)
    for question in (QUESTION, long):
        difference = reranker.score(question, texts) - reference.score(question, texts)
        most = 1e-4 if way == "openvino-f32" else MOST_DIFFERENCE
        assert np.abs(difference).max() <= most
    assert reranker.fingerprint == reference.fingerprint


def test_an_extreme_score_is_still_a_number() -> None:

    class Extreme(FolderReranker):
        def _logits(self, question: str, passages: list[str]) -> Scores:
            return np.array([-200.0, 200.0], dtype=np.float32)

    found = Extreme(RerankerSpec(Path(), "ab", PairShape(8, 0, True))).score("a", ["b", "c"])
    np.testing.assert_allclose(found, [0, 1], atol=1e-6)
