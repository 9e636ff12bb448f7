"""Nights: what has happened to the documents since the report before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ragkit.types.runs import DoubtfulPage, FencedIn, GateVerdict, HiddenIn


@dataclass(frozen=True, slots=True)
class Failure:
    """A document, or pages of it, that could not be read, and since when (UTC, ISO 8601).

    new: no nightly report has named it yet.
    """

    document: str
    reason: str
    since: str
    new: bool

    def as_dict(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class DocumentChanges:
    """Paths of files that came, changed, moved (from, to) or went, or have other metadata."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    metadata_changed: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        return {
            "added": list(self.added),
            "changed": list(self.changed),
            "renamed": [list(pair) for pair in self.renamed],
            "removed": list(self.removed),
            "metadata_changed": list(self.metadata_changed),
        }


NOT_FINISHED, LEFT_OUT = "not finished", "left out"


@dataclass(frozen=True, slots=True)
class StepReport:
    """What one step after the ingest came to. It names no document, only counts them.

    name: "summarize" or "sweep". output: absolute path of the folder or file. outcome: "done", "failed"
    (`error` is the fault as RagkitError.as_dict() gives it), NOT_FINISHED (it goes on, or the night
    was ended: the next one goes on) or LEFT_OUT (nothing was ingested). entry: absolute path of what
    to open first, "" for nothing. made, reused: summaries, or rows of a sweep, made now and before;
    removed: summaries of documents that are gone. unreadable: documents of which something could not
    be read, or rows. counts: of a sweep, for each question by its id the rows of each verdict.
    """

    name: str
    output: str
    outcome: str = NOT_FINISHED
    entry: str = ""
    documents: int = 0
    made: int = 0
    reused: int = 0
    removed: int = 0
    unreadable: int = 0
    counts: tuple[VerdictCount, ...] = ()
    seconds: float = 0.0
    error: dict[str, object] | None = None

    def as_dict(self) -> dict[str, object]:
        plain = {name: getattr(self, name) for name in self.__slots__}
        return {**plain, "counts": [asdict(count) for count in self.counts]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> StepReport:
        """What `as_dict` gave."""
        counts = tuple(VerdictCount(**count) for count in data["counts"])
        return cls(**{**data, "counts": counts})


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """Rows of one question by verdict. id: of the question, whose words may name a person."""

    id: str
    yes: int
    no: int
    unclear: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class NightlyReport:
    """What a person reads in the morning about one pipeline.

    run: the ingest's number, 0 if it could not begin. started, finished: UTC, ISO 8601; the end is that
    of the last step after the ingest that was done, or failed, so far. outcome: "done", "held back" (by
    the quality gate: what is new is not shown yet) or "failed"; then `error` is the fault as
    RagkitError.as_dict() gives it. changes: everything since the report before, runs that were
    killed and runs by hand included. failures: all that cannot be read now. gate: None if the
    pipeline has none, or nothing was to be published. held: files that it did not let pass.
    after_ingest: what came of the steps in the settings, in their order.
    figures: those of IngestReport. rates: "files_per_second", "megabytes_per_second",
    "chunks_per_second"; what did not happen has no rate.
    """

    pipeline: str
    run: int
    started: str
    finished: str
    outcome: str
    generation: int
    changes: DocumentChanges
    failures: tuple[Failure, ...]
    doubtful: tuple[DoubtfulPage, ...]
    figures: dict[str, object]
    rates: dict[str, float]
    notes: tuple[str, ...] = ()
    error: dict[str, object] | None = None
    hidden: tuple[HiddenIn, ...] = ()
    fenced: tuple[FencedIn, ...] = ()
    gate: GateVerdict | None = None
    held: tuple[str, ...] = ()
    after_ingest: tuple[StepReport, ...] = ()

    @property
    def has_new_failures(self) -> bool:
        return any(failure.new for failure in self.failures)

    @property
    def failed_steps(self) -> tuple[StepReport, ...]:
        return tuple(step for step in self.after_ingest if step.error is not None)

    @property
    def unfinished_steps(self) -> tuple[StepReport, ...]:
        return tuple(step for step in self.after_ingest if step.outcome == NOT_FINISHED)

    def as_dict(self) -> dict[str, object]:
        plain = ("pipeline", "run", "started", "finished", "outcome", "generation")
        return {
            "version": 1,
            **{name: getattr(self, name) for name in plain},
            **self.changes.as_dict(),
            "failures": [failure.as_dict() for failure in self.failures],
            "doubtful": [page.as_dict() for page in self.doubtful],
            "hidden": [item.as_dict() for item in self.hidden],
            "fenced": [item.as_dict() for item in self.fenced],
            "gate": None if self.gate is None else self.gate.as_dict(),
            "held": list(self.held),
            "after_ingest": [step.as_dict() for step in self.after_ingest],
            "figures": self.figures,
            "rates": self.rates,
            "notes": list(self.notes),
            "error": self.error,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> NightlyReport:
        """What `as_dict` gave, as it is kept in the catalog and in the files."""
        plain = ("pipeline", "run", "started", "finished", "outcome", "generation")
        return cls(
            **{name: data[name] for name in plain},
            changes=DocumentChanges(
                added=tuple(data["added"]),
                changed=tuple(data["changed"]),
                renamed=tuple((old, new) for old, new in data["renamed"]),
                removed=tuple(data["removed"]),
                metadata_changed=tuple(data.get("metadata_changed", ())),
            ),
            failures=tuple(Failure(**failure) for failure in data["failures"]),
            doubtful=tuple(DoubtfulPage(**page) for page in data["doubtful"]),
            hidden=tuple(HiddenIn(**item) for item in data.get("hidden", ())),
            fenced=tuple(map(FencedIn.from_dict, data.get("fenced", ()))),
            gate=GateVerdict.from_dict(data["gate"]) if data.get("gate") else None,
            held=tuple(data.get("held", ())),
            after_ingest=tuple(map(StepReport.from_dict, data.get("after_ingest", ()))),
            figures=data["figures"],
            rates=data["rates"],
            notes=tuple(data["notes"]),
            error=data["error"],
        )


def rates_of(figures: Mapping[str, Any]) -> dict[str, float]:
    """How fast a run was, from its figures; what did not happen has no rate.

    Files and megabytes are counted over the whole run, chunks over the time the embedder worked.
    """
    pairs = {
        "files_per_second": ("files_read", 1, "seconds"),
        "megabytes_per_second": ("bytes_read", 1_000_000, "seconds"),
        "chunks_per_second": ("embedded", 1, "embedding_seconds"),
    }
    return {
        name: round(figures[count] / unit / figures[seconds], 3)
        for name, (count, unit, seconds) in pairs.items()
        if figures.get(count) and figures.get(seconds)
    }
