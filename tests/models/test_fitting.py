"""A model that cannot fit is refused before it is loaded, with the command that brings a smaller one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.errors import NotReady, UsageFault
from ragkit.flows.fitting import require_fit, smaller_form
from ragkit.llm import native, offloading
from ragkit.llm.memory import SMALLER, need, next_smaller
from ragkit.llm.native import Device, LibraryFacts
from ragkit.llm.offloading import ALL_LAYERS, bytes_taken_off, layers_here
from ragkit.llm.parts import bytes_of, parts_of
from ragkit.models import InstalledModel, ModelStore, Registry, Variant
from tests.models.gguf_files import gguf
from tests.models.samples import GENERATOR

GB = 1_000_000_000


@pytest.fixture
def model(tmp_path: Path) -> InstalledModel:
    path = tmp_path / "mine.gguf"
    path.write_bytes(gguf())
    return InstalledModel("mine", path, "ab" * 32, None)


def test_a_model_that_fits_passes(model: InstalledModel) -> None:
    require_fit(model, 4096, GB)
    require_fit(model, 4096)


def test_one_that_does_not_names_the_estimate_and_the_next_smaller_form(
    model: InstalledModel,
) -> None:
    with model.path.open("r+b") as file:
        file.truncate(2 * GB)  # a hole: nothing of it is on the disk
    with pytest.raises(NotReady) as caught:
        require_fit(model, 4096, GB * 22 // 10)
    # The context is cut to what the model was trained with.
    assert (
        "mine needs about 2.5 GB of memory for 2048 tokens, and 2.2 GB are there"
        in caught.value.message
    )
    assert caught.value.hint == f"ragkit models quantize {model.path} --to Q6_K"
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("memory", "command"),
    [(1.9, "quantize {} --to Q5_K_M"), (1.3, "quantize {} --to Q2_K"), (0.9, "recommend")],
)
def test_what_would_not_fit_either_is_not_named(
    model: InstalledModel, memory: float, command: str
) -> None:
    with model.path.open("r+b") as file:
        file.truncate(2 * GB)
    with pytest.raises(NotReady) as caught:
        require_fit(model, 4096, int(memory * GB))
    assert caught.value.hint == f"ragkit models {command.format(model.path)}"


def test_more_context_than_a_model_reads_is_told_with_the_line_to_write(
    model: InstalledModel,
) -> None:
    known = InstalledModel("short", model.path, model.digest, replace(GENERATOR, window=2048))
    require_fit(known, 2048)
    with pytest.raises(UsageFault, match="short reads at most 2048 tokens at once") as caught:
        require_fit(known, 4096)
    assert "{model: short, context: 2048}" in caught.value.hint


def test_a_smaller_quantization_of_the_registry_is_pulled(model: InstalledModel) -> None:
    spec = replace(GENERATOR, quantization="Q8_0", variants=(Variant("Q6_K", GENERATOR.files),))
    known = InstalledModel(spec.name, model.path, model.digest, spec)
    assert smaller_form(known, "Q8_0") == "ragkit models pull Tiny-Generator:Q6_K"
    assert smaller_form(known, "Q6_K") == "ragkit models quantize Tiny-Generator --to Q5_K_M"
    assert smaller_form(known, "Q2_K") == "ragkit models recommend"


def test_a_model_in_parts_is_not_quantized_but_counted_whole(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"big-0000{number}-of-00002.gguf").write_bytes(gguf())
    first = tmp_path / "big-00001-of-00002.gguf"
    parts = InstalledModel("big", first, "ab" * 32, None)
    with pytest.raises(NotReady) as caught:
        require_fit(parts, 512, first.stat().st_size * 3)
    assert caught.value.hint == "ragkit models recommend"


def test_the_command_finds_the_model_again(model: InstalledModel, tmp_path: Path) -> None:
    """By its name where the store knows that; else by its path, as a shell reads it."""
    store = ModelStore(tmp_path / "models", Registry(()))
    spaced = model.path.rename(tmp_path / "my model.gguf")
    by_path = store.resolve(str(spaced), role="generator")
    assert smaller_form(by_path, "Q8_0") == f"ragkit models quantize '{spaced}' --to Q6_K"
    store.add(spaced, "kept", lambda *_: None)
    for found in ("kept", str(store.root / "own" / "kept.gguf")):
        named = store.resolve(found, role="generator")
        assert smaller_form(named, "Q8_0") == "ragkit models quantize kept --to Q6_K"


def card(free: float, kind: str = "gpu") -> Device:
    return Device("X0", "a card", kind, int(free), int(free))


def test_what_a_card_holds_the_memory_need_not(
    model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `models recommend` says, which names the models that fit a card."""
    little = model.path.stat().st_size * 2
    for devices, fits in (
        ([], False),
        ([card(0.3 * GB)], False),
        ([card(GB)], True),
        ([card(GB, "integrated-gpu")], True),
        ([card(GB, "cpu")], False),
    ):
        monkeypatch.setattr(native, "devices", lambda told=devices: tuple(told))
        if fits:
            require_fit(model, 4096, little)
        else:
            with pytest.raises(NotReady):
                require_fit(model, 4096, little)


def test_cards_take_their_share_and_shared_memory_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offloading.sys, "platform", "linux")
    whole = 8 * GB + 1000 * 2 * 4096

    def away(*devices: Device) -> int:
        return bytes_taken_off(8 * GB, 32, 1000, 4096, devices)

    assert away(card(20 * GB)) == whole
    assert 0 < away(card(4 * GB)) < away(card(4 * GB), card(3 * GB)) < whole
    assert away(card(4 * GB)) <= 4 * GB
    assert away(card(20 * GB, "integrated-gpu")) == away() == 0
    monkeypatch.setattr(offloading.sys, "platform", "darwin")
    assert away(card(20 * GB)) == 0


def test_all_parts_of_a_model_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside another split of the same model, under a name that a pattern would read otherwise."""
    for name in ("a[1]-00001-of-00002", "a[1]-00002-of-00002", "a[1]-00002-of-00003"):
        (tmp_path / f"{name}.gguf").write_bytes(gguf())
    first = tmp_path / "a[1]-00001-of-00002.gguf"
    assert [one.name[5:10] for one in parts_of(first)] == ["00001", "00002"]
    one = first.stat().st_size
    assert bytes_of(first) == 2 * one
    monkeypatch.setattr(native, "facts", lambda: LibraryFacts("1", True, (), ()))
    counted: list[int] = []

    def counting(weights: int, *others: object) -> int:
        counted.append(weights)
        return ALL_LAYERS

    monkeypatch.setattr(native, "devices", lambda: (card(GB),))
    monkeypatch.setattr(offloading, "layers_that_fit", counting)
    layers_here(first, 64)
    assert counted == [2 * one]


def test_quantizations_go_down_to_the_smallest() -> None:
    assert [next_smaller(one) for one in ("F16", *SMALLER)] == [*SMALLER, ""]
    assert next_smaller("Q4_0") == "Q3_K_M"
    assert next_smaller("unheard") == ""


def test_what_is_kept_of_a_text_grows_with_it() -> None:
    short, long = need(GB, 1000, 1000), need(GB, 1000, 5000)
    assert long.cache == 5 * short.cache == 5 * 1000 * 1000 * 2
    assert long.total - short.total == long.cache - short.cache
