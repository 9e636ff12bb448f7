"""What stands in a YAML file -> classes of settings, and every fault on the way."""

from __future__ import annotations

import difflib
import re
import typing
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal

from ragkit.errors import Fault
from ragkit.nightsteps import (
    PIPELINE_SIGN,
    STEPS,
    SWEEP_FILES,
    NightStep,
    SummarizeStep,
    SweepStep,
)
from ragkit.yamlfile import YamlFile

NO_ZERO = "must be text without the character 0, which no path can have"


class SettingsReader:
    """Collects the faults of a file instead of stopping at the first; `place` is a dotted key in it."""

    def __init__(self, file: YamlFile) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def fault(self, place: str, problem: str) -> None:
        self.faults.append(Fault(place or "the file", self.file.line(place), problem))

    def section(self, kind: type, data: dict[str, Any], place: str) -> Any:
        known = {item.name: item for item in fields(kind)}
        self.check_keys(data, set(known), place)
        types = typing.get_type_hints(kind)
        values: dict[str, Any] = {}
        for name, item in known.items():
            where = f"{place}.{name}"
            if name in data:
                values[name] = self.value(data[name], types[name], item, where)
            elif item.default is MISSING:
                self.fault(place, f"lacks the key '{name}'")
                return None
        return kind(**values)

    def value(self, data: Any, kind: Any, item: Field[Any] | None, place: str) -> Any:
        if is_dataclass(kind) and isinstance(kind, type):
            return self.section(kind, self.mapping(data, place), place)
        if typing.get_origin(kind) is Literal:
            return self.choice(data, typing.get_args(kind), place)
        if kind in (int, float):
            return self.number(data, item, place, kind)
        if kind == tuple[NightStep, ...]:
            return self.steps(data, place)
        if typing.get_origin(kind) is tuple:
            return self.strings(data, item, place)
        if not isinstance(data, str):
            self.fault(place, f"must be text, not {_name_of(data)}")
            return ""
        if "\0" in data:
            self.fault(place, NO_ZERO)
        return data

    def steps(self, data: Any, place: str) -> tuple[NightStep, ...]:
        if not isinstance(data, list):
            self.fault(place, f"must be a list of {' and '.join(STEPS)}, not {_name_of(data)}")
            return ()
        read = [self.step(entry, f"{place}.{number}") for number, entry in enumerate(data)]
        return tuple(step for step in read if step is not None)

    def step(self, data: Any, place: str) -> NightStep | None:
        entry = self.mapping(data, place)
        self.check_keys(entry, set(STEPS), place)
        named = [name for name in STEPS if name in entry]
        if len(named) != 1:
            if isinstance(data, dict) and len(entry) != 1:
                self.fault(place, f"must have one key: {' or '.join(STEPS)}")
            return None
        (name,) = named
        where = f"{place}.{name}"
        step: NightStep | None = self.section(STEPS[name], self.mapping(entry[name], where), where)
        self.check_step(step, where)
        return step

    def check_step(self, step: NightStep | None, where: str) -> None:
        if isinstance(step, SummarizeStep) and not step.output:
            self.fault(f"{where}.output", "must name a folder")
        if isinstance(step, SweepStep) and not step.questions:
            self.fault(f"{where}.questions", "must name a file or a set of questions")
        if isinstance(step, SweepStep) and Path(step.output).suffix.lower() not in SWEEP_FILES:
            self.fault(f"{where}.output", f"must end in one of {', '.join(SWEEP_FILES)}")
        if step is not None and (sign := _unknown_sign(step.output)):
            self.fault(
                f"{where}.output",
                f"has {sign}, which stands for nothing; the only name in braces is {PIPELINE_SIGN}",
            )

    def choice(self, data: Any, options: tuple[str, ...], place: str) -> str:
        words = {True: "on", False: "off"}  # how YAML reads the bare words
        if isinstance(data, bool) and words[data] in options:
            return words[data]
        if data in options:
            return str(data)
        self.fault(place, f"must be one of {', '.join(options)}, not {data!r}")
        return options[0]

    def number(self, data: Any, item: Field[Any] | None, place: str, kind: type) -> Any:
        if isinstance(data, bool) or not isinstance(data, (int, kind)):
            name = "a whole number" if kind is int else "a number"
            self.fault(place, f"must be {name}, not {_name_of(data)}")
            return 0
        low, high = (item.metadata["minimum"], item.metadata["maximum"]) if item else (None, None)
        # Written so that "not a number", which is neither, lies outside too.
        if not ((low is None or data >= low) and (high is None or data <= high)):
            self.fault(place, f"must lie between {low} and {high}, not {data}")
        return data

    def strings(self, data: Any, item: Field[Any] | None, place: str) -> tuple[str, ...]:
        entries = [data] if isinstance(data, str) else data
        if not isinstance(entries, list):
            self.fault(place, f"must be a list of text, not {_name_of(data)}")
            return ()
        pattern = item.metadata["pattern"] if item else ""
        if pattern and not entries:
            self.fault(place, "must have at least one entry")
        for number, entry in enumerate(entries):
            if not isinstance(entry, str) or not entry:
                self.fault(f"{place}.{number}", f"must be text, not {_name_of(entry)}")
            elif "\0" in entry:
                self.fault(f"{place}.{number}", NO_ZERO)
            elif pattern and not re.fullmatch(pattern, entry):
                self.fault(f"{place}.{number}", f"must be like {pattern}, not {entry!r}")
        return tuple(entry for entry in entries if isinstance(entry, str) and entry)

    def mapping(self, data: Any, place: str) -> dict[str, Any]:
        if isinstance(data, dict):
            return data
        self.fault(place, f"must be a mapping of keys to values, not {_name_of(data)}")
        return {}

    def check_keys(self, data: dict[str, Any], known: set[str], place: str) -> None:
        for key in data:
            if key in known:
                continue
            near = difflib.get_close_matches(str(key), known, n=1)
            advice = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(known))}"
            self.fault(f"{place}.{key}" if place else str(key), f"is not a setting; {advice}")


def _unknown_sign(output: str) -> str:
    """The first thing in braces, or brace, that is not the pipeline's name; "" for none."""
    signs = re.findall(r"\{[^{}/]*\}|[{}]", output)
    return next((sign for sign in signs if sign != PIPELINE_SIGN), "")


def _name_of(data: object) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", bool: "yes/no", type(None): "nothing"}
    return names.get(type(data), f"{data!r}")
