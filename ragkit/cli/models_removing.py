"""`ragkit models remove`."""

from __future__ import annotations

import shlex

import click

from ragkit.cli.door import Door, common_options
from ragkit.errors import EXIT_OK


@click.command("remove")
@click.argument("name")
@click.option(
    "--still-used", is_flag=True, help="Also if a pipeline of the settings file names it."
)
@common_options
def remove(door: Door, name: str, still_used: bool) -> int:
    """Delete a model, and what was prepared of it, from this machine.

    A model that a pipeline of the settings file uses stays, unless --still-used is given. A file of
    your own that was never imported is not touched: delete it where it lies.
    """
    from ragkit.config import load_config
    from ragkit.flows.removing_models import remove_model
    from ragkit.models import ModelStore, default_models_folder, load_registry
    from ragkit.rendering.models import size

    store = ModelStore(default_models_folder(), load_registry())
    config = load_config(door.config) if door.config.is_file() else None
    done = remove_model(store, name, config, still_used=still_used)
    data: dict[str, object] = {
        "version": 1,
        "removed": done.name,
        "freed": done.freed,
        "pipelines": list(done.users),
    }
    door.result(data, lambda: f"{done.name} is removed; {size(done.freed)} are free again.")
    if done.users:
        again = f"ragkit models pull {shlex.quote(name)}" if name in store.registry else ""
        door.note(
            f"{' and '.join(done.users)} still name it in {door.config}: name another model there"
            + (f", or bring it back: {again}" if again else ".")
        )
    return EXIT_OK
