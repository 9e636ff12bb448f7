"""The published state as an ingest finds it: what its files are compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ragkit.catalog import QuarantineEntry, Reader, Stamp
from ragkit.flows.surveying import Settled, Survey


@dataclass(frozen=True, slots=True)
class Before:
    """What was published. known: files that were read, by path. failed: quarantine by path.

    remade: it was made with other settings or versions than today's. partly_failed: files with an
    attachment or a page that could not be read. ocr: what read scanned pages; concerned_by_ocr:
    files that another OCR might read otherwise.
    """

    known: dict[str, Stamp]
    failed: dict[str, QuarantineEntry]
    remade: bool
    partly_failed: frozenset[str]
    ocr: str
    concerned_by_ocr: frozenset[str]

    @classmethod
    def read(cls, reader: Reader, fingerprints: dict[str, str]) -> Before:
        made_with = {name: reader.state(name) for name in fingerprints}
        partly = {item.document.partition("::")[0] for item in reader.unreadable()}
        return cls(
            known=reader.files(),
            failed={entry.path: entry for entry in reader.quarantine()},
            remade=any(made_with.values()) and made_with != fingerprints,
            partly_failed=frozenset(partly),
            ocr=reader.state("ocr"),
            concerned_by_ocr=reader.concerned_by_ocr(),
        )

    @classmethod
    def nothing(cls) -> Before:
        """Before the first ingest."""
        return cls(
            {}, {}, remade=False, partly_failed=frozenset(), ocr="", concerned_by_ocr=frozenset()
        )

    def read_anew(self, *, retry: bool, ocr: Callable[[], str]) -> frozenset[str]:
        """Files to read again though they have not changed.

        retry: what could not be read, wholly or in part. ocr: tells what reads scanned pages now;
        asked only if some file is concerned, since it starts programs.
        """
        anew = self.concerned_by_ocr
        if anew and ocr() in ("", self.ocr):
            anew = frozenset()
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
