"""Saved answers as they lie in a file: what somebody else may have written, so nothing is believed.

Read are the JSON of `ask` (also of several pipelines), lines of `ask --questions` and of `chat`, the
JSON of `summarize` and the rows of a sweep. Whatever else a file holds is one clear sentence.
"""

from __future__ import annotations

import codecs
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Literal, NoReturn, TypeGuard, TypeVar

from ragkit.errors import UsageFault
from ragkit.types import AnswerSentence, Citation, Note, SentenceStatus, ShortFact
from ragkit.types.rechecks import SavedAnswer

MOST_BYTES = 32_000_000
"""Of one file: a thousand answers of 25 kB, as long as any that were seen. JSON takes up to thirty times
its size in memory: 24 MB of "[]" were seen to take 725 MB."""
LARGEST = 2**53
"""No offset or mark is larger; other programs read larger numbers of JSON wrongly."""
STATUSES: tuple[SentenceStatus, ...] = ("quoted", "kept", "repaired", "replaced")
NOTES: tuple[Literal["conflict", "superseded", "fenced"], ...] = (
    "conflict",
    "superseded",
    "fenced",
)
LISTS = ("results", "answers", "turns", "rows", "pipelines")
"""Keys under which several answers stand."""

Item = TypeVar("Item")


class _NoAnswer(Exception):
    """What is wrong, in a clause; nothing of the file's text in it."""


