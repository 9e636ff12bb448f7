"""Whole processes: what they cost, how they fail, and that nothing of a benchmark is left."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.bench.children import run_module
from ragkit.bench.material import read_material, write_settings
from ragkit.config import Pipeline, load_config
from ragkit.errors import NotReady, UsageFault
from ragkit.ledger import Ledger
from ragkit.parsers.fake import TextParserPool
from ragkit.types import Step


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    (tmp_path / "files").mkdir()
    for number in range(10):
        text = f"Lease {number}. The rent is {number}00 euros."
        (tmp_path / "files" / f"lease {number}.txt").write_text(text, encoding="utf-8")
    config = tmp_path / "pipelines.yaml"
    config.write_text("pipelines: {p: {folders: [files], embedder: {engine: openvino}}}\n")
    return load_config(config).pipeline("p")


def ignore(step: Step) -> None:
    """No progress is shown."""


def test_a_process_has_a_cost_and_an_answer() -> None:
    done = run_module("json.tool", request={"a": [1, 2]})
    assert done.json() == {"a": [1, 2]}
    assert done.cost.processor_seconds > 0
    assert 0 < done.cost.seconds < 60


def test_a_failure_names_the_error_and_not_its_text() -> None:
    with pytest.raises(NotReady) as caught:
        run_module("json.tool", request="a secret clause")
    assert "json.tool ended with exit code 1" in caught.value.message
    assert "secret" not in caught.value.message


def test_ragkits_own_sentence_is_passed_on(tmp_path: Path) -> None:
    config = str(tmp_path / "missing.yaml")
    with pytest.raises(NotReady, match=r"There is no .*missing\.yaml"):
        run_module("ragkit", "ingest", "--config", config, "--json", request="")


def test_interrupted_it_leaves_no_process() -> None:
    before = children()
    threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        run_module("timeit", "-n", "1", "-r", "1", "import time; time.sleep(60)", request="")
    assert children() == before


def children() -> set[str]:
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return set(listed.read_text().split())


def test_texts_are_spread_over_all_files_and_keep_their_names(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    material = read_material(pipeline, TextParserPool(), tmp_path / "texts", 3, ignore)
    names = sorted(path.name for path in material.folder.iterdir())
    assert [name[:7] for name in names] == ["lease 0", "lease 3", "lease 6"]
    assert material.documents == 3
    assert material.characters == sum(len(path.read_text()) for path in material.folder.iterdir())


def test_a_folder_without_text_is_said(pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    empty = replace(pipeline, folders=(tmp_path / "empty",))
    with pytest.raises(UsageFault, match="There is no text"):
        read_material(empty, TextParserPool(), tmp_path / "texts", 3, ignore)


def test_the_settings_embed_as_the_pipeline_does(pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    path = write_settings(tmp_path, pipeline, tmp_path / "texts", "all-MiniLM-L6-v2")
    written = load_config(path).pipeline("p")
    assert written.settings.embedder == pipeline.settings.embedder
    assert written.folders == (tmp_path / "texts",)
    assert written.store == tmp_path / "store" / "p"


@pytest.mark.long
@pytest.mark.real
def test_bench_ingest_on_three_files(
    pipeline: Pipeline, tmp_path: Path, starter_models: dict[str, Path]
) -> None:
    done = bench(pipeline, "ingest", "--files", "3", "--rounds", "1")
    assert done["documents"] == 3
    assert done["windows"] == 3
    assert done["ratio"] > 0
    embedding = done["embedding"]
    assert embedding["operations_per_token"] > 20e6
    assert embedding["products"][embedding["yardstick"]]["share"] > 0
    assert list((tmp_path / ".ragkit" / "p").iterdir()) == []


@pytest.mark.long
@pytest.mark.real
def test_bench_search_over_the_same_chunks(
    pipeline: Pipeline, tmp_path: Path, starter_models: dict[str, Path]
) -> None:
    run_module("ragkit", "ingest", "p", "--config", str(pipeline.settings_file), "-q", request="")
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"id": 1, "question": "How much is the rent?"}\n')
    done = bench(pipeline, "search", "--rounds", "1", "--questions", str(questions))
    assert (done["chunks"], done["questions"]) == (10, 1)
    assert done["cold"]["ratio"] > 0
    assert done["warm"]["ragkit"]["median"] > 0
    assert {"naming a document", "filtered"} <= set(done["kinds"])
    assert all(kind["ratio"] > 0 for kind in done["kinds"].values())
    guard = done["guard"]
    assert guard.get("reason") or (guard["ratio"] > 0 and len(guard["rounds"]) == 1)
    assert [path.name for path in (tmp_path / ".ragkit").iterdir()] == ["p"]
    if not guard.get("reason"):
        levels = {entry.isolation for entry in Ledger(pipeline.store).read()}
        assert levels <= {"A", "B"}, "the pipeline's own store is not opened without the guard"


def bench(pipeline: Pipeline, *arguments: str) -> dict:  # type: ignore[type-arg]
    command, *options = arguments
    config = ("--config", str(pipeline.settings_file))
    done = run_module(
        "ragkit", "bench", command, "p", *options, *config, "--json", "-q", request=""
    )
    return done.json()


@pytest.mark.real
def test_unchanged_files_are_walked_and_renamed_ones_not_embedded(
    pipeline: Pipeline, starter_models: dict[str, Path]
) -> None:
    from ragkit.bench.unchanged import bench_unchanged, show_unchanged
    from ragkit.build import Builder
    from ragkit.models import ModelStore, default_models_folder, load_registry

    builder = Builder(ModelStore(default_models_folder(), load_registry()))
    work = pipeline.store.parent
    result = bench_unchanged(builder, pipeline, 120, 2, work, ignore)
    assert (result.files, len(result.walks), len(result.ingests)) == (120, 2, 2)
    assert result.ratio > 0
    assert result.embedded_renamed == 0
    assert "120 unchanged files" in show_unchanged(result)
    assert list(work.iterdir()) == []
