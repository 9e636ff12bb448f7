"""Summaries as they were made: kept with the content they are of, and erased with it."""

from __future__ import annotations

from ragkit.catalog.store import Catalog, now

KEPT_FOR_EACH = 24
"""Summaries kept for one content: in other styles, lengths, or made for other questions."""


class Summaries:
    """What a summarizer made of a content. `maker` says what made it: version, style, model, options."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def find(self, content_id: int, maker: str) -> str | None:
        """The summary as it was kept; None if `maker` has not made one."""
        row = self._catalog.connection.execute(
            "SELECT body FROM summaries WHERE content_id = ? AND maker = ?", (content_id, maker)
        ).fetchone()
        return None if row is None else str(row[0])

    def keep(self, content_id: int, maker: str, body: str) -> bool:
        """Keep a summary; False if an ingest has erased the content meanwhile."""
        with self._catalog.transaction() as connection:
            cursor = connection.execute(
                "INSERT OR REPLACE INTO summaries (content_id, maker, made, body)"
                " SELECT id, ?, ?, ? FROM contents WHERE id = ?",
                (maker, now(), body, content_id),
            )
            connection.execute(
                "DELETE FROM summaries WHERE content_id = ? AND rowid NOT IN (SELECT rowid FROM"
                " summaries WHERE content_id = ? ORDER BY rowid DESC LIMIT ?)",
                (content_id, content_id, KEPT_FOR_EACH),
            )
        return cursor.rowcount > 0
