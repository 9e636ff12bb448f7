"""What stands in a store that holds no document: the words of ragkit itself and of SQLite.

A document that happens to use them ("generation", "collection") is not found in every file for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ragkit

_SOURCES = (
    "*.py",
    *(f"{part}/*.py" for part in ("catalog", "flows", "ledger", "parsers", "rendering")),
    *(f"{part}/*.py" for part in ("types", "vectors")),
)
"""Those whose words come into a store: tables, reports, reasons, the vector index's manifest. What
Chroma writes of its own is seen in an index that is built of no document (flows/indexing.py)."""
_SQLITE = "SQLite format 3\0sqlite_sequence sqlite_autoindex sqlite_stat1"


def own_texts() -> Iterator[str]:
    """Texts whose words and stretches belong to no document."""
    yield _SQLITE
    folder = Path(ragkit.__file__).parent
    yield from (_read(path) for pattern in _SOURCES for path in sorted(folder.glob(pattern)))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
