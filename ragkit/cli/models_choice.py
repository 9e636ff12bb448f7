"""`ragkit models recommend`: what runs here, how fast, and what to expect of it."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click

from ragkit.cli.door import Door, common_options
from ragkit.errors import EXIT_OK, UsageFault

if TYPE_CHECKING:
    from ragkit.types.models import Recommendation

_MEMORY = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*([kmgt]?)i?b?\s*", re.IGNORECASE)
_UNITS = {"": 1e9, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}


@click.command("recommend")
@click.argument("pipeline", required=False, default="")
@click.option(
    "--memory", default="", help="Of another machine, such as 16GB, without a graphics card."
)
@click.option(
    "--measure/--no-measure", default=True, show_default=True, help="Time the starter here."
)
@common_options
def recommend(door: Door, pipeline: str, memory: str, measure: bool) -> int:
    """Name the language models that run on this machine, for a PIPELINE's context.

    Reads memory (what a container is given, too), cores, graphics card and disk, and times the
    starter for some seconds.
    """
    from ragkit.flows import recommending
    from ragkit.models import ModelStore, default_models_folder, load_registry
    from ragkit.rendering import models as rendering

    context, evidence = _asked(door, pipeline)
    store = ModelStore(default_models_folder(), load_registry())
    asked = _bytes(memory) if memory else 0
    if measure:
        door.note("Timing the starter model, some seconds.")
    machine = recommending.capacity(store, measure=measure)
    if asked:
        machine = replace(machine, memory=asked, graphics=0, graphics_name="", asked=True)
    found = recommending.recommend(
        store, machine, pipeline=pipeline, context=context, evidence=evidence
    )
    door.result(_as_dict(found), lambda: rendering.recommendation(found))
    return EXIT_OK


def _asked(door: Door, pipeline: str) -> tuple[int, int]:
    """(context, tokens of evidence) of the pipeline, else of one that sets neither."""
    from ragkit.config import load_config
    from ragkit.errors import UnknownPipeline
    from ragkit.settings import AnswerSettings, GeneratorSettings

    if not pipeline:
        return GeneratorSettings().context, AnswerSettings().evidence_tokens
    pipelines = load_config(door.config).pipelines
    if pipeline not in pipelines:
        raise UnknownPipeline(
            f"There is no pipeline {pipeline!r}. There are: {', '.join(pipelines)}.",
            hint="ragkit models recommend",
        )
    settings = pipelines[pipeline].settings
    return settings.generator.context, settings.answers.evidence_tokens


def _bytes(memory: str) -> int:
    found = _MEMORY.fullmatch(memory)
    amount = int(float(found[1].replace(",", ".")) * _UNITS[found[2].lower()]) if found else 0
    if not amount:
        raise UsageFault(
            f"{memory!r} is no amount of memory.", hint="ragkit models recommend --memory 16GB"
        )
    return amount


def _as_dict(found: Recommendation) -> dict[str, object]:
    data = asdict(found)
    commands = {fit.name: fit.command for fit in (*found.fits, *found.too_large)}
    for fit in (*data["fits"], *data["too_large"], *filter(None, [data["best"]])):
        fit["command"] = commands[fit["name"]]
    return {"version": 1, **data}
