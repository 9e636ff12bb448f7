"""What every kind of work is done with: the settings, the opened models and indexes, the ledger."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self
from weakref import finalize

from ragkit.build import Builder
from ragkit.config import CONFIG_NAME, Config, Pipeline, load_config
from ragkit.errors import UsageFault
from ragkit.flows.answering import Answering
from ragkit.flows.noting import Noting
from ragkit.flows.owning import require_own_store
from ragkit.flows.searching import Searching
from ragkit.flows.stating import require_index
from ragkit.models import ModelStore, default_models_folder, load_registry
from ragkit.parsers.ocr_helpers import OcrHelpers


class Opened:
    """A settings file, and what of its pipelines has been opened; kept until close()."""

    def __init__(
        self,
        config: str | Path = CONFIG_NAME,
        *,
        models: Path | None = None,
        ocr_helpers: OcrHelpers | None = None,
        accepted_weak: bool = False,
    ) -> None:
        self.config: Config = load_config(Path(config))
        self.models = ModelStore(models or default_models_folder(), load_registry())
        self._builder = Builder(self.models, ocr_helpers or OcrHelpers(), accepted_weak)
        self._accepted_weak = accepted_weak
        self._searching: dict[str, Searching] = {}
        self._answering: dict[str, Answering] = {}
        # Also runs when the interpreter ends: native threads of an open model must not outlive it.
        self._finalizer = finalize(self, _close, self._searching, self._answering, self._builder)

    @property
    def pipelines(self) -> tuple[str, ...]:
        """The names of the pipelines, in the file's order."""
        return tuple(self.config.pipelines)

    def close(self) -> None:
        """Free models and indexes."""
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _pipeline(self, name: str) -> Pipeline:
        """Raises UnknownPipeline, UsageFault if its store is that of another too."""
        chosen = self.config.pipeline(name)
        require_own_store(chosen, self.config.pipelines.values())
        return chosen

    def _noting(self, chosen: Pipeline) -> Noting:
        return Noting(chosen, self._accepted_weak)

    def _noting_questions(self, chosen: Pipeline) -> Noting:
        """Before a model is loaded: an answer of minutes that cannot be noted could not be shown."""
        require_index(chosen)
        noting = self._noting(chosen)
        noting.require_possible()
        return noting

    def _generator_digest(self, chosen: Pipeline) -> str:
        return self.models.resolve(chosen.settings.generator.model, role="generator").digest

    def _searcher(self, chosen: Pipeline) -> Searching:
        if chosen.name not in self._searching:
            self._searching[chosen.name] = self._builder.searching(chosen)
        return self._searching[chosen.name]

    def _answerer(self, chosen: Pipeline) -> Answering:
        if chosen.name not in self._answering:
            opened = self._builder.answering(chosen, self._searcher(chosen))
            self._answering[chosen.name] = opened
        return self._answering[chosen.name]


def _close(
    searching: dict[str, Searching], answering: dict[str, Answering], builder: Builder
) -> None:
    for opened in searching.values():
        opened.close()
    searching.clear()
    answering.clear()
    builder.close()


def as_asked(question: str) -> str:
    text = " ".join(question.split())
    if not text:
        raise UsageFault("The question is empty.")
    return legible(text)


def legible(question: str) -> str:
    """Raises UsageFault for what was not UTF-8 where it came from: no tokenizer takes it."""
    try:
        question.encode()
    except UnicodeEncodeError:
        raise UsageFault(
            "The question is not valid UTF-8 text.",
            hint="Type it again, or convert it: iconv -t UTF-8",
        ) from None
    return question
