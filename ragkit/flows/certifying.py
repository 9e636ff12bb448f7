"""What a certificate of erasure says beside the scan: what was erased from where, and what is not reached."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from ragkit.catalog import Catalog, Reader
from ragkit.catalog.holdings import FILES, TABLES, files_of, rows_by_table
from ragkit.config import Pipeline
from ragkit.errors import IndexMissing, RagkitError
from ragkit.flows.report_files import steps_told
from ragkit.ledger import Ledger
from ragkit.types.erasure import ErasedFrom, Exports, Holding, ScannedFile
from ragkit.types.ledger import LedgerEntry

VECTOR_INDEX = "vector index"
NOT_REACHED = (
    "the original files, and copies that other programs made of them",
    "backups, snapshots and synchronised folders",
    "blocks that the file system has freed and that an SSD keeps aside: disk encryption covers these",
    "swap, hibernation files, and the memory of programs that have the old state open",
    "the ledger: digests, names of users, and paths that were given to --output; it is never changed",
)


def figures(catalog: Catalog, reader: Reader) -> dict[str, int]:
    """Rows by table, the generation, and the vectors of the vector index."""
    index = reader.vector_index()
    return {
        **rows_by_table(catalog.connection),
        "generation": reader.generation(),
        VECTOR_INDEX: index.vectors if index else 0,
    }


def differences(before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[ErasedFrom]:
    """What went, of two figures."""
    for name, count in before.items():
        if name != "generation" and count > after[name]:
            unit = "vectors" if name == VECTOR_INDEX else "rows"
            yield ErasedFrom(name, count - after[name], unit)


def holdings(erased: Iterable[ErasedFrom], scanned: Iterable[str]) -> Iterator[Holding]:
    """Every holding of the registry. scanned: paths of files, relative to the store."""
    went = {each.holding: each.count for each in erased}
    for table in TABLES:
        yield Holding(table.name, table.holds, table.purged, went.get(table.name, 0), "rows went")
    kinds = [files_of(path) for path in scanned]
    for files in FILES:
        yield Holding(files.name, files.holds, files.purged, kinds.count(files), "files")


def below(store: Path, scanned: Iterable[ScannedFile]) -> list[str]:
    """Paths of the scanned files that lie below the store, relative to it."""
    prefix = f"{store.name}/"
    return [file.path.removeprefix(prefix) for file in scanned if file.path.startswith(prefix)]


def undeclared(store: Path, scanned: Iterable[ScannedFile]) -> list[str]:
    """Paths of the scanned files below the store that no one declared, as the scan shows them."""
    return [f"{store.name}/{path}" for path in below(store, scanned) if files_of(path) is None]


def versions() -> dict[str, str]:
    """Of what has a part in erasing."""
    return {
        "ragkit": version("ragkit"),
        "chromadb": version("chromadb"),
        "sqlite": sqlite3.sqlite_version,
        "python": platform.python_version(),
    }


def exports(pipeline: Pipeline, going: Collection[str], staying: Collection[str]) -> Exports:
    """Files and folders that ragkit wrote elsewhere and that show one of the documents, or may.

    going, staying: SHA-256 of files and of attachments; a file may show an attachment only. What shows
    a digest that is neither, nor was purged before, may show a former state of a document.
    """
    ledger, wanted = Ledger(pipeline.store), set(going)
    entries = [entry for entry in ledger.read() if entry.exported or entry.command == "purge"]
    explained = {*staying, *_purged(entries)}
    sure, possible = set(), set()
    for entry in entries:
        if entry.exported and wanted & set(entry.documents):
            sure.add(entry.exported)
        elif entry.exported and set(entry.documents) - explained:
            possible.add(entry.exported)
    unknown = _why_unknown(pipeline, ledger)
    outputs = _there(str(output.path) for output in pipeline.outputs)
    # Of steps that the settings have no more, and on disks that are not there now: without a ledger too.
    told = {step.output for step in steps_told(pipeline.store)}
    possible |= (_there(told) | _out_of_reach(told)) - outputs
    return Exports(
        tuple(sorted(sure)), tuple(sorted(possible - sure)), unknown, tuple(sorted(outputs))
    )


def _there(paths: Iterable[str]) -> set[str]:
    return {path for path in paths if _may_be_there(Path(path))}


def _may_be_there(path: Path) -> bool:
    """Also where it cannot be looked at: a purge goes on, and the certificate names it."""
    try:
        return path.exists()
    except OSError:
        return True


def _out_of_reach(paths: Iterable[str]) -> set[str]:
    """What was written and cannot be looked for: a disk that is taken away takes the folder along."""
    return {path for path in paths if not _may_be_there(Path(path).parent)}


def _purged(entries: Iterable[LedgerEntry]) -> Iterator[str]:
    for entry in entries:
        if entry.command == "purge":
            yield from entry.documents


def _why_unknown(pipeline: Pipeline, ledger: Ledger) -> str:
    """Why files may have been written that the ledger does not tell of, "" if there is no sign of it."""
    if pipeline.settings.ledger != "on":
        return "the ledger is off"
    verdict = ledger.verify(pipeline.name)
    if not verdict.sound:
        return f"the ledger was altered or damaged (ragkit audit verify {pipeline.name})"
    return "" if verdict.entries else "the ledger is empty"


def also_indexed(others: Iterable[Pipeline], digests: Collection[str]) -> Iterator[str]:
    """What other pipelines have of the same bytes, in words; no more of them is looked at."""
    wanted = set(digests)
    for other in others:
        try:
            with Catalog.open_for_reading(other.store) as catalog:
                rows = catalog.connection.execute(
                    "SELECT sha256 FROM contents UNION SELECT sha256 FROM documents"
                )
                if wanted & {sha256 for (sha256,) in rows}:
                    yield f"also indexed by the pipeline {other.name}: purge it there too"
        except IndexMissing:
            continue
        except (RagkitError, sqlite3.Error):
            yield f"the pipeline {other.name} cannot be asked whether it has the same bytes"
