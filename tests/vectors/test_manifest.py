"""A damaged index is refused before Chroma sees it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ragkit.errors import StorageFault
from ragkit.vectors.chroma import ChromaIndex, build_index
from ragkit.vectors.manifest import MANIFEST, check, read_manifest
from tests.vectors.samples import DIMENSION, clustered


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "1"
    build_index(made, [clustered(200)], 200, DIMENSION)
    return made


def graph_file(folder: Path) -> Path:
    return next(folder.rglob("data_level0.bin"))


def test_a_whole_index_passes_and_tells_what_it_is(folder: Path) -> None:
    manifest = check(folder)
    assert (manifest.count, manifest.dimension) == (200, DIMENSION)
    assert manifest.made_by.startswith("chromadb ")
    named = {file.name for file in manifest.files}
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert named == there - {MANIFEST}


def test_a_truncated_file_is_caught(folder: Path) -> None:
    path = graph_file(folder)
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(StorageFault, match="bytes instead of") as caught:
        ChromaIndex(folder, contents=False)
    assert "ragkit ingest" in caught.value.hint


def test_a_flipped_byte_is_caught(folder: Path) -> None:
    path = graph_file(folder)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    check(folder, contents=False)
    with pytest.raises(StorageFault, match="its bytes have changed"):
        ChromaIndex(folder)


def test_a_file_of_holes_is_caught(folder: Path) -> None:
    path = graph_file(folder)
    size = 1 << 40
    os.truncate(path, size)
    manifest = folder / MANIFEST
    text = manifest.read_text().replace(f'"size": {file_size(folder, path)}', f'"size": {size}')
    manifest.write_text(text)
    with pytest.raises(StorageFault, match="holes"):
        check(folder)


def file_size(folder: Path, path: Path) -> int:
    name = path.relative_to(folder).as_posix()
    return next(file.size for file in read_manifest(folder).files if file.name == name)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": 2}', '{"schema": 1, "files": 3}'])
def test_a_manifest_that_is_none_is_a_storage_fault(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_text(text)
    with pytest.raises(StorageFault, match="no readable manifest"):
        check(folder)


def test_a_missing_file_is_caught(folder: Path) -> None:
    graph_file(folder).unlink()
    with pytest.raises(StorageFault, match="No such file"):
        check(folder)
