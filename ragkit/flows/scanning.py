"""Scanning after a purge: the needles from what the catalog held, then every byte of the store."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import CATALOG_NAME, DATABASE_FILES, Catalog
from ragkit.catalog.holdings import files_of
from ragkit.catalog.tracing import Traces
from ragkit.config import Pipeline
from ragkit.erasure.background import own_texts
from ragkit.erasure.forms import INT8, NUMBERS, concatenated, number_keys, number_windows
from ragkit.erasure.matching import Needles
from ragkit.erasure.needles import NeedleMaker
from ragkit.erasure.scan import scan
from ragkit.erasure.windows import Keys
from ragkit.flows.report_files import told_of_steps
from ragkit.ledger import Ledger
from ragkit.types import Step
from ragkit.types.erasure import Finding, Scan

_TERM = re.compile(r"\w+")
_DIGITS = re.compile(r"[0-9a-f]+")
_BATCH = 512
"""Vectors or pages whose numbers are taken out of the needles at once."""
_DIGITS_FROM = 8
"""A stem such as "0042" or "beef" is looked for only with its suffix: every store is full of digests."""

FOUND_BEFORE = "text that an earlier scan found"


class Scanning:
    """Notes what must not be found before it is erased, and looks for it afterwards.

    terms: index terms that no document which stays has.
    """

    def __init__(
        self, pipeline: Pipeline, token_ids: Callable[[str], NDArray[np.int64]] | None
    ) -> None:
        self._pipeline = pipeline
        self._token_ids = token_ids
        self._maker = NeedleMaker()
        self.needles: Needles | None = None
        self.terms: set[str] = set()

    def note(
        self,
        traces: Traces,
        going: Collection[str],
        staying: Collection[str],
        blank: Collection[str],
    ) -> None:
        """What goes, less what stays. going, staying: paths of documents and attachments. blank: what
        stands in a vector index without any document."""
        self._add_names(going)
        self._add_contents(traces)
        self.terms = set(_terms(traces.terms("going")))
        self.terms.difference_update(_terms(traces.terms("staying")))
        settings, noted = self._settings(), _noted(self._pipeline.store)
        steps = told_of_steps(self._pipeline.store)
        for texts in (traces.texts("staying"), staying, settings, noted, steps, own_texts(), blank):
            self._maker.stays(texts)
        self.needles = self._maker.make()

    def _add_names(self, going: Iterable[str]) -> None:
        """Whole, and without their folders."""
        for path in going:
            last = PurePosixPath(path.rpartition("::")[2])
            names = (path, last.name) if _is_digits(last.stem) else (path, last.name, last.stem)
            for name in names:
                self._maker.add_name(name)

    def _add_contents(self, traces: Traces) -> None:
        for text in traces.texts("going"):
            self._maker.add_text(text)
        for vector in traces.vectors("going"):
            self._maker.add_vectors(vector[np.newaxis])
        for matrix in traces.matrices():
            self._maker.add_vectors(matrix[np.newaxis])
        for vectors in traces.sentence_vectors("going"):
            self._maker.add_small_vectors(vectors)
        for key in traces.vector_keys():
            self._maker.add_vector_key(key)
        for page in traces.pages("going") if self._token_ids else ():
            assert self._token_ids is not None
            self._maker.add_tokens(self._token_ids(page))

    def scan(
        self, catalog: Catalog, caches: Iterable[Path], on_step: Callable[[Step], None]
    ) -> Scan:
        """Every byte below the store, and below `caches`."""
        assert self.needles is not None

        def tell(done: int, total: int) -> None:
            on_step(Step("scanning, MB", done // 1_000_000, -(-total // 1_000_000)))

        store, others = self._pipeline.store, [folder for folder in caches if folder.is_dir()]
        found = scan(store, self.needles, others, tell, stay_open=DATABASE_FILES, held=catalog.held)
        doubtful = {finding.encoding for finding in found.findings} & {*NUMBERS}
        if not doubtful:
            return found
        # Only now: to take the numbers of all documents out beforehand would cost minutes.
        for encoding, keys in _batched(self._numbers_that_stay(catalog)):
            if encoding in doubtful:
                self.needles = self.needles.without(encoding, keys)
        return scan(store, self.needles, others, tell, stay_open=DATABASE_FILES, held=catalog.held)

    def _numbers_that_stay(self, catalog: Catalog) -> Iterator[tuple[str, Keys]]:
        with catalog.snapshot():
            traces = Traces(catalog, ())
            for vector in traces.vectors("staying"):
                yield from number_keys(vector[np.newaxis], None)
            for vectors in traces.sentence_vectors("staying"):
                yield INT8, number_windows(vectors)
            for page in traces.pages("staying") if self._token_ids else ():
                assert self._token_ids is not None
                yield from number_keys(None, self._token_ids(page))
            traces.forget()

    def terms_left(self, count: int) -> Finding:
        return Finding(f"{self._pipeline.store.name}/{CATALOG_NAME}", "index terms", count, 0)

    def _settings(self) -> Iterator[str]:
        pipeline = self._pipeline
        yield from (pipeline.name, str(pipeline.settings_file), str(pipeline.store))
        yield from map(str, (*pipeline.folders, *pipeline.settings.folders))
        yield from (pipeline.settings.embedder.model, pipeline.settings.generator.model)
        yield from (str(output.path) for output in pipeline.outputs)


def _batched(stays: Iterable[tuple[str, Keys]]) -> Iterator[tuple[str, Keys]]:
    """The same keys, many at once: taking some out of the needles costs the same for few and many."""
    held: dict[str, list[Keys]] = {}
    for encoding, keys in stays:
        batch = held.setdefault(encoding, [])
        batch.append(keys)
        if len(batch) == _BATCH:
            yield encoding, concatenated(held.pop(encoding))
    yield from ((encoding, concatenated(batch)) for encoding, batch in held.items())


def found_again(scan: Scan, before: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """Files in which an earlier scan found something, and that are there, or whose bytes are.

    before: file, as it was shown -> its SHA-256 then. ragkit's own files stay under their names; they
    are the same only with the same bytes.
    """
    digests = {one for found in before.values() for one in found}
    named = {finding.path for finding in scan.findings}
    for file in scan.files:
        own = files_of(file.path.partition("/")[2]) is not None
        is_there = file.path in before and not own
        if (is_there or file.sha256 in digests) and file.path not in named:
            yield Finding(file.path, FOUND_BEFORE, 1, 0)


def _is_digits(stem: str) -> bool:
    """Whether every digest may have such digits in it by chance."""
    return len(stem) < _DIGITS_FROM and _DIGITS.fullmatch(stem) is not None


def _noted(store: Path) -> Iterator[str]:
    """What the ledger holds by name, and goes on holding: users, pipelines, and where was exported to."""
    for entry in Ledger(store).read():
        yield from (entry.user, entry.pipeline, entry.exported, *entry.with_pipelines)


def _terms(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from _TERM.findall(text)
