"""GGUF files made in tests: whole ones, and such as are wrong in one respect."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

ALIGNMENT = 32
F32, F16, Q8_0 = 0, 1, 8
_BYTES = {F32: (1, 4), F16: (1, 2), Q8_0: (32, 34)}
Tensor = tuple[str, tuple[int, ...], int]
LANGUAGE_MODEL: dict[str, object] = {
    "general.architecture": "llama",
    "general.type": "model",
    "general.name": "Tiny Model",
    "general.license": "apache-2.0",
    "general.file_type": 7,
    "llama.block_count": 4,
    "llama.context_length": 2048,
    "llama.embedding_length": 256,
    "llama.attention.head_count": 8,
    "llama.attention.head_count_kv": 2,
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.tokens": ["a", "b", "c"],
    "tokenizer.chat_template": "{{ messages }}",
}
TENSORS: tuple[Tensor, ...] = (
    ("token_embd.weight", (256, 512), F16),
    ("blk.0.ffn.weight", (256, 64), Q8_0),
)


def gguf(
    settings: Mapping[str, object] = LANGUAGE_MODEL,
    tensors: Sequence[Tensor] = TENSORS,
    *,
    version: int = 3,
) -> bytes:
    """The whole file: header, and tensors of zeros."""
    header = struct.pack("<4sIQQ", b"GGUF", version, len(tensors), len(settings))
    for key, value in settings.items():
        header += _text(key) + _typed(value)
    offset, body = 0, b""
    for name, shape, kind in tensors:
        header += _text(name) + struct.pack("<I", len(shape))
        header += struct.pack(f"<{len(shape)}Q", *shape) + struct.pack("<IQ", kind, offset)
        block, size = _BYTES[kind]
        count = 1
        for length in shape:
            count *= length
        data = bytes(count // block * size)
        body += data + bytes(-len(data) % ALIGNMENT)
        offset = len(body)
    return header + bytes(-len(header) % ALIGNMENT) + body


def without(key: str) -> dict[str, object]:
    return {name: value for name, value in LANGUAGE_MODEL.items() if name != key}


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _typed(value: object) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", 8) + _text(value)
    if isinstance(value, list):
        inner = 8 if isinstance(value[0], str) else 4
        packed = b"".join(_text(one) if inner == 8 else struct.pack("<I", one) for one in value)
        return struct.pack("<IIQ", 9, inner, len(value)) + packed
    assert isinstance(value, int)
    return struct.pack("<II", 4, value)
