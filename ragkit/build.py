"""Settings -> parts. The only module that names concrete classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from ragkit.acceleration.tokenizing import TokenizerFile
from ragkit.catalog import Catalog
from ragkit.config import Pipeline
from ragkit.embedders.folder import read_shape
from ragkit.embedders.opening import (
    PreparedEmbedder,
    Way,
    describe,
    measured_rate,
    open_embedder,
    prepare,
)
from ragkit.embedders.records import converted_folder
from ragkit.errors import ModelMissing
from ragkit.flows.answering import Answering, AnswerParts
from ragkit.flows.before import NO_PASSWORDS
from ragkit.flows.languages import Trained
from ragkit.flows.passwords import Passwords
from ragkit.flows.searching import Searching, SearchParts
from ragkit.flows.wording import load_wording
from ragkit.models import InstalledModel, ModelStore
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.ocr_helpers import OcrHelpers
from ragkit.parsers.pool import WorkerPool
from ragkit.parsers.tesseract import OcrSettings
from ragkit.places import PREPARED_FOLDER
from ragkit.protocols import Embedder, Generator, TokenCounter, VectorIndex
from ragkit.retrieval.analysis import FINGERPRINT as ANALYSER_FINGERPRINT
from ragkit.retrieval.analysis import terms
from ragkit.retrieval.wording import Wording
from ragkit.settings import GeneratorSettings
from ragkit.types import GateVerdict, Step
from ragkit.vectors.exact import ExactIndex

if TYPE_CHECKING:  # imported where it is used: a question need not wait for what ingesting takes
    from ragkit.flows.generators import Generators
    from ragkit.flows.ingest_parts import IngestParts
    from ragkit.flows.keeping import BatchParts
    from ragkit.flows.purging import PurgeParts
    from ragkit.flows.reranking import Rerankers
    from ragkit.llm.opening import Wanted
    from ragkit.retrieval.reranking import Reranking

WAYS: dict[str, Way] = {
    "auto": "auto",
    "sentence-transformers": "reference",
    "openvino": "openvino-f32",
    "openvino-int8": "openvino-int8",
}


@dataclass
class Builder:
    """Makes the parts of pipelines from their settings; shares opened models between pipelines.

    ocr_helpers: processes for OCR, closed with it. accept_weak_isolation: processes that read
    documents go on where the kernel cannot shut them in.
    """

    models: ModelStore
    ocr_helpers: OcrHelpers = field(default_factory=OcrHelpers)
    accept_weak_isolation: bool = False
    _embedders: dict[tuple[str, str], Embedder] = field(default_factory=dict)

    def parsers(self, pipeline: Pipeline) -> WorkerPool:
        """No process is started before the first file is read."""
        parsing = pipeline.settings.parsing
        return WorkerPool(
            ParseLimits.of(parsing),
            parsing.workers,
            ocr=OcrSettings(parsing.ocr == "auto", parsing.ocr_languages, parsing.ocr_seconds),
            helpers=self.ocr_helpers,
            accept_weak_isolation=self.accept_weak_isolation,
        )

    def ingest_parts(
        self,
        pipeline: Pipeline,
        on_step: Callable[[Step], None] | None = None,
        passwords: Passwords = NO_PASSWORDS,
    ) -> IngestParts:
        """Raises ModelMissing, and UsageFault for the reranker, before anything is read."""
        from ragkit.chunking.chunker import SentenceChunker
        from ragkit.flows.ingest_parts import IngestParts
        from ragkit.vectors.builder import build_in_child
        from ragkit.vectors.manifest import check

        model = self.embedding_model(pipeline)
        if pipeline.settings.reranker.model:
            self._rerankers.prepare(pipeline.settings.reranker, _teller(on_step))
        tokens = TokenizerFile(model.path)
        # What is put before every passage takes its place in the window.
        prefix = len(tokens.token_spans(_usage(model)["passage_prefix"]))
        return IngestParts(
            pipeline=pipeline,
            parsers=self.parsers(pipeline),
            chunker=SentenceChunker(tokens, read_shape(model.path).window - prefix),
            embedder_fingerprint=self._fingerprint(pipeline, model),
            open_embedder=lambda: self._embedder(pipeline, model, on_step),
            analyse=analyse,
            analyser_fingerprint=ANALYSER_FINGERPRINT,
            build_index=build_in_child,
            check_index=check,
            passwords=passwords,
            judge=self._judge(pipeline, model, on_step),
            accepted_weak=self.accept_weak_isolation,
            trained=self.trained(pipeline),
        )

    def purge_parts(self, pipeline: Pipeline) -> PurgeParts:
        """Without the embedding model a purge works too; token ids are then not looked for."""
        from ragkit.flows.purging import PurgeParts
        from ragkit.vectors.builder import build_in_child
        from ragkit.vectors.manifest import check

        try:
            token_ids = TokenizerFile(self.embedding_model(pipeline).path).token_ids
        except ModelMissing:
            token_ids = None
        return PurgeParts(
            pipeline=pipeline,
            analyse=analyse,
            build_index=build_in_child,
            check_index=check,
            token_ids=token_ids,
            caches=(self.models.root / PREPARED_FOLDER,),
        )

    def _judge(
        self,
        pipeline: Pipeline,
        model: InstalledModel,
        on_step: Callable[[Step], None] | None,
    ) -> Callable[[Catalog], GateVerdict] | None:
        path, settings = pipeline.gate_file, pipeline.settings.gate
        if path is None:
            return None

        def judged(catalog: Catalog) -> GateVerdict:
            from ragkit.flows.gating import judge
            from ragkit.gold import Gate, read_gold

            gate = Gate(read_gold(path), settings.minimum_recall, settings.passages)
            embedder = self._embedder(pipeline, model, on_step)
            return judge(gate, catalog, embedder, ExactIndex, _wording(pipeline))

        return judged

    def searching(self, pipeline: Pipeline) -> Searching:
        """Raises ModelMissing, IndexMissing."""
        return Searching(self.search_parts(pipeline))

    def search_parts(self, pipeline: Pipeline) -> SearchParts:
        """Raises ModelMissing, ConfigFault for the user's list of words."""
        model = self.embedding_model(pipeline)
        return SearchParts(
            pipeline=pipeline,
            embedder_fingerprint=self._fingerprint(pipeline, model),
            open_embedder=lambda: self._embedder(pipeline, model, None),
            open_index=_open_index,
            exact_index=ExactIndex,
            open_reranking=lambda: self._reranking(pipeline),
            wording=_wording(pipeline),
        )

    def answering(self, pipeline: Pipeline, searching: Searching) -> Answering:
        return Answering(searching, self.answer_parts(pipeline))

    def answer_parts(self, pipeline: Pipeline) -> AnswerParts:
        """The generator is resolved when it is first needed: quoting needs none."""
        settings = pipeline.settings.generator
        return AnswerParts(
            settings=pipeline.settings.answers,
            style=settings.style,
            model_name=Path(settings.model).name,
            model_reads=lambda: self._reads(settings.model),
            open_generator=lambda: self._generators.opened(pipeline.settings.generator),
            open_ahead=lambda: self._generators.open_ahead(pipeline.settings.generator),
            tokens=TokenizerFile(self.embedding_model(pipeline).path),
            pipeline=pipeline.name,
        )

    def batch_parts(
        self, pipeline: Pipeline, on_step: Callable[[Step], None] | None = None
    ) -> BatchParts:
        """The generator is resolved only if the style is to compose. Raises ModelMissing."""
        from ragkit.flows.keeping import BatchParts
        from ragkit.templates.reading import read_templates

        model = self.embedding_model(pipeline)
        settings = pipeline.settings.generator
        return BatchParts(
            pipeline=pipeline,
            embedder_fingerprint=self._fingerprint(pipeline, model),
            open_embedder=lambda: self._embedder(pipeline, model, on_step),
            style=settings.style,
            model_name=Path(settings.model).name,
            model_reads=lambda: self._reads(settings.model),
            model_digest=lambda: self.models.resolve(settings.model, role="generator").digest,
            open_generator=lambda: self._generators.opened(pipeline.settings.generator),
            templates=lambda: read_templates(pipeline.templates_path),
        )

    def wording(self, pipeline: Pipeline) -> Wording:
        """Raises ConfigFault with the faults of the user's own list."""
        return _wording(pipeline)

    def trained(self, pipeline: Pipeline) -> tuple[Trained, ...]:
        """The models that a question of the pipeline meets, as far as their languages are known."""
        settings, registry = pipeline.settings, self.models.registry
        named = (("embedder", settings.embedder.model), ("reranker", settings.reranker.model))
        return tuple(
            Trained(
                role,
                name,
                registry[name].languages,
                tuple((spec.name, spec.languages) for spec in registry if spec.role == role),
            )
            for role, name in named
            if name in registry
        )

    def close(self) -> None:
        """Free the opened models, end the processes for OCR."""
        self.ocr_helpers.close()
        if "_generators" in vars(self):
            self._generators.close()
        self._embedders.clear()
        if "_rerankers" in vars(self):
            self._rerankers.close()

    def embedding_model(self, pipeline: Pipeline) -> InstalledModel:
        """Raises ModelMissing, UsageFault."""
        return self.models.resolve(pipeline.settings.embedder.model, role="embedder")

    def prepared(
        self, pipeline: Pipeline, on_step: Callable[[Step], None] | None = None
    ) -> PreparedEmbedder:
        """How this machine computes the pipeline's embedder; measured now if that was not done yet."""
        model = self.embedding_model(pipeline)
        return prepare(
            model.path,
            digest=model.digest,
            cache=self.models.root / PREPARED_FOLDER,
            way=WAYS[pipeline.settings.embedder.engine],
            progress=_teller(on_step),
        )

    def token_counter(self, pipeline: Pipeline) -> TokenCounter:
        """Of the pipeline's embedder. Raises ModelMissing."""
        return TokenizerFile(self.embedding_model(pipeline).path)

    def texts_per_second(self, pipeline: Pipeline) -> float | None:
        """Passages of 200 tokens, as measured on this machine; None if that was not done yet."""
        try:
            model = self.embedding_model(pipeline)
        except ModelMissing:
            return None
        cache = self.models.root / PREPARED_FOLDER
        way = WAYS[pipeline.settings.embedder.engine]
        return measured_rate(digest=model.digest, cache=cache, way=way)

    def embedder_fingerprint(self, pipeline: Pipeline) -> str:
        """What an index that was made now would note of its embedder. Raises ModelMissing."""
        return self._fingerprint(pipeline, self.embedding_model(pipeline))

    def _fingerprint(self, pipeline: Pipeline, model: InstalledModel) -> str:
        way = WAYS[pipeline.settings.embedder.engine]
        return describe(model.path, digest=model.digest, way=way, **_usage(model)).fingerprint

    def _embedder(
        self, pipeline: Pipeline, model: InstalledModel, on_step: Callable[[Step], None] | None
    ) -> Embedder:
        way = WAYS[pipeline.settings.embedder.engine]
        key = (self._fingerprint(pipeline, model), way)
        if key not in self._embedders:
            self.prepared(pipeline, on_step)
            cache = self.models.root / PREPARED_FOLDER
            self.models.trust_prepared(converted_folder(cache, model.digest))
            self._embedders[key] = open_embedder(
                model.path, digest=model.digest, cache=cache, way=way, **_usage(model)
            )
        return self._embedders[key]

    def _reranking(self, pipeline: Pipeline) -> Reranking | None:
        settings = pipeline.settings.reranker
        return self._rerankers.opened(settings) if settings.model else None

    @cached_property
    def _rerankers(self) -> Rerankers:
        from ragkit.flows.reranking import Rerankers

        return Rerankers(self.models, self.models.root / PREPARED_FOLDER)

    def _reads(self, model: str) -> bool:
        """Whether a model can be trusted to write; for one of the registry it need not be here."""
        if model in self.models.registry:
            return self.models.registry[model].reader
        return self.models.resolve(model, role="generator").reader

    @cached_property
    def _generators(self) -> Generators:
        from ragkit.flows.generators import Generators

        return Generators(self._engine)

    def _engine(self, settings: GeneratorSettings, wanted: Wanted) -> Generator:
        from ragkit.flows.fitting import require_fit
        from ragkit.llm.engine import LlamaEngine

        model = self.models.resolve(settings.model, role="generator")
        require_fit(model, settings.context)
        flash = settings.flash_attention
        return LlamaEngine(
            model.path,
            name=model.name,
            digest=model.digest,
            context=settings.context,
            threads=settings.threads or None,
            cache=self.models.root / PREPARED_FOLDER,
            halves=settings.kv_cache == "f16",
            flash=None if flash == "auto" else flash == "on",
            ubatch=settings.ubatch,
            mapped=settings.mmap == "on",
            wanted=wanted,
        )


def _teller(on_step: Callable[[Step], None] | None) -> Callable[[str], None]:
    def tell(what: str) -> None:
        if on_step is not None:
            on_step(Step(what, 0, 0))

    return tell


def analyse(text: str, language: str) -> str:
    """The index terms of a text, separated by spaces: what the full-text index is given."""
    return " ".join(terms(text, language))


class _Usage(TypedDict):
    query_prefix: str
    passage_prefix: str
    languages: tuple[str, ...]


def _usage(model: InstalledModel) -> _Usage:
    """How the registry says a model is used; the user's own has no prefixes and any language."""
    if model.spec is None:
        return _Usage(query_prefix="", passage_prefix="", languages=("*",))
    return _Usage(
        query_prefix=model.spec.query_prefix,
        passage_prefix=model.spec.passage_prefix,
        languages=model.spec.languages,
    )


def _open_index(folder: Path) -> VectorIndex:
    from ragkit.vectors.chroma import ChromaIndex

    return ChromaIndex(folder)


def _wording(pipeline: Pipeline) -> Wording:
    """Raises ConfigFault with the faults of the user's own list."""
    is_built_in = pipeline.settings.search.trade_words == "on"
    return load_wording(pipeline.words_file, is_built_in=is_built_in)
