"""Runs: progress, plans, what an ingest did, and the state of a pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ragkit.types.answers import Unreadable
from ragkit.types.documents import READ_OCR, ReadAs
from ragkit.types.tuning import NOTHING_LEARNED, AdapterStatus


@dataclass(frozen=True, slots=True)
class Step:
    """How far long work has come: `done` of `total` (0: not known), with the current figure beside it.

    share: of the whole work, 0 to 1, where the counts do not tell it (files differ in size).
    """

    stage: str
    done: int
    total: int
    detail: str = ""
    share: float | None = None


@dataclass(frozen=True, slots=True)
class DoubtfulPage:
    """A page whose text is not to be relied on, with the confidence of its reading (0 to 1).

    `page` is None for an image of one page. read_as: by OCR, or a text layer of little quality.
    """

    document: str
    page: int | None
    confidence: float
    read_as: ReadAs = READ_OCR

    def as_dict(self) -> dict[str, object]:
        return {
            "document": self.document,
            "page": self.page,
            "confidence": round(self.confidence, 3),
            "read_as": self.read_as,
        }


@dataclass(frozen=True, slots=True)
class HiddenIn:
    """Text of a document that a reader of its page cannot see: it is counted, never evidence."""

    document: str
    page: int | None
    kind: str
    characters: int

    def as_dict(self) -> dict[str, object]:
        return {
            "document": self.document,
            "page": self.page,
            "kind": self.kind,
            "characters": self.characters,
        }


@dataclass(frozen=True, slots=True)
class FencedIn:
    """A passage of a document that reads like an instruction to a machine: it is no evidence.

    page: None where there are none, and for a title. kinds: why, in words for a person.
    """

    document: str
    page: int | None
    kinds: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        return {"document": self.document, "page": self.page, "kinds": list(self.kinds)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FencedIn:
        return cls(data["document"], data["page"], tuple(data["kinds"]))


@dataclass(frozen=True, slots=True)
class GateFailure:
    """A gold question that the new state does not answer as it should, with the reason.

    document: the path or pattern of where its answer stands; the reason does not name it.
    """

    id: str
    question: str
    reason: str
    document: str = ""


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What the quality gate found: recall over so many questions, and those that failed.

    recall, minimum: shares, 0 to 1.
    """

    passed: bool
    recall: float
    minimum: float
    questions: int
    failures: tuple[GateFailure, ...] = ()

    @classmethod
    def impossible(cls, reason: str) -> GateVerdict:
        """Of questions that could not be asked: nothing passes a gate that is broken."""
        return cls(False, 0.0, 0.0, 0, (GateFailure("gate", "", reason),))

    def as_dict(self) -> dict[str, object]:
        return {
            "passed": self.passed,
            "recall": round(self.recall, 4),
            "minimum": self.minimum,
            "questions": self.questions,
            "failures": [asdict(failure) for failure in self.failures],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> GateVerdict:
        failures = tuple(GateFailure(**failure) for failure in data["failures"])
        return cls(**{**data, "failures": failures})


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one ingest did. Counts are of files; attachments count with their mail.

    remade: shown anew from kept text because settings or versions changed.
    bytes_read: of the files that were parsed; ocr_pages: pages of the index that were read by OCR.
    embedding_seconds: how long the embedder worked, partly beside the reading.
    unreadable: everything in quarantine now; new_failures: the paths that were not there before.
    doubtful: the pages whose text is not to be relied on. hidden: text that no reader of a page sees.
    fenced: passages that read like instructions to a machine.
    notes: what else a person should know. held: files that the gate did not let pass.
    metadata_changed: files that were there before and have other metadata now.
    isolation: the level at which it ran, "A" to "D". accepted_weak: below "B", as the user accepted.
    """

    pipeline: str
    generation: int
    added: int
    changed: int
    remade: int
    renamed: int
    removed: int
    unchanged: int
    files_read: int
    embedded: int
    documents: int
    chunks: int
    unreadable: tuple[Unreadable, ...]
    new_failures: tuple[str, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    bytes_read: int = 0
    ocr_pages: int = 0
    embedding_seconds: float = 0.0
    doubtful: tuple[DoubtfulPage, ...] = ()
    hidden: tuple[HiddenIn, ...] = ()
    fenced: tuple[FencedIn, ...] = ()
    gate: GateVerdict | None = None
    held: tuple[str, ...] = ()
    isolation: str = ""
    accepted_weak: bool = False
    metadata_changed: int = 0

    def figures(self) -> dict[str, object]:
        """What is remembered of a run: no file names and no text."""
        counts = {"unreadable": len(self.unreadable), "new_failures": len(self.new_failures)}
        figures = {name: getattr(self, name) for name in INGEST_FIGURES}
        return {**figures, **counts, **self._seconds()}

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            **{name: getattr(self, name) for name in INGEST_FIGURES},
            "notes": list(self.notes),
            "unreadable": [item.as_dict() for item in self.unreadable],
            "new_failures": list(self.new_failures),
            "doubtful": [page.as_dict() for page in self.doubtful],
            "hidden": [item.as_dict() for item in self.hidden],
            "fenced": [item.as_dict() for item in self.fenced],
            "gate": None if self.gate is None else self.gate.as_dict(),
            "held": list(self.held),
            **self._seconds(),
        }

    def _seconds(self) -> dict[str, object]:
        names = ("embedding_seconds", "seconds")
        return {name: round(getattr(self, name), 3) for name in names}


def isolation_of(figures: Mapping[str, object]) -> str:
    """How a run was shut off, from its figures: "A", or "D, accepted"; "" for runs of earlier versions."""
    accepted = ", accepted" if figures.get("accepted_weak") else ""
    return f"{figures.get('isolation') or ''}{accepted}"


INGEST_FIGURES = (
    "pipeline",
    "generation",
    "added",
    "changed",
    "remade",
    "renamed",
    "removed",
    "unchanged",
    "files_read",
    "bytes_read",
    "ocr_pages",
    "metadata_changed",
    "embedded",
    "documents",
    "chunks",
    "isolation",
    "accepted_weak",
)


@dataclass(frozen=True, slots=True)
class FileKind:
    """Files with one suffix (lower case, with its dot; empty for none): how many, and their bytes."""

    suffix: str
    files: int
    bytes: int

    def as_dict(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Seconds, least and most, that something will take.

    basis: "runs" this pipeline's earlier ones, "machine" what was measured of the embedder here,
    "nothing" if there is nothing to do. scanned: how many seconds come on top at most, if every page
    that may be a picture is one.
    """

    low: float
    high: float
    basis: Literal["runs", "machine", "nothing"]
    scanned: float = 0.0

    def as_dict(self) -> dict[str, object]:
        seconds = {name: round(getattr(self, name), 1) for name in ("low", "high", "scanned")}
        return {**seconds, "basis": self.basis}


@dataclass(frozen=True, slots=True)
class IngestPlan:
    """What an ingest would do, told from sizes and times alone.

    kinds: of the files that are new or changed. time: None while nothing was measured here.
    """

    pipeline: str
    new: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    kinds: tuple[FileKind, ...] = ()
    time: TimeRange | None = None

    def as_dict(self) -> dict[str, object]:
        return {
            "version": 1,
            "pipeline": self.pipeline,
            "new": list(self.new),
            "changed": list(self.changed),
            "removed": list(self.removed),
            "unchanged": self.unchanged,
            "kinds": [kind.as_dict() for kind in self.kinds],
            "seconds": self.time.as_dict() if self.time else None,
        }


@dataclass(frozen=True, slots=True)
class PipelineStatus:
    """What `status` shows. generation: 0 while nothing is published; isolation: level and reason.

    fenced: passages that read like instructions to a machine.
    held_back: the gate has not let the latest state pass. adapter: what was learned from the user.
    reranker: "" for none. notes: what a person should know of how it is searched.
    """

    pipeline: str
    description: str
    folders: tuple[str, ...]
    documents: int
    chunks: int
    generation: int
    published: str
    quarantined: int
    embedder: str
    generator: str
    isolation: str
    unreadable: tuple[Unreadable, ...] = ()
    fenced: tuple[FencedIn, ...] = ()
    held_back: bool = False
    adapter: AdapterStatus = NOTHING_LEARNED
    reranker: str = ""
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        others = ("folders", "unreadable", "fenced", "adapter", "notes")
        names = [name for name in self.__slots__ if name not in others]
        return {
            **{name: getattr(self, name) for name in names},
            "adapter": self.adapter.as_dict(),
            "folders": list(self.folders),
            "notes": list(self.notes),
            "unreadable": [item.as_dict() for item in self.unreadable],
            "fenced": [item.as_dict() for item in self.fenced],
        }


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One ingest as it is remembered: figures only, no text and no file names."""

    id: int
    started: str
    finished: str
    outcome: str
    figures: dict[str, object]

    def as_dict(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}
