"""A query adapter: a linear map of question vectors and what it counts beside the ranking's score. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(slots=True)
class LinearAdapter:
    """A QueryAdapter. matrix: float32, shape (dimension, dimension). weight: of the learned cosine."""

    fingerprint: str
    weight: float
    matrix: Floats

    @classmethod
    def of(cls, matrix: Floats, weight: float, embedder: str) -> LinearAdapter:
        """embedder: fingerprint of the one whose vectors the map takes."""
        digest = sha256(f"{embedder}\n{weight!r}\n".encode())
        digest.update(matrix.astype("<f4").tobytes())
        return cls(digest.hexdigest()[:16], weight, matrix)

    def adapt(self, vectors: Floats) -> Floats:
        """As QueryAdapter: shape (n, dimension), rows of unit length."""
        return adapted(self.matrix, vectors)


def adapted(matrix: Floats, vectors: Floats) -> Floats:
    """The mapped vectors, given unit length again; both of shape (n, dimension)."""
    mapped = vectors @ matrix.T
    lengths = np.linalg.norm(mapped, axis=1, keepdims=True)
    return np.asarray(mapped / np.maximum(lengths, 1e-12), dtype=np.float32)
