"""The registry: what ships is sound, what a user adds is checked with every fault named."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.errors import ConfigFault, UnknownPipeline
from ragkit.models import WheelSource, load_registry
from ragkit.models.registry import unsafe_path

_ENTRY = """
[[models]]
name = "Own"
role = "generator"
description = "Mine."
licence = "MIT"
languages = ["en"]
source = { kind = "hub", repository = "me/own" }
files = [{ path = "own.gguf" }]
"""


def _with(folder: Path, text: str) -> Path:
    path = folder / "registry.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_shipped_model_is_pinned_to_the_byte() -> None:
    """A commit never changes; where it is not known, the digest keeps what a branch hands out."""
    for spec in load_registry():
        assert spec.description.endswith(".")
        assert spec.memory_mb > spec.size / 1e6, spec.name
        assert all((spec.languages, spec.licence, spec.window))
        for file in spec.files:
            assert len(file.sha256) == 64, file
            assert file.size > 0, file
        if not isinstance(spec.source, WheelSource):
            assert len(spec.source.revision) == 40 or spec.source.revision == "main"


def test_there_is_one_starter_for_each_role() -> None:
    registry = load_registry()
    assert registry.default("embedder").name == "all-MiniLM-L6-v2"
    assert registry.default("generator").name == "SmolLM2-135M-Instruct"
    for role in ("embedder", "generator"):
        assert sum(spec.default for spec in registry if spec.role == role) == 1


def test_readers_are_the_models_of_one_and_a_half_billion_parameters_and_more() -> None:
    for spec in load_registry():
        assert spec.reader == (spec.role == "generator" and spec.parameters >= 1.5), spec.name


def test_the_starters_need_no_hub() -> None:
    registry = load_registry()
    for role in ("embedder", "generator"):
        assert registry.default(role).source.kind == "wheel"


def test_names_are_found_whatever_their_capitals() -> None:
    assert load_registry()["ALL-minilm-l6-V2"].name == "all-MiniLM-L6-v2"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("all-MiniLM-L6", "Did you mean all-MiniLM-L6-v2"),
        ("smollm2-135m", "Did you mean SmolLM2-135M-Instruct?"),
        ("qwen2.5-7b", "Did you mean Qwen2.5-7B-Instruct"),
        ("my-mistrel", "Did you mean my-mistral?"),
        ("foo", "There are: all-MiniLM-L6-v2, bge"),
    ],
)
def test_an_unknown_name_gets_the_nearest_else_the_list(typed: str, meant: str) -> None:
    with pytest.raises(UnknownPipeline) as caught:
        load_registry().find(typed, own=["my-mistral"])
    assert meant in caught.value.message
    assert caught.value.exit_code == 2


def test_a_users_entry_is_added_and_wins(tmp_path: Path) -> None:
    added = _ENTRY + _ENTRY.replace('"Own"', '"SmolLM2-135M-Instruct"')
    registry = load_registry(_with(tmp_path, added))
    assert registry["own"].files[0].sha256 == ""
    assert registry["SmolLM2-135M-Instruct"].licence == "MIT"
    assert len(registry) == len(load_registry()) + 1


@pytest.mark.parametrize(
    ("change", "place", "problem"),
    [
        (('"own.gguf"', '"../own.gguf"'), "models.0.files", "leads out"),
        (('"own.gguf"', '"own.bin"'), "models.0.files", "pickle"),
        (('"own.gguf" }', '"own.gguf", sha256 = "12" }'), "models.0.files", "64 hexadecimal"),
        (('"Own"', '"../Own"'), "models.0.name", "may have"),
        (('"generator"', '"poet"'), "models.0.role", "must be one of"),
        (('"generator"', '"embedder"'), "models.0.files", ".safetensors"),
        (('kind = "hub"', 'kind = "ftp"'), "models.0.source.kind", "wheel or hub"),
        (('licence = "MIT"', "licence = 3"), "models.0.licence", "type str"),
        (('licence = "MIT"', ""), "models.0.licence", "missing"),
        (('licence = "MIT"', 'license = "MIT"'), "models.0.license", "not a setting"),
        (('repository = "me/own"', "repo = 1"), "models.0.source.repository", "missing"),
    ],
)
def test_faults_are_named_with_their_place(
    tmp_path: Path, change: tuple[str, str], place: str, problem: str
) -> None:
    with pytest.raises(ConfigFault) as caught:
        load_registry(_with(tmp_path, _ENTRY.replace(*change)))
    assert any(f.place == place and problem in f.problem for f in caught.value.faults)


def test_a_file_that_is_not_toml_is_a_configuration_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigFault, match="not valid TOML"):
        load_registry(_with(tmp_path, "models = ["))
    with pytest.raises(ConfigFault, match="cannot be read"):
        load_registry(tmp_path / "absent.toml")


@pytest.mark.parametrize("path", ["", "/etc/x", "a/../../x", "..", "a\\..\\b", "C:x"])
def test_paths_that_lead_out_are_unsafe(path: str) -> None:
    assert unsafe_path(path)
    assert not unsafe_path("1_Pooling/config.json")
