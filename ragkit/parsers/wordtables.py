"""Tables of Word documents: which rows hold the headings of their columns, and which are no tables.

The tree is changed in place: the cells of heading rows get a mark, and what is only laid out with
tables (a frame around a text, a form with tables in its cells) becomes paragraphs in reading order.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from ragkit.parsers import columns
from ragkit.parsers.elements import HEADING_MARK

Element = ElementTree.Element

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TABLE, _ROW, _CELL = f"{_WORD}tbl", f"{_WORD}tr", f"{_WORD}tc"
_PARAGRAPH, _RUN, _TEXT = f"{_WORD}p", f"{_WORD}r", f"{_WORD}t"
_VALUE = f"{_WORD}val"
_OFF = ("0", "false", "off")
_FIRST_ROW_BIT = 0x0020
_LONG_CELL = 2_000
_SMALL_TABLE = 200
"""Characters of a table within a cell that is told as the cell's words."""


def prepare_tables(root: Element, styled: frozenset[str]) -> None:
    """Take layout tables apart and mark the heading rows of the others.

    styled: ids of the table styles that show a first row differently.
    """
    parents = {child: parent for parent in root.iter() for child in parent}
    for table in reversed(list(root.iter(_TABLE))):
        if _is_layout(table):
            parent = parents[table]
            blocks = list(_blocks(table))
            parents.update(dict.fromkeys(blocks, parent))
            at = list(parent).index(table)
            parent[at : at + 1] = blocks
    for table in root.iter(_TABLE):
        for row in table.findall(_ROW)[: _heading_rows(table, styled)]:
            _mark(row)


def first_row_styles(content: bytes) -> frozenset[str]:
    """Ids of the table styles in styles.xml that show a first row differently, theirs or inherited."""
    styles = list(ElementTree.fromstring(content).iter(f"{_WORD}style"))
    based_on = {style.get(f"{_WORD}styleId", ""): _value(style, "basedOn") for style in styles}
    shown = {
        style.get(f"{_WORD}styleId", "")
        for style in styles
        for part in style.iter(f"{_WORD}tblStylePr")
        if part.get(f"{_WORD}type") == "firstRow"
    }
    for _ in based_on:
        inheriting = {name for name, base in based_on.items() if base in shown} - shown
        if not inheriting:
            break
        shown |= inheriting
    return frozenset(shown)


def _is_layout(table: Element) -> bool:
    cells = [cell for row in table.findall(_ROW) for cell in row.findall(_CELL)]
    if len(cells) == 1 or any(len(_words(cell)) > _LONG_CELL for cell in cells):
        return True
    inner = [found for found in table.iter(_TABLE) if found is not table]
    is_grid = len(table.findall(_ROW)) > 1 and len(table.findall(_ROW)) < len(cells)
    return any(len(_words(found)) > _SMALL_TABLE or not is_grid for found in inner)


def _words(element: Element) -> str:
    return "".join(text.text or "" for text in element.iter(_TEXT))


def _blocks(table: Element) -> Iterator[Element]:
    """What its cells hold, in reading order."""
    for row in table.findall(_ROW):
        for cell in row.findall(_CELL):
            yield from (block for block in cell if block.tag in (_PARAGRAPH, _TABLE))


def _heading_rows(table: Element, styled: frozenset[str]) -> int:
    """How many rows at the top are repeated on every page, else shown differently from the others."""
    rows = table.findall(_ROW)
    repeated = 0
    while repeated < len(rows) and _is_on(rows[repeated].find(f"{_WORD}trPr/{_WORD}tblHeader")):
        repeated += 1
    if repeated or len(rows) < 2:
        return repeated
    cells = [_words(cell) for cell in rows[0].findall(_CELL)]
    if not columns.are_headings(cells, max(len(row.findall(_CELL)) for row in rows)):
        return 0  # a first row of labels and values may well look different too
    is_shown = _value(table, "tblPr", "tblStyle") in styled and _looks_for_first_row(table)
    return int(is_shown or (_is_bold(rows[0]) and not _is_bold(rows[1])))


def _looks_for_first_row(table: Element) -> bool:
    look = table.find(f"{_WORD}tblPr/{_WORD}tblLook")
    if look is None:
        return False
    said = look.get(f"{_WORD}firstRow")
    if said is not None:
        return said not in _OFF
    try:
        return bool(int(look.get(_VALUE, "0"), 16) & _FIRST_ROW_BIT)
    except ValueError:
        return False


def _is_bold(row: Element) -> bool:
    """Whether all that can be read in a row is bold."""
    runs = [run for run in row.iter(_RUN) if _words(run).strip()]
    return bool(runs) and all(_is_on(run.find(f"{_WORD}rPr/{_WORD}b")) for run in runs)


def _is_on(switch: Element | None) -> bool:
    return switch is not None and switch.get(_VALUE) not in _OFF


def _value(element: Element, *path: str) -> str:
    found = element.find("/".join(f"{_WORD}{name}" for name in path))
    return "" if found is None else found.get(_VALUE, "")


def _mark(row: Element) -> None:
    for cell in row.findall(_CELL):
        first = next((part for part in cell.iter(_PARAGRAPH) if _words(part).strip()), None)
        if first is not None:
            run = Element(_RUN)
            ElementTree.SubElement(run, _TEXT).text = HEADING_MARK
            first.insert(int(len(first) > 0 and first[0].tag == f"{_WORD}pPr"), run)
