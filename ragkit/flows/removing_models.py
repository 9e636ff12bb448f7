"""Removing a model: not one that pipelines still name, unless that is meant."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from ragkit.config import Config, Pipeline
from ragkit.errors import UsageFault
from ragkit.models import ModelStore


@dataclass(frozen=True, slots=True)
class Removed:
    """freed: bytes, with what was prepared of the model. users: pipelines that still name it."""

    name: str
    freed: int
    users: tuple[str, ...]


def remove_model(
    store: ModelStore, name: str, config: Config | None, *, still_used: bool
) -> Removed:
    """Delete a model and what was prepared of it for this machine.

    config: the settings whose pipelines may use it; None where there are none.
    Raises UsageFault, with nothing removed, if one does and `still_used` is not given;
    UnknownPipeline, ModelMissing, Busy, StorageFault.
    """
    store.require_any(name)
    users = pipelines_using(store, name, config) if config else ()
    if users and not still_used:
        raise UsageFault(
            f"{name} is used by {' and '.join(users)} in pipelines.yaml; nothing was removed.",
            hint=f"ragkit models remove {shlex.quote(name)} --still-used",
        )
    return Removed(name, store.remove(name), users)


def pipelines_using(store: ModelStore, name: str, config: Config) -> tuple[str, ...]:
    """Names of the pipelines that have the model as embedder, reranker or generator, also by default."""
    meant = _identity(store, name)
    return tuple(
        pipeline.name
        for pipeline in config.pipelines.values()
        if meant in (_identity(store, used) for used in _models_of(pipeline))
    )


def _models_of(pipeline: Pipeline) -> tuple[str, ...]:
    settings = pipeline.settings
    named = (settings.embedder.model, settings.reranker.model, settings.generator.model)
    return tuple(filter(None, named))


def _identity(store: ModelStore, name_or_path: str) -> str:
    """The same for every way in which one model can be named."""
    if name_or_path in store.registry:
        return store.registry[name_or_path].name
    return str(store.named().get(name_or_path) or Path(name_or_path).expanduser().absolute())
