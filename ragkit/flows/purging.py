"""Purging: some documents and everything derived from them leave every byte below the data folder.

One transaction takes them out of what readers see and out of every table, and notes, by digests,
that a purge has begun. What follows brings the deleted rows out of the files: full-text segments
merged, the catalog written anew, reports written anew, the vector index built from the vectors that
stay, the write-ahead log emptied. Killed anywhere, the next purge or ingest goes on. In the end a
byte scan that knows nothing of all this decides whether the certificate says "clean".
"""

from __future__ import annotations

import json
import platform
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from importlib.metadata import version
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import Catalog, NightLock, Publisher, Reader, Runs, WriterLock
from ragkit.catalog.erasing import Erasing
from ragkit.catalog.holdings import rows_by_table
from ragkit.catalog.publishing import Analyse
from ragkit.catalog.store import now, storage_faults
from ragkit.catalog.tracing import Traces
from ragkit.config import Pipeline
from ragkit.errors import UnknownPipeline, UsageFault
from ragkit.flows.indexing import BuildIndex, CheckIndex, renew_vector_index
from ragkit.flows.naming import paths_named
from ragkit.flows.owning import require_owner
from ragkit.flows.report_files import (
    leave_kept_reports,
    remove_reports_naming,
    reports_folder,
)
from ragkit.flows.scanning import Scanning
from ragkit.flows.surveying import prefix_of, survey
from ragkit.types import Step
from ragkit.types.erasure import Certificate, ErasedDocument, ErasedFrom

OnStep = Callable[[Step], None]
TokenIds = Callable[[str], NDArray[np.int64]]

NOT_REACHED = (
    "the original files, and copies that other programs made of them",
    "backups, snapshots and synchronised folders",
    "blocks that the file system has freed and that an SSD keeps aside: disk encryption covers these",
    "swap, hibernation files, and the memory of programs that have the old state open",
)


@dataclass(frozen=True, slots=True)
class PurgeParts:
    """What a purge works with. token_ids: of the embedder's tokenizer, None without its model.
    caches: other folders of ragkit's that are scanned too."""

    pipeline: Pipeline
    analyse: Analyse
    build_index: BuildIndex
    check_index: CheckIndex
    token_ids: TokenIds | None = None
    caches: tuple[Path, ...] = ()


def purge(
    parts: PurgeParts,
    documents: Sequence[str],
    *,
    still_there: bool = False,
    on_step: OnStep | None = None,
) -> Certificate:
    """Erase documents: paths, folders, patterns; an attachment goes with the whole file it came in.

    still_there: also those whose file still lies in the folder, where the next ingest reads it again.
    Raises UsageFault without any document or if a file still lies there, UnknownPipeline, IndexMissing,
    Busy if somebody writes or a reader does not let go, StorageFault.
    """
    if not documents:
        raise UsageFault("Which documents?", hint=f"ragkit purge {parts.pipeline.name} DOCUMENT")
    store = parts.pipeline.store
    Catalog.open_for_reading(store).close()  # raises IndexMissing: nothing is made for a purge
    with (
        storage_faults(store),
        NightLock(store),
        WriterLock(store),
        Catalog.open_for_writing(store) as catalog,
    ):
        require_owner(parts.pipeline, Reader(catalog))
        return _Purge(parts, catalog, on_step or (lambda step: None)).carry_out(
            documents, still_there
        )


@dataclass(frozen=True, slots=True)
class _Chosen:
    """files: paths of files. resumed: given names that an interrupted purge has erased already."""

    files: frozenset[str]
    resumed: frozenset[str]
    lying: frozenset[str] = field(default_factory=frozenset)


