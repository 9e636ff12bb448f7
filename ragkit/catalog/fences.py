"""Fences: passages of contents that read like instructions to a machine, and which detector has looked.

Kept by content, as pages are, and found anew by another version of the detector without reading or
embedding anything again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ragkit.catalog.store import Catalog
from ragkit.types import Fenced, FencedIn, ParsedDocument

TITLE = -1
"""Where a passage of the title begins and ends: it is not in the text."""
_BETWEEN = "; "


class Fences:
    """Writes fences. The caller holds the WriterLock."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def is_looked(self, content_id: int, detector: str) -> bool:
        """Whether this version of the detector has looked at a content."""
        row = self._catalog.connection.execute(
            "SELECT fenced_by FROM contents WHERE id = ?", (content_id,)
        ).fetchone()
        return bool(row[0] == detector)

    def of(self, content_id: int) -> tuple[Fenced, ...]:
        """What is fenced in a content, in reading order, its title first."""
        return fenced_passages(self._catalog.connection, content_id)

    def keep(self, detector: str, found: Mapping[int, Sequence[Fenced]]) -> None:
        """What the detector has found in some contents, in place of what another one had."""
        numbers = [(number,) for number in found]
        rows = [
            (number, passage.start, passage.end, _BETWEEN.join(passage.kinds))
            for number, passages in found.items()
            for passage in passages
        ]
        with self._catalog.transaction() as connection:
            connection.executemany("DELETE FROM fenced WHERE content_id = ?", numbers)
            connection.executemany("INSERT INTO fenced VALUES (?, ?, ?, ?)", rows)
            looked = [(detector, number) for number in found]
            connection.executemany("UPDATE contents SET fenced_by = ? WHERE id = ?", looked)


def fenced_passages(connection: sqlite3.Connection, content_id: int) -> tuple[Fenced, ...]:
    """Those of a content, in reading order."""
    rows = connection.execute(
        "SELECT start, stop, kinds FROM fenced WHERE content_id = ? ORDER BY start", (content_id,)
    )
    return tuple(Fenced(start, end, _kinds(kinds)) for start, end, kinds in rows)


def blanked(text: str, start: int, fences: Sequence[Fenced]) -> str:
    """A stretch of a text with blanks where it is fenced, as long as before. start: its first character."""
    for fence in fences:
        first = min(max(0, fence.start - start), len(text))
        last = min(max(first, fence.end - start), len(text))
        text = f"{text[:first]}{' ' * (last - first)}{text[last:]}"
    return text


def searchable(document: ParsedDocument, fences: Sequence[Fenced]) -> ParsedDocument:
    """A document as it is cut up, embedded and indexed: with blanks where it is fenced."""
    if not fences:
        return document
    return replace(
        document,
        title="" if fences[0].start == TITLE else document.title,
        pages=tuple(
            replace(page, text=blanked(page.text, page.start, fences)) for page in document.pages
        ),
        headings=tuple(
            heading
            for heading in document.headings
            if not any(one.start < heading.end and heading.start < one.end for one in fences)
        ),
    )


def fenced_of_documents(connection: sqlite3.Connection) -> list[tuple[int, Fenced]]:
    """(document, passage), of texts of all published documents, by document and place."""
    rows = connection.execute(
        "SELECT documents.id, start, stop, kinds FROM fenced CROSS JOIN documents USING (content_id)"
        " WHERE start >= 0 ORDER BY path, start"
    )
    return [(number, Fenced(start, end, _kinds(kinds))) for number, start, end, kinds in rows]


def fenced_documents(connection: sqlite3.Connection) -> tuple[FencedIn, ...]:
    """Those of all published documents, by document and place."""
    rows = connection.execute(
        "SELECT path, (SELECT number FROM pages WHERE pages.content_id = fenced.content_id"
        " AND pages.start <= fenced.start ORDER BY pages.start DESC, ordinal DESC LIMIT 1), kinds"
        " FROM fenced CROSS JOIN documents USING (content_id) ORDER BY path, fenced.start"
    )
    return tuple(FencedIn(path, page, _kinds(kinds)) for path, page, kinds in rows)


def _kinds(text: str) -> tuple[str, ...]:
    return tuple(text.split(_BETWEEN))
