"""Surveying: which files lie in the folders, and which of them an ingest has to look into."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import NamedTuple

from ragkit.config import Pipeline
from ragkit.errors import UsageFault
from ragkit.files import LEFT_BEHIND
from ragkit.metadata.sidecars import is_sidecar

RACY_NS = 2_000_000_000
"""A file changed less than this before it was looked at may change again within its time stamp."""


Settled = Mapping[str, tuple[int, int]]
"""path -> (size, mtime_ns) of files that need not be looked into while both are the same."""


class SourceFile(NamedTuple):
    """A file of the corpus. `path` is relative and POSIX; with several folders the folder's name is first.

    stamp_ns: the time to remember it by; -1 (look again) if it is too fresh to be trusted.
    suffix: lower case, with its dot.
    """

    path: str
    absolute: str
    size: int
    mtime_ns: int
    stamp_ns: int
    suffix: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Something in the folders that is not opened, with the reason."""

    path: str
    kind: str
    reason: str


@dataclass(slots=True)
class Survey:
    """All that lies in the folders: `files` to look into, and the paths of those that are as they were.

    sidecars: files that hold metadata of documents and are none themselves. Below a path in `closed`
    nothing is known: it could not be listed.
    """

    files: list[SourceFile] = field(default_factory=list)
    unchanged: set[str] = field(default_factory=set)
    refused: list[Refused] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    sidecars: list[SourceFile] = field(default_factory=list)

    def seen(self) -> set[str]:
        """Every path at which something lies."""
        there = {file.path for file in self.files} | {item.path for item in self.refused}
        return there | self.unchanged

    def knows_absence_of(self, path: str) -> bool:
        """Whether a path that was not seen is truly gone, and not behind a door that did not open."""
        return not any(path == door or path.startswith(f"{door}/") for door in self.closed)


def survey(pipeline: Pipeline, settled: Settled = MappingProxyType({})) -> Survey:
    """Walk the folders. Raises UsageFault if one of them is not there or cannot be listed at all.

    The settings file, the store, and the files of passwords and of the gate's questions are no
    documents, wherever they lie.
    """
    found = Survey()
    walk = _Walk(
        left_out=_Patterns(pipeline.settings.exclude),
        own=_own(pipeline),
        settled=settled,
        found=found,
        sidecars=pipeline.settings.metadata.sidecars == "on",
    )
    for folder in pipeline.folders:
        if not folder.is_dir():
            raise UsageFault(
                f"The folder {folder} is not there; nothing was changed.",
                hint="Check `folders` in pipelines.yaml, or that its disk is mounted.",
            )
        walk.folder(folder.resolve(), prefix_of(pipeline, folder))
    found.files.sort()
    found.sidecars.sort()
    return found


def _own(pipeline: Pipeline) -> frozenset[str]:
    own = {str(pipeline.settings_file), str(pipeline.store.parent.resolve())}
    for path in (pipeline.passwords_file, pipeline.gate_file):
        if path is not None:
            own |= {str(path), str(path.resolve())}
    return frozenset(own)


def prefix_of(pipeline: Pipeline, folder: Path) -> str:
    """What the paths of a folder's documents begin with: its name, where there are several."""
    return f"{folder.resolve().name}/" if len(pipeline.folders) > 1 else ""


class _Patterns:
    """Names that are no documents'. One regular expression: it is asked about every file."""

    def __init__(self, exclude: Sequence[str]) -> None:
        self._names = _any_of((*LEFT_BEHIND, *exclude))
        self._paths = _any_of(exclude) if exclude else None

    def match(self, name: str, path: str) -> bool:
        """Whether an entry is hidden, left behind by a program, or excluded by name or path."""
        return bool(
            name[0] == "."
            or self._names.match(name)
            or (self._paths is not None and self._paths.match(path))
        )


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)))


@dataclass(frozen=True, slots=True)
class _Walk:
    """One walk over folders. own: files and folders of ragkit's own, absolute. sidecars: whether files
    with the names of such hold metadata."""

    left_out: _Patterns
    own: frozenset[str]
    settled: Settled
    found: Survey
    sidecars: bool

    def folder(self, top: Path, prefix: str) -> None:
        """Iterative, since a recursion would end at a tree deeper than Python's stack."""
        waiting = [(str(top), prefix)]
        while waiting:
            here, above = waiting.pop()
            try:
                entries = list(os.scandir(here))
            except OSError as error:
                self._closed(here, above, error, is_top=here == str(top))
                continue
            now = time.time_ns()
            for entry in entries:
                path = above + entry.name
                if self.left_out.match(entry.name, path.removeprefix(prefix)):
                    continue
                if entry.path in self.own:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, f"{path}/"))
                else:
                    self._note(entry, path, now)

    def _closed(self, here: str, above: str, error: OSError, *, is_top: bool) -> None:
        if is_top:
            raise UsageFault(f"The folder {here} cannot be read: {error.strerror}.") from None
        path = _shown(above.rstrip("/"))
        self.found.closed.append(path)
        reason = f"the folder cannot be listed: {error.strerror}"
        self.found.refused.append(Refused(path, "permission", reason))

    def _note(self, entry: os.DirEntry[str], path: str, now: int) -> None:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            return  # gone between listing and looking: as if it had never been there
        changed = status.st_mtime_ns
        is_file = stat.S_ISREG(status.st_mode)
        holds_metadata = self.sidecars and is_sidecar(entry.name)
        if is_file and not holds_metadata and self.settled.get(path) == (status.st_size, changed):
            self.found.unchanged.add(path)
            return
        problem = _problem(entry, path, is_file)
        if problem is not None:
            self.found.refused.append(Refused(_shown(path), *problem))
            return
        stamp = -1 if now - changed < RACY_NS else changed
        suffix = PurePath(entry.name).suffix.lower()
        file = SourceFile(path, entry.path, status.st_size, changed, stamp, suffix)
        (self.found.sidecars if holds_metadata else self.found.files).append(file)


def _problem(entry: os.DirEntry[str], path: str, is_file: bool) -> tuple[str, str] | None:
    """(kind, reason) why something is refused; None if it is a file that can be opened."""
    if _shown(path) != path:
        return "name", "its name is not valid UTF-8: rename it"
    if "::" in path:
        return (
            "name",
            'its name holds "::", which stands between a mail and its attachment: rename it',
        )
    if entry.is_symlink():
        return "link", "it is a symbolic link, which is not followed"
    return None if is_file else ("special", "it is not a regular file")


def _shown(path: str) -> str:
    """The path as text: bytes of a name that are not UTF-8 are shown by their codes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
