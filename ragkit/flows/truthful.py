"""Whether citations are true: quote, page, offsets and digest, against the catalog and the file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from ragkit.catalog import Reader
from ragkit.types import Citation

_SAME_TEXT = (".txt", ".md")
"""Kinds of files whose text is the file decoded, so that offsets are the file's own."""
FILES_KEPT = 64


class Truth:
    """What citations are checked against: one published state, and the folders it was read from."""

    def __init__(self, reader: Reader, folders: Sequence[Path]) -> None:
        self._reader = reader
        self._folders = folders
        self._text_of = lru_cache(FILES_KEPT)(self._read)

    def is_true(self, citation: Citation) -> bool:
        """Whether quote, page, offsets and digest are what the catalog holds, and the file has them.

        The file is asked where its text is itself and it is the one that was indexed: what has
        changed since is told by `ragkit verify`.
        """
        return self._is_in_catalog(citation) and self._is_in_file(citation)

    def _is_in_catalog(self, citation: Citation) -> bool:
        entry = self._reader.document(citation.document)
        if entry is None or entry.sha256 != citation.sha256 or not citation.quote:
            return False
        text = self._reader.text(entry.content_id, citation.start, citation.end)
        place = self._reader.place(entry.content_id, citation.start)
        return text == citation.quote and place.page == citation.page

    def _is_in_file(self, citation: Citation) -> bool:
        if "::" in citation.document or not citation.document.lower().endswith(_SAME_TEXT):
            return True
        text = self._text_of(citation.document, citation.sha256)
        return text is None or text[citation.start : citation.end] == citation.quote

    def _read(self, document: str, sha256: str) -> str | None:
        """The text of the file with that digest; None if it is not there, or no UTF-8."""
        for folder in self._folders:
            for path in (folder / document, folder.parent / document):
                try:
                    content = path.read_bytes()
                    if hashlib.sha256(content).hexdigest() == sha256:
                        return content.decode("utf-8")
                except (OSError, UnicodeDecodeError):
                    continue
        return None
