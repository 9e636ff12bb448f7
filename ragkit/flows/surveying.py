"""Surveying: which files lie in the folders, and which of them an ingest has to look into."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path

from ragkit.config import Pipeline
from ragkit.errors import UsageFault
from ragkit.types import IngestPlan

LEFT_BEHIND = ("~$*", "Thumbs.db", "desktop.ini", "*.tmp", "*.part", "*.crdownload")
"""Files that programs leave beside documents; like hidden ones they are not documents."""

RACY_NS = 2_000_000_000
"""A file changed less than this before it was looked at may change again within its time stamp."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the corpus. `path` is relative and POSIX; with several folders the folder's name is first.

    stamp_ns: the time to remember it by; -1 (look again) if it is too fresh to be trusted.
    """

    path: str
    absolute: Path
    size: int
    mtime_ns: int
    stamp_ns: int

    @property
    def suffix(self) -> str:
        return self.absolute.suffix.lower()


@dataclass(frozen=True, slots=True)
class Refused:
    """Something in the folders that is not opened, with the reason."""

    path: str
    kind: str
    reason: str


@dataclass(slots=True)
class Survey:
    """All that lies in the folders. Below a path in `closed` nothing is known: it could not be listed."""

    files: list[SourceFile] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    def knows_absence_of(self, path: str) -> bool:
        """Whether a path that was not seen is truly gone, and not behind a door that did not open."""
        return not any(path == door or path.startswith(f"{door}/") for door in self.closed)


def survey(pipeline: Pipeline) -> Survey:
    """Walk the folders. Raises UsageFault if one of them is not there or cannot be listed at all.

    The settings file and the store are no documents, wherever they lie.
    """
    found = Survey()
    walk = _Walk(
        exclude=(*LEFT_BEHIND, *pipeline.settings.exclude),
        own=frozenset({pipeline.settings_file, pipeline.store.parent.resolve()}),
        found=found,
    )
    for folder in pipeline.folders:
        if not folder.is_dir():
            raise UsageFault(
                f"The folder {folder} is not there; nothing was changed.",
                hint="Check `folders` in pipelines.yaml, or that its disk is mounted.",
            )
        prefix = f"{folder.resolve().name}/" if len(pipeline.folders) > 1 else ""
        walk.folder(folder.resolve(), prefix)
    found.files.sort(key=lambda file: file.path)
    return found


@dataclass(frozen=True, slots=True)
class _Walk:
    """One walk over folders. own: files and folders of ragkit's own, absolute."""

    exclude: Sequence[str]
    own: frozenset[Path]
    found: Survey

    def folder(self, top: Path, prefix: str) -> None:
        """Iterative, since a recursion would end at a tree deeper than Python's stack."""
        waiting = [(top, prefix)]
        while waiting:
            here, above = waiting.pop()
            try:
                entries = list(os.scandir(here))
            except OSError as error:
                self._closed(here, above, error, is_top=here == top)
                continue
            for entry in entries:
                path = above + entry.name
                if self._left_out(entry, path.removeprefix(prefix)):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((Path(entry.path), f"{path}/"))
                else:
                    self._note(entry, path)

    def _closed(self, here: Path, above: str, error: OSError, *, is_top: bool) -> None:
        if is_top:
            raise UsageFault(f"The folder {here} cannot be read: {error.strerror}.") from None
        path = _shown(above.rstrip("/"))
        self.found.closed.append(path)
        reason = f"the folder cannot be listed: {error.strerror}"
        self.found.refused.append(Refused(path, "permission", reason))

    def _left_out(self, entry: os.DirEntry[str], path: str) -> bool:
        patterns = (fnmatch(entry.name, p) or fnmatch(path, p) for p in self.exclude)
        return entry.name.startswith(".") or any(patterns) or Path(entry.path) in self.own

    def _note(self, entry: os.DirEntry[str], path: str) -> None:
        problem = _problem(entry, path)
        if problem is not None:
            self.found.refused.append(Refused(_shown(path), *problem))
            return
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            return  # gone between listing and looking: as if it had never been there
        if not stat.S_ISREG(status.st_mode):
            self.found.refused.append(Refused(path, "special", "it is not a regular file"))
            return
        fresh = time.time_ns() - status.st_mtime_ns < RACY_NS
        stamp = -1 if fresh else status.st_mtime_ns
        self.found.files.append(
            SourceFile(path, Path(entry.path), status.st_size, status.st_mtime_ns, stamp)
        )


def _problem(entry: os.DirEntry[str], path: str) -> tuple[str, str] | None:
    """(kind, reason) why a name is refused; None if it is a file's that can be opened."""
    if _shown(path) != path:
        return "name", "its name is not valid UTF-8: rename it"
    if "::" in path:
        return (
            "name",
            'its name holds "::", which stands between a mail and its attachment: rename it',
        )
    if entry.is_symlink():
        return "link", "it is a symbolic link, which is not followed"
    return None


def plan(pipeline: Pipeline, known: Mapping[str, tuple[int, int]]) -> IngestPlan:
    """What an ingest would look into.

    known: path -> (size, mtime_ns) of all that was read or is in quarantine.
    """
    found = survey(pipeline)
    seen = {file.path: (file.size, file.mtime_ns) for file in found.files}
    new = tuple(path for path in seen if path not in known)
    changed = tuple(path for path in seen if path in known and known[path] != seen[path])
    refused = {item.path for item in found.refused}
    gone = set(known) - set(seen) - refused
    removed = tuple(sorted(path for path in gone if found.knows_absence_of(path)))
    return IngestPlan(pipeline.name, new, changed, removed, len(seen) - len(new) - len(changed))


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal. Raises OSError."""
    digest = sha256()
    with path.open("rb") as file:
        for block in _blocks(file.fileno()):
            digest.update(block)
    return digest.hexdigest()


def _blocks(descriptor: int) -> Iterator[bytes]:
    while block := os.read(descriptor, 1 << 20):
        yield block


def _shown(path: str) -> str:
    """The path as text: bytes of a name that are not UTF-8 are shown by their codes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
