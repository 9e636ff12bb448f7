"""Which sentences are shown: pure scoring."""

from __future__ import annotations

import numpy as np
import pytest

from ragkit.retrieval.answerability import Signals, is_answered
from ragkit.retrieval.sentences import coverage, fullness, in_context, is_heading, sentence_scores

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


def test_the_decision_needs_topic_and_answer() -> None:
    assert is_answered(Signals(cosine=0.6, coverage=0.6, sentence=0.6, content=0.3))
    assert not is_answered(Signals(cosine=0.2, coverage=0.1, sentence=0.6, content=0.9))
    assert not is_answered(Signals(cosine=0.6, coverage=0.6, sentence=0.3, content=0.1))
