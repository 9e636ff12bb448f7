"""What one publication changes: rows that are shown, files that could not be read, paths that are gone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from ragkit.catalog.scoping import MetadataChanges


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A path and the content it shows from now on. `parent` is the path of the mail it came in."""

    path: str
    parent: str | None
    sha256: str
    size: int
    mtime_ns: int
    reader: str
    content_id: int
    chunk_set_id: int


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """A file that could not be read, as it was then: it is tried again when it changes."""

    path: str
    parent: str | None
    sha256: str
    size: int
    mtime_ns: int
    reader: str
    kind: str
    reason: str


@dataclass(slots=True)
class Changes:
    """What one publication changes. Paths in `removed` take their attachments with them."""

    shown: list[DocumentRow] = field(default_factory=list)
    quarantined: list[QuarantineRow] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    touched: list[tuple[str, int, int]] = field(default_factory=list)
    """(path, size, mtime_ns) of files whose time changed and whose bytes did not."""
    metadata: MetadataChanges | None = None
    """None if there is nothing new to write; held back with what is shown."""

    def __bool__(self) -> bool:
        return bool(self.shown or self.quarantined or self.removed or self.metadata)

    def without_what_is_held(
        self, published: Collection[str], moved: Collection[str] = ()
    ) -> Changes:
        """What is published though the rest is held back: files that are gone, and the failures of
        files that were not published before. What could be read before stays as it was.

        moved: paths whose file is held back at another one; they stay too.
        """
        failed = [row for row in self.quarantined if not row.parent and row.path not in published]
        return Changes([], failed, self.removed.difference(moved), self.touched)


SHARED_FIELDS = ("path", "parent", "sha256", "size", "mtime_ns", "reader")
SAME_PATH = "another document in the same file has the same path: rename one of them"


class HeldBack(Exception):
    """The new state was judged not good enough to be published; nothing was changed."""
