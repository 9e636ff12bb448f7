"""Opening catalog.db: one connection per thread and purpose, safe settings, errors put into words."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from ragkit.catalog.privacy import require_private
from ragkit.catalog.schema import MIGRATIONS, migrate
from ragkit.errors import Busy, IndexMissing, NotReady, StorageFault
from ragkit.files import make_private

CATALOG_NAME = "catalog.db"
DATABASE_FILES = frozenset(CATALOG_NAME + end for end in ("", "-journal", "-shm", "-wal"))
"""What SQLite may lock, or takes part in its locking."""
LOCK_NAME = "lock"
CACHE_KIB = 65_536
BUSY_SECONDS = 30.0
"""How long SQLite waits for a lock, and for readers when the write-ahead log is emptied."""
FULL_BELOW = 1 << 20
"""Bytes free on a disk under which a failure to write is put down to that."""
SAID_OF_DAMAGE = (
    "unsupported file format",
    "Could not decode",
    "no such ",  # table, column, fts5 table, module: a name in the schema has changed
    "invalid fts5",
    "SQL logic error",
    "vtable constructor failed",
)
"""What SQLite says of a file whose bytes were changed where its code is only "error"."""
DAMAGE_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)


class Catalog:
    """A connection to the catalog of one pipeline. Close it, or use it in a `with`."""

    def __init__(
        self, connection: sqlite3.Connection, folder: Path, shut_out: IO[bytes] | None = None
    ) -> None:
        """shut_out: an open file whose lock keeps writers out as long as this is open.

        `held` is closed after the connection. A file of the database that was opened beside it belongs
        there: closing one takes away the locks of the whole process (close(2) of POSIX; "How To Corrupt
        An SQLite Database File", 2.2), and another process then takes the database for its own.
        """
        self.connection = connection
        self.folder = folder
        self.held = ExitStack()
        self._shut_out = shut_out

    @classmethod
    def open_for_writing(cls, folder: Path) -> Catalog:
        """Create or migrate; the caller holds the WriterLock. Raises StorageFault, NotReady."""
        with storage_faults(folder), file_faults(folder):
            make_private(folder)
            require_private(folder)
            path = folder / CATALOG_NAME
            path.touch(mode=0o600)
            connection = _connect(path)
            connection.execute("PRAGMA journal_mode = WAL")
            # FULL: a published state and every acknowledged document survive a power cut.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA foreign_keys = ON")
            migrate(connection)
            return cls(connection, folder)

    @classmethod
    def open_for_reading(cls, folder: Path) -> Catalog:
        """Raises IndexMissing if nothing was ever ingested, NotReady for another version."""
        path = folder / CATALOG_NAME
        with storage_faults(folder), file_faults(folder):
            if not path.is_file():
                raise IndexMissing("Nothing is indexed yet.")
            require_private(folder)
            connection, shut_out = _connect_to_read(path)
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                raise IndexMissing("Nothing is indexed yet.")
            if version < len(MIGRATIONS):
                raise NotReady(
                    "This index was written by an older ragkit.",
                    hint=f"ragkit ingest {folder.name}",
                )
            if version > len(MIGRATIONS):
                raise NotReady("This index was written by a newer ragkit.", hint="Update ragkit.")
            return cls(connection, folder, shut_out)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing. Raises StorageFault when the disk is full or read-only."""
        with storage_faults(self.folder):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                # A failed COMMIT (disk full) may have rolled back by itself already.
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Everything read inside sees one published state, whatever is published meanwhile."""
        with storage_faults(self.folder):
            if self.connection.in_transaction:
                yield self.connection
                return
            self.connection.execute("BEGIN")
            try:
                yield self.connection
            finally:
                self.connection.execute("ROLLBACK")

    def empty_log(self) -> bool:
        """Move the write-ahead log into the file and empty it; False if a reader was in the way."""
        busy, _, _ = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def close(self) -> None:
        self.connection.close()
        self.held.close()
        if self._shut_out is not None:
            self._shut_out.close()

    def __enter__(self) -> Catalog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _connect_to_read(path: Path) -> tuple[sqlite3.Connection, IO[bytes] | None]:
    """The connection, and what keeps writers out as long as it is open, where that is needed.

    SQLite opens a WAL database that it cannot put a log's index beside, since the disk is read-only
    or full, only if it is told that nothing will change.
    """
    log = path.with_name(path.name + "-wal")
    is_log_empty = not (log.exists() and log.stat().st_size)
    frozen, shut_out = is_log_empty and not os.access(path.parent, os.W_OK), None
    try:
        connection = _connect(path, frozen=frozen)
    except sqlite3.OperationalError as error:
        if "disk I/O" not in str(error):
            raise
        shut_out = _shut_writers_out(path.parent) if is_log_empty else None
        connection = _connect(path, frozen=is_log_empty, alone=not is_log_empty)
    connection.execute("PRAGMA query_only = ON")
    return connection, shut_out


def _shut_writers_out(folder: Path) -> IO[bytes]:
    """An open file that holds the writers' lock for readers. Raises Busy if somebody writes."""
    file = (folder / LOCK_NAME).open("rb")
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise Busy(
            f"The disk that holds {folder} is full, and an ingest is at work on it."
        ) from None
    return file


def _connect(path: Path, *, frozen: bool = False, alone: bool = False) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}{'?immutable=1' if frozen else ''}"
    # isolation_level None: transactions begin where this code says so, nowhere else.
    connection = sqlite3.connect(address, isolation_level=None, timeout=BUSY_SECONDS, uri=True)
    try:
        if alone:
            # SQLite's "use of WAL without shared memory", for what a killed ingest left in the log.
            # It must be said before the first reading.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA temp_store = MEMORY")  # sorted text must not reach /tmp
        connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def now() -> str:
    """UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat("T", "seconds")


@contextmanager
def storage_faults(folder: Path) -> Iterator[None]:
    """Puts what SQLite says into one sentence with the folder and the next step."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "full" in text or ("disk I/O" in text and _is_full(folder)):
            raise StorageFault(
                f"The disk that holds {folder} is full; what was published stays as it was.",
                hint="Free some space and run the command again; it goes on where it stopped.",
            ) from None
        if "locked" in text:
            raise Busy(f"The catalog in {folder} is locked by another process.") from None
        if "locking protocol" in text:  # SQLITE_PROTOCOL: it was tried for ten seconds
            raise Busy(
                f"The catalog in {folder} was just being opened by a process that does not go on.",
                hint="Let a suspended ragkit go on (fg), or end it.",
            ) from None
        if any(said in text for said in SAID_OF_DAMAGE):
            raise _damaged(folder) from None
        if "readonly" in text or "unable to open" in text or "disk I/O" in text:
            raise StorageFault(
                f"The catalog in {folder} cannot be used: {text}.",
                hint="Check that the folder can be written and that its disk is sound.",
            ) from None
        raise
    except sqlite3.DatabaseError as error:
        # The low byte is the code itself, the others say more of it; misuse of a connection has none.
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGE_CODES:
            raise _damaged(folder) from None
        raise


def _is_full(folder: Path) -> bool:
    """On some file systems SQLite is told no more than that writing failed."""
    try:
        return shutil.disk_usage(folder).free < FULL_BELOW
    except OSError:
        return False


def _damaged(folder: Path) -> StorageFault:
    """Without what SQLite says, which may quote what it could not decode."""
    return StorageFault(
        f"The catalog in {folder} is damaged.",
        hint=f"Restore it from a backup, or remove {folder} and ingest again.",
    )


@contextmanager
def file_faults(folder: Path) -> Iterator[None]:
    """The same for what the file system says."""
    try:
        yield
    except OSError as error:
        raise StorageFault(
            f"{error.filename or folder} cannot be used: {error.strerror}.",
            hint="Check the disk's free space and the folder's permissions.",
        ) from None
