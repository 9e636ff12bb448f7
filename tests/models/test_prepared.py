"""What was made of a model goes with it, and what nobody needs any more goes at some time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ragkit.models import ModelStore
from ragkit.models.digests import MEMORY_FOLDER
from tests.models.gguf_files import gguf
from tests.models.samples import EMBEDDER, EMBEDDER_FILES, REGISTRY, install

OTHER = "0" * 16
LONG_AGO = time.time() - 40 * 24 * 3600


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    install(EMBEDDER, tmp_path, EMBEDDER_FILES)
    return ModelStore(tmp_path, REGISTRY)


@pytest.fixture(scope="module")
def dead() -> int:
    """The number of a process that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def made(store: ModelStore, name: str) -> Path:
    """A file of ten bytes below the folder of what was made."""
    path = store.root / MEMORY_FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"0123456789")
    return path


def test_what_was_made_of_a_model_goes_with_it(store: ModelStore) -> None:
    mark = EMBEDDER.weights.sha256[:16]
    gone = [made(store, f"{mark}-1.0-2/model.bin"), made(store, f"engine-{mark}/state-a.bin")]
    others = [made(store, f"{OTHER}-1.0-2/model.bin"), made(store, f"engine-{OTHER}/state-a.bin")]
    assert store.remove(EMBEDDER.name) == EMBEDDER.size + 20
    assert not any(path.parent.exists() for path in gone)
    assert all(path.exists() for path in others)


def test_also_with_a_model_of_the_users_own(store: ModelStore, tmp_path: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(gguf())
    digest = store.add(file, "mine").digest
    state = made(store, f"engine-{digest[:16]}/state-a.bin")
    assert store.remove("mine") == file.stat().st_size + 10
    assert not state.parent.exists()


def test_a_model_that_was_never_checked_takes_nothing_else_with_it(store: ModelStore) -> None:
    """Its digest is whatever its notes say: no part of a path is taken from there."""
    (store.root / "Tiny-Generator").mkdir()
    (store.root / "Tiny-Generator" / "model.json").write_text(
        '{"files": [{"path": "tiny.gguf", "sha256": "*"}]}'
    )
    other = made(store, f"engine-{OTHER}/state-a.bin")
    store.remove("Tiny-Generator")
    assert other.exists()


def test_what_killed_processes_left_goes_and_the_living_keep_theirs(
    store: ModelStore, dead: int
) -> None:
    here = os.getpid()
    gone = [
        made(store, f"engine-{OTHER}/.state-a.bin.{dead}.new"),
        made(store, f"bench-{dead}/engine-{OTHER}/state-a.bin"),
    ]
    kept = [
        made(store, f"engine-{OTHER}/.state-a.bin.{here}.new"),
        made(store, f"engine-{OTHER}/.state-a.bin.new"),
        made(store, f"bench-{here}/engine-{OTHER}/state-a.bin"),
        made(store, "bench-of-mine/x"),
    ]
    store.verify_prepared()
    assert not any(path.exists() for path in gone)
    assert not (store.root / MEMORY_FOLDER / f"bench-{dead}").exists()
    assert all(path.exists() for path in kept)


def test_states_that_may_be_of_an_older_version_go_at_some_time(store: ModelStore) -> None:
    old, new = (made(store, f"engine-{OTHER}/state-{name}.bin") for name in "ab")
    figures = made(store, f"engine-{OTHER}/measured-1.json")
    for path in (old, figures):
        os.utime(path, (LONG_AGO, LONG_AGO))
    store.remove(EMBEDDER.name)
    assert [path.exists() for path in (old, new, figures)] == [False, True, True]
