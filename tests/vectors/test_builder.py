"""The index is built by a child: it appears whole and checked, or not at all."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ragkit.errors import StorageFault
from ragkit.vectors import builder
from ragkit.vectors.builder import Batch, build_in_child
from ragkit.vectors.chroma import ChromaIndex
from tests.vectors.samples import DIMENSION, clustered

IDS, VECTORS = clustered(300)


def halves() -> Iterator[Batch]:
    yield IDS[:150], VECTORS[:150]
    yield IDS[150:], VECTORS[150:]


def test_the_index_appears_whole_and_private(tmp_path: Path) -> None:
    build_in_child(tmp_path / "7", halves(), 300, DIMENSION)
    index = ChromaIndex(tmp_path / "7")
    assert index.query(VECTORS[200], 1)[0].tolist() == [IDS[200]]
    index.close()
    assert [path.name for path in tmp_path.iterdir()] == ["7"]
    for path in [tmp_path / "7", *(tmp_path / "7").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_equal_vectors_pass_the_check(tmp_path: Path) -> None:
    same = np.repeat(VECTORS[:1], 50, axis=0)
    build_in_child(tmp_path / "1", [(IDS[:50], same)], 50, DIMENSION)


def test_too_few_vectors_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(StorageFault, match="300 vectors came for an index of 301"):
        build_in_child(tmp_path / "7", halves(), 301, DIMENSION)
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def failing() -> Iterator[Batch]:
        yield IDS[:150], VECTORS[:150]
        raise StorageFault("the catalog cannot be read")

    with pytest.raises(StorageFault, match="the catalog"):
        build_in_child(tmp_path / "7", failing(), 300, DIMENSION)
    assert list(tmp_path.iterdir()) == []


def test_a_child_that_hangs_is_killed(tmp_path: Path) -> None:
    with pytest.raises(StorageFault, match="failed to build") as caught:
        build_in_child(tmp_path / "7", halves(), 300, DIMENSION, timeout=0.05)
    assert "still answers" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_killed_build_is_no_index(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ragkit.vectors.builder", "build", str(tmp_path / "7")]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as child:
        assert child.stdin is not None
        child.stdin.write(builder._HEADER.pack(300, DIMENSION))
        child.stdin.write(builder._FRAME.pack(150) + IDS[:150].tobytes() + VECTORS[:150].tobytes())
        child.stdin.flush()
        deadline = time.monotonic() + 30
        while not (tmp_path / "7" / "chroma.sqlite3").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
    with pytest.raises(StorageFault, match="no readable manifest"):
        ChromaIndex(tmp_path / "7")
    build_in_child(tmp_path / "8", halves(), 300, DIMENSION)


def test_the_check_refuses_vectors_that_are_not_there(tmp_path: Path) -> None:
    build_in_child(tmp_path / "7", halves(), 300, DIMENSION)
    strangers = clustered(3, seed=99)[1]
    with pytest.raises(StorageFault, match="do not find themselves"):
        builder._run("check", tmp_path / "7", [(IDS[:3] + 9999, strangers)], 3, DIMENSION, 60)


def test_samples_are_spread_over_all_batches() -> None:
    samples: list[Batch] = []
    passed = list(builder._sampled(halves(), 300, samples))
    assert sum(len(ids) for ids, _ in passed) == 300
    assert [int(ids[0]) for ids, _ in samples] == IDS[::15].tolist()
