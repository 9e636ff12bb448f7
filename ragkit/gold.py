"""Gold questions: what a pipeline's owner knows the answers to, and where these stand.

A .jsonl file with one object a line, or a .yaml file with a list under `questions`. Each question has
`question` and `document` (or `doc`): a path as search shows it, or a pattern such as 'letters/*.pdf'.
`quote`, or the `text` of its `gold_spans`: words of which some must be found. `id` names it in
reports. Questions with `answerable: false` are left out: nothing that is found can be right.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragkit.errors import ConfigFault, Fault
from ragkit.yamlfile import MAXIMUM_BYTES, read_yaml

YAML_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """document: path or pattern. quotes: words of which one must be found; none if any will do."""

    id: str
    question: str
    document: str
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """Questions that a new state must answer. minimum_recall: 0 to 1, among the first `passages`."""

    questions: tuple[GoldQuestion, ...]
    minimum_recall: float
    passages: int


def read_gold(path: Path) -> tuple[GoldQuestion, ...]:
    """The questions of a file. Raises ConfigFault with every fault in it, each with its line."""
    entries = _yaml_entries(path) if path.suffix.lower() in YAML_SUFFIXES else _lines(path)
    questions: list[GoldQuestion] = []
    faults: list[Fault] = []
    for number, (line, entry) in enumerate(entries, start=1):
        place = f"question {number}"
        problem = entry if isinstance(entry, str) else _problem(entry, questions)
        if problem:
            faults.append(Fault(place, line, problem))
        elif entry.get("answerable", True):
            questions.append(_question(entry, place))
    if not questions and not faults:
        faults.append(Fault("the file", 0, "holds no question that the documents answer"))
    if faults:
        raise ConfigFault(f"{path} has faults.", faults=faults)
    return tuple(questions)


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    """(line, what stands there; as a string why that is nothing)."""
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            yield number, "is not valid JSON"
            continue
        yield number, entry if isinstance(entry, dict) else "must be an object"


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise ConfigFault(f"{path} is larger than {MAXIMUM_BYTES // 1_000_000} MB.")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigFault(f"There is no file {path}.") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigFault(f"{path} cannot be read: {reason}.") from None


def _yaml_entries(path: Path) -> Iterable[tuple[int, Any]]:
    file = read_yaml(path)
    entries = file.data.get("questions") if isinstance(file.data, dict) else file.data
    if not isinstance(entries, list):
        raise ConfigFault(f"{path} has no list of questions.")
    prefix = "questions." if isinstance(file.data, dict) else ""
    return [
        (file.line(f"{prefix}{at}"), entry if isinstance(entry, dict) else "must be a mapping")
        for at, entry in enumerate(entries)
    ]


def _problem(entry: dict[str, Any], before: list[GoldQuestion]) -> str:
    """What is wrong with an entry; empty if nothing is."""
    if not _is_text(entry.get("question")):
        return "lacks the key 'question', with text"
    if entry.get("answerable", True) not in (True, False):
        return "'answerable' must be true or false"
    if not entry.get("answerable", True):
        return ""
    if not _is_text(entry.get("document", entry.get("doc"))):
        return "lacks the key 'document', the path of the document that answers it"
    if "quote" in entry and not _is_text(entry["quote"]):
        return "'quote' must be text"
    spans = entry.get("gold_spans", [])
    if not isinstance(spans, list) or not all(
        isinstance(span, dict) and _is_text(span.get("text")) for span in spans
    ):
        return "'gold_spans' must be a list of objects with a 'text'"
    if "id" in entry and str(entry["id"]) in {question.id for question in before}:
        return f"the id {entry['id']!r} stands there twice"
    return ""


def _question(entry: dict[str, Any], place: str) -> GoldQuestion:
    quotes = [entry["quote"]] if "quote" in entry else []
    quotes += [span["text"] for span in entry.get("gold_spans", [])]
    return GoldQuestion(
        id=str(entry.get("id", place)),
        question=" ".join(entry["question"].split()),
        document=str(entry.get("document", entry.get("doc"))).strip(),
        quotes=tuple(quotes),
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
