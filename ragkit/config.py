"""pipelines.yaml -> pipelines with their settings, or every fault in it at once."""

from __future__ import annotations

import difflib
import os
import re
import typing
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal

from ragkit.errors import ConfigFault, Fault, UnknownPipeline
from ragkit.metadata.paths import pattern_fault
from ragkit.outputs import Output, output_faults
from ragkit.settings import (
    STEPS,
    SWEEP_FILES,
    NightStep,
    PipelineSettings,
    SummarizeStep,
    SweepStep,
    name_of_step,
)
from ragkit.yamlfile import YamlFile, read_yaml

CONFIG_NAME = "pipelines.yaml"
NO_ZERO = "must be text without the character 0, which no path can have"
PIPELINE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline with its places on disk, absolute."""

    name: str
    folders: tuple[Path, ...]
    store: Path
    settings: PipelineSettings
    settings_file: Path

    @property
    def gate_file(self) -> Path | None:
        """The file of the gate's questions, absolute; None without a gate."""
        return self._beside_settings(self.settings.gate.questions)

    @property
    def passwords_file(self) -> Path | None:
        """The file of passwords, absolute; None without one."""
        return self._beside_settings(self.settings.passwords)

    @property
    def words_file(self) -> Path | None:
        """The user's list of other words, absolute; None without one."""
        return self._beside_settings(self.settings.search.words)

    @property
    def templates_path(self) -> Path | None:
        """The user's templates for summaries, a file or a folder, absolute; None without any."""
        return self._beside_settings(self.settings.summaries.templates)

    @property
    def outputs(self) -> tuple[Output, ...]:
        """Where each step of `after_ingest` writes."""
        place = f"pipelines.{self.name}.after_ingest"
        return tuple(
            Output(
                f"{place}.{number}.{name_of_step(step)}.output",
                self.beside_settings(step.output.replace("{pipeline}", self.name)),
                is_folder=isinstance(step, SummarizeStep),
            )
            for number, step in enumerate(self.settings.after_ingest)
        )

    @property
    def files_read(self) -> tuple[Path, ...]:
        """Files that the settings name beside documents, and the settings themselves."""
        asked = [
            self.beside_settings(step.questions)
            for step in self.settings.after_ingest
            if not isinstance(step, SummarizeStep)
        ]
        named = (self.gate_file, self.passwords_file, self.words_file, self.templates_path)
        return (self.settings_file, *asked, *(file for file in named if file is not None))

    def beside_settings(self, given: str) -> Path:
        """A path of the settings, absolute."""
        return _absolute(self.settings_file.parent, given)

    def _beside_settings(self, given: str) -> Path | None:
        return self.beside_settings(given) if given else None


@dataclass(frozen=True, slots=True)
class Config:
    """A whole pipelines.yaml."""

    path: Path
    pipelines: Mapping[str, Pipeline]

    def pipeline(self, name: str) -> Pipeline:
        """The pipeline of that name. Raises UnknownPipeline, which lists those there are."""
        if name in self.pipelines:
            return self.pipelines[name]
        known = ", ".join(self.pipelines)
        near = difflib.get_close_matches(name, self.pipelines, n=1)
        hint = f"Did you mean {near[0]}?" if near else "ragkit status"
        raise UnknownPipeline(
            f"There is no pipeline {name!r} in {self.path}; it has: {known}.", hint=hint
        )


def load_config(path: Path) -> Config:
    """Settings of `path`. Raises ConfigFault with every fault of the file."""
    if not path.is_file():
        raise ConfigFault(
            f"There is no {path}.",
            hint="ragkit init FOLDER writes one; --config FILE takes another.",
        )
    file = read_yaml(path)
    reader = _Reader(file)
    config = reader.config()
    if reader.faults:
        count = len(reader.faults)
        raise ConfigFault(
            f"{path} has {count} fault{'s' if count > 1 else ''}.",
            faults=sorted(reader.faults, key=lambda fault: fault.line),
            hint=f"Mend {'them' if count > 1 else 'it'} in {path} and run the command again.",
        )
    return config


