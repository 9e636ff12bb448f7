"""The figures of a benchmark, and what is made of them. All ratios are of figures of the same run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from ragkit.machine import Machine


def nearest_rank(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


@dataclass(frozen=True, slots=True)
class Cost:
    """One process. seconds: by the clock; processor_seconds: of its threads and children together."""

    seconds: float
    processor_seconds: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides, one after the other."""

    baseline: Cost
    ragkit: Cost

    @property
    def ratio(self) -> float:
        """How many times as fast ragkit was by the clock."""
        return self.baseline.seconds / self.ragkit.seconds

    @property
    def processor_ratio(self) -> float:
        """The same by processor time, which other programs on the machine disturb less."""
        return self.baseline.processor_seconds / self.ragkit.processor_seconds

    def as_dict(self) -> dict[str, object]:
        sides = {"baseline": self.baseline, "ragkit": self.ragkit}
        return {
            "ratio": round(self.ratio, 3),
            "processor_ratio": round(self.processor_ratio, 3),
            **{
                name: {
                    "seconds": round(side.seconds, 3),
                    "processor_seconds": round(side.processor_seconds, 3),
                }
                for name, side in sides.items()
            },
        }


@dataclass(frozen=True, slots=True)
class WayResult:
    """What preparation measured of one way of computing the model. cosine: the least, to the reference."""

    way: str
    texts_per_second: float
    cosine: float


@dataclass(frozen=True, slots=True)
class EmbeddingResult:
    """The embedder alone, round by round, beside matrix products in the same precision.

    way: how it computes. operations: multiplications and additions of a token, 0 if the model's
    shape is not known. products: name -> operations per second of the model's own feed-forward
    products and of a large square one, in each round.
    """

    way: str
    precision: str
    tokens: int
    tokens_per_second: tuple[float, ...]
    operations: float
    products: dict[str, tuple[float, ...]] = field(default_factory=dict)
    ways: tuple[WayResult, ...] = ()

    @property
    def yardstick(self) -> str:
        """The product in the model's own shapes that is computed fastest here."""
        shaped = [name for name in self.products if "square" not in name]
        return max(shaped, key=lambda name: median(self.products[name]), default="")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> EmbeddingResult:
        """What `dataclasses.asdict` made of one, by way of JSON."""
        products = {name: tuple(rates) for name, rates in data["products"].items()}
        ways = tuple(WayResult(**way) for way in data["ways"])
        rates = tuple(data["tokens_per_second"])
        return cls(**{**data, "products": products, "ways": ways, "tokens_per_second": rates})

    def share_of(self, product: str) -> float:
        """Operations per second of the embedder over those of the product: the median of the rounds."""
        pairs = zip(self.tokens_per_second, self.products[product], strict=True)
        return median(rate * self.operations / reached for rate, reached in pairs)

    def as_dict(self) -> dict[str, object]:
        products = {
            name: {
                "operations_per_second": round(median(rates)),
                "share": round(self.share_of(name), 3),
            }
            for name, rates in self.products.items()
        }
        return {
            "way": self.way,
            "precision": self.precision,
            "tokens": self.tokens,
            "tokens_per_second": round(median(self.tokens_per_second)),
            "operations_per_token": round(self.operations),
            "operations_per_second": round(median(self.tokens_per_second) * self.operations),
            "products": products,
            "yardstick": self.yardstick,
            "ways": [
                {
                    "way": way.way,
                    "texts_per_second": round(way.texts_per_second, 2),
                    "cosine": round(way.cosine, 6),
                }
                for way in self.ways
            ],
        }


