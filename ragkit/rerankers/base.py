"""What the rerankers of a model folder share: the score's range, and the fingerprint."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ragkit.rerankers.folder import PairShape

Scores = NDArray[np.float32]

MOST_DIFFERENCE = 0.03
"""A way is refused if a score (0 to 1) differs from the reference's by more. Two fifths of it reach the
final score, a hundredth of its range. The starter's body under a random head, with raw scores as far
apart as trained models give them: 0.00001 in float32, 0.021 in bfloat16, and 0.09 with the weights
stored so, which is refused."""


@dataclass(frozen=True, slots=True)
class RerankerSpec:
    """A model folder and how it is used. `digest` is the sha256 of its weights.

    threads: processor cores to use; 0 for all that this process may use.
    """

    folder: Path
    digest: str
    shape: PairShape
    threads: int = 0

    @property
    def fingerprint(self) -> str:
        """The same for all ways of computing, and different when a pair would get another score."""
        parts = [self.digest, self.shape.window]
        return f"rerank~{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]}"


class FolderReranker(ABC):
    """A Reranker of a model folder. What differs between the ways is `_logits`."""

    def __init__(self, spec: RerankerSpec) -> None:
        self._spec = spec
        self.fingerprint = spec.fingerprint

    def score(self, question: str, passages: Sequence[str]) -> Scores:
        """As Reranker. Of a pair longer than the window the longer text is cut."""
        if not passages:
            return np.zeros(0, dtype=np.float32)
        # Beyond 30 a float32 cannot tell the result from 0 or 1, and exp overflows from 89 on.
        logits = np.clip(self._logits(question, list(passages)), -30, 30)
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)

    @abstractmethod
    def _logits(self, question: str, passages: list[str]) -> Scores:
        """The model's raw scores of at least one pair, in order; float32, shape (passages,)."""
