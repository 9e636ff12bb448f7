"""Findings: what a sweep's question came to in a content. Places and a verdict, no text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ragkit.catalog.store import Catalog, now

KEPT_FOR_EACH = 1_000
"""Findings kept for one content: of as many questions."""


class Findings:
    """Kept with the content they are of, and erased with it. `asker` says what was asked, and by what:
    version, question, phrases, model."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def find(self, content_id: int, askers: Iterable[str]) -> dict[str, str]:
        """By asker what was found, of those that have asked."""
        wanted = tuple(askers)
        marks = ",".join("?" * len(wanted))
        rows = self._catalog.connection.execute(
            f"SELECT asker, body FROM findings WHERE content_id = ? AND asker IN ({marks})",
            (content_id, *wanted),
        )
        return {str(asker): str(body) for asker, body in rows}

    def keep(self, content_id: int, found: Mapping[str, str]) -> bool:
        """Keep findings by asker, all or none; False if an ingest has erased the content meanwhile."""
        with self._catalog.transaction() as connection:
            kept = 0
            for asker, body in found.items():
                kept += connection.execute(
                    "INSERT OR REPLACE INTO findings (content_id, asker, made, body)"
                    " SELECT id, ?, ?, ? FROM contents WHERE id = ?",
                    (asker, now(), body, content_id),
                ).rowcount
            connection.execute(
                "DELETE FROM findings WHERE content_id = ? AND rowid NOT IN (SELECT rowid FROM"
                " findings WHERE content_id = ? ORDER BY rowid DESC LIMIT ?)",
                (content_id, content_id, KEPT_FOR_EACH),
            )
        return kept == len(found)
