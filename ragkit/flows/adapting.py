"""Which query adapter answers a question: the newest of the catalog, if its embedder is the pipeline's."""

from __future__ import annotations

import json
import sqlite3

from ragkit.catalog.adapters import Adapters
from ragkit.catalog.feedback import Feedback
from ragkit.tuning.adapter import LinearAdapter
from ragkit.types.tuning import AdapterStatus, Gained


class AdapterInUse:
    """Keeps the adapter between questions; another one is read when it takes its place."""

    def __init__(self, embedder: str) -> None:
        """embedder: fingerprint of the one whose vectors are asked."""
        self._embedder = embedder
        self._adapter: LinearAdapter | None = None

    def of(self, connection: sqlite3.Connection) -> LinearAdapter | None:
        """That of the state which the connection sees; None if there is none for this embedder."""
        adapters = Adapters(connection)
        newest = adapters.newest()
        if newest is None or newest.embedder != self._embedder:
            self._adapter = None
        elif self._adapter is None or self._adapter.fingerprint != newest.fingerprint:
            matrix = adapters.matrix(newest)
            self._adapter = LinearAdapter(newest.fingerprint, newest.weight, matrix)
        return self._adapter


def adapter_status(connection: sqlite3.Connection, embedder: str) -> AdapterStatus:
    """The newest adapter and how it was judged. embedder: fingerprint of the index's."""
    adapters = Adapters(connection)
    newest, marked = adapters.newest(), Feedback(connection).count()
    if newest is None:
        return AdapterStatus(marked=marked)
    figures = json.loads(newest.figures)
    return AdapterStatus(
        fingerprint=newest.fingerprint,
        made=newest.made,
        is_used=newest.embedder == embedder,
        former=adapters.count() - 1,
        marked=marked,
        questions=figures["questions"],
        documents=figures["documents"],
        measures=tuple(Gained(**measure) for measure in figures["measures"]),
    )
