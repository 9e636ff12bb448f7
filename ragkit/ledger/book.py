"""The ledger of one store: append, read, verify.

An entry is answered for when append returns: the head says which one is coming, its line is one write,
and then the head says that it is there, each flushed to the disk. Killed between, the file has the one
entry more that the head announced, which the next append mends; killed within the write, the last line
has no newline, and the next append cuts it off. Anything else behind the head is not ragkit's.
"""

from __future__ import annotations

import errno
import hmac
import os
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ragkit.errors import CheckFailed, StorageFault
from ragkit.ledger.chain import chained, line_of, parse
from ragkit.ledger.files import (
    ENTRIES,
    PATIENCE,
    LastLine,
    key_fault,
    locked,
    make_key,
    open_private,
    read_key,
    read_last,
    read_lines,
)
from ragkit.ledger.head import NOTHING, BrokenHead, Noted, begin_head, read_head, write_head
from ragkit.ledger.verifying import Snapshot, verified
from ragkit.types.ledger import LedgerEntry, LedgerHead, LedgerVerdict


class Ledger:
    """The ledger in the folder `store`. patience: seconds to wait for others who append.

    Every method raises StorageFault where a file cannot be used, Busy when others do not let go.
    """

    def __init__(self, store: Path, *, patience: float = PATIENCE) -> None:
        self._store = store
        self._patience = patience

    def prepare(self) -> None:
        """Make sure that an entry could be noted now; nothing is. Raises CheckFailed as `append`."""
        with _said(self._store), locked(self._store, self._patience):
            self._begin()

    def append(self, entry: LedgerEntry) -> LedgerEntry:
        """Note it after all others, on the disk; returned with its number and hashes.

        Raises CheckFailed if the end of the ledger is not as it was left: nothing is noted over that.
        """
        with _said(self._store), locked(self._store, self._patience):
            key, last, whole = self._begin()
            placed = chained(entry, last)
            write_head(self._store, last, key, following=placed.hash)
            self._write(line_of(placed), whole)
            write_head(self._store, LedgerHead(placed.n, placed.hash), key)
        return placed

    def read(self) -> Iterator[LedgerEntry]:
        """All entries, oldest first; lines that are not as they were written are left out."""
        with _said(self._store):
            for line in read_lines(self._store):
                entry = parse(line)
                if entry is not None:
                    yield entry

    def unreadable(self) -> int:
        """How many lines are not as they were written; `verify` tells more."""
        with _said(self._store):
            return sum(parse(line) is None for line in read_lines(self._store))

    def head(self) -> LedgerHead:
        """The newest entry, by number and hash; number 0 for none."""
        return _head_of(self.last())

    def last(self) -> LedgerEntry | None:
        """The newest entry; None if there is none, or it is not as it was written."""
        with _said(self._store):
            if not self.exists():
                return None
            descriptor = open_private(self._store / ENTRIES, os.O_RDONLY)
            try:
                return read_last(descriptor).entry
            finally:
                os.close(descriptor)

    def exists(self) -> bool:
        """Whether there is a file of entries, be it an empty one."""
        return (self._store / ENTRIES).is_file()

    def question(self, text: str) -> str:
        """The keyed hash under which a question is noted: spaces and capitals make no difference."""
        with _said(self._store):
            key = read_key(self._store)
            if key is None:
                with locked(self._store, self._patience):
                    key, _, _ = self._begin()
        return hmac.digest(key, f"question\n{normalised(text)}".encode(), "sha256").hex()

    def verify(
        self, pipeline: str, head: str = "", *, known: LedgerHead = NOTHING
    ) -> LedgerVerdict:
        """Check every line. head: a hash noted earlier, or its first 16 digits or more.

        known: an entry that was there for certain, since the index remembers it.
        """
        with _said(self._store):
            return verified(self._snapshot(), pipeline, head.strip().lower(), known)

    def _snapshot(self) -> Snapshot:
        """Size and head that belong together, though others append."""
        if not self._store.is_dir():
            return Snapshot(lambda: iter(()), None)
        with ExitStack() as held:
            try:
                held.enter_context(locked(self._store, self._patience))
            except OSError as error:
                if error.errno not in (errno.EROFS, errno.EACCES):
                    raise  # else it is a copy that nobody can append to
            path = self._store / ENTRIES
            size = path.stat().st_size if path.exists() else 0
            noted, fault = self._noted()
        return Snapshot(lambda: read_lines(self._store, size), noted, fault)

    def _noted(self) -> tuple[Noted | None, str]:
        """The head, and why it cannot be relied on; "" where it can."""
        try:
            return read_head(self._store, read_key(self._store)), ""
        except BrokenHead:
            missing = key_fault(self._store)
            if missing:
                return None, f"{missing}: whether ragkit wrote ledger.head cannot be told"
            return None, "ledger.head was not written by ragkit with this key"

    def _begin(self) -> tuple[bytes, LedgerHead, int]:
        """Key, newest entry, bytes of whole lines; made where there is nothing yet. Under the lock."""
        descriptor = open_private(self._store / ENTRIES, os.O_RDWR | os.O_CREAT)
        try:
            last = read_last(descriptor)
        finally:
            os.close(descriptor)
        key = read_key(self._store)
        if key is None:
            if last.size:
                raise self._damaged(key_fault(self._store))
            key = make_key(self._store)
        return key, self._continued(last, key), last.end

    def _continued(self, last: LastLine, key: bytes) -> LedgerHead:
        """The newest entry, when the head agrees with it; the head is mended after a kill."""
        newest = _head_of(last.entry)
        if last.end and last.entry is None:
            raise self._damaged("its last line was altered")
        try:
            noted = read_head(self._store, key)
        except BrokenHead:
            raise self._damaged("ledger.head is not as it was written") from None
        if noted is None:
            if last.size:
                raise self._damaged("ledger.head is gone")
            begin_head(self._store, key)
            return newest
        if noted.last == newest:
            if last.size > last.end and not noted.next:
                raise self._damaged(
                    "something that ragkit did not write stands after its last entry"
                )
            return newest
        if noted.last.n > newest.n:
            raise self._damaged(
                f"it ends at entry {newest.n}, and entry {noted.last.n} was the last"
            )
        if not noted.awaits(last.entry) or last.size > last.end:
            raise self._damaged(f"entry {newest.n} is not one that ragkit wrote with its key")
        write_head(self._store, newest, key)
        return newest

    def _write(self, line: bytes, end: int) -> None:
        """At `end`, over what a killed append left there. Takes back what does not fit on the disk."""
        descriptor = open_private(self._store / ENTRIES, os.O_RDWR)
        try:
            os.ftruncate(descriptor, end)
            try:
                if os.pwrite(descriptor, line, end) < len(line):
                    os.pwrite(descriptor, line, end)  # says why it does not fit
                    raise StorageFault(f"The disk that holds {self._store} is full.", hint=_WAY_ON)
                os.fsync(descriptor)
            except BaseException:
                os.ftruncate(descriptor, end)
                raise
        finally:
            os.close(descriptor)

    def _damaged(self, why: str) -> CheckFailed:
        return CheckFailed(
            f"The ledger in {self._store} was changed: {why}; nothing is noted over it.",
            hint=BEGIN_ANEW.format(store=self._store),
        )


