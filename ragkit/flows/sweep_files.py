"""The file that the rows of a sweep are written to: whole, or not at all."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from ragkit.config import Pipeline
from ragkit.errors import UsageFault
from ragkit.files import PRIVATE, make_private, remove_leftovers
from ragkit.flows.linking import links_of
from ragkit.nightsteps import SWEEP_FILES
from ragkit.rendering.sweep_page import HtmlRows
from ragkit.rendering.sweep_rows import BYTE_ORDER, CsvRows, JsonRows
from ragkit.rendering.sweep_workbook import WorkbookRows
from ragkit.types.sweeps import SweepCount, SweepQuestion, SweepRow

KINDS = SWEEP_FILES


class RowFile(Protocol):
    def row(self, row: SweepRow) -> None: ...

    def end(self, counts: tuple[SweepCount, ...]) -> None: ...

    def close(self) -> None: ...


@contextmanager
def written_to(
    output: Path, pipeline: Pipeline, questions: Sequence[SweepQuestion]
) -> Iterator[RowFile]:
    """A file for the owner alone, of the kind that its name ends in; it takes its name at the end.

    Raises UsageFault if it cannot be written.
    """
    output = output.resolve()  # what a link points to is written, the link stays
    aside = output.with_name(f".{output.name}.{os.getpid()}.new")
    remove_leftovers(output)
    try:
        with _said(output):
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        with os.fdopen(descriptor, "wb") as file:
            text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
            with (
                _scratch_beside(aside),
                closing(_opened(output.suffix.lower(), file, text, pipeline, questions)) as rows,
            ):
                yield rows
            with _said(output):
                text.flush()
                os.fsync(file.fileno())
            text.detach()
        with _said(output):
            aside.replace(output)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def _scratch_beside(aside: Path) -> Iterator[None]:
    """openpyxl writes each sheet to a temporary file first, and a sealed process has no folder for
    such: it gets one of the owner's beside the output, removed at the end."""
    before, tempfile.tempdir = tempfile.tempdir, f"{aside}.d"
    try:
        with _said(aside):
            make_private(Path(tempfile.tempdir))
        yield
    finally:
        shutil.rmtree(tempfile.tempdir, ignore_errors=True)
        tempfile.tempdir = before


def _opened(
    suffix: str,
    file: BinaryIO,
    text: io.TextIOWrapper,
    pipeline: Pipeline,
    questions: Sequence[SweepQuestion],
) -> RowFile:
    if suffix == ".csv":
        text.write(BYTE_ORDER)
        return CsvRows(text)
    if suffix == ".jsonl":
        return JsonRows(text)
    link = links_of(pipeline)
    if suffix == ".xlsx":
        return WorkbookRows(file, questions, link)
    return HtmlRows(text, f"Sweep of {pipeline.name}", questions, link)


@contextmanager
def _said(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageFault(f"{output} cannot be written: {error.strerror}.") from None
