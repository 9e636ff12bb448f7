"""Models of the user's own under a name: taken in, listed, used, removed; never by half."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from ragkit.errors import ModelMissing, StorageFault, UsageFault
from ragkit.flows.importing import import_model
from ragkit.models import ModelStore, Registry, digests
from ragkit.models.named import name_for, new_named
from tests.models.gguf_files import LANGUAGE_MODEL, gguf
from tests.models.samples import REGISTRY


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models", REGISTRY)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "My model (Q8).gguf"
    path.write_bytes(gguf())
    return path


def nothing(*_: object) -> None:
    """No progress."""


def left(store: ModelStore) -> list[str]:
    return sorted(path.name for path in store.root.rglob("*.gguf"))


def test_a_model_is_taken_in_and_used_by_its_name(store: ModelStore, file: Path) -> None:
    found = import_model(store, file, "", nothing)
    assert found.name == "My-model-Q8"
    assert found.about.name == "Tiny Model"
    used = store.resolve("My-model-Q8", role="generator")
    assert used.path.read_bytes() == file.read_bytes()
    assert used.digest == found.sha256
    assert used.path.stat().st_mode & 0o777 == 0o600
    assert store.named() == {"My-model-Q8": used.path}
    store.verify("My-model-Q8")


def test_a_name_is_given_once_and_free_again_when_removed(store: ModelStore, file: Path) -> None:
    import_model(store, file, "mine", nothing)
    with pytest.raises(UsageFault, match="There is a model mine already") as caught:
        import_model(store, file, "mine", nothing)
    assert caught.value.hint == "ragkit models remove mine"
    assert store.remove("mine") == file.stat().st_size
    file.write_bytes(gguf({**LANGUAGE_MODEL, "general.name": "Another"}))
    import_model(store, file, "mine", nothing)
    store.verify("mine")


@pytest.mark.parametrize("name", ["../out", "a/b", ".hidden", "x" * 101])
def test_a_name_leads_nowhere_else(store: ModelStore, file: Path, name: str) -> None:
    with pytest.raises(UsageFault, match="is no name") as caught:
        import_model(store, file, name, nothing)
    assert not left(store)
    import_model(store, file, caught.value.hint.rpartition("--name ")[2], nothing)


def test_a_name_of_the_registry_is_not_given_away(store: ModelStore, file: Path) -> None:
    with pytest.raises(UsageFault, match="is the name of a model of the registry") as caught:
        import_model(store, file, "tiny-generator", nothing)
    assert not left(store)
    import_model(store, file, caught.value.hint.rpartition("--name ")[2], nothing)


def test_an_own_model_under_a_name_that_the_registry_took_later_can_be_removed(
    store: ModelStore, file: Path
) -> None:
    before = ModelStore(store.root, Registry(()))
    import_model(before, file, "Tiny-Generator", nothing)
    assert store.remove("Tiny-Generator") == file.stat().st_size
    assert store.named() == {}
    with pytest.raises(ModelMissing):
        store.remove("Tiny-Generator")


def test_what_is_no_model_is_not_copied(store: ModelStore, file: Path) -> None:
    file.write_bytes(gguf()[:-4000])
    with pytest.raises(Exception, match="is not whole"):
        import_model(store, file, "mine", nothing)
    assert not store.root.exists()


@pytest.mark.parametrize("fault", [KeyboardInterrupt, StorageFault("full"), ValueError])
def test_nothing_is_left_of_what_was_interrupted(
    store: ModelStore, fault: BaseException | type[BaseException]
) -> None:
    def interrupted() -> None:
        with new_named(store.root, "x", nothing) as aside:
            aside.write_bytes(b"half")
            raise fault

    with pytest.raises((KeyboardInterrupt, StorageFault, ValueError)):
        interrupted()
    assert not left(store)
    assert store.named() == {}


@pytest.mark.parametrize("stage", ["copying", "checking"])
def test_an_interrupt_at_any_stage_leaves_nothing(
    store: ModelStore, file: Path, stage: str
) -> None:
    def interrupted(what: str, done: int, total: int) -> None:
        if what.startswith(stage):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_model(store, file, "mine", interrupted)
    assert not left(store)
    import_model(store, file, "mine", nothing)


def test_a_model_that_cannot_be_noted_is_not_kept(
    store: ModelStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a change of it would not be seen; and its name would be taken."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(digests, "write_json", full)
    with pytest.raises(StorageFault, match="cannot be noted"):
        import_model(store, file, "mine", nothing)
    assert not left(store)
    monkeypatch.undo()
    import_model(store, file, "mine", nothing)


def test_it_is_hashed_once_for_its_import(store: ModelStore, file: Path) -> None:
    hashed: list[str] = []

    def told(what: str, done: int, total: int) -> None:
        if what.startswith("checking") and done == total:
            hashed.append(what)

    import_model(store, file, "mine", told)
    store.resolve("mine", role="generator", progress=told)
    assert hashed == ["checking mine"]


def test_what_a_killed_run_left_is_written_over(store: ModelStore, file: Path) -> None:
    aside = store.root / ".partial" / "own-mine.gguf"
    aside.parent.mkdir(parents=True)
    aside.write_bytes(b"half")
    import_model(store, file, "mine", nothing)
    assert left(store) == ["mine.gguf"]


def test_names_from_files() -> None:
    assert name_for("Qwen 3 (4B) v1") == "Qwen-3-4B-v1"
    assert name_for("---") == "model"
    assert name_for("x" * 200, "-Q8_0") == "x" * 95 + "-Q8_0"
