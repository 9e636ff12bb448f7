"""The catalog's state: short values by name. Settings, fingerprints and digests; it names no document."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping


def state_of(connection: sqlite3.Connection, key: str) -> str:
    """The value noted under `key`; "" for none."""
    row = connection.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else ""


def note_state(connection: sqlite3.Connection, values: Mapping[str, str]) -> None:
    """Only what differs is written: a night in which nothing changed waits for no disk."""
    news = {key: new for key, new in values.items() if state_of(connection, key) != new}
    connection.executemany("INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)", news.items())
