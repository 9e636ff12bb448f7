"""The last word on the order, where a reranker is set: it reads the best passages with the question.

It reads only those that can still change the result. Every passage's final score lies between two
bounds, what it gets if the reranker gives it 0 and what it gets for 1; a passage whose upper bound
stays below the lower bounds of as many others as are wanted cannot be among these, whatever the
reranker says. This is the threshold test of Fagin, Lotem and Naor, "Optimal aggregation algorithms
for middleware" (2003). Pure: chunks, and functions that give texts and scores, in; chunks out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ragkit.protocols import Reranker
from ragkit.retrieval.ranking import Ranked

RERANKED = "reranked"
"""The part's name in `--explain`: what the reranker has added to the score, or taken from it."""
WEIGHT = 0.4
"""The reranker's share of the final score. No real reranker was at hand: tried with drawn scores that
tell right from wrong chunks with a known certainty (area under the curve 0.5, 0.75, 0.85, 0.92), on
400 contract questions, one draw, 32 read: recall at 8 without one 0.764; with 0.3 0.747, 0.806, 0.846,
0.877; with 0.4 0.733, 0.809, 0.855, 0.881; with 0.5 0.697, 0.797, 0.843, 0.883. So little between
these is told by it, but that more costs much where the reranker is no good. Of a certainty of 0.85
16 passages read make 0.825, 32 0.855, and 64 0.842."""
READ_AT_ONCE = 8
"""Passages between two looks at the bounds."""

Texts = Callable[[Sequence[int]], Mapping[int, str]]
"""Ids of chunks -> the text of each, as it is read."""


@dataclass(frozen=True, slots=True)
class Reranking:
    """A reranker and how many passages of a question it may read; the others stay behind these."""

    reranker: Reranker
    passages: int

    def rerank(
        self, question: str, ranked: Sequence[Ranked], texts: Texts, limit: int
    ) -> list[Ranked]:
        """The best `limit` of `ranked`, best first: a convex combination of its scores, as a share of
        the way from the last one that may be read (0) to the first (1), and the reranker's.

        ranked: best first, at least `limit` and as many as may be read, if there are so many. The
        result is the same as if all that may be read had been.
        """
        read, behind = ranked[: self.passages], ranked[self.passages :]
        blend = _Blend(np.array([item.score for item in read], dtype=np.float64))
        while (places := blend.undecided(limit)[:READ_AT_ONCE]).size:
            ids = [read[place].id for place in places.tolist()]
            known = texts(ids)
            blend.note(places, self.reranker.score(question, [known[id] for id in ids]))
        scores, is_read = blend.scores()
        order = [place for place in np.argsort(-scores, kind="stable").tolist() if is_read[place]]
        blended = [_with_part(read[place], float(scores[place])) for place in order]
        return [*blended, *behind][:limit]


class _Blend:
    """Scores of chunks, best first, and what the reranker has said of some of them so far."""

    def __init__(self, before: NDArray[np.float64]) -> None:
        """before: shape (chunks,), falling."""
        self._before = before
        self._said = np.full(len(before), np.nan)
        self._lowest = float(before[-1]) if len(before) else 0.0
        spread = float(before[0]) - self._lowest if len(before) else 0.0
        self._spread = max(spread, 1e-6)  # among equals the reranker alone decides

    def note(self, places: NDArray[np.intp], scores: NDArray[np.float32]) -> None:
        """What the reranker says of these chunks, 0 to 1."""
        self._said[places] = scores

    def undecided(self, limit: int) -> NDArray[np.intp]:
        """Places, rising, of chunks that were not read and may still be among the best `limit`."""
        unread = np.isnan(self._said)
        low = self._blended(np.where(unread, 0.0, self._said))
        high = self._blended(np.where(unread, 1.0, self._said))
        least = np.sort(low)[-limit] if limit <= len(low) else -np.inf
        return np.flatnonzero(unread & (high >= least))

    def scores(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """The final scores, and which of the chunks were read: only theirs mean something."""
        return self._blended(self._said), ~np.isnan(self._said)

    def _blended(self, said: NDArray[np.float64]) -> NDArray[np.float64]:
        """In the units of the scores before, which thresholds further on are made for."""
        wanted = self._lowest + said * self._spread
        blended: NDArray[np.float64] = (1 - WEIGHT) * self._before + WEIGHT * wanted
        return blended


def _with_part(item: Ranked, score: float) -> Ranked:
    part = (RERANKED, round(score - item.score, 4))
    return replace(item, score=score, parts=(*item.parts, part))
