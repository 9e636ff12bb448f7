"""The user's own models: what is noted at their first use, also when it is interrupted or two learn at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.errors import CheckFailed, UsageFault
from ragkit.models import ModelStore
from ragkit.models import digests as digests_module
from ragkit.models.digests import DigestMemory
from ragkit.models.files import no_progress
from tests.models.samples import CONFIG, EMBEDDER, EMBEDDER_FILES, REGISTRY, install

STAMP = (1, 2, 3, 4)
OVER_TEN_MEGABYTES = 10_000_001


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models", REGISTRY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return install(replace(EMBEDDER, name="mine"), tmp_path / "elsewhere", EMBEDDER_FILES)


class InterruptedAt:
    """A progress during which Ctrl-C is pressed, when the n-th file has been read."""

    def __init__(self, file: int) -> None:
        self.left = file

    def __call__(self, what: str, done: int, total: int) -> None:
        self.left -= done == total
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("file", range(1, len(EMBEDDER_FILES) + 1))
def test_a_first_use_that_is_interrupted_can_be_begun_again(
    store: ModelStore, folder: Path, file: int
) -> None:
    with pytest.raises(KeyboardInterrupt):
        store.resolve(str(folder), progress=InterruptedAt(file))
    assert store.own() == ()
    found = store.resolve(str(folder))
    assert store.own() == (folder,)
    (folder / "config.json").write_bytes(b'{"hidden_size": 9}\n')
    with pytest.raises(CheckFailed, match=r"config\.json"):
        store.resolve(str(folder))
    (folder / "config.json").write_bytes(CONFIG)
    assert store.resolve(str(folder)).digest == found.digest


def test_settings_are_read_however_long_they_are(store: ModelStore, folder: Path) -> None:
    words = b'{"auto_map": {"AutoModel": "evil.Own"}' + b" " * OVER_TEN_MEGABYTES + b"}"
    (folder / "tokenizer.json").write_bytes(words)  # no library looks there for code
    assert store.resolve(str(folder)).path == folder
    (folder / "config.json").write_bytes(words)
    with pytest.raises(UsageFault, match=r"config\.json asks for code .*auto_map"):
        store.resolve(str(folder))


def test_what_two_processes_learn_at_once_is_kept(tmp_path: Path) -> None:
    memory = tmp_path / "own-models.json"
    ours, theirs = DigestMemory(memory), DigestMemory(memory)
    theirs.remember("b", "2" * 64, STAMP)
    theirs.save()
    ours.remember("a", "1" * 64, STAMP)
    ours.save()
    assert set(DigestMemory(memory).known()) == {"a", "b"} == set(ours.known())


def test_the_digest_that_was_saved_first_stays_the_first(tmp_path: Path) -> None:
    memory = tmp_path / "own-models.json"
    ours, theirs = DigestMemory(memory), DigestMemory(memory)
    theirs.remember("a", "2" * 64, STAMP)
    theirs.save()
    ours.remember("a", "1" * 64, STAMP)
    ours.save()
    for seen in (ours, DigestMemory(memory)):
        first = seen.first("a")
        assert first is not None
        assert first[0] == "2" * 64


def test_what_was_forgotten_begins_anew(tmp_path: Path) -> None:
    memory = DigestMemory(tmp_path / "own-models.json")
    memory.remember("a", "1" * 64, STAMP)
    memory.remember("b", "1" * 64, STAMP)
    memory.save()
    memory.forget(["a"])
    memory.remember("a", "2" * 64, STAMP)
    memory.save()
    again = DigestMemory(tmp_path / "own-models.json")
    assert [(again.first(key) or [""])[0][0] for key in ("a", "b")] == ["2", "1"]


def test_nobody_saves_between_anothers_reading_and_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory, write = tmp_path / "own-models.json", digests_module.write_json

    def slowly(path: Path, value: object) -> None:
        time.sleep(0.02)
        write(path, value)

    monkeypatch.setattr(digests_module, "write_json", slowly)

    def learn(number: int) -> None:
        path = tmp_path / f"{number}.gguf"
        path.write_bytes(bytes([number]))
        learning = DigestMemory(memory)
        learning.digest(str(path), path, no_progress)
        learning.save()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(learn, range(8)))
    assert len(DigestMemory(memory).known()) == 8
