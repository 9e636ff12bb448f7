"""The models: those that the settings need, and those that lie here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ragkit.config import Pipeline
from ragkit.doctor.findings import Area, size
from ragkit.errors import ModelMissing, RagkitError
from ragkit.models import ModelStore
from ragkit.models.registry import Role
from ragkit.rerankers.folder import read_shape
from ragkit.types.doctor import Finding

MODELS = Area("models")


def look_at_models(store: ModelStore, pipelines: Iterable[Pipeline]) -> Iterator[Finding]:
    """Each model once: what the settings name is verified, the others are told of."""
    needed = needed_by(pipelines)
    for (name, role), users in needed.items():
        yield _needed(store, name, role, users)
    names = {name.casefold() for name, _ in needed}
    for state in store.list():
        if state.installed and state.spec.name.casefold() not in names:
            text = f"here, {size(state.bytes_on_disk)}, not named by the settings."
            yield MODELS.ok(state.spec.name, text)


def needed_by(pipelines: Iterable[Pipeline]) -> Mapping[tuple[str, Role], list[str]]:
    """Model and role -> the pipelines that need it, in their order."""
    needed: dict[tuple[str, Role], list[str]] = {}
    for pipeline in pipelines:
        settings = pipeline.settings
        needed.setdefault((settings.embedder.model, "embedder"), []).append(pipeline.name)
        needed.setdefault((settings.generator.model, "generator"), []).append(pipeline.name)
        if settings.reranker.model:
            needed.setdefault((settings.reranker.model, "reranker"), []).append(pipeline.name)
    return needed


def _needed(store: ModelStore, name: str, role: Role, users: list[str]) -> Finding:
    for_whom = f"{role} of {', '.join(users)}"
    try:
        model = store.resolve(name, role=role)
        if role == "reranker":
            read_shape(model.path)  # a model of another kind is found out now, not at a question
    except ModelMissing as error:
        if role == "generator":  # quoting needs none
            text = f"not on this machine ({for_whom}): nothing is composed, answers are quotes."
            return MODELS.note(name, text, error.hint)
        return MODELS.fault(name, f"not on this machine ({for_whom}).", error.hint)
    except RagkitError as error:
        return MODELS.fault(name, error.message, error.hint or "ragkit models list")
    memory = f", about {model.spec.memory_mb} MB of memory" if model.spec else ""
    return MODELS.ok(name, f"verified, sha256 {model.digest[:16]}…{memory} ({for_whom}).")
