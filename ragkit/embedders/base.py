"""What the embedders of a model folder share: prefixes, unit length, and the fingerprint."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ragkit.embedders.folder import ModelShape
from ragkit.embedders.pooling import of_unit_length
from ragkit.protocols import Spans, Vectors

LEAST_COSINE = {"f32": 0.999, "int8": 0.97}
"""Family of ways -> the least cosine to the reference; a way that comes out below is refused.

All ways of the family f32 compute that model or come near it. The distances between texts are a hundred
times larger than what is left, so their vectors may be compared, and a laptop without bf16 can
search what a server embedded. What is coarser is a family of its own, compared with nothing else."""


def family_of(way: str) -> str:
    """Which vectors those of `way` may be compared with."""
    return "int8" if way.endswith("int8") else "f32"


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """A model folder and how it is used. `digest` is the sha256 of its weights.

    threads: processor cores to use; 0 for all that this process may use. family: see LEAST_COSINE.
    """

    folder: Path
    digest: str
    shape: ModelShape
    query_prefix: str = ""
    passage_prefix: str = ""
    languages: tuple[str, ...] = ("*",)
    threads: int = 0
    family: str = "f32"

    @property
    def fingerprint(self) -> str:
        """The same for all ways of one family, and different when any text would get another vector."""
        shape = self.shape
        parts = [self.digest, shape.pooling, shape.window, self.query_prefix, self.passage_prefix]
        return f"{self.family}~" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


class FolderEmbedder(ABC):
    """An Embedder of a model folder. What differs between the ways is `_compute`."""

    def __init__(self, spec: EmbedderSpec) -> None:
        self._spec = spec
        self.fingerprint = spec.fingerprint
        self.dimension = spec.shape.dimension
        self.window = spec.shape.window
        self.languages = spec.languages

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """One unit vector for each text; texts longer than the window are cut."""
        return self._embed(self._spec.passage_prefix, texts, bulk=True)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """As `embed_passages`, for questions: with their prefix, and quick for a single one."""
        return self._embed(self._spec.query_prefix, texts, bulk=False)

    def embed_chunks(
        self, texts: Sequence[str], spans: Sequence[Spans]
    ) -> tuple[Vectors, list[Vectors]]:
        """As Embedder. A stretch's vector is pooled from the token states of its whole text."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32), []
        prefix = self._spec.passage_prefix
        vectors, sums = self._compute_chunks(
            [prefix + text for text in texts], [span + len(prefix) for span in spans]
        )
        vectors = _normalised(vectors)
        return vectors, [
            of_unit_length(rows, vector) for rows, vector in zip(sums, vectors, strict=True)
        ]

    def _embed(self, prefix: str, texts: Sequence[str], *, bulk: bool) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return _normalised(self._compute([prefix + text for text in texts], bulk=bulk))

    @abstractmethod
    def _compute(self, texts: list[str], *, bulk: bool) -> Vectors:
        """Vectors of at least one text, in order. bulk: many texts, where throughput counts."""

    @abstractmethod
    def _compute_chunks(
        self, texts: list[str], spans: list[Spans]
    ) -> tuple[Vectors, list[NDArray[np.float32]]]:
        """Vectors of at least one text, and rows of any length for its stretches, 0 without a token."""


def _normalised(vectors: Vectors) -> Vectors:
    """Again, since the model's own normalisation may have been computed in 16 bits."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
