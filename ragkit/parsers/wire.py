"""Parsed documents as JSON between processes. What comes from a reader of strangers' files is checked.

A frame is its length (8 bytes, big endian) and so many bytes. No pickle: a reader taken over by a
hostile file could only lie about that file's text.
"""

from __future__ import annotations

import json
import re
import struct
from typing import Any

from ragkit.types import (
    Heading,
    HiddenText,
    Page,
    ParsedChild,
    ParsedDocument,
    Span,
    Table,
    UnreadPage,
)

LENGTH = struct.Struct(">Q")

_LARGEST = 2**53
"""More than any count here; SQLite's integers end at 2**63."""
_HALF = re.compile("[\ud800-\udfff]")


class BadFrame(ValueError):
    """What arrived is not a parsed document."""


def frame(payload: bytes) -> bytes:
    return LENGTH.pack(len(payload)) + payload


def pack(value: object) -> bytes:
    """JSON in ASCII, so that odd file names (surrogate escapes) pass."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def unpack(payload: bytes) -> dict[str, Any]:
    """Raises BadFrame."""
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise BadFrame("not JSON") from error
    if not isinstance(value, dict):
        raise BadFrame("not an object")
    return value


def document_to_plain(document: ParsedDocument) -> dict[str, object]:
    """For `pack`."""
    return {
        "pages": [_page_to_plain(page) for page in document.pages],
        "headings": [[h.start, h.end, h.level, h.text] for h in document.headings],
        "title": document.title,
        "unread_pages": [[u.number, u.reason, u.kind] for u in document.unread_pages],
        "children": [_child_to_plain(child) for child in document.children],
        "hidden": [[h.page, h.kind, h.characters] for h in document.hidden],
        "tables": [_table_to_plain(table) for table in document.tables],
    }


def _page_to_plain(page: Page) -> list[object]:
    return [page.number, page.start, page.text, page.read_as, page.confidence]


def _table_to_plain(table: Table) -> list[object]:
    columns = None if table.columns is None else [table.columns.start, table.columns.end]
    return [table.start, table.end, columns]


def _child_to_plain(child: ParsedChild) -> dict[str, object]:
    document = None if child.document is None else document_to_plain(child.document)
    return {
        "name": child.name,
        "sha256": child.sha256,
        "size": child.size,
        "document": document,
        "reason": child.reason,
        "kind": child.kind,
    }


def document_from_plain(plain: Any) -> ParsedDocument:
    """Raises BadFrame unless every part is there, of its type, and the pages are contiguous."""
    try:
        document = ParsedDocument(
            tuple(_page(*page) for page in plain["pages"]),
            tuple(_heading(*heading) for heading in plain["headings"]),
            _text(plain["title"]),
            tuple(_unread_page(*page) for page in plain["unread_pages"]),
            tuple(_child(child) for child in plain["children"]),
            tuple(_hidden(*hidden) for hidden in plain["hidden"]),
            tuple(_table(*table) for table in plain["tables"]),
        )
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise BadFrame("a part is missing or of a wrong type") from error
    end = 0
    for page in document.pages:
        if page.start != end:
            raise BadFrame("the pages are not contiguous")
        end = page.end
    if any(not 0 <= heading.start <= heading.end <= end for heading in document.headings):
        raise BadFrame("a heading lies outside the text")
    if not all(_lies_within(table, end) for table in document.tables):
        raise BadFrame("a table lies outside the text")
    return document


def _page(number: Any, start: Any, text: Any, read_as: Any, confidence: Any) -> Page:
    place = None if number is None else _number(number)
    return Page(place, _number(start), _text(text), _text(read_as), _confidence(confidence))


def _unread_page(number: Any, reason: Any, kind: Any) -> UnreadPage:
    return UnreadPage(_number(number), _text(reason), _text(kind))


def _heading(start: Any, end: Any, level: Any, text: Any) -> Heading:
    return Heading(_number(start), _number(end), _number(level), _text(text))


def _hidden(page: Any, kind: Any, characters: Any) -> HiddenText:
    place = None if page is None else _number(page)
    return HiddenText(place, _text(kind), _number(characters))


def _table(start: Any, end: Any, columns: Any) -> Table:
    span = None if columns is None else Span(*map(_number, columns))
    return Table(_number(start), _number(end), span)


def _lies_within(table: Table, end: int) -> bool:
    inner = table.columns or Span(table.start, table.start)
    return 0 <= table.start <= inner.start <= inner.end <= table.end <= end


def _child(plain: Any) -> ParsedChild:
    return ParsedChild(
        _text(plain["name"]),
        _text(plain["sha256"]),
        _number(plain["size"]),
        None if plain["document"] is None else document_from_plain(plain["document"]),
        _text(plain["reason"]),
        _text(plain["kind"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadFrame("a text is of a wrong type")
    # Half a character, as broken files hold them, can be neither stored nor shown.
    return value.encode("utf-8", "replace").decode("utf-8") if _HALF.search(value) else value


def _number(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < _LARGEST:
        raise BadFrame("a number is of a wrong type")
    return value


def _confidence(value: Any) -> float | None:
    if value is not None and not (isinstance(value, float) and 0 <= value <= 1):
        raise BadFrame("a confidence is of a wrong type")
    return value
