"""Where the turns of a conversation are written to, if anybody asked for that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ragkit.config import Config
from ragkit.conversation.saving import Write, require_name
from ragkit.errors import UsageFault


class TalkSaving:
    """Puts every line into the file that was named last; nowhere before one is. write: what does it."""

    def __init__(self, config: Config, write: Write) -> None:
        self._config = config
        self.write = write
        self.path: Path | None = None
        self._unsaved: list[str] = []
        self._used: set[Path] = set()

    def require_new(self, place: Path) -> None:
        """place: absolute. Raises UsageFault for a name that is no .jsonl, a place among documents or in
        an index, or a file that this conversation was written to before."""
        require_name(place)
        self._require_apart(place)
        if place in self._used:
            raise UsageFault(f"{place} holds turns already.", hint="/save ANOTHER.jsonl")

    def begin(self, place: Path, lines: Sequence[str]) -> None:
        """Write a new file, and all further lines to it. Raises UsageFault, StorageFault."""
        self.write(place, lines)
        self.path, self._unsaved = place, []
        self._used.add(place)

    def add(self, line: str) -> None:
        """A line that cannot be written comes with the next. Raises StorageFault."""
        if self.path is None:
            return
        self._unsaved.append(line)
        self.write(self.path, list(self._unsaved))
        self._unsaved.clear()

    def forget(self, lines: Iterable[str]) -> None:
        """Lines that could not be written yet, and are not to be written any more."""
        gone = set(lines)
        self._unsaved = [line for line in self._unsaved if line not in gone]

    def _require_apart(self, place: Path) -> None:
        """A file among the documents would be read by the next ingest, one in a store erased by none."""
        real = place.resolve()
        for pipeline in self._config.pipelines.values():
            for folder in (*pipeline.folders, pipeline.store):
                if folder.resolve() in real.parents:
                    raise UsageFault(
                        f"{place} lies in {folder}, which belongs to {pipeline.name}.",
                        hint="/save ANOTHER.jsonl, outside documents and indexes",
                    )
