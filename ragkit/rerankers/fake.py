"""A reranker without a model, for tests: a passage scores by the question's words that it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")


class WordReranker:
    """The share of a question's words that stand in a passage. `asked`: every passage it was given."""

    fingerprint = "rerank~words"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """As Reranker."""
        self.asked += passages
        wanted = _words(question)
        shares = [len(wanted & _words(one)) / max(1, len(wanted)) for one in passages]
        return np.array(shares, dtype=np.float32)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))
