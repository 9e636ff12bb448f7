"""What every embedder must do; those of a model folder must equal the reference too."""

from __future__ import annotations

import numpy as np
import pytest

from ragkit.embedders.fake import HashEmbedder
from ragkit.protocols import Embedder
from tests.embedders.conftest import WAYS_TESTED, Starter
from tests.embedders.samples import CLAUSES, LONG

REAL = [pytest.param(way, marks=pytest.mark.real) for way in WAYS_TESTED]


@pytest.fixture(scope="session", params=["hash", *REAL])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    if request.param == "hash":
        return HashEmbedder()
    starter: Starter = request.getfixturevalue("starter")
    return starter.open(request.param)


def test_rows_of_unit_length(embedder: Embedder) -> None:
    for vectors in (embedder.embed_passages(CLAUSES), embedder.embed_queries(CLAUSES)):
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(CLAUSES), embedder.dimension)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_nothing_in_nothing_out(embedder: Embedder) -> None:
    assert embedder.embed_passages([]).shape == (0, embedder.dimension)
    assert embedder.embed_queries([]).shape == (0, embedder.dimension)


def test_an_empty_text_has_a_vector(embedder: Embedder) -> None:
    assert np.linalg.norm(embedder.embed_passages([""])[0]) == pytest.approx(1, abs=1e-5)


def test_neither_order_nor_company_changes_a_vector(embedder: Embedder) -> None:
    together = embedder.embed_passages(CLAUSES)
    backwards = embedder.embed_passages(CLAUSES[::-1])[::-1]
    alone = np.concatenate([embedder.embed_passages([text]) for text in CLAUSES])
    as_questions = np.concatenate([embedder.embed_queries([text]) for text in CLAUSES])
    # bf16 rounds differently in batches of other sizes: cosines move by less than this.
    for other in (backwards, alone, as_questions):
        assert np.min(np.sum(together * other, axis=1)) > 1 - 1e-3


def test_a_long_text_is_cut_at_the_window(embedder: Embedder) -> None:
    vectors = embedder.embed_passages([LONG, LONG + " Quite another end of a different text."])
    assert float(vectors[0] @ vectors[1]) > 1 - 1e-3


def test_near_texts_are_nearer_than_far_ones(embedder: Embedder) -> None:
    question = embedder.embed_queries(["May the lessee terminate the lease by written notice?"])[0]
    assert np.argmax(embedder.embed_passages(CLAUSES[:3] + CLAUSES[4:5]) @ question) == 0


@pytest.mark.real
@pytest.mark.parametrize("way", WAYS_TESTED)
def test_every_way_equals_the_reference(starter: Starter, reference: Embedder, way: str) -> None:
    embedder = starter.open(way)
    texts = [*CLAUSES, LONG, ""]
    cosines = np.sum(embedder.embed_passages(texts) * reference.embed_passages(texts), axis=1)
    assert np.min(cosines) >= 0.999
    assert embedder.fingerprint == reference.fingerprint


@pytest.mark.real
def test_many_texts_keep_their_places(starter: Starter) -> None:
    embedder = starter.open("openvino-f32")
    texts = [f"{'clause ' * (number % 37)}number {number}" for number in range(120)]
    vectors = embedder.embed_passages(texts)
    for number in range(0, 120, 17):
        alone = embedder.embed_queries([texts[number]])[0]
        assert float(vectors[number] @ alone) > 1 - 1e-4
