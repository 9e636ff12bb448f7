"""Abridgements as they are kept: what is missing is made, each kept as soon as it is there.

Nothing of a document is held once it is kept: who needs it reads it again. Only where nothing can be kept,
on a read-only disk, all is held.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from ragkit.catalog import Catalog, DocumentEntry, Reader, Summaries
from ragkit.flows.abridgement import Abridgement
from ragkit.flows.abridging import Abridger, Chosen, Wanted
from ragkit.flows.abridging_together import abridged_together
from ragkit.flows.keeping import BatchParts, can_keep, patiently
from ragkit.flows.material import Material
from ragkit.flows.overhearing import Heard, Overheard
from ragkit.protocols import Generator
from ragkit.types import Step

OnStep = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Task:
    """An abridgement that is wanted. maker: what it is kept under, beside the content."""

    entry: DocumentEntry
    maker: str
    choose: Callable[[Material], Chosen]


@dataclass(frozen=True, slots=True)
class Made:
    """An abridgement that there is, of the published document it was made of.

    reused: kept by an earlier run. held: itself, where it is kept nowhere else.
    """

    entry: DocumentEntry
    maker: str
    reused: bool
    held: Abridgement | None = None


class AbridgementsOfRun:
    """Those of one run. vanished: is told each document that an ingest has erased meanwhile."""

    def __init__(
        self,
        parts: BatchParts,
        wanted: Wanted,
        catalog: Catalog,
        vanished: Callable[[DocumentEntry], None],
        on_step: OnStep,
    ) -> None:
        self.abridger = Abridger(wanted, parts.open_embedder, self._open_generator)
        self._parts = parts
        self._catalog = catalog
        self._reader = Reader(catalog)
        self._summaries = Summaries(catalog)
        self._vanished = vanished
        self._on_step = on_step
        self._keeps = can_keep(parts.pipeline)
        self._fresh: set[tuple[int, str]] = set()
        self._counting = threading.Lock()  # protects `_tokens`
        self._tokens = 0
        self._generator: Generator | None = None

    def read(self, made: Made) -> Abridgement | None:
        """As it is kept; None if the content has been erased."""
        if made.held is not None:
            return made.held
        body = self._summaries.find(made.entry.content_id, made.maker)
        return None if body is None else Abridgement.from_json(body)

    def make_all(self, tasks: Sequence[Task], stage: str) -> list[Made]:
        """In the order of the tasks, those of documents that have not vanished.

        Of several with the same content one is made; the others are it.
        """
        progress = _Progress(stage, len(tasks), sum(map(self._is_kept, tasks)), self._on_step)
        found: dict[int, Made] = {}
        left = list(enumerate(tasks))
        while left:
            left = self._make(left, found, progress)
        progress.end()
        return [found[place] for place in sorted(found)]

    def _make(
        self, tasks: Sequence[tuple[int, Task]], found: dict[int, Made], progress: _Progress
    ) -> list[tuple[int, Task]]:
        """Adds to `found`. Returns copies of what was being made, which is kept now."""
        copies: list[tuple[int, Task]] = []

        def to_make() -> Iterator[tuple[tuple[int, Task], Chosen]]:
            begun = set()
            for place, task in tasks:
                content = task.entry.content_id
                if self._is_kept(task):
                    found[place] = Made(task.entry, task.maker, reused=self._is_of_before(task))
                elif self._keeps and content in begun:
                    copies.append((place, task))
                elif (material := self._material(task.entry)) is None:
                    self._vanished(task.entry)
                else:
                    begun.add(content)
                    yield (place, task), task.choose(material)

        with closing(abridged_together(self.abridger, to_make())) as abridged:
            for (place, task), abridgement in abridged:
                made = self._keep(task, abridgement)
                if made is not None:
                    found[place] = made
                progress.made(self._tokens)
        return copies

    def missing(self, tasks: Sequence[Task]) -> list[Task]:
        """Those that are kept by no run yet."""
        return [task for task in tasks if not self._is_kept(task)]

    def _is_kept(self, task: Task) -> bool:
        return self._summaries.find(task.entry.content_id, task.maker) is not None

    def _is_of_before(self, task: Task) -> bool:
        """Else it is a copy of a document of this run."""
        return (task.entry.content_id, task.maker) not in self._fresh

    def _material(self, entry: DocumentEntry) -> Material | None:
        """None if the document is not published any more."""
        with self._catalog.snapshot():
            if entry.id not in self._reader.documents_by_id([entry.id]):
                return None
            return Material.read(self._catalog, entry)

    def _keep(self, task: Task, abridgement: Abridgement) -> Made | None:
        """None, and told, if the content is gone. On a read-only disk nothing is kept."""
        entry, maker = task.entry, task.maker
        if not self._keeps:
            return Made(entry, maker, reused=False, held=abridgement)
        body = abridgement.to_json()
        is_there = patiently(
            lambda: self._summaries.keep(entry.content_id, maker, body),
            lambda: self._on_step(Step("waiting for an ingest that publishes", 0, 0)),
        )
        if not is_there:
            self._vanished(entry)
            return None
        self._fresh.add((entry.content_id, maker))
        return Made(entry, maker, reused=False)

    def _open_generator(self) -> Generator:
        self._generator = self._parts.open_generator()
        return Overheard(self._generator, self._count)

    def _count(self, heard: Heard) -> None:
        """In the thread that wrote it."""
        assert self._generator is not None
        tokens = self._generator.count_tokens(heard.said)
        with self._counting:
            self._tokens += tokens


class _Progress:
    """Documents done, and how fast those that were not kept are made."""

    def __init__(self, stage: str, total: int, kept: int, on_step: OnStep) -> None:
        self._stage, self._total, self._kept, self._on_step = stage, total, kept, on_step
        self._made = self._tokens = 0
        self._started = time.monotonic()
        self._tell()

    def made(self, tokens: int) -> None:
        """One more document. tokens: that a model has written so far, of all documents."""
        self._made += 1
        self._tokens = tokens
        self._tell()

    def end(self) -> None:
        self._kept = self._total - self._made
        self._tell()

    def _tell(self) -> None:
        seconds = time.monotonic() - self._started
        details = []
        if self._made and seconds:
            details.append(f"{60 * self._made / seconds:.0f} documents a minute")
        if self._tokens and seconds:
            details.append(f"{self._tokens / seconds:.0f} tokens/s")
        if self._kept:
            details.append(f"{self._kept} as they were kept")
        done = min(self._total, self._kept + self._made)
        to_make = self._total - self._kept
        share = self._made / to_make if to_make else None
        self._on_step(Step(self._stage, done, self._total, ", ".join(details), share))
