"""Both ingests of the same texts, whole processes in turn, and the embedder beside the machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ragkit.bench.children import Finished, run_module
from ragkit.bench.machine import versions
from ragkit.bench.material import read_material, write_settings
from ragkit.bench.results import EmbeddingResult, IngestResult, Pair
from ragkit.build import Builder
from ragkit.catalog.scratch import scratch_folder
from ragkit.config import Pipeline
from ragkit.machine import this_machine
from ragkit.types import Step


@dataclass(frozen=True, slots=True)
class IngestBench:
    """files: at most so many of the pipeline's. rounds: of each measurement."""

    files: int
    rounds: int


def bench_ingest(
    builder: Builder,
    pipeline: Pipeline,
    bench: IngestBench,
    work: Path,
    on_step: Callable[[Step], None],
) -> IngestResult:
    """How much faster ragkit ingests the pipeline's documents than the usual stack does.

    work: where a folder is made for the duration. Raises ModelMissing, NotReady if a process fails,
    UsageFault if there is nothing to read. Preparing the model for this machine is not counted:
    it happens once.
    """
    builder.prepared(pipeline, on_step)
    model = builder.embedding_model(pipeline)
    with scratch_folder(work) as folder:
        with closing(builder.ingest_parts(pipeline).parsers) as parsers:
            material = read_material(pipeline, parsers, folder / "texts", bench.files, on_step)
        name = model.name if model.spec else str(model.path)
        config = write_settings(folder, pipeline, material.folder, name)
        rounds = []
        for number in range(bench.rounds):
            on_step(Step("the usual stack", number, bench.rounds))
            usual = _usual(material.folder, folder / "chroma", model.path)
            on_step(Step("ragkit", number, bench.rounds))
            rounds.append((usual, _own(config, pipeline.name, folder / "store")))
        on_step(Step("the embedder and the machine's matrix product", 0, 0))
        arguments = (str(config), pipeline.name, str(bench.rounds))
        embedding = run_module("ragkit.bench.embedding", *arguments).json()
    reports = [own.json() for _, own in rounds]
    return IngestResult(
        pipeline=pipeline.name,
        machine=this_machine(),
        versions=versions(),
        documents=material.documents,
        characters=material.characters,
        windows=rounds[-1][0].json()["windows"],
        chunks=reports[-1]["chunks"],
        pairs=tuple(Pair(usual.cost, own.cost) for usual, own in rounds),
        beside=median(report["seconds"] - report["embedding_seconds"] for report in reports),
        embedding=EmbeddingResult.from_dict(embedding),
    )


def _usual(texts: Path, store: Path, model: Path) -> Finished:
    request = {"texts": str(texts), "store": str(store), "model": str(model)}
    done = run_module("ragkit.bench.baseline", "ingest", request=request)
    shutil.rmtree(store)
    return done


def _own(config: Path, name: str, store: Path) -> Finished:
    done = run_module("ragkit", "ingest", name, "--config", str(config), "--json", "--quiet")
    shutil.rmtree(store)
    return done
