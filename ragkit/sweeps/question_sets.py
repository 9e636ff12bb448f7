"""Question sets: what a sweep asks, from a YAML or JSONL file, or one that comes with ragkit.

    questions:
      - id: change-of-control
        question: What happens on a change of control?
        look_for: [change of control, "sale of ... substantially all"]   # any of these means yes
        may_mean: [merger, acquisition]                                  # a person should look
        unless: [non-exclusive]                                          # such a sentence counts for nothing
        taken_back: [deleted]                 # the same; and one of look_for with it: a person should look
        value: duration                                                  # pulled out of the quote

Only `question` must be there. Without `look_for` the words of the question are looked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from ragkit.errors import ConfigFault, Fault, UsageFault
from ragkit.sweeps.phrases import fault_of
from ragkit.types.sweeps import SweepQuestion
from ragkit.yamlfile import MAXIMUM_BYTES, YamlFile, parse_yaml, read_yaml

PHRASES = ("look_for", "may_mean", "unless", "taken_back")
KEYS = ("id", "question", *PHRASES, "value")
MOST_QUESTIONS = 200
NOT_JSON = object()
"""In place of what a line of a JSONL file holds."""
_ID = re.compile(r"[\w.-]{1,60}")


def shipped() -> tuple[str, ...]:
    """Names of the sets that come with ragkit."""
    folder = files("ragkit.sweeps").joinpath("sets")
    return tuple(sorted(file.name.removesuffix(".yaml") for file in folder.iterdir()))


def read_set(
    name: str, values: Collection[str], beside: Path | None = None
) -> tuple[SweepQuestion, ...]:
    """The questions of a file, or of a set that comes with ragkit. values: kinds of short facts.

    beside: the folder that a path is relative to; None for the one this process works in.
    Raises UsageFault if there is neither, ConfigFault with every fault in it.
    """
    path = (beside or Path()) / Path(name).expanduser()
    if path.is_file():
        file = _jsonl(path) if path.suffix.lower() == ".jsonl" else read_yaml(path)
    elif name in shipped():
        text = files("ragkit.sweeps").joinpath("sets", f"{name}.yaml").read_text("utf-8")
        file = parse_yaml(text, Path(f"{name}.yaml"))
    else:
        raise UsageFault(
            f"There is no file {path}, and no set of questions of that name comes with ragkit.",
            hint=f"Give a file, or one of {', '.join(shipped())}.",
        )
    return _questions(file, values)


def _jsonl(path: Path) -> YamlFile:
    """One object a line, as a file with the same content in YAML would be read; NOT_JSON for a line that is
    none."""
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise ConfigFault(f"{path} is larger than {MAXIMUM_BYTES // 1_000_000} MB.")
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigFault(f"{path} cannot be read: {reason}.") from None
    entries: list[Any] = []
    places = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        places[f"questions.{len(entries)}"] = number
        try:
            entries.append(json.loads(line))
        except (ValueError, RecursionError):
            entries.append(NOT_JSON)
    return YamlFile(path, {"questions": entries}, places)


def _questions(file: YamlFile, values: Collection[str]) -> tuple[SweepQuestion, ...]:
    entries = file.data.get("questions") if isinstance(file.data, dict) else file.data
    if not isinstance(entries, list) or not entries:
        fault = Fault("questions", 0, "must be a list with at least one question")
        raise ConfigFault(f"{file.path} holds no questions.", faults=[fault])
    if len(entries) > MOST_QUESTIONS:
        raise ConfigFault(f"{file.path} holds more than {MOST_QUESTIONS} questions.")
    faults: list[Fault] = []
    first: dict[str, str] = {}
    for number, entry in enumerate(entries):
        place = f"questions.{number}"
        for key, problem in _problems(entry, number, first, values):
            where = f"{place}.{key}" if key else place
            faults.append(Fault(where, file.line(where), problem))
        if isinstance(entry, dict):
            first.setdefault(_id(entry, number), f"line {file.line(place)}, {place}")
    if faults:
        count = len(faults)
        raise ConfigFault(
            f"{file.path} has {count} fault{'s' if count > 1 else ''}.",
            faults=sorted(faults, key=lambda fault: fault.line),
        )
    return tuple(_question(entry, number) for number, entry in enumerate(entries))


def _problems(
    entry: Any, number: int, first: Mapping[str, str], values: Collection[str]
) -> Iterator[tuple[str, str]]:
    """(key or "", problem) of a question. first: line and place of the question of each `id` before it."""
    if not isinstance(entry, dict):
        yield "", "is not valid JSON" if entry is NOT_JSON else "must be an object with `question`"
        return
    for key in entry:
        if key not in KEYS:
            yield str(key), f"is no key of a question; there are {', '.join(KEYS)}"
    question = entry.get("question")
    if not isinstance(question, str) or not question.strip():
        yield "question" if "question" in entry else "", "needs `question`, a text"
    name = _id(entry, number)
    if not _ID.fullmatch(name):
        yield "id", "has an `id` that is not 1 to 60 letters, digits, '.', '_' or '-'"
    elif name in first:
        has = "has" if entry.get("id") is not None else "without an `id` of its own has"
        yield "id", f"{has} the `id` {name} of a question before it, {first[name]}"
    value = entry.get("value", "")
    if not isinstance(value, str) or value not in {"", *values}:
        yield "value", f"has the `value` {value!r}; there are {', '.join(sorted(values))}"
    for key in PHRASES:
        yield from ((key, problem) for problem in _problems_of_phrases(key, entry.get(key, [])))
    for key in ("unless", "taken_back"):
        if entry.get(key) and not entry.get("look_for"):
            yield key, f"has `{key}` without `look_for`"


def _problems_of_phrases(key: str, phrases: Any) -> Iterator[str]:
    if not isinstance(phrases, list) or not all(isinstance(one, str) for one in phrases):
        yield f"needs a list of texts as `{key}`"
        return
    for phrase in phrases:
        if problem := fault_of(phrase):
            yield f"`{key}`: {phrase!r} {problem}"


def _id(entry: dict[str, Any], number: int) -> str:
    given = entry.get("id")
    return f"q{number + 1}" if given is None else str(given)


def _question(entry: dict[str, Any], number: int) -> SweepQuestion:
    phrases = {key: tuple(entry.get(key, ())) for key in PHRASES}
    return SweepQuestion(
        id=_id(entry, number),
        question=" ".join(entry["question"].split()),
        value=entry.get("value", ""),
        **phrases,
    )
