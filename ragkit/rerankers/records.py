"""What preparation leaves in the cache: a converted model, and what was measured on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ragkit.acceleration import conversion
from ragkit.acceleration.conversion import read_measured, write_measured
from ragkit.rerankers.base import MOST_DIFFERENCE

MADE_BY = "reranker-1"
"""Changes when the same weights are converted to something else."""
WAYS = ("reference", "openvino-f32", "openvino-bf16", "openvino-bf16-stored")
"""How scores are computed; the fastest that agrees is taken. See embedders/records.py."""


@dataclass(frozen=True, slots=True)
class WayFigure:
    """One way, measured. difference: the greatest of any score (0 to 1) from the reference's.

    pairs_per_second: questions with passages of about 200 tokens, all cores.
    """

    way: str
    pairs_per_second: float
    difference: float

    @property
    def is_near(self) -> bool:
        """Whether it comes near enough to the reference; a score that is no number does not."""
        return self.difference <= MOST_DIFFERENCE


@dataclass(frozen=True, slots=True)
class PreparedReranker:
    """The way chosen on this machine, why, and what was measured."""

    way: str
    reason: str
    figures: tuple[WayFigure, ...] = ()


def converted_folder(cache: Path, digest: str) -> Path:
    """Where the model with weights of that sha256 is, or will be, converted."""
    return conversion.converted_folder(cache, digest, MADE_BY)


def read_record(cache: Path, digest: str) -> PreparedReranker | None:
    """What was measured on this kind of machine; None if nothing was, or it cannot be read."""
    raw = read_measured(converted_folder(cache, digest))
    try:
        figures = tuple(WayFigure(f["way"], f["rate"], f["difference"]) for f in raw["figures"])
        return PreparedReranker(raw["way"], raw["reason"], figures)
    except (KeyError, TypeError):
        return None


def write_record(cache: Path, digest: str, record: PreparedReranker) -> None:
    """Remember `record` for this kind of machine."""
    figures = [
        {
            "way": f.way,
            "rate": round(f.pairs_per_second, 2),
            "difference": round(f.difference, 6),
        }
        for f in record.figures
    ]
    content = {"way": record.way, "reason": record.reason, "figures": figures}
    write_measured(converted_folder(cache, digest), content)
