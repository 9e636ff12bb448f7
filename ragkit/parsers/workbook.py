"""Excel workbooks (.xlsx) through openpyxl: a row becomes a line that keeps its column headings.

"Doses: Name: Apixaban | Dose: 5 mg" can be found, and quoted, without the rest of the table.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ragkit.parsers.archive import check_archive, ordinary
from ragkit.parsers.assemble import Assembler
from ragkit.parsers.limits import Reading
from ragkit.parsers.relations import related
from ragkit.types import ParsedDocument

_HEADER_WITHIN = 4
"""A table's headings stand in one of its first rows; what is above them is its caption."""


@dataclass(frozen=True, slots=True)
class _Row:
    """The shown values of a row, trailing empty ones cut, and whether all of them are words."""

    values: tuple[str, ...]
    only_words: bool

    @property
    def filled(self) -> int:
        return sum(1 for value in self.values if value)


def preload() -> None:
    import openpyxl  # noqa: F401 - imported to be there before the fork


def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """All sheets in order, hidden ones too, with the values that were last computed."""
    import openpyxl

    check_archive(data, reading.limits)
    assembler = Assembler(reading.limits)
    data = ordinary(data)
    workbook = openpyxl.load_workbook(
        io.BytesIO(data), read_only=True, data_only=True, keep_links=False
    )
    for sheet in workbook.worksheets:
        # The declared size of a sheet can be a million empty columns; what is there counts.
        sheet.reset_dimensions()
        named = _add_sheet(sheet.title, map(_read_row, sheet.iter_rows()), assembler)
        comments = _comments(data, sheet._worksheet_path)
        if comments and not named:
            assembler.add("heading", sheet.title)
        for cell, text in comments.items():
            assembler.add("paragraph", f"Comment on {cell}: {text}")
    return assembler.document(title=str(workbook.properties.title or ""))


def _add_sheet(title: str, rows: Iterable[_Row], assembler: Assembler) -> bool:
    """Whether the sheet has rows; its heading is added only if so."""
    headings: tuple[str, ...] = ()
    named = False
    for block in _blocks(rows):
        if not named:
            assembler.add("heading", title)
            named = True
        at = _headings_at(block, headings)
        if at is not None:
            headings = block[at].values
        lines = []
        for position, row in enumerate(block):
            is_caption = position <= at if at is not None else not _continues(block, headings)
            lines.append(f"{title}: {_line(row, () if is_caption else headings)}")
        # The rows say their headings themselves, so the table needs none.
        assembler.add_table([[line] for line in lines])
    return named


def _comments(data: bytes, part: str) -> dict[str, str]:
    """The comments of a sheet by cell, which openpyxl skips when it reads row by row.

    part: of the sheet. A discussion replaces the comment that older programs show for it.
    """
    texts: dict[str, str] = {}
    for root in related(data, part, "comments"):
        for comment in root.findall(".//{*}comment"):
            runs = (*comment.findall("{*}text/{*}t"), *comment.findall("{*}text/{*}r/{*}t"))
            texts[comment.get("ref", "")] = "".join(run.text or "" for run in runs)
    discussed: dict[str, list[str]] = {}
    for root in related(data, part, "threadedComment"):
        for said in root.findall("{*}threadedComment"):
            discussed.setdefault(said.get("ref", ""), []).append(said.findtext("{*}text", ""))
    texts |= {cell: " / ".join(said) for cell, said in discussed.items()}
    return {cell: shown for cell, text in texts.items() if (shown := " ".join(text.split()))}


def _blocks(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """Runs of rows that are not empty."""
    block: list[_Row] = []
    for row in rows:
        if row.values:
            block.append(row)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _headings_at(block: list[_Row], current: tuple[str, ...]) -> int | None:
    """Which row of `block` holds its column headings; None if it goes on under `current`.

    Headings are the first row of two or more cells, all words, with another row below. After an
    empty row they must differ in kind from what follows, or a list of words would lose its headings.
    """
    for position, row in enumerate(block[:_HEADER_WITHIN]):
        if row.filled < 2:
            continue
        below = block[position + 1 :]
        if not row.only_words or not below:
            return None
        is_new_table = not current or any(not later.only_words for later in below)
        return position if is_new_table else None
    return None


def _continues(block: list[_Row], headings: tuple[str, ...]) -> bool:
    """Whether `block`, after an empty row, is as wide as the table above it and so goes on with it."""
    return max(len(row.values) for row in block) == len(headings)


def _line(row: _Row, headings: tuple[str, ...]) -> str:
    if row.values[0] and row.filled == 1:
        # A line of its own within a table: "Anticoagulants".
        return row.values[0]
    cells = []
    for column, value in enumerate(row.values):
        heading = headings[column] if column < len(headings) else ""
        if value:
            cells.append(f"{heading}: {value}" if heading else value)
    return " | ".join(cells)


def _read_row(cells: Iterable[Any]) -> _Row:
    values, only_words = [], True
    for cell in cells:
        value = cell.value
        values.append(_shown(value, cell))
        only_words = only_words and (value is None or isinstance(value, str))
    while values and not values[-1]:
        values.pop()
    return _Row(tuple(values), only_words)


def _shown(value: object, cell: Any) -> str:
    """A value as a person reads it: dates in ISO form, percentages as such, no needless ".0"."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case datetime.datetime() if value.time() == datetime.time():
            return value.date().isoformat()
        case datetime.datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case int() | float() if "%" in (cell.number_format or ""):
            return f"{value * 100:.10g}%"
        case float():
            return f"{value:.15g}"
        case _:
            return " ".join(str(value).split())
