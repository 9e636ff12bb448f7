"""A model of a kind that llama.cpp does not know is refused before a byte of it is copied."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.errors import UsageFault
from ragkit.flows.importing import import_model
from ragkit.llm import native
from ragkit.llm.architectures import require_known
from ragkit.llm.gguf_metadata import read_about
from ragkit.models import ModelStore, Registry
from tests.models.gguf_files import LANGUAGE_MODEL, gguf, without


def file_of(folder: Path, architecture: str) -> Path:
    path = folder / "tiny.gguf"
    path.write_bytes(gguf({**LANGUAGE_MODEL, "general.architecture": architecture}))
    return path


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3", "gemma3", "phi3", "mamba"])
def test_what_the_registry_and_its_users_have_is_known(tmp_path: Path, architecture: str) -> None:
    require_known(read_about(file_of(tmp_path, architecture)))


def test_an_unknown_one_is_named_with_the_library_that_does_not_know_it(tmp_path: Path) -> None:
    with pytest.raises(UsageFault) as caught:
        require_known(read_about(file_of(tmp_path, "glimmer9")))
    assert caught.value.message == (
        f"tiny.gguf is of the architecture glimmer9, which llama.cpp {native.facts().version} here does "
        "not know."
    )
    assert caught.value.hint == "ragkit models recommend"


@pytest.mark.parametrize("architecture", ["a\x1b[2J", "llama\n", "\0", "x" * 65, "ñ", "../llama"])
def test_a_name_that_is_none_reaches_neither_native_code_nor_the_terminal(
    tmp_path: Path, architecture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native, "knows_architecture", lambda _: pytest.fail("it was asked"))
    with pytest.raises(UsageFault) as caught:
        require_known(read_about(file_of(tmp_path, architecture)))
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 200


def test_a_file_that_names_none_says_so(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(gguf(without("general.architecture")))
    with pytest.raises(UsageFault, match="does not say of which architecture"):
        require_known(read_about(path))


def test_nothing_is_copied(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models", Registry(()))
    with pytest.raises(UsageFault, match="glimmer9"):
        import_model(store, file_of(tmp_path, "glimmer9"), "", lambda *_: pytest.fail("copied"))
    assert not list(tmp_path.rglob("*/*"))
