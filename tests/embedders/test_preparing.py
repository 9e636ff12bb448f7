"""Preparation happens once, in another process, and leaves nothing half done."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ragkit.acceleration.conversion import CONVERSION
from ragkit.embedders import describe, is_prepared, measured_rate, open_embedder, prepare
from ragkit.embedders.base import LEAST_COSINE
from ragkit.embedders.openvino import convert
from ragkit.embedders.preparing import _choice
from ragkit.embedders.records import (
    PreparedEmbedder,
    WayFigure,
    converted_folder,
    read_record,
    write_record,
)
from ragkit.errors import CheckFailed, ModelMissing, NotReady
from tests.embedders.conftest import Starter
from tests.embedders.samples import CLAUSES
from tests.embedders.test_folder import made_folder

FIGURES = (
    WayFigure("reference", 20, 1),
    WayFigure("openvino-f32", 30, 0.9999),
    WayFigure("openvino-bf16", 60, 0.9995),
    WayFigure("torch-bf16", 90, 0.9999),
)


def test_the_fastest_light_way_is_chosen() -> None:
    assert _choice(FIGURES, "").way == "openvino-bf16"


def test_a_way_that_differs_from_the_reference_is_not() -> None:
    coarse = WayFigure("openvino-bf16", 60, LEAST_COSINE["f32"] - 0.001)
    record = _choice((*FIGURES[:2], coarse), "")
    assert record.way == "openvino-f32"
    assert not record.accepts("openvino-bf16")


def test_torch_remains_where_nothing_can_be_converted() -> None:
    record = _choice(FIGURES[:1], "the model has a Dense layer")
    assert (record.way, record.reason) == ("reference", "the model has a Dense layer")


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    converted_folder(tmp_path, "ab" * 32).mkdir(parents=True)
    record = PreparedEmbedder("openvino-f32", "why", FIGURES)
    write_record(tmp_path, "ab" * 32, record)
    assert read_record(tmp_path, "ab" * 32) == record
    assert read_record(tmp_path, "cd" * 32) is None


def test_a_damaged_record_counts_as_none(tmp_path: Path) -> None:
    converted_folder(tmp_path, "ab" * 32).mkdir(parents=True)
    write_record(tmp_path, "ab" * 32, PreparedEmbedder("openvino-f32", "why"))
    next(converted_folder(tmp_path, "ab" * 32).glob("measured-*")).write_text('{"way": ')
    assert read_record(tmp_path, "ab" * 32) is None


def test_an_unprepared_model_is_not_opened(tmp_path: Path) -> None:
    folder = made_folder(tmp_path / "model")
    for way in ("auto", "openvino-f32"):
        assert not is_prepared(folder, digest="ab" * 32, cache=tmp_path, way=way)
        with pytest.raises(NotReady) as caught:
            open_embedder(folder, digest="ab" * 32, cache=tmp_path, way=way)
        assert caught.value.hint == "ragkit ingest"


def test_a_child_that_fails_gives_its_reason(tmp_path: Path) -> None:
    folder = made_folder(tmp_path / "model")
    with pytest.raises(NotReady, match="cannot be loaded by sentence-transformers"):
        prepare(folder, digest="ab" * 32, cache=tmp_path / "cache")
    assert not is_prepared(folder, digest="ab" * 32, cache=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        prepare(tmp_path, digest="ab" * 32, cache=tmp_path / "cache")


def test_what_openvino_cannot_do_is_said_without_trying(tmp_path: Path) -> None:
    folder = made_folder(tmp_path / "model", modules=["Transformer", "Pooling", "Dense"])
    assert convert(describe(folder, digest="ab" * 32), tmp_path) == "the model has a Dense layer"


def test_the_fingerprint_follows_what_changes_vectors(tmp_path: Path) -> None:
    folder = made_folder(tmp_path / "model")
    plain = describe(folder, digest="ab" * 32).fingerprint
    assert plain == describe(folder, digest="ab" * 32, threads=1).fingerprint
    assert plain != describe(folder, digest="cd" * 32).fingerprint
    assert plain != describe(folder, digest="ab" * 32, query_prefix="query: ").fingerprint
    assert plain != describe(folder, digest="ab" * 32, passage_prefix="query: ").fingerprint


@pytest.mark.real
def test_what_preparation_leaves(starter: Starter) -> None:
    assert starter.prepared.way.startswith("openvino")
    assert all(figure.cosine >= LEAST_COSINE["f32"] for figure in starter.prepared.figures[:2])
    assert is_prepared(starter.folder, digest=starter.digest, cache=starter.cache)
    folders = [path.name for path in starter.cache.iterdir()]
    assert folders == [converted_folder(starter.cache, starter.digest).name]
    reason = json.loads((starter.cache / folders[0] / CONVERSION).read_text())["reason"]
    assert reason == ""
    for path in [starter.cache, *starter.cache.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.real
def test_a_second_preparation_starts_no_child(starter: Starter) -> None:
    told: list[str] = []
    again = prepare(
        starter.folder, digest=starter.digest, cache=starter.cache, progress=told.append
    )
    assert again == starter.prepared
    assert told == []


@pytest.mark.real
def test_a_way_that_was_never_measured_is_refused(starter: Starter, tmp_path: Path) -> None:
    converted_folder(tmp_path, starter.digest).mkdir(parents=True)
    write_record(tmp_path, starter.digest, PreparedEmbedder("reference", "no", FIGURES[:1]))
    with pytest.raises(CheckFailed, match="openvino-bf16 does not come near"):
        prepare(starter.folder, digest=starter.digest, cache=tmp_path, way="openvino-bf16")


@pytest.mark.real
def test_a_question_loads_neither_torch_nor_telemetry(starter: Starter) -> None:
    code = (
        "import sys; from pathlib import Path; from ragkit.embedders import open_embedder;"
        f"e = open_embedder(Path({str(starter.folder)!r}), digest={starter.digest!r},"
        f" cache=Path({str(starter.cache)!r}), way='openvino-f32');"
        "e.embed_queries(['Who signed?']);"
        "loaded = {n for n, m in sys.modules.items() if m is not None};"
        "print({'torch', 'transformers', 'openvino_telemetry', 'openvino.tools.ovc'} & loaded)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_int8_is_never_chosen_by_itself(tmp_path: Path) -> None:
    coarse = WayFigure("openvino-int8", 500, 0.995)
    record = _choice((*FIGURES, coarse), "")
    assert record.way == "openvino-bf16"
    assert record.accepts("openvino-int8")
    assert record.knows("openvino-int8")
    assert not _choice(FIGURES, "").knows("openvino-int8")


def test_int8_that_is_too_coarse_is_refused() -> None:
    coarse = WayFigure("openvino-int8", 500, LEAST_COSINE["int8"] - 0.001)
    assert not _choice((*FIGURES, coarse), "").accepts("openvino-int8")


def test_int8_vectors_are_compared_with_no_others(tmp_path: Path) -> None:
    folder = made_folder(tmp_path / "model")
    prints = {
        way: describe(folder, digest="ab" * 32, way=way).fingerprint
        for way in ("auto", "reference", "openvino-bf16", "openvino-int8")
    }
    assert prints["auto"] == prints["reference"] == prints["openvino-bf16"]
    assert prints["auto"] != prints["openvino-int8"]


def test_the_rate_of_a_way(tmp_path: Path) -> None:
    assert measured_rate(digest="ab" * 32, cache=tmp_path) is None
    converted_folder(tmp_path, "ab" * 32).mkdir(parents=True)
    write_record(tmp_path, "ab" * 32, PreparedEmbedder("openvino-f32", "why", FIGURES))
    assert measured_rate(digest="ab" * 32, cache=tmp_path) == 30
    assert measured_rate(digest="ab" * 32, cache=tmp_path, way="reference") == 20
    assert measured_rate(digest="ab" * 32, cache=tmp_path, way="openvino-int8") is None


@pytest.mark.real
@pytest.mark.long
def test_int8_on_request(starter: Starter, tmp_path: Path) -> None:
    """It is made beside what is there, measured, and near enough to find the same texts."""
    cache = shutil.copytree(starter.cache, tmp_path / "cache")
    prepared = prepare(starter.folder, digest=starter.digest, cache=cache, way="openvino-int8")
    figure = prepared.figure_of("openvino-int8")
    assert figure is not None
    assert LEAST_COSINE["int8"] <= figure.cosine < LEAST_COSINE["f32"]
    chosen = read_record(cache, starter.digest)
    assert chosen is not None
    assert chosen.way != "openvino-int8"
    embedder = open_embedder(
        starter.folder, digest=starter.digest, cache=cache, way="openvino-int8"
    )
    exact = starter.open("openvino-f32")
    assert embedder.fingerprint != exact.fingerprint
    vectors, wanted = embedder.embed_passages(CLAUSES), exact.embed_passages(CLAUSES)
    assert np.sum(vectors * wanted, axis=1).min() > LEAST_COSINE["int8"]
