"""The ledger of one store: append, read, verify.

An entry is answered for when append returns: its line is one write, flushed to the disk, and then the
head is. Killed between, the file has one entry more than the head says, which the next append mends;
killed within the write, the last line has no newline, and the next append cuts it off.
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
from ragkit.ledger.chain import BEGINNING, chained, line_of, parse
from ragkit.ledger.files import (
    ENTRIES,
    PATIENCE,
    LastLine,
    locked,
    make_key,
    open_private,
    read_key,
    read_last,
    read_lines,
)
from ragkit.ledger.head import BrokenHead, begin_head, read_head, write_head
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
        """The newest entry; number 0 for none."""
        with _said(self._store):
            if not (self._store / ENTRIES).is_file():
                return LedgerHead()
            descriptor = open_private(self._store / ENTRIES, os.O_RDONLY)
            try:
                return _head_of(read_last(descriptor).entry)
            finally:
                os.close(descriptor)

    def question(self, text: str) -> str:
        """The keyed hash under which a question is noted: spaces and capitals make no difference."""
        with _said(self._store):
            key = read_key(self._store)
            if key is None:
                with locked(self._store, self._patience):
                    key, _, _ = self._begin()
        return hmac.digest(key, f"question\n{normalised(text)}".encode(), "sha256").hex()

    def verify(self, pipeline: str, head: str = "") -> LedgerVerdict:
        """Check every line. head: a hash noted earlier, or its first 16 digits or more."""
        with _said(self._store):
            return verified(self._snapshot(), pipeline, head.strip().lower())

    def _snapshot(self) -> Snapshot:
        """Size and head that belong together, though others append."""
        if not self._store.is_dir():
            return Snapshot(lambda: iter(()), None, is_head_broken=False)
        with ExitStack() as held:
            try:
                held.enter_context(locked(self._store, self._patience))
            except OSError as error:
                if error.errno not in (errno.EROFS, errno.EACCES):
                    raise  # else it is a copy that nobody can append to
            path = self._store / ENTRIES
            size = path.stat().st_size if path.exists() else 0
            try:
                noted, is_broken = read_head(self._store, read_key(self._store)), False
            except BrokenHead:
                noted, is_broken = None, True
        return Snapshot(lambda: read_lines(self._store, size), noted, is_head_broken=is_broken)

    def _begin(self) -> tuple[bytes, LedgerHead, int]:
        """Key, newest entry, bytes of whole lines; made where there is nothing yet. Under the lock."""
        descriptor = open_private(self._store / ENTRIES, os.O_RDWR | os.O_CREAT)
        try:
            last = read_last(descriptor)
        finally:
            os.close(descriptor)
        key = read_key(self._store)
        if key is None:
            if last.end:
                raise self._damaged("its key is gone")
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
            if last.end:
                raise self._damaged("ledger.head is gone")
            begin_head(self._store, key)
            return newest
        if noted == newest:
            return newest
        is_one_behind = last.entry is not None and (noted.n, noted.hash or BEGINNING) == (
            last.entry.n - 1,
            last.entry.before,
        )
        if not is_one_behind:
            raise self._damaged(f"it ends at entry {newest.n}, and entry {noted.n} was the last")
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
            hint="ragkit audit verify says what; to begin a new one, move ledger.jsonl, ledger.head "
            f"and ledger.key out of {self._store} and keep them.",
        )


_WAY_ON = "Free some space; or set `ledger: off` in pipelines.yaml, and nothing is noted."


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
            hint="Mend the disk or its permissions; or set `ledger: off` in pipelines.yaml, and "
            "nothing is noted.",
        ) from None
