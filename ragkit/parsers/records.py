"""Records (JSON, XML) as text that can be found and quoted: lines "name: value" under headings.

A record that fits on one line becomes one, as a row of a workbook does: "results: test: Potassium |
value: 5.6 | unit: mmol/l". A larger one becomes a section, named by its place and its title, with
its short fields side by side.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TypeAlias

from ragkit.errors import UnreadableDocument
from ragkit.parsers.assemble import TITLE_LENGTH, Assembler

Value: TypeAlias = "str | bool | list[Value] | Record | None"


class Record(tuple[tuple[str, Value], ...]):
    """Names and values in order; a name may come again, and running text has an empty one."""

    __slots__ = ()


DEEPEST = 100
_LONGEST_LINE = 300
"""Characters. What is longer is several lines or a paragraph."""
_BESIDE = " | "
_LAYERS = 4
"""Records within records that still make one line."""
_TITLES = frozenset(
    (
        *("title", "name", "subject", "heading", "head", "caption"),
        *("titulo", "título", "nombre", "asunto"),
    )
)
_BASE64 = re.compile(r"(?:[\w+/-]{20,}+\s*+)++[\w+/-]*+={0,2}+\s*+", re.ASCII)
_SHORTEST_BASE64 = 500


def add_values(values: list[Value], assembler: Assembler) -> None:
    """The values of a file; a single record stands for the file itself.

    Raises UnreadableDocument when they are nested more than DEEPEST levels.
    """
    if len(values) == 1:
        add_member("", values[0], assembler)
    else:
        _add_list("", values, assembler, 1)


def add_member(
    name: str, value: Value, assembler: Assembler, level: int = 1, *, in_full: bool = False
) -> None:
    """One named value at a level of headings; `in_full` as a section even where a line would do."""
    match value:
        case Record():
            line = None if in_full else _one_line(value)
            if line is None:
                _add_section(name, value, assembler, level)
            else:
                assembler.add("row", _labelled(name, line))
        case list():
            _add_list(name, value, assembler, level)
        case _:
            text = _labelled(name, shown(value))
            assembler.add("row" if name and _is_line(text) else "paragraph", text)


def title_of(values: Sequence[Value]) -> str:
    """What a file that is one record calls itself, or an empty string."""
    first = values[0] if len(values) == 1 else None
    return _title(first)[0] if isinstance(first, Record) else ""


def _add_section(name: str, record: Record, assembler: Assembler, level: int) -> None:
    """A heading and the members; what only wraps another record is named together with it."""
    while len(record) == 1 and isinstance(record[0][1], Record):
        name, record = _joined(name, record[0][0]), record[0][1]
    title, at = _title(record) if name else ("", 0)
    if title:
        record = Record((*record[:at], *record[at + 1 :]))
    if name:
        assembler.add("heading", f"{name}: {title}" if title else name, level=level)
    _add_members(record, assembler, level + bool(name))


def _title(record: Record) -> tuple[str, int]:
    """The record's title and the place of the member that holds it; an empty string for none."""
    for at, (name, value) in enumerate(record):
        if name.lower() in _TITLES and isinstance(value, str) and value.strip():
            return (value, at) if len(value) <= TITLE_LENGTH else ("", at)
    return "", 0


def _add_members(record: Record, assembler: Assembler, level: int) -> None:
    _check_depth(level)
    sections = {name for name, value in record if name and _is_section(value)}
    members: Sequence[tuple[str, Value]] = record
    if all(name for name, _ in record):
        # What belongs to the record itself must not stand under the heading of one of its parts.
        members = sorted(record, key=lambda member: member[0] in sections)
    for is_field, together in groupby(members, _is_field):
        if is_field:
            for line in _lines(_labelled(name, shown(value)) for name, value in together):
                assembler.add("row", line)
            continue
        for name, value in together:
            add_member(name, value, assembler, level, in_full=name in sections)


def _is_field(member: tuple[str, Value]) -> bool:
    """Whether a member of a section is short enough to share a line with others."""
    name, value = member
    is_simple = _is_simple(value) if isinstance(value, list) else not isinstance(value, Record)
    return bool(name) and is_simple and _is_line(_labelled(name, shown(value)))