class _Purge:
    """One purge: chosen -> traced -> taken out -> cleansed -> scanned."""

    def __init__(self, parts: PurgeParts, catalog: Catalog, on_step: OnStep) -> None:
        self.parts = parts
        self.catalog = catalog
        self.on_step = on_step
        self.reader = Reader(catalog)
        self.runs = Runs(catalog)
        self.publisher = Publisher(catalog, parts.analyse)
        self.erasing = Erasing(catalog)
        self.scanning = Scanning(parts.pipeline, parts.token_ids)
        self.seconds: dict[str, float] = {}
        self.also_erased = 0

    def carry_out(self, documents: Sequence[str], still_there: bool) -> Certificate:
        chosen = self._choose(documents, still_there)
        before = self._figures()
        with self._timed("noting what must not be found"):
            erased = self._trace(chosen)
        if chosen.files:
            with self._timed("taking out"):
                remove_reports_naming(self.catalog.folder, chosen.files)
                self.publisher.erase(chosen.files, _intent(erased))
        self._cleanse()
        certificate = self._certificate(chosen, erased, before)
        if certificate.is_clean:
            self.erasing.certified()
            self.catalog.empty_log()
        return certificate

    # Choosing

    def _choose(self, documents: Sequence[str], still_there: bool) -> _Chosen:
        known = self._known()
        pending = set(self.erasing.intent.get("paths", ()))
        files: set[str] = set()
        resumed: set[str] = set()
        for name in documents:
            try:
                files |= {path.partition("::")[0] for path in paths_named(name, known)}
            except UnknownPipeline:
                plain = name.removeprefix("./")
                if _path_digest(plain) not in pending:
                    raise
                resumed.add(plain)
        lying = self._lying(files)
        if lying and not still_there:
            raise _still_there(self.parts.pipeline, sorted(lying))
        return _Chosen(frozenset(files), frozenset(resumed), frozenset(lying))

    def _known(self) -> set[str]:
        """Every path that a table has: published, in quarantine, or told of in a report."""
        queries = (
            "SELECT path FROM documents",
            "SELECT path FROM quarantine",
            "SELECT path FROM names",
        )
        rows = (self.catalog.connection.execute(query) for query in queries)
        return {path for (path,) in chain.from_iterable(rows)}

    def _lying(self, files: Collection[str]) -> set[str]:
        """Those that the next ingest would read."""
        there = {path for path in files if _lies_at(self.parts.pipeline, path)}
        return there & survey(self.parts.pipeline).seen() if there else set()

    # Tracing

    def _trace(self, chosen: _Chosen) -> tuple[ErasedDocument, ...]:
        """Needles of what goes; the documents by digest."""
        with self.catalog.snapshot():
            failed = {entry.path: entry.sha256 for entry in self.reader.quarantine()}
            known = self._known()
            below = {path for path in known if path.partition("::")[0] in chosen.files}
            traces = Traces(self.catalog, chosen.files)
            try:
                digests = traces.digests()
                self.also_erased = traces.unpublished()
                going = {*chosen.files, *chosen.resumed, *below}
                self.scanning.note(traces, going, known - below)
            finally:
                traces.forget()
        return tuple(
            ErasedDocument(
                digests.get(path, (failed.get(path, ""), False))[0],
                _path_digest(path),
                digests.get(path, ("", False))[1],
            )
            for path in sorted(chosen.files | chosen.resumed)
        )

    # Cleansing

    def _cleanse(self) -> None:
        """Each step may be done again: nothing is noted as done before the last."""
        with self._timed("merging the full-text index"):
            self.erasing.merge_words()
        with self._timed("writing the catalog anew"):
            self.erasing.rewrite()
        with self._timed("building the vector index"):
            renew_vector_index(
                self.catalog,
                self.publisher,
                self.reader.state("embedder"),
                self.parts.build_index,
                self.parts.check_index,
                published=True,
                erase=True,
            )
        if reports_folder(self.catalog.folder).is_dir():
            with self._timed("writing the reports anew"):
                leave_kept_reports(self.catalog.folder, self.runs)
        with self._timed("emptying the log"):
            self.erasing.empty_log()
            self.erasing.done()
            self.erasing.empty_log()

    # The certificate

    def _figures(self) -> dict[str, int]:
        index = self.reader.vector_index()
        return {
            **rows_by_table(self.catalog.connection),
            "generation": self.reader.generation(),
            "vector index": index.vectors if index else 0,
        }

    def _certificate(
        self, chosen: _Chosen, documents: tuple[ErasedDocument, ...], before: dict[str, int]
    ) -> Certificate:
        scan = self.scanning.scan(self.catalog, self.parts.caches, self.on_step)
        left = self.erasing.words_left(self.scanning.terms)
        if left:
            scan = replace(scan, findings=(*scan.findings, self.scanning.terms_left(left)))
        after = self._figures()
        return Certificate(
            pipeline=self.parts.pipeline.name,
            finished=now(),
            versions=_versions(),
            generation_before=before["generation"],
            generation_after=after["generation"],
            documents=documents,
            erased=tuple(_differences(before, after)),
            also_erased=self.also_erased,
            scan=scan,
            exported=_exported(self.catalog.folder, {each.sha256 for each in documents}),
            not_reached=NOT_REACHED,
            resumed=bool(chosen.resumed),
            still_there=bool(chosen.lying),
            steps={name: round(seconds, 3) for name, seconds in self.seconds.items()},
        )

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        self.on_step(Step(step, 0, 0))
        started = time.perf_counter()
        yield
        self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - started


def _path_digest(path: str) -> str:
    return sha256(path.encode("utf-8", "surrogatepass")).hexdigest()


def _intent(documents: Collection[ErasedDocument]) -> str:
    return json.dumps(
        {
            "documents": sorted({each.sha256 for each in documents}),
            "paths": sorted(each.path_sha256 for each in documents),
        }
    )


def _lies_at(pipeline: Pipeline, path: str) -> bool:
    for folder in pipeline.folders:
        prefix = prefix_of(pipeline, folder)
        if path.startswith(prefix) and (folder / path.removeprefix(prefix)).exists():
            return True
    return False


def _still_there(pipeline: Pipeline, lying: Sequence[str]) -> UsageFault:
    more = f" and {len(lying) - 1} more" if len(lying) > 1 else ""
    return UsageFault(
        f"{lying[0]}{more} still lies in the folder: the next ingest would read it again; "
        "nothing was erased.",
        hint="Delete it there first, or take it all the same: --still-there.",
    )


def _differences(before: dict[str, int], after: dict[str, int]) -> Iterator[ErasedFrom]:
    for name, count in before.items():
        if name != "generation" and count > after[name]:
            unit = "vectors" if name == "vector index" else "rows"
            yield ErasedFrom(name, count - after[name], unit)


def _versions() -> dict[str, str]:
    return {
        "ragkit": version("ragkit"),
        "chromadb": version("chromadb"),
        "sqlite": sqlite3.sqlite_version,
        "python": platform.python_version(),
    }


def _exported(store: Path, digests: Collection[str]) -> tuple[str, ...]:
    """Files and folders that ragkit wrote elsewhere and that show one of the documents."""
    from ragkit.ledger import Ledger

    entries = (entry for entry in Ledger(store).read() if entry.exported)
    return tuple(sorted({e.exported for e in entries if set(e.documents) & set(digests)}))
