"""JSON: one value, or many one after the other (.jsonl, .ndjson). Numbers stay as they are written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

from ragkit.errors import UnreadableDocument
from ragkit.invisible import visible
from ragkit.parsers import records
from ragkit.parsers.assemble import Assembler
from ragkit.parsers.limits import Reading
from ragkit.parsers.records import Record, Value
from ragkit.parsers.text import decode
from ragkit.types import ParsedDocument

_BETWEEN = re.compile(r"[\s\x1e\ufeff]*")
"""White space, and the separator of JSON text sequences (RFC 7464)."""


def preload() -> None:
    """Nothing heavy is needed."""


def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """Lines "name: value" under the names of what they are in (see `records`)."""
    values = list(_values(decode(data)))
    assembler = Assembler(reading.limits)
    records.add_values(values, assembler)
    # The first line of a record is no title.
    return replace(assembler.document(), title=visible(records.title_of(values)))


def _values(text: str) -> Iterator[Value]:
    """Raises UnreadableDocument with the place of the first fault."""
    decoder = json.JSONDecoder(
        object_pairs_hook=_record,
        parse_int=str,
        parse_float=str,
        parse_constant=str,
        strict=False,
    )
    at = _after_space(text, 0)
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            fault = f"{error.msg[:1].lower()}{error.msg[1:]}"
            place = f"line {error.lineno}, column {error.colno}"
            raise UnreadableDocument(f"It is no valid JSON: {fault} ({place}).") from None
        except RecursionError:
            message = "It is nested too deep to be read."
            raise UnreadableDocument(message, kind="too_large") from None
        yield value
        at = _after_space(text, at)


def _after_space(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def _record(pairs: list[tuple[str, Value]]) -> Value:
    """All members in order, also those that share a name, of which a dict would keep one."""
    return Record(pairs) if pairs else "{}"
