"""What is recommended for a machine: by its memory, its graphics card, its disk and its speed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.flows.recommending import recommend
from ragkit.machine import memory_limit
from ragkit.models import ModelStore, load_registry
from ragkit.rendering import models as rendering
from ragkit.types.models import Capacity, Recommendation, Speeds

GB = 1_000_000_000
LAPTOP = Capacity(
    memory=16 * GB,
    cores=4,
    disk=100 * GB,
    bandwidth=20 * GB,
    speeds=Speeds(prompt=300.0, generation=100.0),
    starter_bytes=98_362_432,
)


def told(tmp_path: Path, machine: Capacity, context: int = 4096) -> Recommendation:
    store = ModelStore(tmp_path, load_registry())
    return recommend(store, machine, pipeline="p", context=context, evidence=900)


def names(found: Recommendation) -> set[str]:
    return {fit.name for fit in found.fits}


def test_sixteen_gigabytes_without_a_graphics_card(tmp_path: Path) -> None:
    found = told(tmp_path, LAPTOP)
    assert found.best is not None
    assert found.best.reader
    assert found.best.answer is not None
    assert found.best.answer[0] <= 120
    assert found.best.memory < 13 * GB
    assert "Ministral-3-14B-Instruct-2512:Q8_0" not in names(found)
    assert {"Qwen3-8B", "Qwen2.5-7B-Instruct:Q5_K_M"} <= names(found)


def test_more_memory_and_a_faster_machine_allow_more(tmp_path: Path) -> None:
    small = told(tmp_path, replace(LAPTOP, memory=6 * GB))
    assert names(small) < names(told(tmp_path, LAPTOP))
    slow = told(tmp_path, replace(LAPTOP, speeds=Speeds(60.0, 20.0), bandwidth=5 * GB)).best
    fast = told(tmp_path, replace(LAPTOP, speeds=Speeds(6000.0, 600.0), bandwidth=200 * GB)).best
    assert slow is not None
    assert fast is not None
    assert slow.parameters < fast.parameters


def test_speeds_go_down_with_parameters_and_bytes(tmp_path: Path) -> None:
    by_name = {fit.name: fit for fit in told(tmp_path, LAPTOP).fits}
    four, eight = by_name["Qwen3-4B-Instruct-2507"], by_name["Qwen3-8B"]
    coarse, fine = by_name["Qwen3-8B"], by_name["Qwen3-8B:Q8_0"]
    for fit in (four, eight, coarse, fine):
        assert fit.slow is not None
        assert fit.fast is not None
        assert fit.slow.prompt < fit.fast.prompt
        assert fit.slow.generation <= fit.fast.generation
    assert four.slow is not None
    assert eight.slow is not None
    assert fine.slow is not None
    assert four.slow.prompt / eight.slow.prompt == pytest.approx(8.19 / 4.02)
    assert fine.slow.generation < eight.slow.generation
    assert fine.slow.prompt == eight.slow.prompt
    starter = by_name["SmolLM2-135M-Instruct"]
    assert starter.slow == starter.fast == LAPTOP.speeds


def test_what_fits_the_graphics_card_goes_there(tmp_path: Path) -> None:
    found = told(tmp_path, replace(LAPTOP, memory=32 * GB, graphics=12 * GB, graphics_name="Card"))
    where = {fit.name: fit.where for fit in found.fits}
    assert where["Qwen3-14B"] == "graphics"
    assert where["Ministral-3-14B-Instruct-2512:Q8_0"] == "memory"
    assert found.best is not None
    assert found.best.where == "graphics"
    assert "graphics memory 12.0 GB (Card)" in rendering.recommendation(found)


def test_a_longer_context_takes_memory(tmp_path: Path) -> None:
    def memory(context: int) -> int:
        fits = told(tmp_path, replace(LAPTOP, memory=64 * GB), context).fits
        return next(fit.memory for fit in fits if fit.name == "Qwen3-8B")

    # 2 x 36 layers x 8 heads x 128 numbers of two bytes
    assert memory(32768) - memory(4096) == 2 * 36 * 8 * 128 * 2 * (32768 - 4096)


def test_a_model_that_cannot_read_the_context_is_not_the_one_to_begin_with(tmp_path: Path) -> None:
    found = told(tmp_path, replace(LAPTOP, memory=64 * GB), context=20_000)
    assert found.best is not None
    assert found.best.context >= 20_000
    short = next(note for note in found.notes if "Read fewer" in note)
    assert "EuroLLM-9B-Instruct" in short
    assert "phi-4" in short


def test_a_disk_without_room_is_told(tmp_path: Path) -> None:
    found = told(tmp_path, replace(LAPTOP, disk=3 * GB))
    assert found.best is not None
    assert found.best.size < 3 * GB
    assert any(note.startswith("No room on the disk") for note in found.notes)


def test_where_nothing_fits_no_reader_is_invented(tmp_path: Path) -> None:
    found = told(tmp_path, replace(LAPTOP, memory=4 * GB))
    assert found.best is None
    text = rendering.recommendation(found)
    assert "No model that writes answers fits" in text
    assert "The starter is no reader" in text
    assert {fit.name for fit in found.too_large} >= {"Qwen3-14B"}


def test_another_machine_is_not_promised_this_ones_speed(tmp_path: Path) -> None:
    found = told(tmp_path, Capacity(memory=16 * GB, cores=0, asked=True))
    assert all(fit.answer is None for fit in found.fits)
    assert found.best is not None
    assert found.best.parameters < 5
    assert any(
        "Speeds are those of this machine's" in n
        for n in told(tmp_path, replace(LAPTOP, asked=True)).notes
    )


def test_english_alone_is_begun_with_only_where_nothing_else_is(tmp_path: Path) -> None:
    for prompt in (30.0, 60.0, 100.0, 1000.0, 3000.0):
        best = told(tmp_path, replace(LAPTOP, speeds=Speeds(prompt, prompt / 3))).best
        assert best is not None
        assert "es" in best.languages or "*" in best.languages, best.name


@pytest.mark.parametrize("is_here", [True, False])
def test_without_speeds_it_is_said_what_gives_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_here: bool
) -> None:
    monkeypatch.setattr(ModelStore, "has", lambda store, name: is_here)
    found = told(tmp_path, replace(LAPTOP, speeds=None))
    text = rendering.recommendation(found)
    assert "?" not in text
    assert ("ragkit models pull SmolLM2-135M-Instruct" in text) != is_here
    assert ("ragkit models recommend --measure" in text) == is_here


def test_each_model_stands_once_with_its_other_forms_behind_it(tmp_path: Path) -> None:
    found = told(tmp_path, LAPTOP)
    text = rendering.recommendation(found)
    rows = [line.split()[0] for line in text.splitlines() if line.startswith("  Qwen3-8B ")]
    assert rows == ["Qwen3-8B"]
    assert "also :Q8_0" in text
    starter = next(line for line in text.splitlines() if "SmolLM2-135M" in line)
    assert starter.split()[-4:] == ["300", "100", "6", "s"]  # measured: from and to are the same
    readers, _, others = text.partition("No readers:")
    for fit in found.fits:
        model = f"\n  {fit.name.partition(':')[0]} "
        assert (model in readers, model in others) == (fit.reader, not fit.reader), fit.name


def test_a_busy_machine_is_told(tmp_path: Path) -> None:
    assert not any("alone it is faster" in note for note in told(tmp_path, LAPTOP).notes)
    busy = told(tmp_path, replace(LAPTOP, busy=2.5)).notes
    assert any("2.5 a core" in note for note in busy)


def test_no_licence_without_commercial_use_is_recommended(tmp_path: Path) -> None:
    for memory in (5, 6, 8, 16, 64):
        best = told(tmp_path, replace(LAPTOP, memory=memory * GB)).best
        assert best is None or "no commercial" not in best.licence


def test_a_containers_limit_counts(tmp_path: Path) -> None:
    whole = memory_limit(tmp_path)
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "self" / "cgroup").write_text("0::/app/worker\n4:memory:/job\n")
    group = tmp_path / "sys" / "fs" / "cgroup"
    (group / "app" / "worker").mkdir(parents=True)
    (group / "app" / "worker" / "memory.max").write_text("max\n")
    assert memory_limit(tmp_path) == whole
    (group / "app" / "memory.max").write_text("1000000\n")
    assert memory_limit(tmp_path) == 1_000_000
    (group / "memory" / "job").mkdir(parents=True)
    (group / "memory" / "job" / "memory.limit_in_bytes").write_text("500000\n")
    assert memory_limit(tmp_path) == 500_000


@pytest.mark.parametrize(
    "odd",
    [
        "0::/user.slice/my app.scope",
        "0::/a:b",
        "nonsense",
        "",
        "0:",
        "4:memory",
        "0::/z\0",
        "0::/\udce9",
    ],
)
def test_a_group_with_an_odd_name_does_not_stop_a_command(tmp_path: Path, odd: str) -> None:
    (tmp_path / "proc" / "self").mkdir(parents=True)
    told = tmp_path / "proc" / "self" / "cgroup"
    told.write_text(f"{odd}\n0::/my app\n", encoding="utf-8", errors="surrogateescape")
    group = tmp_path / "sys" / "fs" / "cgroup" / "my app"
    group.mkdir(parents=True)
    (group / "memory.max").write_text("1000000\n")
    assert memory_limit(tmp_path) == 1_000_000
