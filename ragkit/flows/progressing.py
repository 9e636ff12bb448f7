"""Progress of an ingest: files done, rates, and the share of the work by which the end is foretold."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from ragkit.flows.surveying import SourceFile
from ragkit.types import Step


class Progress:
    """Counts files and bytes; tells `on_step` how far the run has come."""

    def __init__(self, on_step: Callable[[Step], None]) -> None:
        self._on_step = on_step
        self._started = time.monotonic()
        self._files = self._bytes = 0
        self._files_done = self._bytes_done = 0
        self._embedded = self._handed_over = 0

    def expect(self, work: Iterable[SourceFile]) -> None:
        """The files that will be looked into."""
        for file in work:
            self._files += 1
            self._bytes += file.size
        self._started = time.monotonic()

    def finish(self, file: SourceFile) -> None:
        """A file is read, or known not to be readable."""
        self._files_done += 1
        self._bytes_done += file.size
        self._tell()

    def tell(self, embedded: int, handed_over: int) -> None:
        """So many chunks are embedded of those that the embedder was given."""
        self._embedded, self._handed_over = embedded, handed_over
        self._tell()

    def _tell(self) -> None:
        if self._files_done < self._files:
            counts = ("reading", self._files_done, self._files)
        elif self._handed_over:
            counts = ("embedding", self._embedded, self._handed_over)
        else:
            return  # nothing to tell of
        self._on_step(Step(*counts, self._rates(), self._share()))

    def _share(self) -> float | None:
        """Of the whole work: what is read, less what of it is not embedded yet."""
        if not self._bytes:
            return None
        embedded = self._embedded / self._handed_over if self._handed_over else 1.0
        return self._bytes_done / self._bytes * embedded

    def _rates(self) -> str:
        seconds = time.monotonic() - self._started
        if seconds < 1:
            return ""
        rates = [f"{self._files_done / seconds:.1f} files/s"]
        if self._embedded:
            rates.append(f"{self._embedded / seconds:.0f} chunks/s")
        return ", ".join(rates)
