"""`ragkit doctor`: all areas on one page. Opens no document, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ragkit.config import CONFIG_NAME, Config, Pipeline, load_config
from ragkit.doctor.accounts import ACCOUNTS, look_at_accounts
from ragkit.doctor.findings import Area, collected
from ragkit.doctor.machine import MACHINE, VERSIONS, look_at_machine, look_at_versions
from ragkit.doctor.models import MODELS, look_at_models
from ragkit.doctor.shutting import ISOLATION, look_at_isolation
from ragkit.doctor.stores import look_at_stores
from ragkit.doctor.surroundings import SURROUNDINGS, look_around, places_of
from ragkit.errors import ConfigFault
from ragkit.isolation import ACCEPT_WEAK
from ragkit.models import ModelStore
from ragkit.types.doctor import Checkup, Finding

SETTINGS = Area("settings")


def check_up(settings: Path, models: ModelStore, home: Path, *, opens_stores: bool) -> Checkup:
    """Everything that can be told here, with the settings file or without. Call `seal` first.

    home: the user's folder. opens_stores: False leaves their catalogs closed.
    """
    return Checkup(tuple(_findings(settings, models, home, opens_stores)))


def _findings(
    settings: Path, models: ModelStore, home: Path, opens_stores: bool
) -> Iterator[Finding]:
    config, fault = _settings(settings)
    pipelines: list[Pipeline] = list(config.pipelines.values()) if config else []
    store = pipelines[0].store if pipelines else settings.absolute().parent
    yield from collected(MACHINE, lambda: look_at_machine(models.registry, store))
    yield from collected(VERSIONS, look_at_versions)
    yield from collected(MODELS, lambda: look_at_models(models, pipelines))
    yield from collected(ISOLATION, look_at_isolation)
    yield fault
    if config is not None and opens_stores:
        yield from look_at_stores(config, models)
    elif config is not None:
        text = "Not looked into: nothing is opened where the kernel does not refuse the network."
        yield Area("pipelines").note("stores", text, f"ragkit doctor {ACCEPT_WEAK}")
    yield from collected(SURROUNDINGS, lambda: look_around(places_of(pipelines), home))
    yield from collected(ACCOUNTS, look_at_accounts)


def _settings(path: Path) -> tuple[Config | None, Finding]:
    if not path.is_file():
        text = f"There is no {path}, so nothing is said about stores."
        named = "" if str(path) == CONFIG_NAME else f" --config {path}"
        return None, SETTINGS.note("file", text, f"ragkit init FOLDER{named}")
    try:
        config = load_config(path)
    except ConfigFault as fault:
        first = f" The first: {fault.faults[0]}." if fault.faults else ""
        return None, SETTINGS.fault("file", f"{fault.message}{first}", fault.hint)
    return config, SETTINGS.ok("file", f"{path}: pipelines {', '.join(config.pipelines)}.")
