"""What is known of each model: source, files with their digests, licence, what to expect of it."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Any, Literal, TypeVar, get_args

from ragkit.errors import ConfigFault, Fault, UnknownPipeline

Role = Literal["embedder", "generator", "reranker"]

WEIGHTS_SUFFIX: Mapping[str, str] = {
    "generator": ".gguf",
    "embedder": ".safetensors",
    "reranker": ".safetensors",
}
"""The only formats weights may have: neither holds code that runs when it is loaded."""

PICKLE_SUFFIXES = frozenset({".bin", ".ckpt", ".pickle", ".pkl", ".pt", ".pth"})
"""Formats that run code when they are loaded. They are refused by name."""

_SHIPPED = Path(__file__).with_name("registry.toml")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model: its path inside the model's folder (POSIX).

    sha256 is empty for a hub file whose digest is pinned at the first pull; size 0 is unknown.
    """

    path: str
    sha256: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class WheelSource:
    """A wheel of the Python package index; the model's files lie in its folder `inside`."""

    distribution: str
    version: str
    inside: str
    wheel_sha256: str = ""
    size: int = 0
    kind: Literal["wheel"] = "wheel"

    def __str__(self) -> str:
        return f"{self.distribution}=={self.version} from the Python package index"


@dataclass(frozen=True, slots=True)
class HubSource:
    """A repository of a model hub; `revision` is best a commit, which never changes."""

    repository: str
    revision: str = "main"
    kind: Literal["hub"] = "hub"

    def __str__(self) -> str:
        return f"{self.repository} from the model hub"


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One entry of the registry. parameters: billions. window: tokens. memory_mb: an estimate.

    dimension, pooling and the prefixes are an embedder's; quantization and reader a generator's.
    """

    name: str
    role: Role
    description: str
    licence: str
    languages: tuple[str, ...]
    files: tuple[ModelFile, ...]
    source: WheelSource | HubSource
    parameters: float = 0.0
    window: int = 0
    memory_mb: int = 0
    default: bool = False
    reader: bool = False
    quantization: str = ""
    dimension: int = 0
    pooling: str = ""
    query_prefix: str = ""
    passage_prefix: str = ""

    @property
    def weights(self) -> ModelFile:
        """The main weights file; the first part of weights that come in several."""
        suffix = WEIGHTS_SUFFIX[self.role]
        return next(file for file in self.files if file.path.endswith(suffix))

    @property
    def size(self) -> int:
        """Bytes of all files, as far as they are known."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class Registry:
    """The known models by name. Names are found whatever their capitals."""

    specs: tuple[ModelSpec, ...]
    _by_name: dict[str, ModelSpec] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {spec.name.casefold(): spec for spec in self.specs}
        object.__setattr__(self, "_by_name", by_name)

    def __getitem__(self, name: str) -> ModelSpec:
        """The model of that name. Raises UnknownPipeline, with the names there are."""
        spec = self._by_name.get(name.casefold())
        if spec is None:
            raise self._unknown(name)
        return spec

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.casefold() in self._by_name

    def __iter__(self) -> Iterator[ModelSpec]:
        return iter(self.specs)

    def __len__(self) -> int:
        return len(self.specs)

    def default(self, role: Role) -> ModelSpec:
        """The starter for that role."""
        return next(spec for spec in self.specs if spec.role == role and spec.default)

    def _unknown(self, name: str) -> UnknownPipeline:
        near = difflib.get_close_matches(name.casefold(), self._by_name, n=1)
        meant = f" Did you mean {self._by_name[near[0]].name}?" if near else ""
        names = ", ".join(sorted((spec.name for spec in self.specs), key=str.casefold))
        return UnknownPipeline(
            f"There is no model {name!r}.{meant} There are: {names}.", hint="ragkit models list"
        )


def load_registry(extra: Path | None = None) -> Registry:
    """The models that ship with ragkit, and those of the file `extra`, which win on equal names.

    Raises ConfigFault with every fault of `extra`.
    """
    specs: dict[str, ModelSpec] = {}
    for path in (_SHIPPED, extra):
        if path is not None:
            specs |= {spec.name.casefold(): spec for spec in _parse(_read(path), str(path))}
    return Registry(tuple(specs.values()))


def unsafe_path(path: str) -> bool:
    """Whether a path could lead out of the folder it is meant for."""
    pure = PurePosixPath(path)
    return not pure.parts or pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in path


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
    files = tuple(
        _fill(ModelFile, file, f"{place}.files.{index}", faults)
        for index, file in enumerate(table.get("files", ()))
    )
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
    }
    spec = _fill(ModelSpec, {**table, **parts}, place, faults)
    if spec is None or len(faults) > before:
        return None
    faults += [Fault(f"{place}.{where}", 0, problem) for where, problem in _problems(spec)]
    return spec


_Table = TypeVar("_Table", ModelFile, WheelSource, HubSource, ModelSpec)
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
    if not any(file.path.endswith(suffix) for file in spec.files):
        yield "files", f"a {spec.role} needs a {suffix} file"
    yield from _file_problems(spec.files, spec.source)


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
