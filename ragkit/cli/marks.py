"""`ragkit feedback --questions FILE.jsonl`: many marked questions, read whole before one is marked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragkit.errors import ConfigFault, Fault, UsageFault

EXAMPLE = '{"question": "Who signed?", "right": [1], "wrong": ["a.txt:20-90"]}'
KEYS = {"question", "right", "wrong", "id"}


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """One line, 1-based. right and wrong as `Workspace.mark` takes them."""

    number: int
    question: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]


def read_marks(path: Path) -> list[MarkedLine]:
    """Raises ConfigFault with every fault of the file, UsageFault if it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise UsageFault(f"{path} cannot be read as UTF-8 text.") from None
    lines: list[MarkedLine] = []
    faults: list[Fault] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            problem = _problem(_object(line))
            if problem:
                faults.append(Fault("a marked question", number, problem))
            else:
                lines.append(_marked(number, json.loads(line)))
    if faults:
        raise ConfigFault(f"{path} has faults; nothing was marked.", faults=faults, hint=EXAMPLE)
    if not lines:
        raise UsageFault(f"{path} has no line.", hint=EXAMPLE)
    return lines


def _object(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _problem(data: Any) -> str:
    """What is wrong with a line; empty if nothing is. The line itself is not repeated."""
    if not isinstance(data, dict):
        return "is not a JSON object"
    if unknown := sorted(data.keys() - KEYS):
        return f"the key {unknown[0]!r} is not known; there are {', '.join(sorted(KEYS))}"
    question = data.get("question")
    if not isinstance(question, str) or not question.strip():
        return "lacks the key 'question', with text"
    for name in ("right", "wrong"):
        marks = data.get(name, [])
        if not isinstance(marks, list) or not all(map(_is_mark, marks)):
            return f"{name!r} must be a list of numbers, of DOCUMENT:START-END, or of objects"
    return "" if data.get("right") or data.get("wrong") else "marks nothing"


def _is_mark(mark: Any) -> bool:
    if isinstance(mark, dict):
        places = (mark.get("start"), mark.get("end"))
        return isinstance(mark.get("document"), str) and all(type(one) is int for one in places)
    return type(mark) is int or isinstance(mark, str)


def _marked(number: int, data: dict[str, Any]) -> MarkedLine:
    right, wrong = (tuple(map(_as_text, data.get(name, []))) for name in ("right", "wrong"))
    return MarkedLine(number, data["question"], right, wrong)


def _as_text(mark: Any) -> str:
    """An object is a passage as `--json` shows it."""
    if isinstance(mark, dict):
        return f"{mark['document']}:{mark['start']}-{mark['end']}"
    return str(mark)
