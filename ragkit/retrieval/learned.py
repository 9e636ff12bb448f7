"""What a query adapter adds to the ranking: a part of the score of its own, beside all others. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ragkit.protocols import QueryAdapter
from ragkit.retrieval.ranking import Ranked

LEARNED = "learned"
"""The part's name in `--explain`."""


def with_learned(
    ranked: Sequence[Ranked],
    vectors: Mapping[int, NDArray[np.float32]],
    content: NDArray[np.float32],
    adapter: QueryAdapter,
) -> list[Ranked]:
    """The same chunks with what was learned added to their scores, best first; equal ones by id.

    vectors: of each chunk by its id, shape (dimension,). content: of the question without the words
    that name a document, shape (dimension,): what is asked recurs, whom it is asked of does not.
    Added is what the map changes in the cosine of the two: nothing where nothing was learned.
    """
    if not ranked:
        return []
    turned = adapter.adapt(content[np.newaxis])[0] - content
    rows = np.stack([vectors[item.id] for item in ranked])  # (chunks, dimension)
    added = (adapter.weight * (rows @ turned)).tolist()
    learned = [
        replace(
            item,
            score=item.score + more,
            parts=(*item.parts, (LEARNED, round(more, 4))),
        )
        for item, more in zip(ranked, added, strict=True)
    ]
    return sorted(learned, key=lambda item: (-item.score, item.id))
