"""The owner of `olefile`: compound files, as Outlook's .msg and the Office formats before 2007 are.

Such a file holds storages (folders) and streams (files) by name.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from ragkit.errors import UnreadableDocument

_STORAGE, _STREAM = 1, 2


class Storage:
    """A folder of a compound file; streams are read when they are asked for."""

    def __init__(self, file: Any, entry: Any, path: tuple[str, ...] = ()) -> None:
        self._file, self._path = file, path
        self._entries = {str(kid.name): kid for kid in sorted(entry.kids, key=lambda kid: kid.name)}

    @property
    def names(self) -> list[str]:
        """Of everything directly in it, sorted."""
        return list(self._entries)

    def stream(self, name: str) -> bytes:
        """The whole stream; nothing where there is none of this name."""
        entry = self._entries.get(name)
        if entry is None or entry.entry_type != _STREAM:
            return b""
        with self._file.openstream([*self._path, name]) as stream:
            content: bytes = stream.read()
        return content

    def storages(self, prefix: str = "") -> Iterator[Storage]:
        """The folders in it whose name begins with `prefix`, by their names."""
        for name, entry in self._entries.items():
            if entry.entry_type == _STORAGE and name.startswith(prefix):
                yield Storage(self._file, entry, (*self._path, name))

    def content(self) -> bytes:
        """All streams below it one after the other: the same bytes for the same content."""
        here = b"".join(map(self.stream, self._entries))
        return here + b"".join(storage.content() for storage in self.storages())


def open_compound(data: bytes) -> Storage:
    """The outermost storage. Raises UnreadableDocument."""
    import olefile  # type: ignore[import-untyped]

    try:
        file = olefile.OleFileIO(io.BytesIO(data))
    except (OSError, ValueError, IndexError, RecursionError) as error:
        message = "It is damaged or cut off: its parts cannot be found."
        raise UnreadableDocument(message) from error
    return Storage(file, file.root)


def preload() -> None:
    import olefile  # noqa: F401 - imported to be there before the fork
