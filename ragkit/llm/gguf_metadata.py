"""What a GGUF file says of itself, read in Python before any native code opens it.

The header is checked first (gguf.py), so lengths and counts can be believed here. The format:
github.com/ggml-org/ggml, docs/gguf.md.
"""

from __future__ import annotations

import mmap
import shlex
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from ragkit.errors import CheckFailed, UsageFault
from ragkit.llm.gguf import MAGIC, check_header

FIRST_VERSION = 2
_SMALLEST = 24
_ALIGNMENT = 32
_SCALARS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_TEXT, _ARRAY = 8, 9
_TYPES: dict[int, tuple[str, int, int]] = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    20: ("IQ4_NL", 32, 18),
    23: ("IQ4_XS", 256, 136),
    30: ("BF16", 1, 2),
}
"""Number of a tensor's type -> name, numbers in a block, bytes of a block (ggml.c, `type_traits`)."""
FILE_TYPES = {
    0: "F32",
    1: "F16",
    2: "Q4_0",
    3: "Q4_1",
    7: "Q8_0",
    8: "Q5_0",
    9: "Q5_1",
    10: "Q2_K",
    11: "Q3_K_S",
    12: "Q3_K_M",
    13: "Q3_K_L",
    14: "Q4_K_S",
    15: "Q4_K_M",
    16: "Q5_K_S",
    17: "Q5_K_M",
    18: "Q6_K",
    25: "IQ4_NL",
    30: "IQ4_XS",
    32: "BF16",
}
"""`general.file_type` -> quantization (llama.h, enum llama_ftype)."""
UNQUANTIZED = ("F32", "F16", "BF16")
_NO_GENERATORS = {
    "bert": "an embedding model",
    "nomic-bert": "an embedding model",
    "jina-bert-v2": "an embedding model",
    "clip": "the part of a model that reads pictures",
    "whisper": "a model for speech",
    "t5encoder": "half of a translation model",
}


@dataclass(frozen=True, slots=True)
class GgufAbout:
    """One GGUF file. parameters: numbers in its tensors. context: tokens it was trained with.

    layers, kv_heads and head_size say what it keeps of each token (0: not said). part and parts: of a
    model in several files. size: bytes. end: bytes that a whole file has at least.
    """

    path: Path
    name: str
    architecture: str
    parameters: int
    context: int
    quantization: str
    licence: str
    has_template: bool
    has_vocabulary: bool
    kind: str
    layers: int
    kv_heads: int
    head_size: int
    vocabulary: int
    part: int
    parts: int
    size: int
    end: int

    @property
    def cache_per_token(self) -> int:
        """Numbers kept for each token of a text, keys and values together."""
        return 2 * self.layers * self.kv_heads * self.head_size


def read_about(path: Path) -> GgufAbout:
    """What the file says of itself. Raises CheckFailed, UsageFault if it is too old or no GGUF file."""
    _require_beginning(path)
    check_header(path)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _about(path, data)


def require_generator(about: GgufAbout) -> None:
    """Raises UsageFault, CheckFailed unless the file is one whole language model."""
    wrong = _NO_GENERATORS.get(about.architecture)
    if about.kind not in ("", "model"):
        wrong = f"of the kind {about.kind!r}, which completes another model"
    if wrong or not about.has_vocabulary:
        raise UsageFault(
            f"{about.path.name} is {wrong or 'a model without a vocabulary'}, no language model.",
            hint="ragkit models recommend",
        )
    if about.parts > 1:
        raise UsageFault(
            f"{about.path.name} is part {about.part + 1} of {about.parts} of a model.",
            hint=f"llama-gguf-split --merge {shlex.quote(str(about.path))} whole.gguf",
        )
    require_whole(about)


def require_whole(about: GgufAbout) -> None:
    """Raises CheckFailed if the file ends before its last tensor does."""
    if about.size < about.end:
        raise CheckFailed(
            f"{about.path.name} is not whole: {about.size:,} of {about.end:,} bytes are there.",
            hint="Get the file again: its download or copy was broken off.",
        )


def _require_beginning(path: Path) -> None:
    if path.is_dir():
        raise UsageFault(
            f"{path} is a folder; a language model is one GGUF file.",
            hint="ragkit models recommend",
        )
    if not path.is_file():
        raise UsageFault(f"There is no file {path}.", hint="ragkit models list")
    with path.open("rb") as file:
        start = file.read(8)
    if start[:4] != MAGIC:
        raise UsageFault(f"{path.name} is not a GGUF file.", hint="ragkit models recommend")
    version = struct.unpack("<I", start[4:8])[0] if len(start) == 8 else FIRST_VERSION
    if version < FIRST_VERSION:
        raise UsageFault(
            f"{path.name} is of an old form of GGUF (version {version}) that llama.cpp no longer reads.",
            hint="Get the model again from where it came, in a file made since October 2023.",
        )


