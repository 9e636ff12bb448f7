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
    """A file of the corpus. `path` is relative and POSIX; with several folders the folder's name is first."""

    path: str
    absolute: Path
    size: int
    mtime_ns: int

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


def survey(folders: Sequence[Path], exclude: Sequence[str]) -> Survey:
    """Walk the folders. Raises UsageFault if one of them is not there or cannot be listed at all."""
    found = Survey()
    for folder in folders:
        if not folder.is_dir():
            raise UsageFault(
                f"The folder {folder} is not there; nothing was changed.",
                hint="Check `folders` in pipelines.yaml, or that its disk is mounted.",
            )
        prefix = f"{folder.resolve().name}/" if len(folders) > 1 else ""
        _walk(folder, prefix, (*LEFT_BEHIND, *exclude), found)
    found.files.sort(key=lambda file: file.path)
    return found


def _walk(folder: Path, prefix: str, exclude: Sequence[str], found: Survey) -> None:
    """Iterative, since a recursion would end at a tree deeper than Python's stack."""
    waiting = [(folder, prefix)]
    while waiting:
        here, above = waiting.pop()
        try:
            entries = list(os.scandir(here))
        except OSError as error:
            if above == prefix:
                raise UsageFault(f"The folder {here} cannot be read: {error.strerror}.") from None
            found.closed.append(above.rstrip("/"))
            found.refused.append(Refused(above.rstrip("/"), "permission", _closed(error)))
            continue
        for entry in entries:
            path = above + entry.name
            if _left_out(entry.name, path.removeprefix(prefix), exclude):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append((Path(entry.path), f"{path}/"))
            else:
                _note(entry, path, found)


def _left_out(name: str, path: str, exclude: Sequence[str]) -> bool:
    return name.startswith(".") or any(
        fnmatch(name, pattern) or fnmatch(path, pattern) for pattern in exclude
    )


def _note(entry: os.DirEntry[str], path: str, found: Survey) -> None:
    if not _is_utf8(path):
        shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        found.refused.append(Refused(shown, "name", "its name is not valid UTF-8: rename it"))
        return
    if entry.is_symlink():
        found.refused.append(Refused(path, "link", "it is a symbolic link, which is not followed"))
        return
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return  # gone between listing and looking: as if it had never been there
    if not stat.S_ISREG(status.st_mode):
        found.refused.append(Refused(path, "special", "it is not a regular file"))
        return
    found.files.append(SourceFile(path, Path(entry.path), status.st_size, status.st_mtime_ns))


def plan(pipeline: Pipeline, known: Mapping[str, tuple[int, int]]) -> IngestPlan:
    """What an ingest would look into.

    known: path -> (size, mtime_ns) of all that was read or is in quarantine.
    """
    found = survey(pipeline.folders, pipeline.settings.exclude)
    seen = {file.path: (file.size, file.mtime_ns) for file in found.files}
    new = tuple(path for path in seen if path not in known)
    changed = tuple(path for path in seen if path in known and known[path] != seen[path])
    refused = {item.path for item in found.refused}
    gone = set(known) - set(seen) - refused
    removed = tuple(sorted(path for path in gone if found.knows_absence_of(path)))
    return IngestPlan(pipeline.name, new, changed, removed, len(seen) - len(new) - len(changed))


def stable_mtime(file: SourceFile) -> int:
    """The time to remember for a file: -1 (look again next time) if it is too fresh to be trusted."""
    return file.mtime_ns if time.time_ns() - file.mtime_ns > RACY_NS else -1


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


def _is_utf8(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _closed(error: OSError) -> str:
    return f"the folder cannot be listed: {error.strerror}"
