"""Digests remembered by stamp, so that a model of gigabytes is hashed once a day and not at every start."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ragkit.errors import StorageFault
from ragkit.files import PRIVATE, make_private
from ragkit.models.files import Progress, Stamp, read_json, sha256_of, stamp_of, write_json

MEMORY_FOLDER = ".prepared"
"""In the models folder: what sealed commands may write. Models themselves they can only read."""
_TRUSTED = timedelta(days=1)
"""So long an unchanged stamp stands for unchanged bytes: a disk that decays leaves no trace in it."""


class DigestMemory:
    """Digests of files, kept in a JSON file that only its owner can read.

    A digest counts for a day, as long as its file's stamp is unchanged. The first digest of a file
    is kept beside the last. Several processes may learn at once: what one saves is added to what the
    others did, and the digest that was saved first stays the first.
    """

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        self._entries = _entries(memory)
        self._learnt: set[str] = set()
        self._forgotten: set[str] = set()

    def digest(self, key: str, path: Path, progress: Progress, *, fresh: bool = False) -> str:
        """The sha256 of `path`; `fresh` computes it whatever is remembered."""
        stamp = stamp_of(path)
        entry = self._entries.get(key)
        if not fresh and isinstance(entry, dict) and _counts(entry, stamp):
            return str(entry.get("sha256"))
        digest = sha256_of(path, progress, f"checking {path.name}")
        self.remember(key, digest, stamp)
        return digest

    def remember(self, key: str, digest: str, stamp: Stamp) -> None:
        """Note the digest of a file that had this stamp before it was read."""
        now = _now().isoformat(timespec="seconds")
        entry = {"sha256": digest, "stamp": list(stamp), "when": now}
        self._entries[key] = {**entry, "first": self.first(key) or [digest, now]}
        self._learnt.add(key)

    def first(self, key: str) -> list[str] | None:
        """The digest that the file had at first, and when that was; None if it is not known."""
        return _first(self._entries.get(key, {}))

    def forget(self, keys: Iterable[str]) -> None:
        """As if these files had never been seen."""
        for key in keys:
            self._forgotten.add(key)
            self._learnt.discard(key)
            self._entries.pop(key, None)

    def known(self) -> tuple[str, ...]:
        """The files that were seen."""
        return tuple(self._entries)

    def oldest(self, keys: Iterable[str]) -> datetime | None:
        """When all these files had been hashed; None if one never was."""
        times = [str(self._entries.get(key, {}).get("when", "")) for key in keys]
        if not all(times):
            return None
        return datetime.fromisoformat(min(times))

    def save(self) -> None:
        """Write what was learnt. Where the folder cannot be written it is only computed again."""
        with suppress(OSError):
            self._save()

    def save_first(self, model: Path, hint: str) -> None:
        """Write the first digests of a model, which nothing else holds: unsaved, the next use would be
        a first one again, whatever the bytes. Raises StorageFault.
        """
        try:
            self._save()
        except OSError as error:
            raise StorageFault(
                f"The digests of {model} cannot be noted in {self._memory.parent} "
                f"({error.strerror or type(error).__name__}), so a change of it would not be seen.",
                hint=hint,
            ) from error

    def _save(self) -> None:
        if not self._learnt and not self._forgotten:
            return
        with _alone_with(self._memory):
            self._entries = self._added_to(_entries(self._memory))
            write_json(self._memory, {"version": 1, "files": self._entries})
            self._learnt, self._forgotten = set(), set()

    def _added_to(self, saved: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """What others saved, without what was forgotten here, and with what was learnt."""
        kept = {key: entry for key, entry in saved.items() if key not in self._forgotten}
        for key in self._learnt:
            entry = self._entries[key]
            kept[key] = {**entry, "first": _first(kept.get(key, {})) or entry["first"]}
        return kept


def memory_of(root: Path, name: str) -> Path:
    """Where the digests of that model are remembered."""
    return root / MEMORY_FOLDER / "checked" / f"{name}.json"


def _entries(memory: Path) -> dict[str, dict[str, Any]]:
    entries = read_json(memory).get("files")
    return entries if isinstance(entries, dict) else {}


def _first(entry: dict[str, Any]) -> list[str] | None:
    found = entry.get("first") or [entry.get("sha256"), entry.get("when")]
    return [str(found[0]), str(found[1])] if all(found) else None


@contextmanager
def _alone_with(memory: Path) -> Iterator[None]:
    """Nobody else reads and saves meanwhile; freed by the kernel. Raises OSError."""
    make_private(memory.parent)
    descriptor = os.open(
        memory.with_name(f".{memory.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE
    )
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _counts(entry: dict[str, Any], stamp: Stamp) -> bool:
    try:
        age = _now() - datetime.fromisoformat(str(entry.get("when")))
        return entry.get("stamp") == list(stamp) and timedelta(0) <= age < _TRUSTED
    except (ValueError, TypeError):  # not a time, or one without a zone
        return False


def _now() -> datetime:
    return datetime.now(UTC)
