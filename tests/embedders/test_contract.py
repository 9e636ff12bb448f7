"""What every embedder must do; those of a model folder must equal the reference too."""

from __future__ import annotations

import numpy as np
import pytest

from ragkit.embedders.fake import HashEmbedder
from ragkit.protocols import Embedder, Spans
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


def stretches(*pairs: tuple[int, int]) -> Spans:
    return np.array(pairs, np.int32).reshape(-1, 2)


TWO_SENTENCES = "The lessee pays the rent in advance. The dog barked all night at the moon."
PARTS = stretches((0, 36), (37, 73))


def test_chunks_have_the_vectors_of_passages(embedder: Embedder) -> None:
    """bf16 rounds differently in batches of other sizes."""
    vectors, of_stretches = embedder.embed_chunks(CLAUSES, [stretches((0, 3))] * len(CLAUSES))
    assert np.min(np.sum(vectors * embedder.embed_passages(CLAUSES), axis=1)) > 1 - 1e-3
    for rows in of_stretches:
        assert (rows.dtype, rows.shape) == (np.float32, (1, embedder.dimension))
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_each_sentence_is_nearest_to_its_own_question(embedder: Embedder) -> None:
    _, ((rent, dog),) = embedder.embed_chunks([TWO_SENTENCES], [PARTS])
    asked = embedder.embed_queries(["The lessee pays the rent.", "The dog barked."])
    assert asked[0] @ rent > asked[0] @ dog
    assert asked[1] @ dog > asked[1] @ rent


def test_a_stretch_beyond_the_window_has_the_vector_of_its_text(embedder: Embedder) -> None:
    end = len(LONG) - 20
    ((vector,), ((beyond, first),)) = embedder.embed_chunks(
        [LONG], [stretches((end, end + 15), (0, 60))]
    )
    assert float(beyond @ vector) > 1 - 1e-5
    assert float(first @ vector) < 1 - 1e-4


def test_a_stretch_without_a_word_has_the_vector_of_its_text(embedder: Embedder) -> None:
    ((vector,), ((blank,),)) = embedder.embed_chunks(["The rent   is due."], [stretches((9, 10))])
    assert float(blank @ vector) > 1 - 1e-5


def test_a_text_may_have_no_stretches(embedder: Embedder) -> None:
    vectors, of_stretches = embedder.embed_chunks(["The rent.", ""], [stretches(), stretches()])
    assert [rows.shape for rows in of_stretches] == [(0, embedder.dimension)] * 2
    assert vectors.shape == (2, embedder.dimension)
    assert embedder.embed_chunks([], [])[0].shape == (0, embedder.dimension)


@pytest.mark.real
@pytest.mark.parametrize("way", WAYS_TESTED)
def test_stretches_of_every_way_equal_the_reference(
    starter: Starter, reference: Embedder, way: str
) -> None:
    """Short and long texts together, so that some rows are padded."""
    texts = [TWO_SENTENCES, LONG, "x", *CLAUSES]
    places = [PARTS, stretches((0, 63), (64, 127), (900, 960)), stretches((0, 1))]
    places += [stretches((0, len(text))) for text in CLAUSES]
    _, found = starter.open(way).embed_chunks(texts, places)
    _, wanted = reference.embed_chunks(texts, places)
    cosines = np.sum(np.concatenate(found) * np.concatenate(wanted), axis=1)
    assert np.min(cosines) >= 0.999
