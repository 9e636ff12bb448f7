"""The scopes that questions were asked of lately, worked out once for each published state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import Catalog
from ragkit.catalog.searching import Memory, SearchReader
from ragkit.catalog.within import ReaderWithin, Within
from ragkit.config import Pipeline
from ragkit.flows.scoping import EVERYTHING, Published, Resolved, resolve
from ragkit.protocols import VectorIndex, Vectors
from ragkit.types.scope import Scope

MOST_EXACT = 10_000
"""Chunks of a scope up to which all its vectors are compared: reading them takes about 25 ms, keeping
them 15 MB."""
KEPT = 4
"""Scopes that are kept: a batch asks by turns of a few."""


@dataclass(frozen=True, slots=True)
class ScopeInUse:
    """resolved: the documents. within: what may be found, None for all. exact: over the vectors of a
    small scope; None of a large one, whose neighbours a vector index is asked for."""

    resolved: Resolved = EVERYTHING
    within: Within | None = None
    exact: VectorIndex | None = None


class Scopes:
    """Works out scopes; keeps the latest, and what all of them look at."""

    def __init__(
        self, pipeline: Pipeline, exact_index: Callable[[NDArray[np.int64], Vectors], VectorIndex]
    ) -> None:
        self._pipeline = pipeline
        self._exact_index = exact_index
        self._generation = -1
        self._published: Published | None = None
        self._kept: list[tuple[Scope, ScopeInUse]] = []  # the latest first; a scope has no hash

    def of(
        self, catalog: Catalog, reader: SearchReader, memory: Memory, scope: Scope | None
    ) -> ScopeInUse:
        """The scope in the state that `reader` sees. Raises NothingInScope, UsageFault."""
        if not scope:
            return ScopeInUse()
        self._forget_others(reader.generation())
        found = next((known for asked, known in self._kept if asked == scope), None)
        found = found or self._worked_out(catalog, reader, memory, scope)
        others = [one for one in self._kept if one[0] != scope]
        self._kept = [(scope, found), *others][:KEPT]
        return found

    def _worked_out(
        self, catalog: Catalog, reader: SearchReader, memory: Memory, scope: Scope
    ) -> ScopeInUse:
        self._published = self._published or Published.of(reader)
        resolved = resolve(self._pipeline, reader, scope, self._published)
        within = Within.of(reader, resolved.ids or ())
        vectors = ReaderWithin(catalog, within, memory).vectors_within(MOST_EXACT)
        return ScopeInUse(
            resolved, within, None if vectors is None else self._exact_index(*vectors)
        )

    def _forget_others(self, generation: int) -> None:
        if generation != self._generation:
            self._generation, self._published = generation, None
            self._kept.clear()
