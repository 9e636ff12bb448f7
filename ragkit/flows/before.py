"""The published state as an ingest finds it: what its files are compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from ragkit.catalog import QuarantineEntry, QuarantineRow, Reader, Stamp
from ragkit.flows.passwords import Passwords
from ragkit.flows.surveying import Settled, Survey

NO_PASSWORDS = Passwords.none()
HELD = "held_back"
"""In the catalog's state: whether something is kept that the gate did not let pass."""
PASSWORD = "password"
"""The kind of a failure that a password may mend."""


@dataclass(frozen=True, slots=True)
class Before:
    """What was published. known: files that were read, by path. failed: quarantine by path.

    remade: it was made with other settings or versions than today's. partly_failed: files with an
    attachment or a page that could not be read. passwords: the stamp of those that were tried; locked:
    files with something in them that they did not open. ocr: what read scanned pages; concerned_by_ocr:
    files that another OCR might read otherwise.
    """

    known: dict[str, Stamp]
    failed: dict[str, QuarantineEntry]
    remade: bool
    partly_failed: frozenset[str]
    ocr: str
    concerned_by_ocr: frozenset[str]
    passwords: str = ""
    locked: frozenset[str] = frozenset()

    @classmethod
    def read(cls, reader: Reader, fingerprints: dict[str, str]) -> Before:
        failed = {entry.path: entry for entry in reader.quarantine()}
        made_with = {name: reader.state(name) for name in fingerprints}
        partly = {item.document.partition("::")[0] for item in reader.unreadable()}
        return cls(
            known=reader.files(),
            failed=failed,
            remade=any(made_with.values()) and made_with != fingerprints,
            partly_failed=frozenset(partly),
            ocr=reader.state("ocr"),
            concerned_by_ocr=reader.concerned_by_ocr(),
            passwords=reader.state("passwords"),
            locked=frozenset(
                entry.path.partition("::")[0] for entry in failed.values() if entry.kind == PASSWORD
            ),
        )

    @classmethod
    def nothing(cls) -> Before:
        """Before the first ingest."""
        return cls(
            {}, {}, remade=False, partly_failed=frozenset(), ocr="", concerned_by_ocr=frozenset()
        )

    def failed_so(self, row: QuarantineRow) -> bool:
        """Whether the very same is published already: what is told every night changes nothing."""
        known = self.failed.get(row.path)
        return known is not None and asdict(row) == {
            name: getattr(known, name) for name in row.__dataclass_fields__
        }

    def made_anew(self) -> Before:
        """The same, to be made anew as a whole though nothing has changed."""
        return replace(self, remade=True)

    def read_anew(
        self,
        *,
        retry: bool,
        ocr: Callable[[], str],
        passwords: Passwords = NO_PASSWORDS,
        everything: bool = False,
    ) -> frozenset[str]:
        """Files to read again though they have not changed.

        retry: what could not be read, wholly or in part. ocr: tells what reads scanned pages now;
        asked only if some file is concerned, since it starts programs. passwords: those of today, for
        what could not be opened without. everything: all files.
        """
        if everything:
            return frozenset(self.known.keys() | self.failed.keys())
        anew = self.concerned_by_ocr
        if anew and ocr() in ("", self.ocr):
            anew = frozenset()
        if passwords.stamp not in ("", self.passwords):
            anew |= {path for path in self.locked if passwords.for_file(path)}
        return anew | self.partly_failed | self.failed.keys() if retry else anew

    def settled(self, reader_of: Callable[[str], str], anew: frozenset[str]) -> Settled:
        """Size and time of the files that today would be read as they were.

        reader_of: suffix -> what reads it now. anew: files to look into all the same.
        """
        stamps = {path: (row.size, row.mtime_ns, row.reader) for path, row in self.failed.items()}
        if not self.remade:  # what could not be read is not made otherwise by other settings
            stamps = {**self.known, **stamps}
        readers = {reader for _, _, reader in stamps.values()}
        valid = {reader for reader in readers if reader_of(reader.partition(" ")[0]) == reader}
        return {
            path: (size, mtime_ns)
            for path, (size, mtime_ns, reader) in stamps.items()
            if reader in valid and path not in anew
        }

    def gone(self, found: Survey) -> set[str]:
        """Files that were published or could not be read, and are not there any more."""
        failed = {path for path, entry in self.failed.items() if entry.parent is None}
        missing = (self.known.keys() | failed) - found.seen()
        return {path for path in missing if found.knows_absence_of(path)}
