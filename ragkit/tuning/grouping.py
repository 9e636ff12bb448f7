"""Documents that must be judged together, and folds of them. Pure.

A map that was trained on one of two near-duplicate contracts knows the other one too: on that it would
be judged better than it is on a new document.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

ALIKE = 0.95
"""Mean cosine, over the chunks of a document, of each one's nearest chunk in another document."""
SAMPLE = 48
"""Chunks of a document that are compared, evenly chosen."""
NEAR_MEANS = 0.8
"""Cosine of two documents' mean chunks, from which on they are compared chunk by chunk. Documents that are
ALIKE have means at 0.95 or so; of the pairs of 143 contracts and of 623 pages for patients one in a
thousand is at 0.85."""
COMMON = 0.1
"""A name in more than this share of the documents joins none: it is everybody's, such as the firm
whose files they are."""


def groups_of(
    names: Mapping[int, Collection[str]],
    chunks: Mapping[int, NDArray[np.float32]],
    together: Iterable[Sequence[int]] = (),
) -> dict[int, int]:
    """document -> the lowest document of its group, of those that share a name or are alike.

    names: parties or the patient of each document. chunks: their vectors, shape (n, dimension), n > 0.
    together: documents of one question.
    """
    parent = {document: document for document in names}
    for members in (*_sharing(names), *together):
        for other in members[1:]:
            _join(parent, members[0], other)
    _join_alike(parent, chunks)
    return {document: _root(parent, document) for document in parent}


def folds_of(groups: Sequence[int], count: int) -> list[int]:
    """The fold, 0 to count - 1, of each example, given its group; a group is in one fold.

    The largest groups first, each to the fold that has the fewest examples.
    """
    sizes = {group: groups.count(group) for group in sorted(set(groups))}
    filled = [0] * count
    fold: dict[int, int] = {}
    for group in sorted(sizes, key=lambda one: -sizes[one]):
        fold[group] = filled.index(min(filled))
        filled[fold[group]] += sizes[group]
    return [fold[group] for group in groups]


def _sharing(names: Mapping[int, Collection[str]]) -> list[list[int]]:
    """Documents by each name that some, but not many, have in common."""
    having: dict[str, list[int]] = {}
    for document in sorted(names):
        for name in {one.casefold() for one in names[document]}:
            having.setdefault(name, []).append(document)
    most = max(2.0, COMMON * len(names))
    return [members for members in having.values() if 1 < len(members) <= most]


def _join_alike(parent: dict[int, int], chunks: Mapping[int, NDArray[np.float32]]) -> None:
    """Compared chunk by chunk are only documents in different groups whose mean chunks are near."""
    samples = {document: _sample(rows) for document, rows in sorted(chunks.items())}
    documents = np.array(list(samples), dtype=np.int64)
    means = _unit_means(list(samples.values()))
    for place, first in enumerate(documents.tolist()):
        near = means[place + 1 :] @ means[place] >= NEAR_MEANS
        for second in documents[place + 1 :][near].tolist():
            is_joined = _root(parent, first) == _root(parent, second)
            if not is_joined and _are_alike(samples[first], samples[second]):
                _join(parent, first, second)


def _are_alike(first: NDArray[np.float32], second: NDArray[np.float32]) -> bool:
    cosines = first @ second.T
    return bool(min(cosines.max(axis=1).mean(), cosines.max(axis=0).mean()) >= ALIKE)


def _unit_means(samples: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Shape (samples, dimension)."""
    if not samples:
        return np.empty((0, 0), np.float32)
    means = np.stack([rows.mean(axis=0) for rows in samples])
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    return np.asarray(means / np.maximum(lengths, 1e-12), dtype=np.float32)


def _sample(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    places = np.linspace(0, len(rows) - 1, min(len(rows), SAMPLE)).round().astype(int)
    return np.asarray(rows[places])


def _root(parent: dict[int, int], document: int) -> int:
    while parent[document] != document:
        document = parent[document]
    return document


def _join(parent: dict[int, int], first: int, second: int) -> None:
    low, high = sorted((_root(parent, first), _root(parent, second)))
    parent[high] = low