def _about(path: Path, data: mmap.mmap) -> GgufAbout:
    reader = _Reader(data)
    settings = dict(reader.settings())
    tensors = list(reader.tensors())
    start = _aligned(reader.at, int(settings.get("general.alignment", _ALIGNMENT)) or _ALIGNMENT)
    kind = str(settings.get("general.architecture", ""))
    own = {key.removeprefix(f"{kind}."): value for key, value in settings.items()}
    heads = _largest(own.get("attention.head_count", 0))
    width = int(own.get("embedding_length", 0))
    return GgufAbout(
        path=path,
        name=str(settings.get("general.name", "")) or path.stem,
        architecture=kind,
        parameters=sum(prod(shape) for shape, _, _ in tensors),
        context=int(own.get("context_length", 0)),
        quantization=_quantization(settings, tensors),
        licence=str(settings.get("general.license", "")),
        has_template="tokenizer.chat_template" in settings,
        has_vocabulary="tokenizer.ggml.model" in settings,
        kind=str(settings.get("general.type", "")),
        layers=int(own.get("block_count", 0)),
        kv_heads=_largest(own.get("attention.head_count_kv", heads)),
        head_size=int(own.get("attention.key_length", 0) or (width // heads if heads else 0)),
        vocabulary=_count(settings.get("tokenizer.ggml.tokens")),
        part=int(settings.get("split.no", 0)),
        parts=int(settings.get("split.count", 0)),
        size=len(data),
        end=max(
            (start + offset + _bytes(shape, kind) for shape, kind, offset in tensors), default=0
        ),
    )


def _quantization(settings: dict[str, Any], tensors: list[tuple[list[int], int, int]]) -> str:
    """What the file says; where it says nothing, the type that most of its numbers have."""
    said = FILE_TYPES.get(int(settings.get("general.file_type", -1)))
    if said:
        return said
    numbers: dict[int, int] = {}
    for shape, kind, _ in tensors:
        numbers[kind] = numbers.get(kind, 0) + prod(shape)
    commonest = max(numbers, key=lambda kind: numbers[kind], default=-1)
    return _TYPES[commonest][0] if commonest in _TYPES else "unknown"


def _bytes(shape: list[int], kind: int) -> int:
    """Bytes of a tensor; 0 for a type that is not known here."""
    _, block, size = _TYPES.get(kind, ("", 1, 0))
    return prod(shape) // block * size


def _aligned(place: int, alignment: int) -> int:
    return -(-place // alignment) * alignment


def _largest(value: Any) -> int:
    """Some models have another number in each layer."""
    numbers = value if isinstance(value, list) else [value]
    return max((int(one) for one in numbers if isinstance(one, int)), default=0)


def _count(value: Any) -> int:
    return value if isinstance(value, int) else len(value) if isinstance(value, list) else 0


class _Reader:
    """Reads a header that was checked. Of lists of texts only the length is kept."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self.at = _SMALLEST
        self._tensors, self._keys = struct.unpack_from("<QQ", data, 8)

    def settings(self) -> Iterator[tuple[str, Any]]:
        for _ in range(self._keys):
            yield self._text(), self._value(self._number("<I"))

    def tensors(self) -> Iterator[tuple[list[int], int, int]]:
        """(shape, type, offset) of each; `at` is then the end of the header."""
        for _ in range(self._tensors):
            self._text()
            shape = [self._number("<Q") for _ in range(self._number("<I"))]
            yield shape, self._number("<I"), self._number("<Q")

    def _number(self, form: str) -> Any:
        value = struct.unpack_from(form, self._data, self.at)[0]
        self.at += struct.calcsize(form)
        return value

    def _text(self) -> str:
        length = self._number("<Q")
        text = self._data[self.at : self.at + length]
        self.at += length
        return text.decode("utf-8", "replace")

    def _value(self, kind: int) -> Any:
        if kind == _TEXT:
            return self._text()
        if kind != _ARRAY:
            return self._number(_SCALARS[kind])
        inner, count = self._number("<I"), self._number("<Q")
        if inner == _TEXT:
            for _ in range(count):
                self.at += 8 + struct.unpack_from("<Q", self._data, self.at)[0]
            return count
        values = list(struct.unpack_from(f"<{count}{_SCALARS[inner][1:]}", self._data, self.at))
        self.at += count * struct.calcsize(_SCALARS[inner])
        return values
