"""How many layers fit on what llama.cpp tells of."""

from __future__ import annotations

import pytest

from ragkit.llm import native, offloading
from ragkit.llm.native import Device, LibraryFacts
from ragkit.llm.offloading import ALL_LAYERS, computed_on, layers_that_fit

CPU = Device("CPU", "a processor", "cpu", 64_000_000_000, 64_000_000_000)
SEVEN_BILLION = {"weights": 4_400_000_000, "layers": 32, "cache_per_token": 65_536, "context": 4096}


def card(free: float) -> Device:
    return Device("CUDA0", "a card", "gpu", int(free), int(free))


def test_all_layers_go_where_there_is_room() -> None:
    assert layers_that_fit(**SEVEN_BILLION, devices=[CPU, card(12e9)]) == ALL_LAYERS


def test_half_a_card_takes_some_and_two_cards_take_more() -> None:
    some = layers_that_fit(**SEVEN_BILLION, devices=[card(3e9)])
    assert 0 < some < 32
    assert some < layers_that_fit(**SEVEN_BILLION, devices=[card(3e9), card(1.5e9)]) < 32


def test_a_fitting_number_really_fits() -> None:
    for free in (1e9, 2e9, 4e9):
        count = layers_that_fit(**SEVEN_BILLION, devices=[card(free)])
        layer = (4_400_000_000 + 65_536 * 2 * 4096) / 33
        assert count * layer <= free


def test_an_integrated_one_is_used_only_where_there_is_no_card() -> None:
    integrated = Device(
        "Vulkan0", "in the processor", "integrated-gpu", 12_000_000_000, 12_000_000_000
    )
    assert layers_that_fit(**SEVEN_BILLION, devices=[CPU, integrated]) == ALL_LAYERS
    beside = layers_that_fit(**SEVEN_BILLION, devices=[integrated, card(3e9), CPU])
    assert beside == layers_that_fit(**SEVEN_BILLION, devices=[card(3e9)]) < 32


def test_no_layer_lies_on_two_cards() -> None:
    """Together they would have room for one layer more than each by itself."""
    layer = (4_400_000_000 + 65_536 * 2 * 4096) / 33
    cards = [card(6e8 + 2.6 * layer), card(6e8 + 3.6 * layer)]
    assert layers_that_fit(**SEVEN_BILLION, devices=cards) == 5


@pytest.mark.parametrize("devices", [[], [CPU], [card(1e8)]])
def test_without_room_the_processor_computes(devices: list[Device]) -> None:
    assert layers_that_fit(**SEVEN_BILLION, devices=devices) == 0


@pytest.mark.parametrize(
    ("offloads", "devices", "told"),
    [
        (False, [CPU], "built for the processor only"),
        (True, [CPU], "finds none here"),
        (True, [CPU, card(8e9)], "computes on a card"),
    ],
)
def test_where_it_computes_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, offloads: bool, devices: list[Device], told: str
) -> None:
    monkeypatch.setattr(native, "facts", lambda: LibraryFacts("1", offloads, (), ()))
    monkeypatch.setattr(native, "devices", lambda: tuple(devices))
    assert told in computed_on()
    assert "\n" not in computed_on()
    assert offloading.ALL_LAYERS == -1
