"""Erasure: what a purge took away, what was looked through afterwards, and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

HIDDEN_NAME = "(a name that was to be erased)"
"""Shown in place of the path of a file that bears one."""

CLEAN, NOT_CLEAN, NOT_SOUGHT = "clean", "not clean", "text not looked for"
"""Outcomes of a purge."""


@dataclass(frozen=True, slots=True)
class ErasedDocument:
    """A document by digests: a certificate names none, so that it can be filed.

    sha256: of the file's bytes, "" where it is not known any more. path_sha256: of its path in UTF-8.
    shared: whether another document, which stays, has the very same bytes: these then stay too.
    is_text_sought: False where its text had left the index before, so that only its name could be
    looked for. earlier: SHA-256 of former states of the file, those that are still known.
    """

    sha256: str
    path_sha256: str
    shared: bool = False
    is_text_sought: bool = True
    earlier: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        return {
            "sha256": self.sha256,
            "path_sha256": self.path_sha256,
            "shared": self.shared,
            "text_looked_for": self.is_text_sought,
            "earlier": list(self.earlier),
        }


@dataclass(frozen=True, slots=True)
class ErasedFrom:
    """How much was erased from one holding; `unit` is "rows", "files" or "vectors"."""

    holding: str
    count: int
    unit: str

    def as_dict(self) -> dict[str, object]:
        return {"holding": self.holding, "count": self.count, "unit": self.unit}


@dataclass(frozen=True, slots=True)
class Holding:
    """A place below the store, from the registry of holdings: what of documents it holds and how that
    is purged. count: tables: rows that went; files: those that were looked through. unit: "rows went"
    or "files"."""

    name: str
    holds: str
    purged: str
    count: int
    unit: str

    def as_dict(self) -> dict[str, object]:
        return {
            "name": self.name,
            "holds": self.holds,
            "purged": self.purged,
            "count": self.count,
            "unit": self.unit,
        }


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A file as it was scanned. `path` is relative to the data folder, POSIX."""

    path: str
    size: int
    sha256: str

    def as_dict(self) -> dict[str, object]:
        return {"path": self.path, "size": self.size, "sha256": self.sha256}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something of an erased document that is still there: in which file, in which form, how often.

    The text itself is never shown. offset: of the first place, in bytes.
    """

    path: str
    encoding: str
    count: int
    offset: int

    def as_dict(self) -> dict[str, object]:
        return {
            "path": self.path,
            "encoding": self.encoding,
            "count": self.count,
            "offset": self.offset,
        }


@dataclass(frozen=True, slots=True)
class Scan:
    """A byte scan. needles: how many there were in each encoding. unread: files that could not be read."""

    files: tuple[ScannedFile, ...]
    needles: Mapping[str, int]
    findings: tuple[Finding, ...]
    unread: tuple[str, ...]
    seconds: float

    @property
    def is_clean(self) -> bool:
        return not self.findings and not self.unread

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class Exports:
    """Files and folders that ragkit wrote elsewhere, by the ledger and by the reports of nights.

    sure: they show what was erased. possible: they show something that is known no more, or are of a step
    after an ingest that the settings have no more. unknown: why there may be others, "" if there are none.
    outputs: of these and of others what steps in the settings have written, and is there: the next night
    writes it anew, without what was erased.
    """

    sure: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    unknown: str = ""
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a purge did, for the person who must be able to show it.

    resumed: an earlier purge of the same documents was interrupted, found something, or could not
    hand over its certificate. also_erased: contents of files that no generation
    showed (held back, or of an ingest that was killed): they go with every purge. holdings: every
    place there is, of the registry. undeclared: files below the store that it does not know.
    exports: files written elsewhere by ragkit: not reached. elsewhere: other pipelines of the settings
    file that have a document with the same bytes, or that could not be asked. steps: seconds by step.
    """

    pipeline: str
    finished: str
    versions: Mapping[str, str]
    generation_before: int
    generation_after: int
    documents: tuple[ErasedDocument, ...]
    erased: tuple[ErasedFrom, ...]
    also_erased: int
    holdings: tuple[Holding, ...]
    undeclared: tuple[str, ...]
    scan: Scan
    exports: Exports
    not_reached: tuple[str, ...]
    resumed: bool
    still_there: bool
    steps: Mapping[str, float]
    elsewhere: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether everything was looked for and nothing was found."""
        return self.outcome == CLEAN

    @property
    def outcome(self) -> str:
        if not self.scan.is_clean:
            return NOT_CLEAN
        return CLEAN if all(each.is_text_sought for each in self.documents) else NOT_SOUGHT

    def as_dict(self) -> dict[str, object]:
        scan = self.scan
        return {
            "version": 1,
            "pipeline": self.pipeline,
            "finished": self.finished,
            "versions": dict(self.versions),
            "generation": {"before": self.generation_before, "after": self.generation_after},
            "documents": [document.as_dict() for document in self.documents],
            "erased": [item.as_dict() for item in self.erased],
            "also_erased": self.also_erased,
            "holdings": [holding.as_dict() for holding in self.holdings],
            "undeclared": list(self.undeclared),
            "outcome": self.outcome,
            "clean": self.is_clean,
            "findings": [finding.as_dict() for finding in scan.findings],
            "unread": list(scan.unread),
            "scanned": [file.as_dict() for file in scan.files],
            "needles": dict(scan.needles),
            "exported": list(self.exports.sure),
            "maybe_exported": list(self.exports.possible),
            "exports_unknown": self.exports.unknown,
            "outputs": list(self.exports.outputs),
            "elsewhere": list(self.elsewhere),
            "not_reached": list(self.not_reached),
            "resumed": self.resumed,
            "still_there": self.still_there,
            "seconds": {**dict(self.steps), "scan": round(scan.seconds, 3)},
        }
