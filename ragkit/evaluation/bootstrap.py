"""Intervals of means over questions that hang together: the bootstrap over documents. Pure.

Ten questions on one contract stand or fall together: they say less than ten on ten contracts. So not
questions are drawn again but documents, each with all its questions (the cluster bootstrap: Davison
and Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8; Field and Welsh 2007), and
the ends are percentiles (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

RESAMPLES = 2000
LEVEL = 95
"""Percent: the interval that a reader expects where none is named."""
FEW_CLUSTERS = 10
"""Below this many documents percentile intervals are markedly too narrow."""


@dataclass(frozen=True, slots=True)
class Means:
    """Of each column: the mean over the rows that have a value, and the ends of its interval.

    All of shape (measures,), NaN where no row has a value. low and high are also NaN with a single
    cluster. clusters: how many have a value.
    """

    mean: Matrix
    low: Matrix
    high: Matrix
    clusters: NDArray[np.int64]

    def shares(self) -> Means:
        """The same of shares, 0 to 1, that are nothing or all: drawing again says they always were.

        Instead the exact interval of Clopper and Pearson (1934) for as many trials as there are
        clusters: of none in 37 documents, 0 to 0.095.
        """
        several = self.clusters > 1
        farthest = 1 - (0.5 - LEVEL / 200) ** (1 / np.maximum(self.clusters, 1))
        high = np.where(several & (self.mean == 0), farthest, self.high)
        low = np.where(several & (self.mean == 1), 1 - farthest, self.low)
        return Means(self.mean, low, high, self.clusters)


def clustered_means(values: Matrix, clusters: Sequence[str], seed: int) -> Means:
    """values: float64, shape (questions, measures), NaN where a measure does not apply.

    clusters: of each question, the document that it is about.
    """
    assert values.ndim == 2, values.shape
    assert values.shape[0] == len(clusters)
    sums, counts = _by_cluster(values, clusters)
    mean = _ratio(sums.sum(axis=0), counts.sum(axis=0))
    low, high = np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    having = (counts > 0).sum(axis=0)
    several = having > 1
    if several.any():
        drawn = _drawn(len(sums), seed)
        means = _ratio(drawn @ sums[:, several], drawn @ counts[:, several])
        tail = (100 - LEVEL) / 2
        low[several], high[several] = np.nanpercentile(means, (tail, 100 - tail), axis=0)
    return Means(mean, low, high, having)


def clustered_balance(
    values: Matrix, clusters: Sequence[str], seed: int
) -> tuple[float, float, float]:
    """The mean of the columns' means, as balanced accuracy is that of the classes (Brodersen et al.,
    "The balanced accuracy and its posterior distribution", 2010), and the ends of its interval.

    values: as for `clustered_means`, every column with a value. The ends are NaN with one cluster;
    draws in which a column has no value are left out.
    """
    assert values.shape == (len(clusters), values.shape[1]), values.shape
    sums, counts = _by_cluster(values, clusters)
    mean = float(_ratio(sums.sum(axis=0), counts.sum(axis=0)).mean())
    if len(sums) < 2:
        return mean, float("nan"), float("nan")
    drawn = _drawn(len(sums), seed)
    tail = (100 - LEVEL) / 2
    means = _ratio(drawn @ sums, drawn @ counts).mean(axis=1)
    low, high = np.nanpercentile(means, (tail, 100 - tail))
    return mean, float(low), float(high)


def _by_cluster(values: Matrix, clusters: Sequence[str]) -> tuple[Matrix, Matrix]:
    """Sums and counts of the values there are, each of shape (clusters, measures)."""
    names, place = np.unique(np.array(clusters), return_inverse=True)
    there = ~np.isnan(values)
    shape = (len(names), values.shape[1])
    sums, counts = np.zeros(shape), np.zeros(shape)
    np.add.at(sums, place, np.where(there, values, 0.0))
    np.add.at(counts, place, there.astype(np.float64))
    return sums, counts


def _drawn(clusters: int, seed: int) -> Matrix:
    """How often each cluster is drawn in each resample; shape (RESAMPLES, clusters)."""
    draw = np.random.default_rng(seed).multinomial
    return draw(clusters, np.full(clusters, 1 / clusters), size=RESAMPLES).astype(np.float64)


def _ratio(sums: Matrix, counts: Matrix) -> Matrix:
    ratio: Matrix = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    return ratio


def few_documents(count: int) -> str:
    """What is to be known of intervals from fewer than FEW_CLUSTERS documents."""
    documents = "1 document" if count == 1 else f"{count} documents"
    return f"The questions are on {documents} only: {LEVEL} % intervals are too narrow then."
