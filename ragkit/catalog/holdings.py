"""The registry of holdings: every place below a store that may hold bytes derived from documents.

A purge counts by it and shows it in the certificate; a test fails when a run leaves a file or a table
that no one declared here.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the catalog. holds: what of documents. purged: how that goes. shadows: the endings
    of the tables in which SQLite keeps it, if it is a virtual one."""

    name: str
    holds: str
    purged: str
    shadows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Files:
    """A kind of file below the store. pattern: a regular expression for its path, POSIX."""

    name: str
    pattern: str
    holds: str
    purged: str


_FTS = ("config", "content", "data", "docsize", "idx")
_SWEPT = "deleted with the last document that shows the content"
_SHOWN = "deleted with the document"
_TRAINED = (
    "deleted as a whole with any document it was trained on; `ragkit tune` learns from the rest"
)

TABLES = (
    Table("contents", "titles, headings, hidden text", _SWEPT),
    Table("pages", "text", _SWEPT),
    Table("children", "names and digests of attachments", _SWEPT),
    Table("chunk_sets", "facts (names, dates), places of sentences", _SWEPT),
    Table("chunks", "headings and headers", _SWEPT),
    Table("vectors", "vectors of chunks, of every embedder", "deleted when no document shows them"),
    Table("sentence_vectors", "vectors and places of a chunk's sentences", "with its vector"),
    Table("summaries", "summaries, and what a summary of all documents quotes", _SWEPT),
    Table("findings", "verdicts of sweeps, places in the text", _SWEPT),
    Table("fenced", "places of passages, and which rules they meet", _SWEPT),
    Table("documents", "paths, titles, names", _SHOWN),
    Table("entries", "which chunk has which vector", _SHOWN),
    Table("entry_terms", "index terms", f"{_SHOWN}; segments merged", _FTS),
    Table(
        "document_terms", "index terms of names and openings", f"{_SHOWN}; segments merged", _FTS
    ),
    Table("entry_vocabulary", "nothing: a view of entry_terms", "with entry_terms"),
    Table("document_vocabulary", "nothing: a view of document_terms", "with document_terms"),
    Table("quarantine", "paths and reasons of what could not be read", _SHOWN),
    Table("state", "settings, digests and fitted thresholds", "names no document"),
    Table("vector_indexes", "the number of the vector index", "replaced with the index"),
    Table("runs", "figures of ingests", "names no document"),
    Table("names", "paths, by number", "the name is deleted; its number stays"),
    Table("run_documents", "digests of files that changed", "digests replaced"),
    Table("failures", "reasons of what cannot be read", _SHOWN),
    Table("reports", "nightly reports", "names replaced, reasons and questions taken out"),
    Table("report_names", "numbers of names", "with its report"),
    Table("document_metadata", "metadata from files beside documents and from paths", _SHOWN),
    Table("metadata_faults", "paths of such files, and what is wrong with them", _SHOWN),
    Table("run_metadata", "numbers of names", "with its run"),
    Table("feedback", "questions that were marked", "deleted with any document marked for it"),
    Table("feedback_marks", "paths, digests and places of passages", "with its question"),
    Table("adapters", "numbers learned from documents", _TRAINED),
    Table("adapter_documents", "paths and digests", "with its adapter"),
)

FILES = (
    Files(
        "catalog", r"catalog\.db", "all tables", "secure_delete, then written anew from its rows"
    ),
    Files("write-ahead log", r"catalog\.db-wal", "pages of the catalog", "emptied"),
    Files("log's index", r"catalog\.db-shm", "page numbers", "holds no document"),
    Files(
        "vector index",
        r"chroma/\d+/.*",
        "vectors and their numbers, no text",
        "built anew from the vectors that stay; the old folder is removed",
    ),
    Files(
        "unfinished vector index",
        r"chroma/\d+\.(building|removed)/.*",
        "vectors and their numbers",
        "removed",
    ),
    Files("reports", r"runs/(\d+|latest)\.(md|html|json)", "names of documents", "written anew"),
    Files(
        "reports of failed nights",
        r"runs/failed-[0-9T-]+\.(md|html|json)",
        "messages, which may name a document",
        "removed if they name one that goes",
    ),
    Files("unfinished report", r"runs/\..*\.new", "as reports", "removed"),
    Files("locks", r"(lock|night\.lock)", "a process number", "holds no document"),
    Files(
        "scratch of comparisons",
        r"\.bench/\d+/.*",
        "texts and vectors, while `ragkit bench` or `ragkit eval --against usual-stack` runs",
        "removed",
    ),
    Files("ledger", r"\.?ledger\.(jsonl|key|head|lock)(\.\d+\.new)?", "digests, no text", "stays"),
)


def undeclared_files(store: Path) -> list[str]:
    """Paths of files below a store, relative to it, that no one declared."""
    found = (path.relative_to(store).as_posix() for path in store.rglob("*") if not path.is_dir())
    declared = re.compile("|".join(f"(?:{files.pattern})" for files in FILES))
    return sorted(path for path in found if not declared.fullmatch(path))


def files_of(path: str) -> Files | None:
    """What a file below the store is, by its path relative to it; None if no one declared it."""
    return next((files for files in FILES if re.fullmatch(files.pattern, path)), None)


def tables_declared() -> set[str]:
    """Names of all tables, those in which SQLite keeps the virtual ones included."""
    shadows = {f"{table.name}_{ending}" for table in TABLES for ending in table.shadows}
    return shadows | {table.name for table in TABLES}


def rows_by_table(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows each declared table has; views of others are left out."""
    names = [table.name for table in TABLES if not table.name.endswith("_vocabulary")]
    return {
        name: int(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0])
        for name in names
    }