class _Reader:
    """Walks the file once and collects the faults instead of stopping at the first."""

    def __init__(self, file: YamlFile) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def fault(self, place: str, problem: str) -> None:
        self.faults.append(Fault(place or "the file", self.file.line(place), problem))

    def config(self) -> Config:
        data = self.file.data
        if not isinstance(data, dict):
            self.fault("", "must be a mapping with the key 'pipelines'")
            return Config(self.file.path, {})
        self.check_keys(data, {"version", "store", "defaults", "pipelines"}, "")
        if data.get("version", 1) != 1:
            self.fault("version", "must be 1")
        store = self.value(data.get("store", ".ragkit"), str, None, "store")
        defaults = self.mapping(data.get("defaults") or {}, "defaults")
        pipelines = self.mapping(data.get("pipelines"), "pipelines")
        if not pipelines and not self.faults:
            self.fault("pipelines", "must name at least one pipeline")
        built = [
            self.pipeline(name, entry, defaults, str(store)) for name, entry in pipelines.items()
        ]
        config = Config(self.file.path, {each.name: each for each in built if each})
        self.check_outputs(config.pipelines.values())
        return config

    def pipeline(
        self, name: object, entry: object, defaults: dict[str, Any], store: str
    ) -> Pipeline | None:
        where = f"pipelines.{name}"
        if not isinstance(name, str) or not PIPELINE_NAME.fullmatch(name):
            self.fault(
                where, "a pipeline's name is lower-case letters, digits, - and _ (at most 63)"
            )
            return None
        before = len(self.faults)
        merged = _merge(defaults, self.mapping(entry, where))
        settings = self.section(PipelineSettings, merged, where)
        for number, pattern in enumerate(settings.metadata.path if settings else ()):
            if problem := pattern_fault(pattern):
                self.fault(f"{where}.metadata.path.{number}", problem)
        if settings is None or len(self.faults) > before:
            return None
        base = self.file.path.resolve().parent
        folders = tuple(_absolute(base, folder) for folder in settings.folders)
        self.check_folders(folders, f"{where}.folders")
        place = base / _at_home(store) / name
        return Pipeline(name, folders, place, settings, self.file.path.resolve())

    def check_outputs(self, pipelines: Collection[Pipeline]) -> None:
        outputs = [output for pipeline in pipelines for output in pipeline.outputs]
        taken = [folder for each in pipelines for folder in (*each.folders, each.store)]
        read = {file for each in pipelines for file in each.files_read}
        for place, problem in output_faults(outputs, taken, read):
            self.fault(place, problem)

    def check_folders(self, folders: tuple[Path, ...], place: str) -> None:
        if not folders:
            self.fault(place, "must name at least one folder")
        resolved = [folder.resolve() for folder in folders]
        for number, folder in enumerate(resolved):
            around = [other for other in resolved[:number] if _inside(folder, other)]
            around += [other for other in resolved[:number] if _inside(other, folder)]
            if around:
                self.fault(f"{place}.{number}", f"{folder} and {around[0]} overlap")
        names = [folder.name for folder in resolved]
        if len(set(names)) < len(names):
            # A document's path begins with its folder's name when there are several folders.
            self.fault(
                place, "two folders have the same last name; documents could not be told apart"
            )

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


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = (
            _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
        )
    return merged


def _absolute(base: Path, given: str) -> Path:
    return Path(os.path.normpath(base / _at_home(given)))


def _at_home(given: str) -> Path:
    """The "~" of somebody who is not known here stays as it is."""
    with suppress(RuntimeError):
        return Path(given).expanduser()
    return Path(given)


def _inside(folder: Path, other: Path) -> bool:
    return folder == other or other in folder.parents


def _name_of(data: object) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", bool: "yes/no", type(None): "nothing"}
    return names.get(type(data), f"{data!r}")
