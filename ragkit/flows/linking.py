"""Addresses of the files that quotes stand in, for pages that people open."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from ragkit.config import Pipeline

Link = Callable[[str, int | None], str]
"""(document, page) -> the address of its file at that page, "" for none."""
_PAGED = ".pdf"
"""What a browser opens at a page that the address names."""


def links_of(pipeline: Pipeline) -> Link:
    """Addresses of documents as ragkit names them; of an attachment that of the file it is in."""
    place = _places_of(pipeline)

    def link(document: str, page: int | None) -> str:
        path, _, attachment = document.partition("::")
        file = place(path)
        at_page = page is not None and not attachment and file.suffix.lower() == _PAGED
        fragment = f"#page={page}" if at_page else ""
        return f"file://{quote(os.fsencode(file))}{fragment}"

    return link


def links_to_what_is_there(pipeline: Pipeline) -> Link:
    """The same, but "" for a file that has been moved or removed since it was read.

    A folder that is not there now (a disk that is not mounted) may come back: its files keep theirs.
    """
    place, link = _places_of(pipeline), links_of(pipeline)
    roots = [folder.resolve() for folder in pipeline.folders]
    known: dict[str, bool] = {}

    def is_there(path: str) -> bool:
        file = place(path)
        try:
            found = file.exists()
        except OSError:  # a name that this disk does not take, as one in an archive may have
            return False
        return found or not any(root.exists() for root in roots if root in file.parents)

    def existing(document: str, page: int | None) -> str:
        path = document.partition("::")[0]
        if path not in known:
            known[path] = is_there(path)
        return link(document, page) if known[path] else ""

    return existing


def _places_of(pipeline: Pipeline) -> Callable[[str], Path]:
    """The file of a path: with several folders it begins with the name of its own."""
    roots = {folder.resolve().name: folder.resolve() for folder in pipeline.folders}

    def place(path: str) -> Path:
        name, _, rest = path.partition("/")
        several = len(roots) > 1 and name in roots
        return roots[name] / rest if several else next(iter(roots.values())) / path

    return place
