"""Tiny cross-encoders, made and prepared once for a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from ragkit.models import ModelStore, load_registry
from ragkit.places import PREPARED_FOLDER
from ragkit.protocols import Reranker
from ragkit.rerankers.opening import describe, prepare
from ragkit.rerankers.preparing import open_way
from ragkit.rerankers.records import PreparedReranker, converted_folder
from tests.rerankers.tiny import make_cross_encoder

KINDS = ("bert", pytest.param("xlm-roberta", marks=pytest.mark.long))
WAYS_TESTED = ("reference", "openvino-f32", "openvino-bf16", "openvino-bf16-stored")


@dataclass(frozen=True)
class Tiny:
    """A tiny cross-encoder, prepared in a models folder of the test session."""

    folder: Path
    digest: str
    models: ModelStore
    prepared: PreparedReranker

    def open(self, way: str) -> Reranker:
        """Skips a way that this processor cannot compute, or that was measured to be too coarse."""
        if way not in {figure.way for figure in self.prepared.figures if figure.is_near}:
            pytest.skip(f"{way} is not for this model on this processor")
        spec = describe(self.folder, digest=self.digest)
        return open_way(way, spec, converted_folder(self.cache, self.digest))

    @property
    def cache(self) -> Path:
        return self.models.root / PREPARED_FOLDER


def empty_store(root: Path) -> ModelStore:
    (root / PREPARED_FOLDER).mkdir(parents=True)
    return ModelStore(root, load_registry())


@pytest.fixture(scope="session")
def tinies(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Tiny]:
    """By the kind of model, of KINDS."""

    @cache
    def made(kind: str) -> Tiny:
        place = tmp_path_factory.mktemp(kind)
        folder = make_cross_encoder(place / "model", kind=kind)
        models = empty_store(place / "models")
        digest = models.resolve(str(folder), role="reranker").digest
        prepared = prepare(folder, digest=digest, cache=models.root / PREPARED_FOLDER)
        return Tiny(folder, digest, models, prepared)

    return made


@pytest.fixture(scope="session", params=KINDS)
def tiny(request: pytest.FixtureRequest, tinies: Callable[[str], Tiny]) -> Tiny:
    return tinies(request.param)
