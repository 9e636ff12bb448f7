"""The catalog's state: short values by name. Settings, fingerprints and digests; it names no document."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

LANGUAGES = "languages"
"""Noted when something is published, since every question asks for them: going through 10,000
documents takes 12 ms."""


def state_of(connection: sqlite3.Connection, key: str) -> str:
    """The value noted under `key`; "" for none."""
    row = connection.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else ""


def note_state(connection: sqlite3.Connection, values: Mapping[str, str]) -> None:
    """Only what differs is written: a night in which nothing changed waits for no disk."""
    news = {key: new for key, new in values.items() if state_of(connection, key) != new}
    connection.executemany("INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)", news.items())


def languages_in(connection: sqlite3.Connection) -> list[str]:
    """ISO 639-1 codes of the languages that documents are in, as far as they could be told."""
    rows = connection.execute("SELECT DISTINCT language FROM documents ORDER BY language")
    return [row[0] for row in rows if row[0]]
