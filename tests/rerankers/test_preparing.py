"""Preparation happens once, in another process, and chooses by measurement."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ragkit.errors import NotReady, UsageFault
from ragkit.rerankers.base import MOST_DIFFERENCE
from ragkit.rerankers.opening import describe, is_prepared, open_reranker, prepare
from ragkit.rerankers.preparing import choice
from ragkit.rerankers.records import (
    PreparedReranker,
    WayFigure,
    converted_folder,
    read_record,
    write_record,
)
from tests.rerankers.conftest import Tiny
from tests.rerankers.test_folder import BERT, made_folder

DIGEST = "ab" * 32
FIGURES = (
    WayFigure("reference", 90, 0),
    WayFigure("openvino-f32", 30, 1e-6),
    WayFigure("openvino-bf16", 60, 0.004),
)


def test_the_fastest_without_torch_is_chosen() -> None:
    assert choice(FIGURES, "").way == "openvino-bf16"


@pytest.mark.parametrize("difference", [MOST_DIFFERENCE + 0.001, float("nan")])
def test_a_way_that_differs_from_the_reference_is_not(difference: float) -> None:
    coarse = WayFigure("openvino-bf16", 60, difference)
    assert choice((*FIGURES[:2], coarse), "").way == "openvino-f32"


def test_torch_remains_where_nothing_can_be_converted() -> None:
    record = choice(FIGURES[:1], "OpenVINO cannot convert the model (ValueError)")
    assert record.way == "reference"
    assert record.reason.startswith("OpenVINO cannot")


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    converted_folder(tmp_path, DIGEST).mkdir(parents=True)
    write_record(tmp_path, DIGEST, PreparedReranker("openvino-f32", "why", FIGURES))
    assert read_record(tmp_path, DIGEST) == PreparedReranker("openvino-f32", "why", FIGURES)
    assert read_record(tmp_path, "cd" * 32) is None
    next(converted_folder(tmp_path, DIGEST).glob("measured-*")).write_text("{}")
    assert read_record(tmp_path, DIGEST) is None


def test_an_unprepared_model_is_not_opened(tmp_path: Path) -> None:
    folder = made_folder(tmp_path / "model", BERT)
    assert not is_prepared(digest=DIGEST, cache=tmp_path)
    with pytest.raises(NotReady, match="not prepared for this machine"):
        open_reranker(folder, digest=DIGEST, cache=tmp_path)


def test_what_is_no_reranker_starts_no_child(tmp_path: Path) -> None:
    folder = made_folder(tmp_path / "model", {**BERT, "architectures": ["BertModel"]})
    told: list[str] = []
    with pytest.raises(UsageFault):
        prepare(folder, digest=DIGEST, cache=tmp_path / "cache", progress=told.append)
    assert told == []


def test_the_fingerprint_follows_the_weights(tmp_path: Path) -> None:
    folder = made_folder(tmp_path, BERT)
    plain = describe(folder, digest=DIGEST).fingerprint
    assert plain == describe(folder, digest=DIGEST, threads=1).fingerprint
    assert plain != describe(folder, digest="cd" * 32).fingerprint


def test_what_preparation_leaves(tiny: Tiny) -> None:
    assert tiny.prepared.way.startswith("openvino")
    assert is_prepared(digest=tiny.digest, cache=tiny.cache)
    made = converted_folder(tiny.cache, tiny.digest)
    assert [path for path in tiny.cache.iterdir() if path.is_dir()] == [made]
    for path in [made, *made.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_second_preparation_starts_no_child(tiny: Tiny) -> None:
    told: list[str] = []
    again = prepare(tiny.folder, digest=tiny.digest, cache=tiny.cache, progress=told.append)
    assert again == tiny.prepared
    assert told == []


def test_a_question_loads_neither_torch_nor_telemetry(tiny: Tiny) -> None:
    code = (
        "import sys; from pathlib import Path; from ragkit.rerankers.opening import open_reranker;"
        f"r = open_reranker(Path({str(tiny.folder)!r}), digest={tiny.digest!r},"
        f" cache=Path({str(tiny.cache)!r}));"
        "print(r.score('Who signed?', ['Ana Ruiz signed.', 'No.']).shape);"
        "loaded = {n for n, m in sys.modules.items() if m is not None};"
        "print({'torch', 'transformers', 'openvino_telemetry', 'openvino.tools.ovc'} & loaded)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["(2,)", "set()"]
