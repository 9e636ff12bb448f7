"""An embedder and a token counter without a model, for tests: similar texts still come out near."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ragkit.protocols import Spans, Vectors

_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"\S+")


class HashEmbedder:
    """Counts of hashed words, as unit vectors. Deterministic across processes and machines."""

    languages: tuple[str, ...] = ("*",)

    def __init__(self, dimension: int = 64, window: int = 256) -> None:
        self.dimension = dimension
        self.window = window
        self.fingerprint = f"hash-{dimension}-{window}"

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """One unit vector for each text; words after the window are not counted."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            # The first place is for every text, so that an empty one has a direction too.
            vectors[row, 0] = 0.25
            for word in _WORD.findall(text.lower())[: self.window]:
                code = zlib.crc32(word.encode())
                vectors[row, code % self.dimension] += 1 if code & 0x8000 else -1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)

    def embed_chunks(
        self, texts: Sequence[str], spans: Sequence[Spans]
    ) -> tuple[Vectors, list[Vectors]]:
        """The stretches as if each were a text: this model sees no context."""
        vectors = self.embed_passages(texts)
        return vectors, [
            self._stretches(text, span, vector)
            for text, span, vector in zip(texts, spans, vectors, strict=True)
        ]

    def _stretches(self, text: str, spans: Spans, whole: NDArray[np.float32]) -> Vectors:
        seen = [match.end() for match in _WORD.finditer(text)][: self.window]
        end = seen[-1] if seen else 0
        stretches = [text[first:last][: max(0, end - first)] for first, last in spans.tolist()]
        if not stretches:
            return np.zeros((0, self.dimension), dtype=np.float32)
        rows = HashEmbedder.embed_passages(self, stretches)
        has_words = np.array([bool(_WORD.search(stretch)) for stretch in stretches])
        return np.asarray(np.where(has_words[:, np.newaxis], rows, whole), dtype=np.float32)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """The same as passages: this model has no prefixes."""
        return self.embed_passages(texts)


class WordCounter:
    """A TokenCounter whose tokens are runs of characters between white space."""

    fingerprint = "words"

    def token_spans(self, text: str) -> NDArray[np.int64]:
        """int64, shape (tokens, 2)."""
        spans = [match.span() for match in _TOKEN.finditer(text)]
        return np.array(spans, dtype=np.int64).reshape(-1, 2)
