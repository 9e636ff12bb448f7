"""A sweep as an Excel workbook, written as the rows come. The second owner of openpyxl.

Three sheets: a row for each document and question, with links and a frozen header; an overview with
a row for each document and a column for each question; and the counts, which add up. What Excel does not
take it is not given: a workbook beyond one of its limits is called damaged, and opened with less in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from ragkit.rendering.sweep_rows import COLUMNS, cells_of, plain_cell
from ragkit.types.sweeps import VERDICTS, SweepCount, SweepQuestion, SweepRow

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Link = Callable[[str, int | None], str]
WIDTHS = {"document": 42, "question": 34, "value": 22, "quote": 80, "reason": 34, "id": 22}
LONGEST_CELL = 32_000
"""UTF-16 units; Excel takes 32,767 in a cell."""
LONGEST_LINK = 2_000
"""Characters of an address, which are ASCII; Excel takes 2,079."""
MOST_LINKS = 65_000
"""Of a sheet; Excel takes 65,530. Each takes about 3 kB of memory until the workbook is written."""
MOST_ROWS = 1_048_576
"""Of a sheet with its header; what does not fit goes on in the next one."""
_COLOURS = {"yes": "1C6B3C", "unclear": "8A5300", "unreadable": "B3261E"}


class WorkbookRows:
    """Rows go to the disk as they come; the overview keeps a word for each of them.

    Beyond the links that a sheet can have names are plain text; the overview has one for each document.
    """

    def __init__(self, file: BinaryIO, questions: Sequence[SweepQuestion], link: Link) -> None:
        from openpyxl import Workbook

        self._file = file
        self._link = link
        self._questions = questions
        self._book = Workbook(write_only=True)
        self._sheets = 0
        self._rows = self._next_sheet_of_rows()
        self._overview: dict[str, dict[str, str]] = {}

    def row(self, row: SweepRow) -> None:
        if self._rows.next_row > MOST_ROWS:
            self._rows = self._next_sheet_of_rows()
        page = row.citation.page if row.citation else None
        cells = {name: _fitting(value) for name, value in cells_of(row).items()}
        shown: list[Any] = [cells[name] for name in COLUMNS]
        shown[0] = self._rows.linked(str(shown[0]), self._link(row.document, page))
        colour = _COLOURS.get(row.verdict, "000000")
        shown[COLUMNS.index("verdict")] = self._rows.cell(row.verdict, bold=True, colour=colour)
        self._rows.append(shown)
        told = f"{row.verdict}: {row.value}" if row.value else row.verdict
        self._overview.setdefault(row.document, {})[row.id] = plain_cell(told)

    def end(self, counts: tuple[SweepCount, ...]) -> None:
        names = [question.id for question in self._questions]
        overview = self._sheet("Overview", ["document", *names], {"document": 42})
        for document, told in self._overview.items():
            shown = str(_fitting(plain_cell(document)))
            linked = overview.linked(shown, self._link(document, None))
            overview.append([linked, *(_fitting(told[name]) for name in names)])
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

    def _next_sheet_of_rows(self) -> _Sheet:
        self._sheets += 1
        title = "Rows" if self._sheets == 1 else f"Rows {self._sheets}"
        return self._sheet(title, COLUMNS, WIDTHS)

    def _sheet(self, title: str, heads: Sequence[str], widths: Mapping[str, int]) -> _Sheet:
        return _Sheet(self._book.create_sheet(title), heads, widths)


class _Sheet:
    """A sheet with a frozen header that is written row by row."""

    def __init__(
        self, sheet: WriteOnlyWorksheet, heads: Sequence[str], widths: Mapping[str, int]
    ) -> None:
        from openpyxl.utils import get_column_letter

        self._sheet = sheet
        self._links = 0
        self.next_row = 1
        sheet.freeze_panes = "A2"
        for number, name in enumerate(heads, start=1):
            sheet.column_dimensions[get_column_letter(number)].width = widths.get(name, 14)
        self.append([self.cell(name, bold=True) for name in heads])

    def append(self, cells: Sequence[Any]) -> None:
        self._sheet.append(cells)
        self.next_row += 1

    def linked(self, text: str, address: str) -> Any:
        """The first cell of the next row: a link, or plain text for one that Excel does not take."""
        from openpyxl.worksheet.hyperlink import Hyperlink

        if not address or len(address) > LONGEST_LINK or self._links == MOST_LINKS:
            return text
        self._links += 1
        cell = self.cell(text, colour="1F4E9E")
        file, _, place = address.partition("#")  # Excel keeps them apart
        cell.hyperlink = link = Hyperlink("", place or None, target=file)
        link.ref = f"A{self.next_row}"  # a cell does not know its place before it is written
        return cell

    def cell(self, value: str, *, bold: bool = False, colour: str = "000000") -> Any:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font

        cell = WriteOnlyCell(self._sheet, value=value)
        cell.font = Font(bold=bold, color=colour)
        return cell


def _fitting(value: str | int | float) -> str | int | float:
    if not isinstance(value, str) or len(value) <= LONGEST_CELL // 2:
        return value
    return value.encode("utf-16-le")[: 2 * LONGEST_CELL].decode("utf-16-le", "ignore")
