"""HTML through unstructured, after making sure that no text of the page is thrown away.

unstructured drops forms, figures and everything outside <main>, cuts words at tags inside table
cells, and makes one cell of a whole page that is laid out with tables. The tree is changed first, so
that what a browser shows is read, and menus (<nav>), scripts and styles are not.
"""

from __future__ import annotations

import re
from typing import Any

from ragkit.parsers import elements, markup
from ragkit.parsers.assemble import Assembler
from ragkit.parsers.hidden_html import take_hidden
from ragkit.parsers.limits import Reading
from ragkit.types import ParsedDocument

_DEEPEST = 100
"""Elements nested deeper are unwrapped, for unstructured walks the tree by recursion."""
_CONTAINERS = re.compile(
    r"</?(?:div|span|section|center|font|b|i|em|strong)\b[^>]*>", re.IGNORECASE
)
_BLOCKS_FOR = {
    "main": "div",
    "form": "div",
    "figure": "div",
    "figcaption": "p",
    "details": "div",
    "summary": "p",
    "fieldset": "div",
    "legend": "p",
    "dialog": "div",
    "label": "span",
    "button": "span",
    "textarea": "span",
    "option": "p",
    "select": "div",
    "font": "span",
    "ix:header": "div",
}
_DROPPED = ("script", "style", "nav", "noscript", "template", "svg", "head", "link", "meta")
_CELLS = ("td", "th")
_TABLE_PARTS = ("table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption")
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "center", "div", "footer", "header"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "p", "pre", "section"),
        *("dl", "dt", "dd", "ol", "ul", "li", *_TABLE_PARTS),
    )
)
_LAYOUT_SIGNS = ("table", "h1", "h2", "h3", "h4", "h5", "h6")
_LONG_CELL = 2_000


def preload() -> None:
    elements.preload()


def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """The page's text with its headings, lists and tables; its title is that of <title>.

    What its own styles hide is left out and counted.
    """
    assembler = Assembler(reading.limits)
    title = add_page(markup.decode_markup(data), assembler)
    return assembler.document(title=title)


def add_page(html: str, assembler: Assembler) -> str:
    """Add the page's blocks to `assembler`; returns its title, or an empty string."""
    html = markup.without_controls(html)
    if not html.strip():
        return ""
    root, is_whole = markup.html_tree(html)
    if not is_whole:
        root, _ = markup.html_tree(_CONTAINERS.sub("\n", html))
    title = root.findtext(".//head/title") or ""
    for kind, text in take_hidden(root):
        assembler.note_hidden(kind, text)
    _prepare(root)
    elements.add_html(markup.html_text(root), assembler)
    return title


def _prepare(root: Any) -> None:
    """Change the tree in place so that every visible text survives unstructured."""
    for element in list(root.iter(*_DROPPED)):
        element.drop_tree()
    for element in list(root.iter(*_BLOCKS_FOR)):
        element.tag = _BLOCKS_FOR[element.tag]
    _flatten_deep(root)
    for table in reversed(list(root.iter("table"))):
        if _is_layout(table):
            _unwrap_table(table)
    for cell in list(root.iter(*_CELLS)):
        _flatten_cell(cell)
    for line_break in list(root.iter("br")):
        line_break.tail = elements.LINE_BREAK + (line_break.tail or "")
        line_break.drop_tag()


def _flatten_deep(root: Any) -> None:
    for element in reversed(markup.deeper_than(root, _DEEPEST)):
        # The text of unwrapped blocks must not run together.
        element.text = elements.LINE_BREAK + (element.text or "")
        element.drop_tag()


def _is_layout(table: Any) -> bool:
    """Whether `table` places parts of the page rather than holding data."""
    if any(table.find(f".//{sign}") is not None for sign in _LAYOUT_SIGNS):
        return True
    return any(len(cell.text_content()) > _LONG_CELL for cell in table.iter(*_CELLS))


def _unwrap_table(table: Any) -> None:
    """Make blocks of a layout table's own parts; data tables inside it stay as they are."""
    parts = [part for part in table.iter(*_TABLE_PARTS) if _own_table(part) is table]
    for part in parts:
        part.tag = "div"


def _own_table(part: Any) -> Any:
    if part.tag == "table":
        return part
    return next(part.iterancestors("table"), None)


def _flatten_cell(cell: Any) -> None:
    """One string a cell: words cut by inline tags are whole, blocks are separated by a space."""
    for element in cell.iter():
        if element is not cell and (element.tag in _BLOCKS or element.tag == "br"):
            element.text = " " + (element.text or "")
            element.tail = " " + (element.tail or "")
    text = " ".join(cell.text_content().split())
    for child in list(cell):
        cell.remove(child)
    marks = elements.HEADING_MARK if text and _is_column_heading(cell) else ""
    cell.text = marks + elements.spans_mark(cell.get("rowspan"), cell.get("colspan")) + text


def _is_column_heading(cell: Any) -> bool:
    """Whether a cell stands in the head of its table, or in a row of nothing but headings."""
    row = cell.getparent()
    if row is None or row.tag != "tr":
        return False
    part = row.getparent()
    return (part is not None and part.tag == "thead") or row.find("td") is None