def read_saved(data: bytes, name: str) -> tuple[SavedAnswer, ...]:
    """The answers in a file, at least one.

    name: of the file, for messages. Raises UsageFault for what is no answer of ragkit's.
    """
    if len(data) > MOST_BYTES:
        _refuse(name, f"it is larger than {MOST_BYTES // 1_000_000} MB")
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError:
        _refuse(name, "it is not UTF-8 text")
    try:
        whole = _object_of(text)
    except _NoAnswer as fault:
        lines = [(n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
        if len(lines) < 2 or not lines[0][1].rstrip().endswith("}"):
            _refuse(name, str(fault))
        found = [each for n, line in lines for each in _of_line(line, f"{name}, line {n}")]
    else:
        found = list(_answers(whole, name))
    if not found:
        _refuse(name, "it holds only questions that failed")
    return tuple(_told_apart(found))


def _told_apart(answers: list[SavedAnswer]) -> Iterator[SavedAnswer]:
    """With a number where several stand at one place, as two of the same pipeline do."""
    several, told = Counter(answer.place for answer in answers), Counter[str]()
    for answer in answers:
        told[answer.place] += 1
        number = f", answer {told[answer.place]}" if several[answer.place] > 1 else ""
        yield replace(answer, place=f"{answer.place}{number}")


def _refuse(name: str, why: str) -> NoReturn:
    raise UsageFault(
        f"{name} is no saved answer of ragkit: {why}.",
        hint="Save one: ragkit ask PIPELINE QUESTION --json > answer.json",
    )


def _of_line(line: str, place: str) -> Iterator[SavedAnswer]:
    try:
        data = _object_of(line)
    except _NoAnswer as fault:
        _refuse(place, str(fault))
    yield from _answers(data, place)


def _object_of(text: str) -> dict[str, Any]:
    """Raises _NoAnswer for what is not one JSON object that every program reads alike."""
    try:
        data = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)
        # "\ud800" stands for no character: it can be neither shown nor found.
        json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise _NoAnswer("it is not valid JSON") from None
    except MemoryError:
        raise _NoAnswer("it holds more than fits into this machine's memory") from None
    if not isinstance(data, dict):
        raise _NoAnswer("it is JSON, but not an object")
    return data


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _answers(data: dict[str, Any], place: str) -> Iterator[SavedAnswer]:
    """Raises UsageFault where something is missing or of a wrong type."""
    try:
        yield from _found_in(data, place)
    except _NoAnswer as fault:
        _refuse(place, str(fault))


def _found_in(data: dict[str, Any], place: str, *, may_list: bool = True) -> Iterator[SavedAnswer]:
    pipeline = _text(data, "pipeline")
    if "citations" in data:
        yield _answer(data, place, pipeline)
    elif "verdict" in data:
        yield _row(data, place, pipeline)
    elif "folder" in data and "documents" in data:
        yield from _summary(data, place, pipeline)
    elif may_list and (key := next((key for key in LISTS if key in data), "")):
        for each in _objects(data, key):
            yield from _found_in(each, f"{place}, {_text(each, 'pipeline')}", may_list=False)
    elif "error" not in data:  # the line of a question that failed claims nothing
        raise _NoAnswer("it has no citations")


def _summary(data: dict[str, Any], place: str, pipeline: str) -> Iterator[SavedAnswer]:
    if data["folder"] is not None:
        yield _answer(_dict(data["folder"], "folder"), place, pipeline)
    for each in _objects(data, "documents"):
        yield _answer(each, f"{place}, {_text(each, 'document')}", pipeline)


def _row(data: dict[str, Any], place: str, pipeline: str) -> SavedAnswer:
    """Of a sweep: one document and, unless it says nothing, one quote and a value out of it."""
    quoted = (_citation({**data, "mark": 1, "confidence": None}),) if data.get("quote") else ()
    value = _text(data, "value")
    facts = (ShortFact("value", value, (1,)),) if value else ()
    return SavedAnswer(place, pipeline, _text(data, "question"), quoted, facts=facts)


def _answer(data: dict[str, Any], place: str, pipeline: str) -> SavedAnswer:
    citations = _each(data, "citations", _citation)
    marks = [citation.mark for citation in citations]
    if len(set(marks)) < len(marks):
        raise _NoAnswer("two of its citations have the same mark")
    nearest = [_passage(n, each) for n, each in enumerate(_objects(data, "nearest"), start=1)]
    return SavedAnswer(
        place=place,
        pipeline=pipeline,
        question=_text(data, "question"),
        citations=(*citations, *nearest),
        sentences=_each(data, "sentences", _sentence),
        facts=_each(data, "facts", _fact),
        text=_text(data, "text"),
        notes=_each(data, "notes", _note),
    )


def _each(
    data: dict[str, Any], key: str, make: Callable[[dict[str, Any]], Item]
) -> tuple[Item, ...]:
    return tuple(map(make, _objects(data, key)))


def _citation(data: dict[str, Any]) -> Citation:
    start, end = _number(data, "start"), _number(data, "end")
    quote = _text(data, "quote", required=True)
    if not quote.strip() or end <= start:
        raise _NoAnswer("one of its citations quotes nothing")
    return Citation(
        mark=_number(data, "mark", least=1),
        document=_text(data, "document", required=True),
        sha256=_text(data, "sha256", required=True),
        page=None if data.get("page") is None else _number(data, "page", least=1),
        start=start,
        end=end,
        quote=quote,
        read_as=_text(data, "read_as"),
        confidence=_share(data, "confidence"),
    )


def _passage(number: int, data: dict[str, Any]) -> Citation:
    """A passage as a citation with a mark below 0."""
    return Citation(
        mark=-number,
        document=_text(data, "document", required=True),
        sha256=_text(data, "sha256"),
        page=None if data.get("page") is None else _number(data, "page", least=1),
        start=_number(data, "start"),
        end=_number(data, "end"),
        quote=_text(data, "text", required=True),
        read_as="",
    )


def _sentence(data: dict[str, Any]) -> AnswerSentence:
    said = _text(data, "status")
    status = next((status for status in STATUSES if status == said), None)
    if status is None:
        raise _NoAnswer("a sentence has a status that there is not")
    return AnswerSentence(_text(data, "text", required=True), _marks(data), status)


def _fact(data: dict[str, Any]) -> ShortFact:
    """Of an answer {"kind", "text"}, of a summary {"name", "value"}."""
    kind = _text(data, "kind") or _text(data, "name", required=True)
    key = "text" if "text" in data else "value"
    return ShortFact(kind, _text(data, key, required=True), _marks(data))


def _note(data: dict[str, Any]) -> Note:
    said = _text(data, "kind")
    kind = next((kind for kind in NOTES if kind == said), None)
    if kind is None:
        raise _NoAnswer("a note has a kind that there is not")
    return Note(kind, _text(data, "text", required=True), _marks(data))


def _marks(data: dict[str, Any]) -> tuple[int, ...]:
    marks = data.get("citations")
    if not isinstance(marks, list) or not all(_is_number(mark) for mark in marks):
        raise _NoAnswer("the marks of a sentence are not numbers")
    return tuple(marks)


def _objects(data: dict[str, Any], key: str) -> Iterable[dict[str, Any]]:
    value = data.get(key, [])
    if not isinstance(value, list):
        raise _NoAnswer(f'"{key}" is not a list')
    return [_dict(each, key) for each in value]


def _dict(value: object, key: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _NoAnswer(f'"{key}" holds something that is no object')
    return value


def _text(data: dict[str, Any], key: str, missing: str = "", *, required: bool = False) -> str:
    value = data.get(key, None if required else missing)
    if not isinstance(value, str):
        raise _NoAnswer(f'"{key}" is not text')
    return value


def _number(data: dict[str, Any], key: str, *, least: int = 0) -> int:
    value = data.get(key)
    if not _is_number(value) or value < least:
        raise _NoAnswer(f'"{key}" is not a number that it can be')
    return value


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST


def _share(data: dict[str, Any], key: str) -> float | None:
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise _NoAnswer(f'"{key}" is not between 0 and 1')
    return float(value)
