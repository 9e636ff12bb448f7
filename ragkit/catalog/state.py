"""The catalog's state: short values by name. Settings, fingerprints and digests; it names no document."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

LANGUAGES = "languages"
"""Noted when something is published, since every question asks for them: going through 10,000
documents takes 12 ms."""
_NONE = "-"
"""Noted where none could be told: a table, say. An older state has noted nothing."""


def state_of(connection: sqlite3.Connection, key: str) -> str:
    """The value noted under `key`; "" for none."""
    row = connection.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else ""


def note_state(connection: sqlite3.Connection, values: Mapping[str, str]) -> None:
    """Only what differs is written: a night in which nothing changed waits for no disk."""
    news = {key: new for key, new in values.items() if state_of(connection, key) != new}
    connection.executemany("INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)", news.items())


def note_languages(connection: sqlite3.Connection) -> None:
    """Note which languages the published documents are in."""
    note_state(connection, {LANGUAGES: " ".join(_languages_in(connection)) or _NONE})


def noted_languages(connection: sqlite3.Connection) -> frozenset[str]:
    """ISO 639-1 codes of the languages that documents are in, as far as they could be told."""
    noted = state_of(connection, LANGUAGES)
    found = noted.split() if noted else _languages_in(connection)
    return frozenset(found) - {_NONE}


def _languages_in(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT DISTINCT language FROM documents ORDER BY language")
    return [row[0] for row in rows if row[0]]
