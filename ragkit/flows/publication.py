"""Publishing what an ingest has made ready, all of it or, below the gate, only what is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

from ragkit.catalog import Catalog, Changes, DocumentRow, HeldBack, Publisher, Reader
from ragkit.catalog.publishing import MetadataOf
from ragkit.errors import RagkitError
from ragkit.flows.before import Before
from ragkit.flows.ingest_parts import IngestParts
from ragkit.flows.owning import owner_of
from ragkit.types import GateVerdict, Step

FAULTS_TOLD = 3
"""Of the gate's file."""
NOTHING: Mapping[str, str] = MappingProxyType({})


class Publication:
    """What one ingest publishes. ready: what is whole. gone: files that left a path, with their digests.

    metadata_of: of a document, by its path. verdict: what the gate found, if it was asked. held: the
    documents it did not let pass. is_done: whether anything was published at all.
    """

    def __init__(
        self,
        parts: IngestParts,
        catalog: Catalog,
        publisher: Publisher,
        before: Before,
        on_step: Callable[[Step], None],
    ) -> None:
        self._parts = parts
        self._catalog = catalog
        self._publisher = publisher
        self._before = before
        self._on_step = on_step
        self._latest = time.monotonic()
        self.run = 0
        self.ready = Changes()
        self.gone: dict[str, str] = {}
        self.held: list[DocumentRow] = []
        self.verdict: GateVerdict | None = None
        self.is_done = False
        self.metadata_of: MetadataOf = lambda path: ()

    @property
    def is_due(self) -> bool:
        """A long first ingest can be used while it runs.

        A remade state is shown only when it is whole, and one with a gate when that has seen all of it.
        """
        if not self.ready or self._before.remade or self._parts.judge is not None:
            return False
        minutes = (time.monotonic() - self._latest) / 60
        return minutes >= self._parts.pipeline.settings.publish_minutes

    def publish(self, noted: Mapping[str, str] = NOTHING) -> None:
        """One transaction, or two if the gate says no. noted: what holds once every file was looked at."""
        if self.ready:
            self._on_step(Step("publishing", 0, 0))
            self.is_done = True
        try:
            self._apply(self.ready, self._parts.fingerprints(), noted, self._judgement())
        except HeldBack:
            self.held = self.ready.shown
            rest = self.ready.without_what_is_held(self._before.known, self._moved())
            reader = Reader(self._catalog)
            self._apply(rest, {name: reader.state(name) for name in self._parts.fingerprints()})
        self.ready = Changes()
        self._latest = time.monotonic()

    def _apply(
        self,
        changes: Changes,
        fingerprints: dict[str, str],
        noted: Mapping[str, str] = NOTHING,
        judge: Callable[[], bool] | None = None,
    ) -> None:
        self._publisher.publish(
            changes,
            fingerprints=fingerprints,
            noted={**owner_of(self._parts.pipeline), **noted},
            run=self.run,
            judge=judge,
            metadata_of=self.metadata_of,
        )

    def _moved(self) -> set[str]:
        """Paths whose file is gone while its bytes are held back at a new one: these stay, or a
        renamed folder would be taken out of the index by a gate that names its old paths."""
        new = {row.sha256 for row in self.held if row.path not in self._before.known}
        return {path for path, digest in self.gone.items() if digest in new}

    def _judgement(self) -> Callable[[], bool] | None:
        """The gate, unless nothing but removals is to be published: these are never held back."""
        judge = self._parts.judge
        if judge is None or not (self.ready.shown or self.ready.quarantined):
            return None

        def passes() -> bool:
            self._on_step(Step("asking the gate's questions", 0, 0))
            try:
                self.verdict = judge(self._catalog)
            except RagkitError as fault:
                faults = map(str, getattr(fault, "faults", ())[:FAULTS_TOLD])
                self.verdict = GateVerdict.impossible("; ".join((fault.message, *faults)))
            return self.verdict.passed

        return passes
