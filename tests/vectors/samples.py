"""Vectors to build indexes from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ragkit.protocols import Vectors

DIMENSION = 48
FIRST_ID = 1000


def clustered(count: int, *, seed: int = 7) -> tuple[NDArray[np.int64], Vectors]:
    """Ids, not in order, and unit vectors in loose groups, as those of texts are."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(max(1, count // 40), DIMENSION))
    vectors = centres[random.integers(len(centres), size=count)]
    vectors = vectors + random.normal(scale=0.8, size=(count, DIMENSION))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = FIRST_ID + random.permutation(count)
    return ids.astype(np.int64), vectors.astype(np.float32)
