"""How findings are made: one area of the page at a time, and no area's failure hides another."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ragkit.types.doctor import Finding


@dataclass(frozen=True, slots=True)
class Area:
    """Makes findings of one area."""

    name: str

    def ok(self, name: str, text: str) -> Finding:
        return Finding(self.name, name, "ok", text)

    def note(self, name: str, text: str, mend: str = "") -> Finding:
        return Finding(self.name, name, "note", text, mend)

    def warning(self, name: str, text: str, mend: str) -> Finding:
        return Finding(self.name, name, "warning", text, mend)

    def fault(self, name: str, text: str, mend: str) -> Finding:
        return Finding(self.name, name, "fault", text, mend)


def collected(area: Area, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What `look` finds; what the machine does not let it see is a finding, too."""
    try:
        yield from look()
    except OSError as error:
        where = error.filename or "the system"
        text = f"{where} cannot be looked at ({error.strerror}), so nothing is known about it."
        yield area.warning("not seen", text, "Run it as the user who owns the data.")


def quoted(path: Path) -> str:
    """A path as it is typed in a shell."""
    return shlex.quote(str(path))


def read(path: Path | str) -> str:
    """A small file of the system's; "" where it is not there or not for this user."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def on_linux() -> bool:
    return sys.platform.startswith("linux")


def size(count: float) -> str:
    """Bytes for people: "1.2 GB"."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count:.0f} bytes"