@dataclass(frozen=True, slots=True)
class IngestResult:
    """`ragkit bench ingest`. beside: seconds of ragkit's ingest in which nothing was embedded."""

    pipeline: str
    machine: Machine
    versions: dict[str, str]
    documents: int
    characters: int
    windows: int
    chunks: int
    pairs: tuple[Pair, ...]
    beside: float
    embedding: EmbeddingResult

    @property
    def ratio(self) -> float:
        return median(pair.ratio for pair in self.pairs)

    @property
    def processor_ratio(self) -> float:
        return median(pair.processor_ratio for pair in self.pairs)

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            "pipeline": self.pipeline,
            "machine": self.machine.as_dict(),
            "versions": self.versions,
            "documents": self.documents,
            "characters": self.characters,
            "windows": self.windows,
            "chunks": self.chunks,
            "ratio": round(self.ratio, 3),
            "processor_ratio": round(self.processor_ratio, 3),
            "rounds": [pair.as_dict() for pair in self.pairs],
            "beside_embedding_seconds": round(self.beside, 3),
            "embedding": self.embedding.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class GuardPair:
    """Seconds of the median warm question, of two whole processes in turn: without the guard, and with it."""

    without: float
    guarded: float

    @property
    def ratio(self) -> float:
        """What the guard makes of a second."""
        return self.guarded / self.without


@dataclass(frozen=True, slots=True)
class GuardCost:
    """What the guard costs. reason: why it was not measured, "" if it was."""

    pairs: tuple[GuardPair, ...] = ()
    reason: str = ""

    @property
    def ratio(self) -> float:
        """The median of the pairs; 1 means that it costs nothing."""
        return median(pair.ratio for pair in self.pairs)

    def as_dict(self) -> dict[str, object]:
        if not self.pairs:
            return {"ratio": None, "reason": self.reason}
        rounds = [
            {
                "ratio": round(pair.ratio, 3),
                "without": round(pair.without, 6),
                "guarded": round(pair.guarded, 6),
            }
            for pair in self.pairs
        ]
        return {"ratio": round(self.ratio, 3), "rounds": rounds}


@dataclass(frozen=True, slots=True)
class KindResult:
    """Warm searches for one kind of question; medians, times in milliseconds.

    search_ms, bare_ms: of a search, but for the computing of vectors, and of one FTS5 query and one
    query of the vector index; vector_ms: of computing a question's vector, which both need. ratio: of
    the first two, by question; ratio_with_vector: with computing vectors on both sides.
    """

    questions: int
    search_ms: float
    bare_ms: float
    vector_ms: float
    ratio: float
    ratio_with_vector: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`ragkit bench search`. cold: whole processes; warm: seconds of each question, side by side.

    kinds: by the name of a kind of question, warm searches beside bare queries.
    """

    pipeline: str
    machine: Machine
    versions: dict[str, str]
    chunks: int
    questions: int
    cold: tuple[Pair, ...]
    warm_baseline: tuple[float, ...]
    warm_ragkit: tuple[float, ...]
    guard: GuardCost = GuardCost()
    kinds: Mapping[str, KindResult] = field(default_factory=dict)

    @property
    def cold_ratio(self) -> float:
        return median(pair.ratio for pair in self.cold)

    def warm_ratio(self, share: float = 0.5) -> float:
        """How many times as fast ragkit answered, at the median or another quantile."""
        slow, fast = (nearest_rank(side, share) for side in (self.warm_baseline, self.warm_ragkit))
        return slow / fast

    def as_dict(self) -> dict[str, object]:
        warm = {"baseline": self.warm_baseline, "ragkit": self.warm_ragkit}
        return {
            "version": 1,
            "pipeline": self.pipeline,
            "machine": self.machine.as_dict(),
            "versions": self.versions,
            "chunks": self.chunks,
            "questions": self.questions,
            "cold": {
                "ratio": round(self.cold_ratio, 3),
                "rounds": [pair.as_dict() for pair in self.cold],
            },
            "warm": {
                "ratio": round(self.warm_ratio(), 3),
                "ratio_p95": round(self.warm_ratio(0.95), 3),
                **{
                    name: {
                        "median": round(nearest_rank(seconds, 0.5), 5),
                        "p95": round(nearest_rank(seconds, 0.95), 5),
                    }
                    for name, seconds in warm.items()
                },
            },
            "kinds": {name: asdict(kind) for name, kind in self.kinds.items()},
            "guard": self.guard.as_dict(),
        }
