"""How registry.toml is read: every entry checked, every fault named with its place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar, get_args

from ragkit.errors import ConfigFault, Fault
from ragkit.models.registry import (
    PICKLE_SUFFIXES,
    WEIGHTS_SUFFIX,
    HubSource,
    ModelFile,
    ModelSpec,
    Registry,
    Role,
    Variant,
    WheelSource,
    unsafe_path,
)

_SHIPPED = Path(__file__).with_name("registry.toml")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def load_registry(extra: Path | None = None) -> Registry:
    """The models that ship with ragkit, and those of the file `extra`, which win on equal names.

    Raises ConfigFault with every fault of `extra`.
    """
    specs: dict[str, ModelSpec] = {}
    for path in (_SHIPPED, extra):
        if path is not None:
            specs |= {spec.name.casefold(): spec for spec in _parse(_read(path), str(path))}
    return Registry(tuple(specs.values()))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigFault(f"The model registry {path} cannot be read: {reason}.") from error


def _parse(text: str, origin: str) -> list[ModelSpec]:
    try:
        tables = tomllib.loads(text).get("models", [])
    except tomllib.TOMLDecodeError as error:
        raise ConfigFault(f"{origin} is not valid TOML: {error}.") from error
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigFault(f"{origin}: models must be written as [[models]] tables.")
    faults: list[Fault] = []
    specs = [_model(table, f"models.{index}", faults) for index, table in enumerate(tables)]
    if faults:
        listed = "; ".join(str(fault) for fault in faults)
        raise ConfigFault(f"{origin} has faults: {listed}.", faults=faults)
    return [spec for spec in specs if spec is not None]


def _model(table: dict[str, Any], place: str, faults: list[Fault]) -> ModelSpec | None:
    before = len(faults)
    files = _files(table, place, faults)
    kinds: dict[object, type[Any]] = {"wheel": WheelSource, "hub": HubSource}
    source = table.get("source", {})
    kind = kinds.get(source.get("kind")) if isinstance(source, dict) else None
    if kind is None:
        faults.append(Fault(f"{place}.source.kind", 0, "must be wheel or hub"))
        return None
    parts = {
        "files": files,
        "source": _fill(kind, source, f"{place}.source", faults),
        "languages": tuple(table.get("languages", ())),
        "variants": _variants(table, place, faults),
    }
    spec = _fill(ModelSpec, {**table, **parts}, place, faults)
    if spec is None or len(faults) > before:
        return None
    faults += [Fault(f"{place}.{where}", 0, problem) for where, problem in _problems(spec)]
    return spec


def _files(table: Mapping[str, Any], place: str, faults: list[Fault]) -> tuple[Any, ...]:
    return tuple(
        _fill(ModelFile, file, f"{place}.files.{index}", faults)
        for index, file in enumerate(table.get("files", ()))
    )


def _variants(table: Mapping[str, Any], place: str, faults: list[Fault]) -> tuple[Any, ...]:
    found = []
    for index, variant in enumerate(table.get("variants", ())):
        where = f"{place}.variants.{index}"
        if not isinstance(variant, Mapping):
            faults.append(Fault(where, 0, "must be a table"))
            continue
        files = _files(variant, where, faults)
        found.append(_fill(Variant, {**variant, "files": files}, where, faults))
    return tuple(found)


_Table = TypeVar("_Table", ModelFile, WheelSource, HubSource, Variant, ModelSpec)
_SCALARS: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
}


def _fill(
    kind: type[_Table], table: Mapping[str, Any], place: str, faults: list[Fault]
) -> _Table | None:
    """A `kind` with the values of `table`, or None and a fault for each value that does not fit."""
    if not isinstance(table, Mapping):
        faults.append(Fault(place, 0, "must be a table"))
        return None
    known = {item.name: item for item in fields(kind)}
    problems = [(key, "is not a setting of a model") for key in table if key not in known]
    for name, item in known.items():
        wanted = _SCALARS.get(str(item.type))
        if name not in table:
            if item.default is MISSING:
                problems.append((name, "is missing"))
        elif wanted and type(table[name]) not in wanted:
            problems.append((name, f"must be of type {item.type}"))
    faults += [Fault(f"{place}.{key}", 0, problem) for key, problem in problems]
    return None if problems else kind(**table)


def _problems(spec: ModelSpec) -> Iterator[tuple[str, str]]:
    """What is wrong with a complete entry: (where, what)."""
    if not _NAME.fullmatch(spec.name):
        yield "name", "may have letters, digits, dots, dashes and underscores only"
    if spec.role not in get_args(Role):
        yield "role", f"must be one of {', '.join(get_args(Role))}"
        return
    suffix = WEIGHTS_SUFFIX[spec.role]
    for where, files in _all_files(spec):
        if not any(file.path.endswith(suffix) for file in files):
            yield where, f"a {spec.role} needs a {suffix} file"
        for _, problem in _file_problems(files, spec.source):
            yield where, problem


def _all_files(spec: ModelSpec) -> Iterator[tuple[str, tuple[ModelFile, ...]]]:
    """(where in the entry, files) of the model and of each of its other quantizations."""
    yield "files", spec.files
    for index, one in enumerate(spec.variants):
        yield f"variants.{index}.files", one.files


def _file_problems(
    files: Iterable[ModelFile], source: WheelSource | HubSource
) -> Iterator[tuple[str, str]]:
    for file in files:
        if unsafe_path(file.path):
            yield "files", f"{file.path!r} leads out of the model's folder"
        if PurePosixPath(file.path).suffix.lower() in PICKLE_SUFFIXES:
            yield "files", f"{file.path} is a pickle, which can run code; use safetensors or GGUF"
        if file.sha256 and not _SHA256.fullmatch(file.sha256):
            yield "files", f"the sha256 of {file.path} must be 64 hexadecimal digits"
        if source.kind == "wheel" and not file.sha256:
            yield "files", f"{file.path} needs a sha256"
