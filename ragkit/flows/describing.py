"""The metadata of documents, as an ingest finds it in files beside them and in their paths.

The files are read only when one of them, or the list of documents, has changed, or when a document is
shown anew; a folder in which nothing changed costs the look at its files' times.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path

from ragkit.catalog import Reader
from ragkit.catalog.scoping import MetadataChanges, Pairs
from ragkit.config import Pipeline
from ragkit.flows.surveying import Survey
from ragkit.metadata.book import Book
from ragkit.metadata.sidecars import read_sidecar
from ragkit.metadata.values import Metadata, pairs

STAMP = "metadata"
"""In the catalog's state: what the metadata were made of, "" for nothing or while that may change."""


class Describing:
    """Answers what metadata each document has, and which have others than before.

    reader: the state that was published when the ingest began; asked before anything is published.
    """

    def __init__(self, pipeline: Pipeline, found: Survey, reader: Reader) -> None:
        self._patterns = pipeline.settings.metadata.path
        self._sidecars = found.sidecars
        self._documents = found.seen()
        self._knows = found.knows_absence_of
        self._reader = reader
        self._stamped = reader.state(STAMP)
        self._now = self._stamp()
        self._before = reader.scopes.pairs() if self._is_needed(found) else {}

    def changes(self) -> MetadataChanges | None:
        """What is to be written for the documents that are published; None if nothing is."""
        if self._now == self._stamped and not self._is_fresh:
            return None
        wanted = {path: self.of(path) for path in self._still_published()}
        changed = {
            path: found for path, found in wanted.items() if found != self._before.get(path, ())
        }
        known = {item.document: item.reason for item in self._reader.scopes.faults()}
        faults = self._book.faults
        return MetadataChanges(changed, faults) if changed or known != faults else None

    def of(self, path: str) -> Pairs:
        """The metadata of a document; `path` as ragkit shows it, of an attachment too."""
        if not (self._sidecars or self._patterns):
            return ()
        if not self._knows(path):  # its folder cannot be listed today
            return self._before.get(path, ())
        return tuple(pairs(self._book.of(path)))

    def notes(self) -> list[str]:
        """For the report: where two files contradict each other."""
        return list(self._book.notes) if "_book" in vars(self) else []

    def stamp(self) -> dict[str, str]:
        """For the catalog's state; files that contradict each other are told of every time."""
        return {STAMP: "" if self._is_fresh or self.notes() else self._now}

    @cached_property
    def _book(self) -> Book:
        said = {file.path: read_sidecar(Path(file.absolute)) for file in self._sidecars}
        return Book.made_of(said, self._documents, self._patterns, self._before_of)

    def _before_of(self, path: str) -> Metadata | None:
        given = self._before.get(path)
        if given is None:
            return None
        found: dict[str, tuple[str, ...]] = {}
        for key, value in given:
            found[key] = (*found.get(key, ()), value)
        return found

    def _is_needed(self, found: Survey) -> bool:
        """Whether it matters what documents had: some are shown anew, or others may have it now."""
        is_used = bool(self._sidecars or self._patterns)
        return self._now != self._stamped or self._is_fresh or (is_used and bool(found.files))

    def _still_published(self) -> list[str]:
        """Attachments too, without those whose file is gone."""
        paths = (document.path for document in self._reader.scopes.documents())
        return [path for path in paths if self._is_there(path.partition("::")[0])]

    def _is_there(self, file: str) -> bool:
        return file in self._documents or not self._knows(file)

    @property
    def _is_fresh(self) -> bool:
        """Whether a file may change again within its time stamp."""
        return any(file.stamp_ns < 0 for file in self._sidecars)

    def _stamp(self) -> str:
        if not (self._sidecars or self._patterns):
            return ""
        digest = hashlib.sha256(repr(self._patterns).encode())
        for file in self._sidecars:
            digest.update(repr((file.path, file.size, file.mtime_ns)).encode())
        for path in sorted(self._documents):
            digest.update(f"{path}\n".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()
