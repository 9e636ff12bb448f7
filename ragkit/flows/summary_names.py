"""What the files of summaries are called: names that any disk takes, no two alike, none leads elsewhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from hashlib import sha256

OVERVIEW = "summary"
PAGES = (".md", ".html", ".json")
SUFFIXES = (*PAGES, ".csv")
"""What files of ours end in; the table is written for all documents together alone."""
ALL_OF_THEM = ""
"""Stands in the index for the documents together; no document has this path."""
_PLAIN = frozenset(" ._-,()'&+")
_LONGEST = 120
"""Bytes of a name; longer ones are cut and told apart by a digest."""


def suffixes_of(document: str) -> tuple[str, ...]:
    return SUFFIXES if document == ALL_OF_THEM else PAGES


def free_stem(document: str, taken: Collection[str]) -> str:
    """No two alike, also where a disk does not tell capitals or ways of writing an accent apart."""
    stem = safe_stem(document) if document else OVERVIEW
    if document and same_name(stem) in taken:
        stem = f"{stem}%{_digest(document)}"
    return stem


def safe_stem(document: str) -> str:
    """The path of a document's summary without suffix: its own path in signs that any disk takes.

    "%" and two digits stand for another sign, "~" for the "::" before an attachment; so no two
    documents have the same. No part begins with a dot, and no folder ends as a file of ours does.
    """
    *folders, name = document.split("/")
    return "/".join([*(_safe(folder, is_folder=True) for folder in folders), _safe(name)])


def _safe(part: str, *, is_folder: bool = False) -> str:
    text = "~".join("".join(map(_sign, piece)) for piece in part.split("::")) or "%"
    if text[0] in ". ":
        text = _percent(text[0]) + text[1:]
    if text[-1] in ". ":
        text = text[:-1] + _percent(text[-1])
    if is_folder and text.casefold().endswith(SUFFIXES):
        stem, _, suffix = text.rpartition(".")
        text = f"{stem}%2E{suffix}"
    if len(text.encode()) > _LONGEST:
        text = f"{text.encode()[:_LONGEST].decode(errors='ignore')}%{_digest(part)}"
    return text


def _sign(sign: str) -> str:
    return sign if sign.isalnum() or sign in _PLAIN else _percent(sign)


def _percent(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "surrogatepass"))


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def same_name(stem: str) -> str:
    return unicodedata.normalize("NFKC", stem).casefold()


def is_inside(stem: str) -> bool:
    parts = stem.split("/")
    return all(part and not part.startswith(".") for part in parts)
