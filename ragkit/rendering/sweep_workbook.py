"""A sweep as an Excel workbook, written as the rows come. The second owner of openpyxl.

Three sheets: a row for each document and question, with links and a frozen header; an overview with
a row for each document and a column for each question; and the counts, which add up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from ragkit.rendering.sweep_rows import COLUMNS, cells_of, plain_cell
from ragkit.types.sweeps import VERDICTS, SweepCount, SweepQuestion, SweepRow

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Link = Callable[[str, int | None], str]
WIDTHS = {"document": 42, "question": 34, "value": 22, "quote": 80, "reason": 34, "id": 22}
LONGEST_CELL = 32_000
"""Characters; Excel takes 32,767 in a cell."""
LONGEST_LINK = 255
"""Characters of an address: more than that Excel takes in no text inside a formula."""
_COLOURS = {"yes": "1C6B3C", "unclear": "8A5300", "unreadable": "B3261E"}


class WorkbookRows:
    """Rows go to the disk as they come; the overview keeps a word for each of them."""

    def __init__(self, file: BinaryIO, questions: Sequence[SweepQuestion], link: Link) -> None:
        from openpyxl import Workbook

        self._file = file
        self._link = link
        self._questions = questions
        self._book = Workbook(write_only=True)
        self._rows = self._sheet("Rows", COLUMNS, WIDTHS)
        self._overview: dict[str, dict[str, str]] = {}

    def row(self, row: SweepRow) -> None:
        page = row.citation.page if row.citation else None
        cells = {name: _fitting(value) for name, value in cells_of(row).items()}
        address = self._link(row.document, page)
        shown = [cells[name] for name in COLUMNS]
        if address and len(address) <= LONGEST_LINK:
            shown[0] = self._linked(address, str(cells["document"]))
        shown[COLUMNS.index("verdict")] = self._coloured(row.verdict)
        self._rows.append(shown)
        told = f"{row.verdict}: {row.value}" if row.value else row.verdict
        self._overview.setdefault(row.document, {})[row.id] = plain_cell(told)

    def end(self, counts: tuple[SweepCount, ...]) -> None:
        names = [question.id for question in self._questions]
        overview = self._sheet("Overview", ["document", *names], {"document": 42})
        for document, told in self._overview.items():
            overview.append([plain_cell(document), *(_fitting(told[name]) for name in names)])
        count = self._sheet("Count", ["question", *VERDICTS, "all"], {"question": 60})
        for one in counts:
            figures = [getattr(one, name) for name in (*VERDICTS, "total")]
            count.append([_fitting(plain_cell(one.question)), *figures])
        self._book.save(self._file)

    def close(self) -> None:
        """What was begun and is not saved is left as it is."""
        for sheet in self._book.worksheets:
            if not sheet.closed:
                sheet.close()

    def _sheet(
        self, title: str, heads: Sequence[str], widths: dict[str, int]
    ) -> WriteOnlyWorksheet:
        from openpyxl.utils import get_column_letter

        sheet: WriteOnlyWorksheet = self._book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for number, name in enumerate(heads, start=1):
            sheet.column_dimensions[get_column_letter(number)].width = widths.get(name, 14)
        sheet.append([_cell(sheet, name, bold=True) for name in heads])
        return sheet

    def _linked(self, address: str, name: str) -> Any:
        """A link as a formula of ours: a sheet that is written row by row keeps no other kind."""
        quoted = [text.replace('"', '""') for text in (address, name[:250])]
        return _cell(self._rows, f'=HYPERLINK("{quoted[0]}","{quoted[1]}")', colour="1F4E9E")

    def _coloured(self, verdict: str) -> Any:
        return _cell(self._rows, verdict, bold=True, colour=_COLOURS.get(verdict, "000000"))


def _cell(
    sheet: WriteOnlyWorksheet, value: str, *, bold: bool = False, colour: str = "000000"
) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, value=value)
    cell.font = Font(bold=bold, color=colour)
    return cell


def _fitting(value: str | int | float) -> str | int | float:
    return value[:LONGEST_CELL] if isinstance(value, str) else value