def _lines(fields: Iterable[str]) -> Iterator[str]:
    """Fields side by side, as many as a line holds: one that is quoted tells what it is of."""
    line = ""
    for field in fields:
        if line and len(line) + len(_BESIDE) + len(field) > _LONGEST_LINE:
            yield line
            line = ""
        line = f"{line}{_BESIDE}{field}" if line else field
    if line:
        yield line


def _add_list(name: str, items: list[Value], assembler: Assembler, level: int) -> None:
    _check_depth(level)
    if _is_simple(items) and _is_line(together := shown(items)):
        assembler.add("row", _labelled(name, together))
        return
    rows = [_row(item) for item in items]
    in_full = None in rows
    assembler.end_rows()
    for number, (item, row) in enumerate(zip(items, rows, strict=True), start=1):
        if in_full:
            numbered, below = f"{name or 'record'} {number}", level + isinstance(item, list)
            add_member(numbered, item, assembler, below, in_full=True)
        elif isinstance(item, (Record, list)):
            assembler.add("row", _labelled(name, row or ""))
        else:
            add_member(name, item, assembler, level)
    assembler.end_rows()


def _row(item: Value) -> str | None:
    """An item of a list as a row; None where it takes a section."""
    match item:
        case Record():
            return _one_line(item)
        case list():
            if _is_section(item):
                return None
            fields = map(shown, item) if _is_simple(item) else _fields("", item, _LAYERS)
            return _BESIDE.join(" ".join(field.split()) for field in fields)
        case _:
            return ""


def _check_depth(level: int) -> None:
    if level > DEEPEST:
        message = f"It is nested more than {DEEPEST} levels deep."
        raise UnreadableDocument(message, kind="too_large")


def _is_simple(items: list[Value]) -> bool:
    return not any(isinstance(item, (Record, list)) for item in items)


def _is_section(value: Value, layers: int = DEEPEST) -> bool:
    """Whether `value` makes headings of its own."""
    match value:
        case Record():
            return _one_line(value) is None
        case list():
            return layers == 0 or any(_is_section(item, layers - 1) for item in value)
        case _:
            return False


def _one_line(record: Record) -> str | None:
    """The whole record as "name: value | name.part: value"; None where that is too much for a line."""
    fields, length = [], 0
    for field in _fields("", record, _LAYERS):
        length += len(field)
        if length > _LONGEST_LINE or not _is_line(field):
            return None
        fields.append(field)
    return _BESIDE.join(fields)


_NO_FIELD = ("\n\n",)
"""Stands for what fits on no line."""


def _fields(name: str, value: Value, layers: int) -> Iterator[str]:
    """The values below `value` with their dotted names."""
    if isinstance(value, (Record, list)) and layers == 0:
        yield from _NO_FIELD
    elif isinstance(value, Record):
        for inner, part in value:
            # Running text is no field.
            yield from _fields(_joined(name, inner), part, layers - 1) if inner else _NO_FIELD
    elif isinstance(value, list) and not _is_simple(value):
        for part in value:
            yield from _fields(name, part, layers - 1)
    else:
        yield _labelled(name, shown(value))


def _joined(name: str, inner: str) -> str:
    return f"{name}.{inner}" if name and inner else name or inner


def _labelled(name: str, text: str) -> str:
    return f"{name}: {text}".rstrip() if name else text


def _is_line(text: str) -> bool:
    return len(text) <= _LONGEST_LINE and len(text.splitlines()) <= 1


def shown(value: Value) -> str:
    """A value, or a list of them, as JSON writes it; a text without its quotation marks."""
    match value:
        case str() if len(value) >= _SHORTEST_BASE64 and _BASE64.fullmatch(value):
            return f"[binary data, {len(value):,} characters]"
        case str():
            return value
        case list():
            return ", ".join(map(shown, value)) or "[]"
        case None:
            return "null"
        case _:
            return "true" if value else "false"
