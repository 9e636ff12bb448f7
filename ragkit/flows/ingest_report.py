"""The report of one ingest, from what it counted and what is published now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ragkit.catalog import Catalog, Reader, Runs
from ragkit.flows.ingest_parts import IngestParts
from ragkit.flows.languages import language_notes
from ragkit.isolation import current
from ragkit.types import GateVerdict, IngestReport

CLOSED_NAMED = 20


@dataclass(frozen=True, slots=True)
class Done:
    """What an ingest did. counts: documents and files by what became of them. gone: digests by the
    paths that they left; added: digests that came. closed: files that could not be opened, whose
    earlier text answers. held: paths that the gate held back. embedded: texts. Times in seconds.
    """

    counts: Counter[str]
    gone: Mapping[str, str]
    added: Sequence[str]
    closed: Sequence[str]
    notes: Sequence[str]
    held: Sequence[str]
    verdict: GateVerdict | None
    embedded: int
    embedding_seconds: float
    seconds: float


def report_of(parts: IngestParts, catalog: Catalog, done: Done) -> IngestReport:
    """The report; the list of failures is brought up to date with it."""
    reader, counts = Reader(catalog), done.counts
    totals = reader.counts()
    # Files that are gone from one path and stand, with the same bytes, at a new one.
    renamed = sum((Counter(done.gone.values()) & Counter(done.added)).values())
    unreadable = reader.unreadable()
    return IngestReport(
        pipeline=parts.pipeline.name,
        generation=reader.generation(),
        added=counts["added"] - renamed,
        changed=counts["changed"],
        remade=counts["remade"],
        renamed=renamed,
        removed=counts["removed"] - renamed,
        unchanged=counts["unchanged"],
        files_read=counts["files_read"],
        bytes_read=counts["bytes_read"],
        ocr_pages=reader.ocr_pages(),
        metadata_changed=counts["metadata_changed"],
        embedded=done.embedded,
        documents=totals["documents"],
        chunks=totals["chunks"],
        unreadable=unreadable,
        new_failures=Runs(catalog).note_failures(unreadable),
        doubtful=reader.doubtful_pages(),
        hidden=reader.hidden(),
        fenced=reader.fenced(),
        seconds=done.seconds,
        embedding_seconds=done.embedding_seconds,
        notes=(*done.notes, *_of_closed(done.closed), *language_notes(reader, parts.trained)),
        held=tuple(done.held),
        gate=done.verdict,
        isolation=current().level,
        accepted_weak=parts.accepted_weak,
    )


def _of_closed(closed: Sequence[str]) -> Iterator[str]:
    if closed:
        more = f" and {len(closed) - CLOSED_NAMED} more" * (len(closed) > CLOSED_NAMED)
        yield (
            "Cannot be opened now, what was read before goes on answering: "
            f"{', '.join(closed[:CLOSED_NAMED])}{more}."
        )
