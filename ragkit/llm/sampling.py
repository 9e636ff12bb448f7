"""The choice of the next token from its logits: the likeliest, or one drawn with a seed."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from ragkit.llm.runtime import Logits
from ragkit.protocols import GREEDY, Sampling


class Picker:
    """Picks tokens of one text; `log_probability` adds up how likely the model found them.

    The same seed over the same logits picks the same tokens. Of equally likely tokens the one with the
    lowest number is taken.
    """

    def __init__(self, sampling: Sampling = GREEDY) -> None:
        self._sampling = sampling
        self._random = np.random.default_rng(sampling.seed)
        self.log_probability = 0.0
        self.count = 0

    def pick(self, logits: Logits) -> int:
        """logits: shape (vocabulary,)."""
        token = int(np.argmax(logits)) if self._sampling.temperature == 0 else self._drawn(logits)
        self.log_probability += log_probability(logits, token)
        self.count += 1
        return token

    @property
    def certainty(self) -> float:
        """The geometric mean of the probabilities of what was picked, 0 to 1; 1 if nothing was."""
        return math.exp(self.log_probability / self.count) if self.count else 1.0

    def _drawn(self, logits: Logits) -> int:
        """From the likeliest tokens that have `top_p` of the probability together.

        Nucleus sampling: Holtzman et al., arXiv:1904.09751.
        """
        order = np.argsort(-logits, kind="stable")
        scaled = logits[order].astype(np.float64) / self._sampling.temperature
        chances = np.exp(scaled - scaled[0])
        chances /= chances.sum()
        last = int(np.searchsorted(np.cumsum(chances), self._sampling.top_p)) + 1
        nucleus = chances[:last] / chances[:last].sum()
        place = int(np.searchsorted(np.cumsum(nucleus), self._random.random()))
        return int(order[min(place, last - 1)])


def log_probability(logits: Logits, token: int) -> float:
    """Of a token among all: log softmax, computed from the largest logit for its range."""
    largest = logits.max()
    return float(logits[token] - largest - np.log(np.exp(logits - largest).sum()))


def likeliest(logits: Logits, tokens: Iterable[int]) -> tuple[int, float]:
    """The likeliest of a few tokens and its probability among them. No other logit is looked at."""
    candidates = np.fromiter(sorted(tokens), np.int64)
    found = logits[candidates].astype(np.float64)
    best = int(np.argmax(found))
    return int(candidates[best]), float(1.0 / np.exp(found - found[best]).sum())


def going_on(logits: Logits, tokens: Iterable[int]) -> float:
    """The probability, among all tokens, that one of `tokens` follows rather than something else."""
    return min(1.0, sum(math.exp(log_probability(logits, token)) for token in tokens))
