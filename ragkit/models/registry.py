"""What is known of each model: source, files with their digests, licence, what to expect of it.

How registry.toml is read, and what is checked in it: registry_file.py.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Literal

from ragkit.errors import UnknownPipeline

Role = Literal["embedder", "generator", "reranker"]

WEIGHTS_SUFFIX: Mapping[str, str] = {
    "generator": ".gguf",
    "embedder": ".safetensors",
    "reranker": ".safetensors",
}
"""The only formats weights may have: neither holds code that runs when it is loaded."""

PICKLE_SUFFIXES = frozenset({".bin", ".ckpt", ".pickle", ".pkl", ".pt", ".pth"})
"""Formats that run code when they are loaded. They are refused by name."""

_NEAREST = 3
"""Names that a person is asked about who typed none that there is."""
_TELLING = 3
"""Characters from which on a part of a name tells which is meant."""
AT = ":"
"""Between a model's name and one of its quantizations: Qwen3-8B:Q8_0."""


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
class Variant:
    """The same model at another quantization. revision: empty is the model's own."""

    quantization: str
    files: tuple[ModelFile, ...]
    repository: str = ""
    revision: str = ""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One entry of the registry. parameters: billions. window: tokens. memory_mb: an estimate.

    dimension, pooling and the prefixes are an embedder's. A generator's: quantization, reader, chat
    (how turns are marked), variants (its other quantizations), and what its memory of a text takes:
    layers that keep keys and values, kv_heads of each, head_size numbers of each (0: not known).
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
    chat: str = ""
    layers: int = 0
    kv_heads: int = 0
    head_size: int = 0
    variants: tuple[Variant, ...] = ()

    @property
    def folder(self) -> str:
        """Its folder's name in the models folder. No name of a model holds the sign put in here."""
        return self.name.replace(AT, "@")

    @property
    def quantizations(self) -> tuple[str, ...]:
        """Those it can be pulled at, its own first."""
        return (self.quantization, *(one.quantization for one in self.variants))

    def at(self, quantization: str) -> ModelSpec:
        """The entry at one of its quantizations, under a name of its own. Raises UnknownPipeline."""
        wanted = quantization.upper()
        if wanted == self.quantization.upper():
            return self
        for one in self.variants:
            if wanted == one.quantization.upper():
                return self._varied(one)
        raise UnknownPipeline(
            f"There is no {quantization} of {self.name}. There are: "
            f"{', '.join(filter(None, self.quantizations)) or 'no others'}.",
            hint=f"ragkit models pull {self.name}",
        )

    def _varied(self, one: Variant) -> ModelSpec:
        source = self.source
        if isinstance(source, HubSource):
            source = HubSource(one.repository or source.repository, one.revision or source.revision)
        own = sum(file.size for file in self.files)
        other = sum(file.size for file in one.files)
        return replace(
            self,
            name=f"{self.name}{AT}{one.quantization}",
            default=False,
            quantization=one.quantization,
            files=one.files,
            source=source,
            memory_mb=self.memory_mb + (other - own) // 1_000_000 if own and other else 0,
            variants=(),
        )

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
        """The model of that name, or NAME:QUANTIZATION. Raises UnknownPipeline, with what there is."""
        return self.find(name)

    def find(self, name: str, *, own: Iterable[str] = ()) -> ModelSpec:
        """The same. own: names of other models, which may have been meant."""
        model, _, quantization = name.partition(AT)
        spec = self._by_name.get(model.casefold())
        if spec is None:
            raise self._unknown(model, list(own))
        return spec.at(quantization) if quantization else spec

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        model, _, quantization = name.partition(AT)
        spec = self._by_name.get(model.casefold())
        wanted = quantization.upper()
        return spec is not None and (
            not quantization or wanted in map(str.upper, spec.quantizations)
        )

    def __iter__(self) -> Iterator[ModelSpec]:
        return iter(self.specs)

    def __len__(self) -> int:
        return len(self.specs)

    def default(self, role: Role) -> ModelSpec:
        """The starter for that role."""
        return next(spec for spec in self.specs if spec.role == role and spec.default)

    def _unknown(self, name: str, own: Sequence[str]) -> UnknownPipeline:
        """With the names that come near; if none does, with all."""
        names = sorted({*(spec.name for spec in self.specs), *own}, key=str.casefold)
        near = nearest_names(name, names)
        said = f"Did you mean {_either(near)}?" if near else f"There are: {', '.join(names)}."
        return UnknownPipeline(f"There is no model {name!r}. {said}", hint="ragkit models list")


def _either(names: Sequence[str]) -> str:
    """'a, b or c'."""
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def nearest_names(name: str, names: Iterable[str]) -> list[str]:
    """At most three that hold what was typed; if none does, that are written nearly so."""
    by_folded = {each.casefold(): each for each in names}
    typed = name.casefold()
    holding = [folded for folded in by_folded if len(typed) >= _TELLING and typed in folded]
    likely = sorted(holding, key=lambda folded: (not folded.startswith(typed), len(folded)))
    alike = difflib.get_close_matches(typed, by_folded, n=_NEAREST)
    return [by_folded[folded] for folded in (likely or alike)[:_NEAREST]]


def unsafe_path(path: str) -> bool:
    """Whether a path could lead out of the folder it is meant for."""
    pure = PurePosixPath(path)
    return not pure.parts or pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in path
