"""The catalog: one SQLite file per pipeline that is the truth. Everything else can be rebuilt from it."""

from ragkit.catalog.changes import Changes, DocumentRow, HeldBack, QuarantineRow
from ragkit.catalog.contents import Contents, StoredContent
from ragkit.catalog.lock import NightLock, WriterLock
from ragkit.catalog.publishing import Publisher
from ragkit.catalog.reading import (
    DocumentEntry,
    QuarantineEntry,
    Reader,
    Stamp,
    VectorIndexEntry,
)
from ragkit.catalog.runs import Runs
from ragkit.catalog.store import CATALOG_NAME, DATABASE_FILES, Catalog
from ragkit.catalog.summaries import Summaries

__all__ = [
    "CATALOG_NAME",
    "DATABASE_FILES",
    "Catalog",
    "Changes",
    "Contents",
    "DocumentEntry",
    "DocumentRow",
    "HeldBack",
    "NightLock",
    "Publisher",
    "QuarantineEntry",
    "QuarantineRow",
    "Reader",
    "Runs",
    "Stamp",
    "StoredContent",
    "Summaries",
    "VectorIndexEntry",
    "WriterLock",
]
