"""Rows of a sweep as CSV and JSONL, written as they come."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from typing import TextIO

from ragkit.rendering.terminal import inert
from ragkit.types.sweeps import SweepCount, SweepRow

COLUMNS = (
    "document",
    "id",
    "question",
    "verdict",
    "value",
    "quote",
    "page",
    "confidence",
    "by",
    "reason",
    "sha256",
)
BYTE_ORDER = "\ufeff"
"""At the beginning of a CSV file: without it Excel takes the file for Latin-1."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula where a cell begins with it: a document must not say one."""


def plain_cell(text: str) -> str:
    """Words of a document as a cell holds them: on one line, inert, never a formula."""
    line = " ".join(inert(text).split())
    return f"'{line}" if line.startswith(_FORMULA) else line


def cells_of(row: SweepRow) -> Mapping[str, str | int | float]:
    """By column; without a page, or without confidence, the cell is empty."""
    page = row.citation.page if row.citation else None
    return {
        "document": plain_cell(row.document),
        "id": plain_cell(row.id),
        "question": plain_cell(row.question),
        "verdict": row.verdict,
        "value": plain_cell(row.value),
        "quote": plain_cell(row.citation.quote if row.citation else ""),
        "page": "" if page is None else page,
        "confidence": round(row.confidence, 2) if row.confidence else "",
        "by": row.by,
        "reason": plain_cell(row.reason),
        "sha256": row.sha256,
    }


class CsvRows:
    """RFC 4180, UTF-8, a header; a row for each document and question and nothing else."""

    def __init__(self, file: TextIO) -> None:
        self._writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
        self._writer.writeheader()

    def row(self, row: SweepRow) -> None:
        self._writer.writerow(cells_of(row))

    def end(self, counts: tuple[SweepCount, ...]) -> None:
        """Nothing follows the rows: what reads the file counts them itself."""

    def close(self) -> None:
        """The file is its caller's."""


class JsonRows:
    """One object a line."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def row(self, row: SweepRow) -> None:
        self._file.write(json.dumps(row.as_dict(), ensure_ascii=False) + "\n")

    def end(self, counts: tuple[SweepCount, ...]) -> None:
        """As CsvRows."""

    def close(self) -> None:
        """As CsvRows."""
