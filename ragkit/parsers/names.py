"""Names of documents inside documents. They come from strangers and become part of a path shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST = 120
_DEEPEST = 12
_DRIVE = re.compile(r"^[A-Za-z]:(?=[/\\])")


def safe_name(name: str) -> str:
    """The last part of `name` without control and direction characters, cut in the middle."""
    # "::" parts the names of a document within another; one at an end would make it with theirs.
    name = _UNSAFE.sub("", re.split(r"[/\\]", name)[-1])
    name = re.sub(":{2,}", ":", name).strip(" .:")
    if len(name) > _LONGEST:
        name = f"{name[: _LONGEST - 20]}…{name[-19:]}"
    return name


def safe_path(path: str) -> str:
    """A relative path of safe names: neither a root nor a step upwards is left of it."""
    parts = (safe_name(part) for part in re.split(r"[/\\]", _DRIVE.sub("", path)))
    # Only the inner end of a path that nobody can read anyway.
    return "/".join([part for part in parts if part][-_DEEPEST:])


def child_names(names: Iterable[str]) -> list[str]:
    """Safe names of attachments, none empty and no two alike: "a.pdf", "a (2).pdf"."""
    return _unlike(map(safe_name, names), "attachment")


def member_names(paths: Iterable[str]) -> list[str]:
    """Safe paths of an archive's members, none empty and no two alike: "2024/a.pdf"."""
    return _unlike(map(safe_path, paths), "member")


def _unlike(names: Iterable[str], nameless: str) -> list[str]:
    """The names, numbered where one comes again. nameless: what one is called that has none."""
    given: list[str] = []
    numbers: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        name = name or f"{nameless} {position}"
        unique, number = name, numbers.get(name.lower(), 1)
        while unique.lower() in numbers:
            number += 1
            unique = _numbered(name, number)
        numbers[name.lower()] = number
        numbers.setdefault(unique.lower(), 1)
        given.append(unique)
    return given


def _numbered(name: str, number: int) -> str:
    folder, slash, last = name.rpartition("/")
    stem, dot, suffix = last.rpartition(".")
    last = f"{stem} ({number}){dot}{suffix}" if stem else f"{last} ({number})"
    return f"{folder}{slash}{last}"
