"""pipelines.yaml -> pipelines with their settings, or every fault in it at once."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragkit.errors import ConfigFault, UnknownPipeline
from ragkit.metadata.paths import pattern_fault
from ragkit.nightsteps import PIPELINE_SIGN, SummarizeStep, name_of_step
from ragkit.outputs import Output, output_faults
from ragkit.settings import PipelineSettings
from ragkit.settings_reading import SettingsReader
from ragkit.yamlfile import read_yaml

CONFIG_NAME = "pipelines.yaml"
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
                self.beside_settings(step.output.replace(PIPELINE_SIGN, self.name)),
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


class _Reader(SettingsReader):
    """Walks the file once and collects the faults instead of stopping at the first."""

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
