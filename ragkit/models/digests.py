"""Digests remembered by stamp, so that a model of gigabytes is hashed once and not at every start."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ragkit.models.files import Progress, Stamp, read_json, sha256_of, stamp_of, write_json


class DigestMemory:
    """Digests of files, kept in a JSON file. A digest counts as long as its file's stamp is unchanged."""

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        entries = read_json(memory).get("files")
        self._entries: dict[str, dict[str, object]] = entries if isinstance(entries, dict) else {}
        self._changed = False

    def digest(self, key: str, path: Path, progress: Progress, *, fresh: bool = False) -> str:
        """The sha256 of `path`; `fresh` computes it whatever is remembered."""
        stamp = stamp_of(path)
        entry = self._entries.get(key)
        if not fresh and isinstance(entry, dict) and entry.get("stamp") == list(stamp):
            return str(entry.get("sha256"))
        digest = sha256_of(path, progress, f"checking {path.name}")
        self.remember(key, digest, stamp)
        return digest

    def remember(self, key: str, digest: str, stamp: Stamp) -> None:
        """Note the digest of a file that had this stamp before it was read."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._entries[key] = {"sha256": digest, "stamp": list(stamp), "when": now}
        self._changed = True

    def oldest(self, keys: Iterable[str]) -> datetime | None:
        """When all these files had been hashed; None if one never was."""
        times = [str(self._entries.get(key, {}).get("when", "")) for key in keys]
        if not all(times):
            return None
        return datetime.fromisoformat(min(times))

    def save(self) -> None:
        """Write what was learnt. Where the folder cannot be written it is only computed again."""
        if self._changed:
            with suppress(OSError):
                write_json(self._memory, {"version": 1, "files": self._entries})
