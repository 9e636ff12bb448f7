"""How long an ingest will take: a range, from what this pipeline took before, else from this machine.

Pure functions over figures. The range is meant to hold what comes: its ends are as far apart as formats,
scans and a busy machine have been seen to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ragkit.types import FileKind, IngestPlan, RunRecord, TimeRange


@dataclass(frozen=True, slots=True)
class Expectation:
    """What to expect of a kind of file, least and most.

    characters: of text in a byte of the file. seconds: for reading one file. page_bytes: of a page
    that may turn out to be a picture and need OCR; 0 where there are no such pages.
    """

    characters: tuple[float, float]
    seconds: tuple[float, float]
    page_bytes: int = 0


_TEXT = Expectation((0.8, 1.0), (0.01, 0.2))
_MARKUP = Expectation((0.05, 0.8), (0.05, 0.6))
_OFFICE = Expectation((0.05, 1.2), (0.3, 4.0))
_PDF = Expectation((0.1, 0.6), (0.1, 1.5), page_bytes=20_000)
_IMAGE = Expectation((0.0, 0.01), (0.1, 0.5), page_bytes=1_000_000)
_OTHER = Expectation((0.0, 1.0), (0.0, 1.0))
"""On 40 to 90 samples of each: text 1.0 characters a byte, web pages and mail 0.06 to 0.7, office files 0.01
to 1.1, PDF files 0.07 to 0.3 (all their bytes taken together)."""

_SUFFIXES = {
    _TEXT: ".txt .text .log .md .markdown .csv .tsv .yaml .yml .rst .rest .json .jsonl .ndjson",
    _MARKUP: ".html .htm .xhtml .xml .eml .msg .mbox",
    _OFFICE: ".docx .docm .dotx .dotm .doc .odt .rtf .xlsx .xlsm .xls .ods .pptx .pptm .ppt .odp",
    _PDF: ".pdf",
    _IMAGE: ".png .jpg .jpeg .tif .tiff .bmp .gif .webp",
}
EXPECTED = {suffix: kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}

CHARACTERS_FOR_EACH_TEXT = 725
"""Characters of a document for each passage of 200 tokens that is embedded: 20 contracts with 1,438,000
characters make chunks of 396,000 tokens, headers included."""
OCR_SECONDS = 10.0
"""For a page, on one core of a busy machine; a page of a black and white scan has 20 kB."""
_BESIDE = (4e-6, 25e-6)
"""Seconds beside embedding for each character: cutting, writing, indexing."""
_FIXED = (2.0, 8.0)
"""Seconds of any ingest: opening, publishing, the vector index."""
_BUSY = 2.0
"""How many times slower the embedder has been seen while other programs worked."""
_QUIET = 0.7
_TELLING_BYTES = 50_000
"""Runs that read less say more about starting than about reading."""
_SPREAD = (0.7, 1.6)
"""How far a run strays from those before it."""


def timed(
    plan: IngestPlan, runs: Iterable[RunRecord], texts_per_second: float | None, workers: int
) -> IngestPlan:
    """The plan with the time it will take. runs: of this pipeline; the rest as for `estimate`."""
    figures = [run.figures for run in runs if run.outcome == "done"]
    return replace(plan, time=estimate(plan.kinds, figures, texts_per_second, workers))


def estimate(
    kinds: Sequence[FileKind],
    figures: Iterable[Mapping[str, Any]],
    texts_per_second: float | None,
    workers: int = 1,
) -> TimeRange | None:
    """Seconds that an ingest of these files will take; None where nothing was ever measured.

    kinds: of the files to read. figures: of this pipeline's earlier runs, as a RunRecord has them.
    texts_per_second: passages of 200 tokens that the embedder was measured to embed here.
    workers: files read, or pages recognised, at the same time.
    """
    if not kinds:
        return TimeRange(0.0, _FIXED[1], "nothing")
    runs = [run for run in figures if _is_telling(run)]
    scanned = _scanned_seconds(kinds) / workers
    if runs:
        # Where scans have been read before, the pace of those runs has them in it.
        seen = any(run.get("ocr_pages") for run in runs)
        return _from_runs(kinds, runs, 0.0 if seen else scanned)
    if texts_per_second:
        return _from_machine(kinds, texts_per_second, workers, scanned)
    return None


def _is_telling(run: Mapping[str, Any]) -> bool:
    return bool(run.get("bytes_read", 0) >= _TELLING_BYTES and run.get("embedded", 0) > 0)


def _from_runs(
    kinds: Sequence[FileKind], runs: Sequence[Mapping[str, Any]], scanned: float
) -> TimeRange:
    paces = [run["seconds"] / run["bytes_read"] for run in runs]
    size = sum(kind.bytes for kind in kinds)
    low, high = min(paces) * size * _SPREAD[0], max(paces) * size * _SPREAD[1]
    return TimeRange(low, high + _FIXED[1], "runs", scanned)


def _from_machine(
    kinds: Sequence[FileKind], texts_per_second: float, workers: int, scanned: float
) -> TimeRange:
    ends = []
    for end, disturbed in enumerate((_QUIET, _BUSY)):
        characters = sum(_expected(kind).characters[end] * kind.bytes for kind in kinds)
        reading = sum(_expected(kind).seconds[end] * kind.files for kind in kinds) / workers
        embedding = characters / CHARACTERS_FOR_EACH_TEXT / texts_per_second
        # What is read while something else is embedded costs nothing more, at best.
        beside = reading + characters * _BESIDE[end]
        together = max(embedding, beside) if end == 0 else embedding + beside
        ends.append(_FIXED[end] + together * disturbed)
    return TimeRange(ends[0], ends[1], "machine", scanned)


def _scanned_seconds(kinds: Sequence[FileKind]) -> float:
    """If every page that may be a picture is one."""
    pages = (
        max(kind.files, kind.bytes / _expected(kind).page_bytes)
        for kind in kinds
        if _expected(kind).page_bytes
    )
    return OCR_SECONDS * sum(pages)


def _expected(kind: FileKind) -> Expectation:
    return EXPECTED.get(kind.suffix, _OTHER)
