"""`ragkit models bench`: how fast a model reads and writes here."""

from __future__ import annotations

import os
from dataclasses import asdict

import click

from ragkit.cli.door import Door, common_options
from ragkit.errors import EXIT_OK

_SLOW = 3.0
"""Tokens a second: slower than people read."""


@click.command("bench")
@click.argument("model", required=False, default="", metavar="[NAME|FILE]")
@click.option("--context", default=4096, show_default=True, type=click.IntRange(1024, 131072))
@common_options
def bench(door: Door, model: str, context: int) -> int:
    """Measure a model here: prompt and written tokens a second, several answers at once, first tokens.

    Without a name: the starter. About a minute with a model of 1.5 billion parameters on two cores.
    """
    from ragkit.flows.benching_models import bench_model
    from ragkit.flows.fitting import require_fit, smaller_form
    from ragkit.models import ModelStore, default_models_folder, load_registry
    from ragkit.models.digests import MEMORY_FOLDER
    from ragkit.rendering import models as rendering

    store = ModelStore(default_models_folder(), load_registry())
    name = model or store.registry.default("generator").name
    with door.progress() as progress:
        found = store.resolve(name, role="generator", progress=progress.bytes)
        require_fit(found, context)
        cache = store.root / MEMORY_FOLDER / f"bench-{os.getpid()}"
        measured = bench_model(found, context=context, cache=cache, on_step=progress)
    door.result({"version": 1, **asdict(measured)}, lambda: rendering.bench(measured))
    if measured.batches and measured.batches[0].generation < _SLOW:
        door.note(
            f"That is slow to wait for. Smaller: {smaller_form(found, measured.quantization)}"
        )
    return EXIT_OK
