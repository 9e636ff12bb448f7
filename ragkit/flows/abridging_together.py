"""Abridging many documents at once: a model is given the sentences of several side by side.

What a document's summary rests on is read and chosen in the calling thread, which alone may use the
catalog; only a model's work goes to other threads. So many documents are begun that the model has
enough to do, no more: what is held does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from ragkit.flows.abridgement import Abridgement
from ragkit.flows.abridging import Abridger, Chosen, Rewriting
from ragkit.flows.together import Stop
from ragkit.types import SummarySentence

AHEAD = 2
"""Groups that are begun for each that the model rewrites at once: it must not wait for a document to be
chosen."""

Item = TypeVar("Item")


def abridged_together(
    abridger: Abridger, documents: Iterable[tuple[Item, Chosen]]
) -> Generator[tuple[Item, Abridgement], None, None]:
    """Each document as soon as it is told, whatever the order; `item` says which one it is.

    documents: taken one at a time, in the calling thread, when the model will soon need more. Closed
    or interrupted, what is being written ends soon. Raises what the first failing one raises.
    """
    with _Desk[Item](abridger) as desk:
        for item, chosen in documents:
            groups = abridger.groups(chosen)
            if not groups:  # opens no model
                yield item, abridger.told(chosen, ())
                continue
            desk.begin(item, chosen, groups)
            while desk.is_full or desk.has_ended:
                yield from desk.ended()
        while desk.is_busy:
            yield from desk.ended()


@dataclass(frozen=True, slots=True, eq=False)
class _Begun(Generic[Item]):
    """A document whose groups are being rewritten. stop: of its own, as it holds what was begun."""

    item: Item
    chosen: Chosen
    groups: tuple[Future[list[SummarySentence]], ...]
    stop: Stop

    @property
    def is_done(self) -> bool:
        return all(group.done() for group in self.groups)

    def require_no_fault(self) -> None:
        for group in self.groups:
            if group.done():
                group.result()


class _Desk(Generic[Item]):
    """The documents that are begun, and the threads that drive the model for them."""

    def __init__(self, abridger: Abridger) -> None:
        self._abridger = abridger
        self._begun: list[_Begun[Item]] = []

    def begin(self, item: Item, chosen: Chosen, groups: Sequence[Rewriting]) -> None:
        stop = Stop()
        rewritten = self._abridger.rewritten
        futures = tuple(self._threads.submit(rewritten, group, stop) for group in groups)
        self._begun.append(_Begun(item, chosen, futures, stop))

    @property
    def is_busy(self) -> bool:
        return bool(self._begun)

    @property
    def has_ended(self) -> bool:
        """Whether a document is done: told at once, it is kept, and held no longer."""
        return any(begun.is_done for begun in self._begun)

    @property
    def is_full(self) -> bool:
        return len(self._unfinished()) >= AHEAD * self._abridger.parallel

    def ended(self) -> Iterator[tuple[Item, Abridgement]]:
        """The next documents that are done; waits until there is one, or a group less to do."""
        if not self.has_ended:
            wait(self._unfinished(), return_when=FIRST_COMPLETED)
        for begun in self._begun:
            begun.require_no_fault()
        done = [begun for begun in self._begun if begun.is_done]
        self._begun = [begun for begun in self._begun if begun not in done]
        for begun in done:
            rewritten = [group.result() for group in begun.groups]
            yield begun.item, self._abridger.told(begun.chosen, rewritten)

    def _unfinished(self) -> list[Future[list[SummarySentence]]]:
        return [group for begun in self._begun for group in begun.groups if not group.done()]

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._abridger.parallel, "ragkit-abridging")

    def __enter__(self) -> _Desk[Item]:
        return self

    def __exit__(self, *_: object) -> None:
        for begun in self._begun:  # none, but for a fault or an interrupt
            for group in begun.groups:
                group.cancel()
            begun.stop.set()
        if "_threads" in vars(self):
            self._threads.shutdown()
