"""What an index remembers of its ledger: so that a ledger that is gone, or shorter, is noticed.

Noted in the catalog's state under the writer's lock when an ingest or a purge has ended. It is no proof
against who can write the store, who can write both; it tells a ledger that was lost, or put back from
an older backup, from one that was never begun.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from ragkit.catalog import Catalog, Reader, WriterLock
from ragkit.catalog.state import note_state
from ragkit.config import Pipeline
from ragkit.errors import CheckFailed, NotReady
from ragkit.flows.owning import require_owner
from ragkit.flows.stating import published
from ragkit.ledger import Ledger
from ragkit.ledger.book import BEGIN_ANEW
from ragkit.types.ledger import LedgerHead

LEDGER = "ledger"
"""In the catalog's state: the newest entry, and whether the ledger was switched off."""


@dataclass(frozen=True, slots=True)
class Memory:
    """head: the newest entry then. is_off: the settings said `ledger: off`."""

    head: LedgerHead = field(default_factory=LedgerHead)
    is_off: bool = False

    @classmethod
    def of(cls, text: str) -> Memory:
        if not text:
            return cls()
        data = json.loads(text)
        return cls(LedgerHead(data["n"], data["hash"]), data["off"])

    def as_text(self) -> str:
        return json.dumps({"n": self.head.n, "hash": self.head.hash, "off": self.is_off})


def remembered(pipeline: Pipeline) -> Memory:
    """Nothing before the first ingest. Raises UsageFault if the store is another pipeline's."""
    try:
        with published(pipeline) as catalog:
            return Memory.of(Reader(catalog).state(LEDGER))
    except NotReady:
        return Memory()


def remember(pipeline: Pipeline, *, anew: bool = False) -> None:
    """Note how the ledger stands. anew: also if it is shorter than what is remembered.

    Raises NotReady without an index, Busy, StorageFault, UsageFault.
    """
    ledger = Ledger(pipeline.store)
    Catalog.open_for_reading(pipeline.store).close()  # nothing is made for it
    with WriterLock(pipeline.store), Catalog.open_for_writing(pipeline.store) as catalog:
        reader = Reader(catalog)
        require_owner(pipeline, reader)
        before, now = Memory.of(reader.state(LEDGER)).head, ledger.head()
        head = now if anew or now.n >= before.n else before
        memory = Memory(head, pipeline.settings.ledger == "off")
        with catalog.transaction() as connection:
            note_state(connection, {LEDGER: memory.as_text()})
        catalog.empty_log()


def require_whole(pipeline: Pipeline, memory: Memory) -> None:
    """Raises CheckFailed if the ledger has fewer entries than the index remembers."""
    last = Ledger(pipeline.store).head().n
    if last < memory.head.n:
        found = f"ends at entry {last}" if last else "is gone"
        raise CheckFailed(
            f"The ledger in {pipeline.store} {found}, and the index remembers entry "
            f"{memory.head.n}; nothing is noted over it.",
            hint=BEGIN_ANEW.format(store=pipeline.store),
        )
