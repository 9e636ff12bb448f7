"""Queries for a list of values: `... IN (?, ?, ...)`, in parts that every SQLite takes."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from functools import lru_cache
from typing import Any

MANY = 900
"""Values in one IN list, under SQLite's older limit of 999."""


def rows_in(
    connection: sqlite3.Connection,
    query: str,
    values: Collection[int] | Collection[str],
    end: str = "",
) -> list[tuple[Any, ...]]:
    """The rows of a query that ends with "IN", over all of `values`. end: what follows the list."""
    # numpy's integers would be bound as bytes.
    wanted = [value if isinstance(value, str) else int(value) for value in values]
    rows: list[tuple[Any, ...]] = []
    for at in range(0, len(wanted), MANY):
        part = wanted[at : at + MANY]
        rows += connection.execute(f"{query} ({_marks(len(part))}) {end}", part)
    return rows


@lru_cache(maxsize=64)
def _marks(count: int) -> str:
    return ",".join("?" * count)
