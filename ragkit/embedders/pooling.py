"""Vectors of stretches of a text, from the token states of the text around them. Pure.

Mean pooling as of a whole text, over fewer tokens: each state has already seen the text before and
after it, so that a sentence is told from the same sentence in another section. Guenther et al., "Late
Chunking: Contextual Chunk Embeddings Using Long-Context Embedding Models" (arXiv:2409.04701).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ragkit.protocols import Spans, Vectors


def tokens_within(offsets: Spans, spans: Spans) -> NDArray[np.float32]:
    """float32, shape (stretches, tokens): 1 where any character of the token stands in the stretch.

    offsets: of each token in characters. Special tokens stand for no character, so in none.
    """
    starts, ends = offsets[np.newaxis, :, 0], offsets[np.newaxis, :, 1]
    within = (starts < spans[:, 1:]) & (ends > spans[:, :1]) & (ends > starts)
    return within.astype(np.float32)


def pooled(states: NDArray[np.float32], within: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sum of the states of each stretch's tokens, shape (stretches, dimension); 0 without tokens.

    states: shape (tokens, dimension), or more tokens than `within` knows: padding. A sum points where
    the mean points; the length of what comes out means nothing.
    """
    sums: NDArray[np.float32] = within @ states[: within.shape[1]]
    return sums


def of_unit_length(vectors: NDArray[np.float32], instead: NDArray[np.float32]) -> Vectors:
    """The rows at unit length; `instead`, a unit vector, for those of length 0."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled = vectors / np.maximum(lengths, 1e-12)
    return np.asarray(np.where(lengths > 0, scaled, instead), dtype=np.float32)
