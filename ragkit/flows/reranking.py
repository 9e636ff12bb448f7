"""The rerankers that pipelines name: found among the models, prepared for this machine, opened once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ragkit.errors import ModelMissing
from ragkit.models import InstalledModel, ModelStore
from ragkit.protocols import Reranker
from ragkit.rerankers.opening import describe, open_reranker, prepare
from ragkit.rerankers.records import converted_folder
from ragkit.retrieval.reranking import Reranking
from ragkit.settings import RerankerSettings

Tell = Callable[[str], None]


class Rerankers:
    """Keeps opened rerankers for all pipelines. cache: where models are prepared."""

    def __init__(self, models: ModelStore, cache: Path) -> None:
        self._models = models
        self._cache = cache
        self._opened: dict[str, Reranker] = {}

    def opened(self, settings: RerankerSettings) -> Reranking | None:
        """None where none is set. Raises ModelMissing, UsageFault, CheckFailed, NotReady."""
        model = self._model(settings)
        if model is None:
            return None
        if model.digest not in self._opened:
            self._prepare(model, None)
            self._models.trust_prepared(converted_folder(self._cache, model.digest))
            self._opened[model.digest] = open_reranker(
                model.path, digest=model.digest, cache=self._cache
            )
        return Reranking(self._opened[model.digest], settings.passages)

    def prepare(self, settings: RerankerSettings, tell: Tell) -> None:
        """Measure how this machine computes it, if one is set and that was not done yet.

        One that is not on this machine keeps nothing from being indexed: questions tell of it.
        Raises UsageFault, CheckFailed, NotReady.
        """
        with suppress(ModelMissing):
            if (model := self._model(settings)) is not None:
                self._prepare(model, tell)

    def fingerprint(self, settings: RerankerSettings) -> str:
        """Without opening it; "" where none is set. Raises ModelMissing, UsageFault, CheckFailed."""
        model = self._model(settings)
        return describe(model.path, digest=model.digest).fingerprint if model else ""

    def close(self) -> None:
        """Free the opened ones."""
        self._opened.clear()

    def _model(self, settings: RerankerSettings) -> InstalledModel | None:
        return self._models.resolve(settings.model, role="reranker") if settings.model else None

    def _prepare(self, model: InstalledModel, tell: Tell | None) -> None:
        prepare(model.path, digest=model.digest, cache=self._cache, progress=tell)
