"""`ragkit bench`: ragkit against the usual stack, on this machine and on a pipeline's own documents."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from ragkit.cli.batch import read_questions
from ragkit.cli.door import Door, guarded_options
from ragkit.config import load_config
from ragkit.errors import EXIT_OK
from ragkit.types.scope import Scope

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.group("bench", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Measure ragkit against the usual stack (sentence-transformers and Chroma) on this machine.

    Each in a process of its own, in turn, sealed off the network. What is made of the documents
    meanwhile lies in the pipeline's store, or where --work says, and is removed at the end; what a killed
    run left there is removed by the next one, by `ragkit ingest` and by `ragkit purge`.
    """


def _work(door: Door, pipeline: str, work: Path | None) -> Path:
    """Where to work: in the pipeline's store. Raises ConfigFault, UnknownPipeline."""
    return work or load_config(door.config).pipeline(pipeline).store


@command.command("ingest")
@click.argument("pipeline")
@click.option("--folder", type=FOLDER, help="Read these documents, not the pipeline's own.")
@click.option(
    "--files",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="Read at most so many, spread over all.",
)
@click.option("--rounds", type=click.IntRange(1, 99), default=3, show_default=True)
@click.option("--work", type=FOLDER, help="Where to work; default: in the pipeline's store.")
@guarded_options
def ingest(
    door: Door, pipeline: str, folder: Path | None, files: int, rounds: int, work: Path | None
) -> int:
    """How fast the documents of PIPELINE are indexed, and how much of the machine the embedder uses.

    Both sides read the same plain text, made before by ragkit's parsers, into a new index.
    """
    with (
        door.open_workspace(writes=[_work(door, pipeline, work)]) as workspace,
        door.progress() as progress,
    ):
        # Loads what opens documents: after the network is shut off.
        from ragkit.bench.ingesting import IngestBench, bench_ingest
        from ragkit.bench.showing import show_ingest
        from ragkit.build import Builder

        chosen = workspace.config.pipeline(pipeline)
        if folder is not None:
            chosen = replace(chosen, folders=(folder.resolve(),))
        result = bench_ingest(
            Builder(workspace.models),
            chosen,
            IngestBench(files, rounds),
            _work(door, pipeline, work),
            progress,
        )
    door.result(result.as_dict(), lambda: show_ingest(result))
    return EXIT_OK


@command.command("search")
@click.argument("pipeline")
@click.option(
    "--questions",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Your own questions: JSONL with id and question on each line.",
)
@click.option("--rounds", type=click.IntRange(1, 99), default=3, show_default=True)
@click.option("--work", type=FOLDER, help="Where to work; default: in the pipeline's store.")
@guarded_options
def search(
    door: Door, pipeline: str, questions: Path | None, rounds: int, work: Path | None
) -> int:
    """How soon the passages of PIPELINE are found, in a new process and in one that is running.

    Both sides search the same chunks: those of the pipeline's index, which must be there. What the guard
    costs is measured over made-up documents, since nothing of yours is opened without it.
    """
    from ragkit.bench.guarding import Enclosed
    from ragkit.doctor.offline import planned_for
    from ragkit.models import ModelStore, default_models_folder, load_registry

    embedder = load_config(door.config).pipeline(pipeline).settings.embedder
    plan = planned_for(embedder, ModelStore(default_models_folder(), load_registry()))
    lines = read_questions(questions, Scope()) if questions else []
    for fault in (line.fault for line in lines if line.fault is not None):
        raise fault
    asked = [line.question for line in lines]
    with (
        Enclosed(plan) as enclosed,  # before the sealing, which what it starts would inherit
        door.open_workspace(writes=[_work(door, pipeline, work)]) as workspace,
        door.progress() as progress,
    ):
        # Loads what opens documents: after the network is shut off.
        from ragkit.bench.searching import QUESTIONS, bench_search
        from ragkit.bench.showing import show_search
        from ragkit.build import Builder

        chosen = workspace.config.pipeline(pipeline)
        result = bench_search(
            Builder(workspace.models),
            chosen,
            asked or QUESTIONS,
            rounds,
            _work(door, pipeline, work),
            progress,
            enclosed,
        )
    door.result(result.as_dict(), lambda: show_search(result))
    return EXIT_OK


