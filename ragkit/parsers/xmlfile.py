"""XML: elements with text of their own as lines "name: value", those around them as headings.

Records (an invoice, a laboratory export) and running text (articles, the narrative of a discharge
letter) are told apart element by element: text that stands beside elements is running text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from ragkit.errors import UnreadableDocument
from ragkit.parsers import markup, records
from ragkit.parsers.assemble import Assembler
from ragkit.parsers.limits import Reading
from ragkit.parsers.records import Record, Value
from ragkit.types import ParsedDocument

_BLOCKS = frozenset(
    (
        *("p", "para", "simpara", "paragraph", "text", "div", "body", "li", "item", "listitem"),
        *("line", "block", "table", "thead", "tbody", "tr", "row", "list", "ul", "ol"),
        *("title", "head", "caption", "section"),
    )
)
"""Elements that never stand within a line of running text."""
_UNNAMED = (_BLOCKS | {"span", "content"}) - {"title", "head", "caption", "section"}
"""Elements whose names tell nothing about the text in them."""
_ROWS, _CELLS = frozenset(("tr", "row")), frozenset(("td", "th", "entry", "cell"))
_LINE_BREAKS = frozenset(("br", "lb"))
_LINE_BREAK = "\u2028"
_SPACES = re.compile(r"[ \t\r\n]+")
_LAYOUT = frozenset(("class", "style"))


def preload() -> None:
    markup.preload()


def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """All text and attributes in order, as records and paragraphs (see `records`)."""
    root = markup.xml_tree(markup.decode_markup(data))
    if markup.deeper_than(root, records.DEEPEST):
        message = f"It is nested more than {records.DEEPEST} levels deep."
        raise UnreadableDocument(message, kind="too_large")
    value = _value(root, is_named=True)
    named = markup.name_of(root)
    assembler = Assembler(reading.limits)
    if value:
        records.add_member(named, value, assembler)
    return assembler.document(title=records.title_of([value]) or named)


def _value(element: Any, *, is_named: bool) -> Value:
    """What stands in `element`. Its attributes count where its name does."""
    attributes = list(_attributes(element)) if is_named else []
    parts = list(markup.parts_of(element))
    if not any(name for name, _ in parts):
        return _simple("".join(text for _, text in parts), dict(attributes))
    is_running = any(not name and not part.isspace() for name, part in parts)

    def kind(part: tuple[str, Any]) -> str:
        name, content = part
        if not name or (is_running and _is_inline(name, content)):
            return "text"
        return "row" if _is_row(name, content) else "element"

    members: list[tuple[str, Value]] = [*attributes]
    for what, group in groupby(parts, kind):
        match what:
            case "text":
                _add(members, "", _running_text(group))
            case "row":
                _add(members, "", [_cells(row) for _, row in group])
            case _:
                for name, child in group:
                    _add(members, *_member(name, child))
    return members[0][1] if len(members) == 1 and not members[0][0] else Record(members)


def _add(members: list[tuple[str, Value]], name: str, value: Value) -> None:
    """One more member; what is empty is left out, and the parts of a table are one list of rows."""
    above = members[-1][1] if members and not members[-1][0] else None
    if isinstance(above, list) and isinstance(value, list):
        above += value
    elif value:
        members.append((name, value))


def _member(name: str, element: Any) -> tuple[str, Value]:
    is_named = name not in _UNNAMED
    return name if is_named else "", _value(element, is_named=is_named)


def _attributes(element: Any) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        # Those of a namespace of their own (xsi:type) tell programs how to read it.
        if not name.startswith("{") and name not in _LAYOUT and value.strip():
            yield name, value


def _simple(text: str, attributes: dict[str, str]) -> str:
    """ "120.50 (currency: EUR)"; an attribute named value is the text of an element that has none."""
    lines = "\n".join(line.strip() for line in text.splitlines() if line.strip())
    shown = records.shown(lines or attributes.pop("value", ""))
    if not attributes:
        return shown
    others = ", ".join(f"{name}: {value}" for name, value in attributes.items())
    return f"{shown} ({others})" if shown and others else shown or others


def _is_row(name: str, element: Any) -> bool:
    return name in _ROWS and all(inner in _CELLS for inner, _ in _elements(element))


def _cells(row: Any) -> list[Value]:
    return [_running_text(markup.parts_of(cell)) for _, cell in _elements(row)]


def _elements(element: Any) -> list[tuple[str, Any]]:
    return [part for part in markup.parts_of(element) if part[0]]


def _is_inline(name: str, element: Any) -> bool:
    """Whether an element within running text belongs to the line, as <b> and <br> do."""
    inner = _elements(element)
    return name not in _BLOCKS and all(_is_inline(*part) for part in inner)


def _running_text(parts: Any) -> str:
    """Parts of a line as one string; only meant breaks break it."""
    return _SPACES.sub(" ", "".join(_flat(parts))).strip(f" {_LINE_BREAK}")


def _flat(parts: Any) -> Iterator[str]:
    for name, part in parts:
        if name == "":
            yield part
        else:
            yield _LINE_BREAK if name in _LINE_BREAKS else ""
            yield from _flat(markup.parts_of(part))
            yield " " if name in _BLOCKS else ""
