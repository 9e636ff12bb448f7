"""The same model at several quantizations: named, pulled and kept beside each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.errors import ConfigFault, ModelMissing, StorageFault, UnknownPipeline
from ragkit.models import HubSource, ModelFile, ModelStore, Registry, Variant, load_registry
from tests.models.hub_server import Hub
from tests.models.samples import GENERATOR, GGUF, install, model_file
from tests.models.test_hub import hub

__all__ = ["hub"]  # a fixture

SMALL = GGUF[: len(GGUF) // 2]
BASE = replace(
    GENERATOR,
    quantization="Q8_0",
    memory_mb=100,
    variants=(
        Variant("Q4_K_M", (ModelFile("tiny-q4.gguf"),)),
        Variant("Q2_K", (model_file("tiny-q2.gguf", SMALL),), "someone/other-GGUF", "f" * 40),
    ),
)
REGISTRY = Registry((BASE,))


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    return ModelStore(tmp_path_factory.mktemp("models"), REGISTRY)


def test_a_quantization_is_an_entry_of_its_own() -> None:
    found = REGISTRY["tiny-generator:q2_k"]
    assert (found.name, found.quantization) == ("Tiny-Generator:Q2_K", "Q2_K")
    assert found.source == HubSource("someone/other-GGUF", "f" * 40)
    assert found.files[0].path == "tiny-q2.gguf"
    assert REGISTRY["Tiny-Generator:Q8_0"] is BASE
    assert REGISTRY["Tiny-Generator:Q4_K_M"].source == BASE.source


@pytest.mark.parametrize("name", ["Tiny-Generator:Q5_0", "Tiny-Generator:", "No:Q8_0"])
def test_what_there_is_not_is_named_with_what_there_is(name: str) -> None:
    if name.endswith(":"):
        assert REGISTRY[name] is BASE
        return
    assert name not in REGISTRY
    with pytest.raises(UnknownPipeline) as caught:
        REGISTRY[name]
    wanted = "Q8_0, Q4_K_M, Q2_K" if name.startswith("Tiny") else "Tiny-Generator"
    assert wanted in caught.value.message


def test_a_quantization_is_pulled_beside_the_others_and_pinned(store: ModelStore, hub: Hub) -> None:
    hub.files = {"tiny-q4.gguf": SMALL}
    path = store.pull("Tiny-Generator:Q4_K_M")
    assert path.read_bytes() == SMALL
    assert len(store.digest("Tiny-Generator:Q4_K_M")) == 64
    assert store.resolve("tiny-generator:q4_k_m", role="generator").path == path
    with pytest.raises(ModelMissing, match="is not on this machine"):
        store.path("Tiny-Generator")
    states = {state.spec.name: state.installed for state in store.list()}
    assert states == {"Tiny-Generator": False, "Tiny-Generator:Q4_K_M": True}
    asked = {path for _, path, _ in hub.requests if "/resolve/" in path}
    assert {path.rpartition("/")[2] for path in asked} == {"tiny-q4.gguf"}
    assert store.remove("Tiny-Generator:Q4_K_M") > 0
    assert [state.spec.name for state in store.list()] == ["Tiny-Generator"]


def test_a_pinned_quantization_with_a_wrong_byte_is_refused(store: ModelStore) -> None:
    spec = REGISTRY["Tiny-Generator:Q2_K"]
    folder = install(spec, store.root, {"tiny-q2.gguf": SMALL})
    folder.rename(store.root / spec.folder)
    assert store.path(spec.name).read_bytes() == SMALL
    (store.root / spec.folder / "tiny-q2.gguf").write_bytes(SMALL[:-1] + b"x")
    with pytest.raises(Exception, match="is not what it should be"):
        store.trusted_path(spec.name)


def test_a_size_that_only_the_hub_knows_is_asked_before_fetching(
    store: ModelStore, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.files = {"tiny-q4.gguf": SMALL}
    free = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("ragkit.models.hub.shutil.disk_usage", lambda _: free)
    with pytest.raises(StorageFault, match=r"tiny-q4\.gguf needs"):
        store.pull("Tiny-Generator:Q4_K_M")
    assert hub.bytes_sent == 0


def test_faults_of_a_quantization_are_named_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "registry.toml"
    path.write_text(
        '[[models]]\nname = "Own"\nrole = "generator"\ndescription = "Mine."\nlicence = "MIT"\n'
        'languages = ["en"]\nsource = { kind = "hub", repository = "me/own" }\n'
        'files = [{ path = "own.gguf" }]\n'
        'variants = [{ quantization = "Q8_0", files = [{ path = "../own.gguf" }] }, '
        '{ quantisation = "Q8_0", files = [{ path = "own.bin" }] }]\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigFault) as caught:
        load_registry(path)
    places = {fault.place for fault in caught.value.faults}
    assert "models.0.variants.1.quantisation" in places


def test_shipped_quantizations_have_names_and_sizes_that_fit_each_other() -> None:
    """A file's bits for each parameter must be near what its quantization takes."""
    from ragkit.llm.memory import BITS

    for spec in load_registry():
        if spec.role != "generator" or spec.parameters < 1.6:
            continue  # small models keep large tables of words at more bits
        for one in (spec, *(spec.at(v.quantization) for v in spec.variants)):
            if all(file.size for file in one.files):
                bits = one.size * 8 / (spec.parameters * 1e9)
                assert bits == pytest.approx(BITS[one.quantization], rel=0.12), one.name


def test_what_is_kept_of_a_text_is_known_of_every_generator() -> None:
    for spec in load_registry():
        if spec.role == "generator":
            assert min(spec.layers, spec.kv_heads, spec.head_size) > 0, spec.name
            assert spec.chat, spec.name
            assert spec.memory_mb * 1e6 > spec.size, spec.name
