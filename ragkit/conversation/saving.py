"""A conversation in a file: JSON lines for its owner alone, whole after every turn.

The file is never appended to in place: what it holds and the new lines are written beside it, flushed
and renamed, so that it holds whole turns whenever the machine stops.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ragkit.errors import StorageFault, UsageFault
from ragkit.files import remove_leftovers, write_atomically

SUFFIX = ".jsonl"
Write = Callable[[Path, Sequence[str]], None]
"""Adds lines to the file of a conversation. Raises UsageFault, StorageFault."""


class SavedFiles:
    """Writes conversations to files. Only what it has made itself is ever written again."""

    def __init__(self) -> None:
        self._own: set[Path] = set()

    def __call__(self, path: Path, lines: Sequence[str]) -> None:
        """Add lines to a new file or one of its own.

        Raises UsageFault for a name that does not end in .jsonl or a file that is there already,
        StorageFault.
        """
        require_name(path)
        try:
            before = self._before(path)
            remove_leftovers(path)
            write_atomically(path, before + "".join(f"{line}\n" for line in lines))
        except OSError as error:
            raise StorageFault(
                f"{path} cannot be written: {error.strerror}.", hint="/save ANOTHER.jsonl"
            ) from None
        self._own.add(path)

    def _before(self, path: Path) -> str:
        if path in self._own:
            return path.read_text(encoding="utf-8")
        if path.exists() or path.is_symlink():
            raise UsageFault(
                f"{path} is there already, and nothing was written.", hint="/save ANOTHER.jsonl"
            )
        return ""


def place_named(path: Path) -> Path:
    """The full path of a file as it was typed. Raises UsageFault for what names none."""
    try:
        place = path.expanduser().absolute()
    except RuntimeError:  # "~" of somebody who has no account here
        raise UsageFault(f"{path} names no place: there is no such user here.") from None
    if "\0" in str(place):
        raise UsageFault("No file has a name with a NUL sign in it.", hint="/save ANOTHER.jsonl")
    return place


def require_name(path: Path) -> None:
    """Raises UsageFault."""
    if path.suffix != SUFFIX:
        raise UsageFault(
            f"A conversation is saved as JSON lines, to a file that ends in {SUFFIX}, not to {path.name}.",
            hint=f"/save {path.with_suffix(SUFFIX) if path.name else 'conversation.jsonl'}",
        )
