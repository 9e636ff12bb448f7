"""Which sentences are shown: pure scoring."""

from __future__ import annotations

import numpy as np
import pytest

from ragkit.retrieval.sentences import (
    coverage,
    fullness,
    in_context,
    is_heading,
    kept_vectors,
    sentence_scores,
    without_repeats,
)

WEIGHTS = {("rent", "rents"): 3.0, ("notic",): 1.0}


@pytest.mark.parametrize(
    ("terms", "share"),
    [({"rents"}, 0.75), ({"notic"}, 0.25), ({"rent", "notic"}, 1.0), ({"other"}, 0.0)],
)
def test_coverage_is_weighted_and_any_writing_counts(terms: set[str], share: float) -> None:
    assert coverage(WEIGHTS, terms) == share


def test_coverage_without_words_is_none() -> None:
    assert coverage({}, {"rent"}) == 0.0


def test_each_signal_raises_the_score() -> None:
    base = sentence_scores(np.array([0.2, 0.2], np.float32), [0.1, 0.1], [0.5, 0.6])
    assert base[1] > base[0]
    near = sentence_scores(np.array([0.9, 0.2], np.float32), [0.1, 0.1], [0.5, 0.5])
    assert near[0] > near[1]
    worded = sentence_scores(np.array([0.2, 0.2], np.float32), [0.1, 0.9], [0.5, 0.5])
    assert worded[1] > worded[0]


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("Comentario del laboratorio", False),
        ("2.2 Liability", False),
        ("Apixabán 5 mg", True),
        ("Alergias: ninguna", True),
        ("The rent is due.", True),
    ],
)
def test_lines_that_say_nothing_count_for_less(text: str, full: bool) -> None:
    assert (fullness(text) == 1.0) is full


def test_headings_of_the_section_are_no_evidence() -> None:
    assert is_heading("12. Limitation  of liability", "Agreement > 12. Limitation of liability")
    assert not is_heading("The rent is 900 euros.", "Lease > Rent")


def test_a_sentence_is_embedded_with_its_section() -> None:
    assert in_context("900 euros.", "Lease > 3. Rent") == "3. Rent: 900 euros."
    assert in_context("900 euros.", "") == "900 euros."


def places(*pairs: tuple[int, int]) -> np.ndarray:
    return np.array(pairs, np.int32).reshape(-1, 2)


KEPT = places((0, 10), (11, 30))
VECTORS = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
WHOLE = np.array([0, 0, 1], np.float32)


def test_a_sentence_has_the_vector_that_was_kept_of_it() -> None:
    assert kept_vectors(KEPT, KEPT, VECTORS, WHOLE).tolist() == VECTORS.tolist()


def test_one_that_is_cut_otherwise_has_the_mean_by_what_it_shares() -> None:
    """Eight characters of the first sentence, six of the second."""
    ((first, second, third),) = kept_vectors(places((2, 17)), KEPT, VECTORS, WHOLE)
    assert (first, second, third) == pytest.approx((0.8, 0.6, 0.0))


def test_one_that_none_was_kept_of_has_the_vector_of_its_chunk() -> None:
    assert kept_vectors(places((40, 50)), KEPT, VECTORS, WHOLE).tolist() == [[0, 0, 1]]
    nothing = places(), np.empty((0, 3), np.float32)
    assert kept_vectors(places((0, 5)), *nothing, WHOLE).tolist() == [[0, 0, 1]]


CLAUSE = "The supplier keeps all records for seven years after the end of the term."


def test_of_equal_sentences_that_of_the_preferred_document_stays() -> None:
    texts = [CLAUSE, f"(b)  {CLAUSE.upper()}", f"4.2. {CLAUSE}"]
    assert without_repeats(texts, [1, 2, 3], [2, 1, 3]) == [1]
    assert without_repeats(texts, [1, 1, 1], [1, 1, 1]) == [0]


@pytest.mark.parametrize(
    "other",
    [
        CLAUSE.replace("seven", "nine"),
        CLAUSE.replace("keeps", "keeps not"),
        CLAUSE.replace("supplier", "buyer"),
        CLAUSE.replace("seven", "7"),
    ],
)
def test_sentences_that_differ_in_one_word_all_stay(other: str) -> None:
    assert without_repeats([CLAUSE, other], [1, 2], [1, 2]) == [0, 1]


def test_short_facts_of_two_documents_are_two_facts() -> None:
    texts = ["Allergies: none.", "Allergies: none.", "allergies:  none"]
    assert without_repeats(texts, [1, 2, 2], [1, 2, 2]) == [0, 1]


@pytest.mark.parametrize(("first", "second"), [("900 euros.", "950 euros."), ("1.5 mg", "2.5 mg")])
def test_a_figure_in_front_is_no_paragraph_number(first: str, second: str) -> None:
    assert without_repeats([first, second], [1, 1], [1, 1]) == [0, 1]
