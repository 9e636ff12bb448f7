"""Intervals: where they lie, that documents are drawn and not questions, that a seed repeats them."""

from __future__ import annotations

import numpy as np
import pytest

from ragkit.evaluation.bootstrap import clustered_means


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)[:, None]


def test_the_mean_is_that_of_all_questions_that_have_a_value() -> None:
    means = clustered_means(column(1.0, 0.0, np.nan, 0.5), ["a", "a", "b", "c"], seed=0)
    assert means.mean[0] == pytest.approx(0.5)
    assert 0.5 <= means.high[0] <= 1.0


def test_the_interval_of_independent_questions_is_the_textbooks() -> None:
    """400 coin tosses, each a document of its own: 0.5 plus or minus 1.96 times 0.025."""
    values = column(*([0.0, 1.0] * 200))
    means = clustered_means(values, [str(number) for number in range(400)], seed=1)
    assert means.low[0] == pytest.approx(0.451, abs=0.006)
    assert means.high[0] == pytest.approx(0.549, abs=0.006)


def test_questions_on_one_document_count_as_one_piece_of_news() -> None:
    """The same 400 values on 20 documents that are each all right or all wrong."""
    values = column(*([0.0] * 20 + [1.0] * 20) * 10)
    clusters = [str(number // 20) for number in range(400)]
    together = clustered_means(values, clusters, seed=1)
    apart = clustered_means(values, [str(number) for number in range(400)], seed=1)
    assert together.mean == apart.mean
    assert together.high[0] - together.low[0] > 3.5 * (apart.high[0] - apart.low[0])


def test_large_documents_weigh_by_their_questions() -> None:
    values = column(*([1.0] * 9 + [0.0]))
    means = clustered_means(values, ["large"] * 9 + ["small"], seed=0)
    assert means.mean[0] == pytest.approx(0.9)
    assert (means.low[0], means.high[0]) == (0.0, 1.0)


def test_one_document_has_no_interval_and_no_value_no_mean() -> None:
    values = np.array([[1.0, np.nan], [0.0, np.nan]])
    means = clustered_means(values, ["a", "a"], seed=0)
    assert means.mean[0] == 0.5
    assert np.isnan([means.low[0], means.high[0], means.mean[1], means.low[1]]).all()


def test_a_seed_repeats_the_interval() -> None:
    values = column(*np.random.default_rng(0).random(50))
    clusters = [str(number) for number in range(50)]
    first, again, other = (clustered_means(values, clusters, seed) for seed in (3, 3, 4))
    assert (first.low, first.high) == (again.low, again.high)
    assert first.low != other.low


def test_nothing_in_37_documents_is_not_nothing_anywhere() -> None:
    """The textbook's 0.095 (Clopper and Pearson, 37 trials), and the same from above."""
    clusters = [str(number) for number in range(37)]
    both = np.column_stack([np.zeros(37), np.ones(37), np.linspace(0, 1, 37)])
    plain = clustered_means(both, clusters, seed=0)
    shares = plain.shares()
    assert (shares.low[0], round(shares.high[0], 3)) == (0.0, 0.095)
    assert (round(shares.low[1], 3), shares.high[1]) == (0.905, 1.0)
    assert (shares.low[2], shares.high[2]) == (plain.low[2], plain.high[2])
    assert np.isnan(clustered_means(both[:1], ["a"], seed=0).shares().high).all()