BEGIN_ANEW = (
    "ragkit audit verify says what; restore it from a backup. To begin a new one, move ledger.jsonl, "
    "ledger.head and ledger.key out of {store}, keep them, and run ragkit audit begin."
)
SWITCH_OFF = (
    " Whoever answers for the audit may set `ledger: off` in pipelines.yaml: then nothing is noted."
)
_WAY_ON = f"Free some space on it, and ask again.{SWITCH_OFF}"


def normalised(question: str) -> str:
    """What two ways of typing one question have in common."""
    return " ".join(unicodedata.normalize("NFKC", question).casefold().split())


def _head_of(entry: LedgerEntry | None) -> LedgerHead:
    return LedgerHead() if entry is None else LedgerHead(entry.n, entry.hash)


@contextmanager
def _said(store: Path) -> Iterator[None]:
    """Puts what the file system says into one sentence with the way on."""
    try:
        yield
    except OSError as error:
        name = error.filename or store / ENTRIES
        raise StorageFault(
            f"The ledger cannot be written, so nothing is shown: {name}: {error.strerror}.",
            hint=f"{_mend(error.errno, name)}{SWITCH_OFF}",
        ) from None


def _mend(number: int | None, name: object) -> str:
    if number in (errno.ENOSPC, errno.EDQUOT):
        return "Free some space on its disk, and ask again."
    if number == errno.EROFS:
        return "Its disk is read-only: have it mounted for writing, and ask again."
    return f"Mend the disk or the permissions: ls -l {name}"
