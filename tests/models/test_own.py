"""The user's own models: what is noted at their first use, also when it is interrupted or two learn at once."""

from __future__ import annotations

import errno
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.errors import CheckFailed, ModelMissing, StorageFault, UsageFault
from ragkit.models import ModelStore
from ragkit.models import digests as digests_module
from ragkit.models.digests import MEMORY_FOLDER, DigestMemory
from ragkit.models.files import no_progress
from tests.models.samples import CONFIG, EMBEDDER, EMBEDDER_FILES, GGUF, REGISTRY, install

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
    with pytest.raises(CheckFailed, match=r"config\.json asks for code .*auto_map"):
        store.resolve(str(folder))


def dense_at(path: str) -> bytes:
    kind = "sentence_transformers.models.Dense"
    return json.dumps([{"idx": 0, "name": "0", "path": path, "type": kind}]).encode()


def sharded_at(path: str) -> bytes:
    return json.dumps({"metadata": {}, "weight_map": {"a.weight": path}}).encode()


HIDDEN = {
    "a module": ("modules.json", dense_at(".x")),
    "below a folder": ("modules.json", dense_at("2_Dense/.x")),
    "beside the folder": ("modules.json", dense_at("2_Dense/../.x")),
    "a part of the weights": ("model.safetensors.index.json", sharded_at(".x/1.safetensors")),
    "an argument": ("sentence_bert_config.json", b'{"model_args": {"subfolder": ".x"}}'),
    "in a folder's settings": ("1_Pooling/config.json", b'{"weights": [{"at": ".y"}]}'),
}


@pytest.mark.parametrize(("name", "content"), HIDDEN.values(), ids=HIDDEN.keys())
def test_nothing_hidden_is_loaded_for_the_digest_does_not_cover_it(
    store: ModelStore, folder: Path, name: str, content: bytes
) -> None:
    for hidden in (".x", "1_Pooling/.y"):
        (folder / hidden).mkdir()
        (folder / hidden / "pytorch_model.bin").write_bytes(b"a program")
    store.resolve(str(folder))  # a downloader's notes, as long as nothing names them
    (folder / name).write_bytes(content)
    for ask in (store.resolve, store.verify, store.accept):
        with pytest.raises(CheckFailed, match=rf"{name} names the hidden .*: it is refused"):
            ask(str(folder))


def test_texts_that_only_look_hidden_are_no_paths(store: ModelStore, folder: Path) -> None:
    written = {"_name_or_path": f"{folder}/.x", "eos": ".", "pad": "...", "base": "./x", "z": ".\0"}
    (folder / ".x").mkdir()
    (folder / "config.json").write_text(json.dumps({**written, "long": "." * 5000}))
    assert store.resolve(str(folder)).path == folder


def test_a_linked_folder_is_refused_for_the_digest_does_not_cover_it(
    store: ModelStore, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere" / "dense").mkdir()
    (folder / "2_Dense").symlink_to(tmp_path / "elsewhere" / "dense")
    with pytest.raises(CheckFailed, match="2_Dense is a link to a folder"):
        store.resolve(str(folder))
    (folder / "2_Dense").unlink()
    by_link = tmp_path / "link"
    by_link.symlink_to(folder)
    assert store.resolve(str(by_link)).digest == store.resolve(str(folder)).digest


def gguf(tmp_path: Path, content: bytes = GGUF) -> Path:
    path = tmp_path / "own.gguf"
    path.write_bytes(content)
    return path


def cannot_be_written(*_: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied")


def test_a_first_use_that_cannot_be_noted_is_refused(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each use were a first one, and a changed file as good as the one before."""
    own = gguf(tmp_path)
    (store.root / MEMORY_FOLDER).mkdir(parents=True)
    monkeypatch.setattr(digests_module, "write_json", cannot_be_written)
    for content in (GGUF, GGUF + b"changed"):
        own.write_bytes(content)
        for ask in (store.resolve, store.verify, store.accept):
            with pytest.raises(StorageFault, match="a change of it would not be seen") as caught:
                ask(str(own))
            assert f"Make {store.root / MEMORY_FOLDER} writable" in caught.value.hint
    monkeypatch.undo()
    found = store.resolve(str(own))
    monkeypatch.setattr(digests_module, "write_json", cannot_be_written)
    assert store.resolve(str(own)).digest == found.digest  # what is noted is only compared
    store.verify(str(own))
    own.write_bytes(GGUF)
    with pytest.raises(CheckFailed, match="is not what it was"):
        store.resolve(str(own))


def test_where_no_folder_of_models_is_the_command_makes_it(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sealed process may not; `ragkit models accept` is not sealed."""
    own = gguf(tmp_path)
    monkeypatch.setattr(digests_module, "make_private", cannot_be_written)
    with pytest.raises(StorageFault) as caught:
        store.resolve(str(own))
    assert caught.value.hint == f"ragkit models accept {own}"
    with pytest.raises(StorageFault, match="Permission denied") as caught:
        store.accept(str(own))
    assert "ragkit models" not in caught.value.hint
    monkeypatch.undo()
    store.accept(str(own))
    assert store.own() == (own,)


def test_an_accepting_that_is_interrupted_leaves_what_was_noted(
    store: ModelStore, folder: Path
) -> None:
    store.resolve(str(folder))
    (folder / "config.json").write_bytes(b'{"hidden_size": 9}\n')
    with pytest.raises(KeyboardInterrupt):
        store.accept(str(folder), InterruptedAt(2))
    with pytest.raises(CheckFailed, match=r"config\.json is not what it was"):
        store.resolve(str(folder))


def test_only_what_is_there_can_be_accepted(store: ModelStore, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"There is no model at .*nosuch"):
        store.accept("nosuch")
    with pytest.raises(UsageFault, match="is a model of the registry"):
        store.accept(EMBEDDER.name)


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