@command.command("unchanged")
@click.argument("pipeline")
@click.option("--files", type=click.IntRange(1), default=10_000, show_default=True)
@click.option("--rounds", type=click.IntRange(1, 99), default=5, show_default=True)
@click.option("--work", type=FOLDER, help="Where to work; default: in the pipeline's store.")
@guarded_options
def unchanged(door: Door, pipeline: str, files: int, rounds: int, work: Path | None) -> int:
    """How long an ingest takes in which nothing has changed, beside a bare walk over the files.

    The files are made for it; of PIPELINE only the settings are used.
    """
    with (
        door.open_workspace(writes=[_work(door, pipeline, work)]) as workspace,
        door.progress() as progress,
    ):
        from ragkit.bench.unchanged import bench_unchanged, show_unchanged
        from ragkit.build import Builder

        chosen = workspace.config.pipeline(pipeline)
        result = bench_unchanged(
            Builder(workspace.models), chosen, files, rounds, _work(door, pipeline, work), progress
        )
    door.result(result.as_dict(), lambda: show_unchanged(result))
    return EXIT_OK


@command.command("growth")
@click.argument("pipeline")
@click.option("--chunks", type=click.IntRange(20_000), default=200_000, show_default=True)
@click.option("--work", type=FOLDER, help="Where to work; default: in the pipeline's store.")
@guarded_options
def growth(door: Door, pipeline: str, chunks: int, work: Path | None) -> int:
    """What each chunk costs in a store of so many, and in one of a tenth: time, memory, searching.

    Texts are made for it, vectors come from a stand-in; PIPELINE says only where to work.
    """
    with (
        door.open_workspace(writes=[_work(door, pipeline, work)]),
        door.progress() as progress,
    ):
        from ragkit.bench.growth import bench_growth, show_growth

        result = bench_growth(chunks, _work(door, pipeline, work), progress)
    door.result(result.as_dict(), lambda: show_growth(result))
    return EXIT_OK


@command.command("engine")
@click.argument("pipeline")
@click.option("--rounds", type=click.IntRange(1, 99), default=5, show_default=True)
@click.option(
    "--prompts",
    type=click.IntRange(1, 50),
    default=50,
    show_default=True,
    help="Texts that are compared.",
)
@click.option(
    "--asked",
    type=click.IntRange(0, 99),
    default=3,
    show_default=True,
    help="Whole answers in new processes, beside a tutorial's; 0: none.",
)
@click.option("--work", type=FOLDER, help="Where to work; default: beside the indexes.")
@guarded_options
def engine(
    door: Door, pipeline: str, rounds: int, prompts: int, asked: int, work: Path | None
) -> int:
    """How fast the language model of PIPELINE is, beside llama-cpp-python's high-level class.

    Prompts, writing, eight answers at once, a second question, choices, and whole answers from the
    start of the process; and whether both write the same texts.
    """
    with (
        door.open_workspace(writes=[_work(door, pipeline, work)]) as workspace,
        door.progress() as progress,
    ):
        from ragkit.bench.generating import EngineBench, bench_engine, show_engine
        from ragkit.build import Builder

        result = bench_engine(
            Builder(workspace.models),
            workspace.config.pipeline(pipeline),
            EngineBench(rounds, prompts, asked),
            _work(door, pipeline, work),
            progress,
        )
    door.result(result.as_dict(), lambda: show_engine(result))
    return EXIT_OK


@command.command("summaries")
@click.argument("pipeline")
@click.option(
    "--documents",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    help="The first so many of the index.",
)
@guarded_options
def summaries(door: Door, pipeline: str, documents: int) -> int:
    """How many documents of PIPELINE are summarized a minute in the style compose, several at once.

    Beside the same prompts one by one through llama-cpp-python's high-level class. Nothing is kept.
    """
    with door.open_workspace() as workspace, door.progress() as progress:
        from ragkit.bench.summarizing import bench_summaries, show_summaries
        from ragkit.build import Builder

        chosen = workspace.config.pipeline(pipeline)
        result = bench_summaries(Builder(workspace.models), chosen, documents, progress)
    door.result(result.as_dict(), lambda: show_summaries(result))
    return EXIT_OK


@command.command("verification")
@click.option(
    "--data",
    type=FOLDER,
    required=True,
    help="Documents to take true sentences from: .txt and .md files, in folders of any depth.",
)
@guarded_options
def verification(door: Door, data: Path) -> int:
    """How many faults the check of written sentences catches, and how many faithful ones it withholds.

    True sentences of the documents are changed by rule and by seed: digits, units, dates, names,
    negation, modality, roles, invented clauses, wrong citations, merged persons; and reworded
    faithfully, where ragkit knows the documents also by hand. No model and no index is needed.
    """
    with door.open_workspace():
        from ragkit.bench.verifying import bench_verification, show_verification

        result = bench_verification(data)
    door.result(result.as_dict(), lambda: show_verification(result))
    return EXIT_OK
