"""Documents by name: a path as ragkit shows it, a folder, a mail with its attachments, a pattern."""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from ragkit.errors import UnknownPipeline

NEAR = 3
"""Names offered for one that is not there."""


def paths_named(name: str, paths: Iterable[str]) -> set[str]:
    """Those of `paths` that a person means by `name`.

    The document itself and what is below it, be that a folder's files or a mail's attachments;
    where there is none, those that match `name` as a pattern ("*.pdf", "2024/*").
    Raises UnknownPipeline, which names similar ones.
    """
    known = sorted(paths)
    for wanted in (name, name.replace(" > ", "::")):  # the second is how it is shown to people
        wanted = wanted.removeprefix("./").rstrip("/")
        below = (f"{wanted}/", f"{wanted}::")
        found = {path for start in below for path in _beginning_with(start, known)}
        at = bisect_left(known, wanted)
        found |= {path for path in known[at : at + 1] if path == wanted}
        found = found or {path for path in known if fnmatchcase(path, wanted)}
        if found:
            return found
    near = _near(name, known)
    raise UnknownPipeline(
        f"There is no document {name!r} in the index.",
        hint=f"Did you mean {' or '.join(near)}?"
        if near
        else "Paths are written as `ragkit search` and `ask` show them.",
    )


def _beginning_with(start: str, known: Sequence[str]) -> Sequence[str]:
    """known: sorted. There may be 100,000 of them."""
    after = start[:-1] + chr(ord(start[-1]) + 1)
    return known[bisect_left(known, start) : bisect_left(known, after)]


def _near(name: str, known: Sequence[str]) -> list[str]:
    """Similar paths, or paths with a similar last part; the most similar first."""
    last_parts = {PurePosixPath(path).name.casefold(): path for path in reversed(known)}
    similar = difflib.get_close_matches(name, known, NEAR)
    similar += [
        last_parts[part]
        for part in difflib.get_close_matches(PurePosixPath(name).name.casefold(), last_parts, NEAR)
    ]
    return list(dict.fromkeys(similar))[:NEAR]
