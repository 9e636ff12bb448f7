"""`ragkit models import` and `quantize`: models of the user's own, taken in or made smaller."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ragkit.cli.door import Door, common_options, guarded_options
from ragkit.errors import EXIT_OK, UnknownPipeline

if TYPE_CHECKING:
    from ragkit.flows.importing import Imported
    from ragkit.flows.shrinking import Sample
    from ragkit.models import ModelStore


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="", help="What to call it; else the file's name.")
@common_options
def import_model(door: Door, file: Path, name: str) -> int:
    """Take in a GGUF FILE under a name, after a look at what it says of itself.

    It is copied into the models folder and its digest noted. A file can also be used where it lies:
    write its path below `generator:` in pipelines.yaml.
    """
    from ragkit.flows.importing import import_model as taken_in

    with door.progress() as progress:
        found = taken_in(_store(), file.expanduser().absolute(), name, progress.bytes)
    about = found.about
    data: dict[str, object] = {
        "version": 1,
        "name": found.name,
        "path": str(found.path),
        "sha256": found.sha256,
        "title": about.name,
        "architecture": about.architecture,
        "parameters": about.parameters,
        "context": about.context,
        "quantization": about.quantization,
        "template": about.has_template,
        "licence": about.licence,
        "size": about.size,
        "reader": found.reader,
    }
    door.result(data, lambda: _imported(found))
    if not about.has_template:
        door.note("It brings no chat template: ChatML is used, and answers may suffer.")
    what, command = found.advice
    if what:
        door.note(f"{what}\n  -> {command}")
    return EXIT_OK


def _imported(found: Imported) -> str:
    about = found.about
    reader = "writes answers" if found.reader else "no reader: too small to write, so it quotes"
    return "\n".join(
        (
            f"{found.name} is here: {found.path}",
            f"  {about.name}: {about.architecture}, {about.parameters / 1e9:.2f} billion parameters, "
            f"{about.quantization}, {about.size / 1e6:,.0f} MB, context {about.context} tokens",
            f"  licence: {about.licence or 'not said'}; {reader}",
            f"  sha256 {found.sha256}",
            "To use it, in pipelines.yaml below the pipeline (below `defaults:` for all of them):",
            f"    generator: {{model: {found.name}, context: {found.context}}}",
            f"How fast it is here: ragkit models bench {found.name}",
        )
    )


@click.command("quantize")
@click.argument("model", metavar="NAME|FILE")
@click.option(
    "--to",
    required=True,
    metavar="QUANTIZATION",
    help="What to make: Q8_0, Q6_K, Q5_K_M, Q4_K_M (usual), Q4_K_S, Q4_0, Q3_K_M or Q2_K.",
)
@click.option(
    "--name", default="", help="What to call the new model; else its name and the quantization."
)
@click.option("--pipeline", default="", help="Compare on this pipeline's own text.")
@guarded_options
def quantize(door: Door, model: str, to: str, name: str, pipeline: str) -> int:
    """Make a smaller, faster form of a model; the original stays.

    MODEL is a name of `ragkit models list` or a GGUF file. Shown are size and speed before and after,
    and the share of next tokens on which both agree over a text: ragkit's own English and Spanish one,
    or with --pipeline some of your documents' (read here, sent nowhere). From an F16 or BF16 file
    little is lost down to Q4_K_M; what was quantized before loses twice. It also works where the
    original does not fit into memory: then the two are not compared.
    """
    from ragkit.flows.shrinking import shrink
    from ragkit.rendering import models as rendering

    store = _store()
    sample = _sample(door, store, pipeline)
    with door.progress() as progress:
        made = shrink(store, model, to, name=name, sample=sample, on_step=progress)
    data: dict[str, object] = {
        "version": 1,
        **asdict(made),
        "share": made.agreement.share if made.agreement else None,
        "name": made.after.name,
    }
    door.result(data, lambda: rendering.shrunk(made))
    return EXIT_OK


def _sample(door: Door, store: ModelStore, pipeline: str) -> Sample:
    """The text to compare on. A pipeline's is read after this process is shut off the network."""
    from ragkit.flows.shrinking import Sample
    from ragkit.llm.measuring import OWN_TEXTS

    if not pipeline:
        return Sample(OWN_TEXTS, "English and Spanish text of ragkit's own")
    from ragkit.config import load_config
    from ragkit.files import make_private
    from ragkit.models.named import OWN_FOLDER
    from ragkit.models.pulling import PARTIAL

    places = [store.root / OWN_FOLDER, store.root / PARTIAL]
    for place in places:
        make_private(place)
    door.open_workspace(writes=places).close()
    from ragkit.flows.sampling import sample_of

    pipelines = load_config(door.config).pipelines
    if pipeline not in pipelines:
        raise UnknownPipeline(
            f"There is no pipeline {pipeline!r}. There are: {', '.join(pipelines)}.",
            hint="ragkit models quantize NAME --to Q4_K_M",
        )
    return sample_of(pipelines[pipeline])


def _store() -> ModelStore:
    from ragkit.models import ModelStore, default_models_folder, load_registry

    return ModelStore(default_models_folder(), load_registry())
