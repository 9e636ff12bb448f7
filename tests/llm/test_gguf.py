"""The header of a GGUF file is checked before llama.cpp sees it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from ragkit.errors import CheckFailed
from ragkit.llm.gguf import check_header

TEXT, ARRAY, UINT32 = 8, 9, 4


def text(value: str, length: int | None = None) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data) if length is None else length) + data


def setting(key: str, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def array(kind: int, items: list[bytes], count: int | None = None) -> bytes:
    head = struct.pack("<IQ", kind, len(items) if count is None else count)
    return head + b"".join(items)


def tensor(shape: tuple[int, ...], offset: int = 0, dimensions: int | None = None) -> bytes:
    counted = len(shape) if dimensions is None else dimensions
    sizes = b"".join(struct.pack("<Q", one) for one in shape)
    return text("w") + struct.pack("<I", counted) + sizes + struct.pack("<IQ", 0, offset)


SETTINGS = (
    setting("general.name", TEXT, text("tiny")),
    setting("n", UINT32, struct.pack("<I", 3)),
    setting("tokens", ARRAY, array(TEXT, [text("a"), text("bc")])),
    setting("scores", ARRAY, array(6, [struct.pack("<f", 1.0)] * 2)),
)
TENSORS = (tensor((4, 2)),)


def file(
    settings: tuple[bytes, ...] = SETTINGS,
    tensors: tuple[bytes, ...] = TENSORS,
    *,
    magic: bytes = b"GGUF",
    version: int = 3,
    said: tuple[int, int] | None = None,
    rest: int = 64,
) -> bytes:
    counts = said or (len(tensors), len(settings))
    head = struct.pack("<4sIQQ", magic, version, *counts)
    return head + b"".join((*settings, *tensors)) + bytes(rest)


def test_a_whole_file_passes(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(file())
    check_header(path)


HOSTILE = {
    "empty": b"",
    "another magic": file(magic=b"GGML"),
    "another version": file(version=9),
    "cut in the header": file()[:60],
    "too many settings": file(said=(1, 10_001)),
    "too many tensors": file(said=(2**40, 4)),
    "a name beyond the file": file((text("k", 2**63),)),
    "a long name": file((text("k" * 70_000) + struct.pack("<II", UINT32, 1),)),
    "a text beyond the file": file((setting("k", TEXT, text("x", 3_000_000)),)),
    "a text of exabytes": file((setting("k", TEXT, text("x", 2**62)),)),
    "a list of 2**60": file((setting("k", ARRAY, array(UINT32, [], 2**60)),)),
    "a list of texts beyond the file": file((setting("k", ARRAY, array(TEXT, [], 1_000)),), rest=9),
    "a list of lists": file((setting("k", ARRAY, array(ARRAY, [array(TEXT, [])])),)),
    "a text in a list beyond the file": file(
        (setting("k", ARRAY, array(TEXT, [text("x", 2**63)])),)
    ),
    "an unknown kind": file((setting("k", 99, b""),)),
    "a list of unknown kind": file((setting("k", ARRAY, array(99, [], 1)),)),
    "five dimensions": file(tensors=(tensor((1,) * 5),)),
    "2**31 dimensions": file(tensors=(tensor((), dimensions=2**31),)),
    "an overflow": file(tensors=(tensor((2**32, 2**32)),)),
    "no numbers": file(tensors=(tensor((0,)),)),
    "a tensor behind the end": file(tensors=(tensor((4,), offset=2**63),)),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_an_impossible_header_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(CheckFailed, match=r"m\.gguf is not a whole GGUF") as caught:
        check_header(path)
    assert caught.value.exit_code == 9


@pytest.mark.parametrize("length", range(0, 200, 7))
def test_a_file_cut_anywhere_in_its_header_is_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "m.gguf"
    whole = file(rest=0)
    path.write_bytes(whole[: min(length, len(whole) - 1)])
    with pytest.raises(CheckFailed):
        check_header(path)


@pytest.mark.real
def test_a_real_model_passes(starter_models: dict[str, Path]) -> None:
    check_header(starter_models["SmolLM2-135M-Instruct"])
