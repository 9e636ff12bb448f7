"""Names of documents inside documents. They come from strangers and become part of a path shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST = 120


def safe_name(name: str) -> str:
    """The last part of `name` without control and direction characters, cut in the middle."""
    name = _UNSAFE.sub("", re.split(r"[/\\]", name)[-1].replace("::", ":")).strip(" .")
    if len(name) > _LONGEST:
        name = f"{name[: _LONGEST - 20]}…{name[-19:]}"
    return name


def child_names(names: Iterable[str]) -> list[str]:
    """Safe names, none empty and no two alike: "a.pdf", "a (2).pdf"."""
    given: list[str] = []
    taken: set[str] = set()
    for position, name in enumerate(names, start=1):
        name = safe_name(name) or f"attachment {position}"
        stem, dot, suffix = name.rpartition(".")
        unique, number = name, 1
        while unique.lower() in taken:
            number += 1
            unique = f"{stem} ({number}){dot}{suffix}" if stem else f"{name} ({number})"
        taken.add(unique.lower())
        given.append(unique)
    return given
