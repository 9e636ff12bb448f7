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
from collections.abc import Collection, Iterator
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
    """One object a line, as a file with the same content in YAML would be read."""
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise ConfigFault(f"{path} is larger than {MAXIMUM_BYTES // 1_000_000} MB.")
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigFault(f"{path} cannot be read: {reason}.") from None
    entries, places, faults = [], {}, []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entries.append(json.loads(line))
        except (ValueError, RecursionError):
            faults.append(Fault(f"line {number}", number, "is not valid JSON"))
        places[f"questions.{len(entries) - 1}"] = number
    if faults:
        raise ConfigFault(f"{path} has faults.", faults=faults)
    return YamlFile(path, {"questions": entries}, places)


def _questions(file: YamlFile, values: Collection[str]) -> tuple[SweepQuestion, ...]:
    entries = file.data.get("questions") if isinstance(file.data, dict) else file.data
    if not isinstance(entries, list) or not entries:
        fault = Fault("questions", 0, "must be a list with at least one question")
        raise ConfigFault(f"{file.path} holds no questions.", faults=[fault])
    if len(entries) > MOST_QUESTIONS:
        raise ConfigFault(f"{file.path} holds more than {MOST_QUESTIONS} questions.")
    faults: list[Fault] = []
    ids: set[str] = set()
    for number, entry in enumerate(entries):
        place = f"questions.{number}"
        faults += [
            Fault(place, file.line(place), problem) for problem in _problems(entry, ids, values)
        ]
        if isinstance(entry, dict):
            ids.add(_id(entry, number))
    if faults:
        raise ConfigFault(f"{file.path} has faults.", faults=faults)
    return tuple(_question(entry, number) for number, entry in enumerate(entries))


def _problems(entry: Any, ids: Collection[str], values: Collection[str]) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield "must be an object with `question`"
        return
    for key in entry.keys() - set(KEYS):
        yield f"has {key!r}; there are {', '.join(KEYS)}"
    question = entry.get("question")
    if not isinstance(question, str) or not question.strip():
        yield "needs `question`, a text"
    name = entry.get("id")
    if name is not None and not _ID.fullmatch(str(name)):
        yield "has an `id` that is not 1 to 60 letters, digits, '.', '_' or '-'"
    if name is not None and str(name) in ids:
        yield f"has the `id` {name} of a question before it"
    if entry.get("value", "") not in {"", *values}:
        yield f"has the `value` {entry['value']!r}; there are {', '.join(sorted(values))}"
    for key in PHRASES:
        yield from _problems_of_phrases(key, entry.get(key, []))
    for key in ("unless", "taken_back"):
        if entry.get(key) and not entry.get("look_for"):
            yield f"has `{key}` without `look_for`"


def _problems_of_phrases(key: str, phrases: Any) -> Iterator[str]:
    if not isinstance(phrases, list) or not all(isinstance(one, str) for one in phrases):
        yield f"needs a list of texts as `{key}`"
        return
    for phrase in phrases:
        if problem := fault_of(phrase):
            yield f"`{key}`: {phrase!r} {problem}"


def _id(entry: dict[str, Any], number: int) -> str:
    return str(entry.get("id", f"q{number + 1}"))


def _question(entry: dict[str, Any], number: int) -> SweepQuestion:
    phrases = {key: tuple(entry.get(key, ())) for key in PHRASES}
    return SweepQuestion(
        id=_id(entry, number),
        question=" ".join(entry["question"].split()),
        value=entry.get("value", ""),
        **phrases,
    )
