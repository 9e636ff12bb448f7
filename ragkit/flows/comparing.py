"""Comparing files with what was published: whether their bytes are what they were."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ragkit.catalog import Reader
from ragkit.config import Pipeline
from ragkit.errors import UsageFault
from ragkit.files import digest_of
from ragkit.flows.before import Before
from ragkit.flows.surveying import SourceFile, Survey, prefix_of


@dataclass(frozen=True, slots=True)
class Compared:
    """A file beside its published state.

    digest: its SHA-256, "" if it could not be opened. as_before: only its time has changed.
    fault: kind and reason if it could not be opened.
    """

    digest: str
    as_before: bool = False
    fault: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Compares files with `before`, the state that an ingest found. anew: files to read in any case.

    reader_of: suffix -> what reads it now. published: the catalog, asked for one path at a time.
    """

    before: Before
    anew: frozenset[str]
    reader_of: Callable[[str], str]
    published: Reader

    def of(self, file: SourceFile) -> Compared:
        """Reads the file once, unless its size and time say that it is as it was."""
        stamp = self.before.known.get(file.path)
        if stamp and stamp[:2] == (file.size, file.mtime_ns):
            return Compared(self.published_digest(file.path))
        try:
            digest = digest_of(Path(file.absolute))
        except FileNotFoundError:
            return Compared("", fault=("gone", "it is gone"))
        except OSError as error:
            return Compared("", fault=("permission", f"it cannot be opened: {error.strerror}"))
        return Compared(digest, as_before=self._is_as_before(file, digest))

    def _is_as_before(self, file: SourceFile, digest: str) -> bool:
        if file.path in self.anew or (self.before.remade and file.path not in self.before.failed):
            return False
        reader = self.reader_of(file.suffix)
        failed = self.before.failed.get(file.path)
        if failed is not None:
            return (failed.sha256, failed.reader) == (digest, reader)
        stamp = self.before.known.get(file.path)
        if stamp is None or stamp[2] != reader:
            return False
        return self.published_digest(file.path) == digest

    def published_digest(self, path: str) -> str:
        """The SHA-256 of a file as it is published at this moment; "" if it is not."""
        entry = self.published.document(path)
        return entry.sha256 if entry else ""

    def how_it_differs(self, path: str, digest: str) -> Literal["added", "changed", "remade"]:
        """ "remade" if the bytes are as they were."""
        if path not in self.before.known:
            return "added"
        return "remade" if self.published_digest(path) == digest else "changed"


def refuse_empty(pipeline: Pipeline, before: Before, found: Survey) -> None:
    """A folder in which nothing lies is more likely a disk that is not mounted than a wish.

    Raises UsageFault if nothing was found, or nothing in a folder that had files before.
    """
    there = found.unchanged | {file.path for file in found.files}
    empty: list[Path] = []
    for folder in pipeline.folders:
        prefix = prefix_of(pipeline, folder)
        if not there or (_any_in(prefix, before.known) and not _any_in(prefix, there)):
            empty.append(folder)
    if empty:
        raise UsageFault(
            f"There are no documents in {', '.join(map(str, empty))}; nothing was changed.",
            hint="Put some there, or check the folder; if all were deleted on purpose: "
            "--allow-empty",
        )


def _any_in(prefix: str, paths: Iterable[str]) -> bool:
    return any(path.startswith(prefix) for path in paths)
