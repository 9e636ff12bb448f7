"""Sweeps: questions asked of every document, a row each, and counts that add up."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from ragkit.types.answers import Citation

Verdict = Literal["yes", "no", "unclear", "unreadable"]
VERDICTS: tuple[Verdict, ...] = ("yes", "no", "unclear", "unreadable")
JudgedBy = Literal["phrases", "words", "model", ""]


@dataclass(frozen=True, slots=True)
class SweepQuestion:
    """A question of a sweep. All phrases are as `ragkit.sweeps.phrases` reads them.

    look_for: any of them in a sentence means yes. may_mean: any of them means that a person should
    look. unless: a sentence with one of them counts for nothing. taken_back: the same, and where it
    holds one of look_for too a person should look, whatever other sentences say. value: the kind of
    short fact to pull out of the quote ("date", "duration", "law", ...), "" for none.
    """

    id: str
    question: str
    look_for: tuple[str, ...] = ()
    may_mean: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    taken_back: tuple[str, ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class SweepRow:
    """What one document says to one question.

    by: what decided, "" where the document could not be read. confidence: 0 to 1, of the verdict; of
    "unclear" and "unreadable" 0. reason: why, in words. reused: judged in an earlier sweep.
    """

    id: str
    question: str
    document: str
    sha256: str
    verdict: Verdict
    reason: str
    confidence: float = 0.0
    by: JudgedBy = ""
    value: str = ""
    citation: Citation | None = None
    reused: bool = False

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            "id": self.id,
            "question": self.question,
            "document": self.document,
            "sha256": self.sha256,
            "verdict": self.verdict,
            "value": self.value,
            "quote": self.citation.quote if self.citation else "",
            "page": self.citation.page if self.citation else None,
            "start": self.citation.start if self.citation else None,
            "end": self.citation.end if self.citation else None,
            "confidence": round(self.confidence, 3),
            "by": self.by,
            "reason": self.reason,
            "reused": self.reused,
        }


@dataclass(frozen=True, slots=True)
class SweepCount:
    """How many rows of one question have each verdict: together one for each document in scope."""

    id: str
    question: str
    yes: int
    no: int
    unclear: int
    unreadable: int

    @property
    def total(self) -> int:
        return self.yes + self.no + self.unclear + self.unreadable

    def as_dict(self) -> dict[str, object]:
        return {**asdict(self), "total": self.total}


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep came to. documents: in scope, those that could not be read included.

    judged, reused: rows that were judged now, and before. shown: SHA-256 of the documents with a row.
    """

    pipeline: str
    generation: int
    documents: int
    counts: tuple[SweepCount, ...]
    judged: int
    reused: int
    seconds: float
    model: str = ""
    shown: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            "pipeline": self.pipeline,
            "generation": self.generation,
            "documents": self.documents,
            "counts": [count.as_dict() for count in self.counts],
            "judged": self.judged,
            "reused": self.reused,
            "model": self.model,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """What a sweep would do. rows: one for each document and question; to_judge: of them not judged yet.

    seconds: expected, by judging some of them now without keeping it; None where nothing is to judge.
    """

    pipeline: str
    documents: int
    questions: int
    rows: int
    to_judge: int
    seconds: float | None

    def as_dict(self) -> dict[str, object]:
        rounded = None if self.seconds is None else round(self.seconds, 1)
        return {"version": 1, **asdict(self), "seconds": rounded}
