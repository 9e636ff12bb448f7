"""ragkit's command with everything real but the models: words are counted, texts are quoted.

    python -m tests.hygiene.models COMMAND ...        as `ragkit COMMAND ...`

RAGKIT_TEST_FAULT names a place where an exception is raised that quotes what it was working on, as
libraries do.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ragkit.build import Builder, analyse
from ragkit.config import Pipeline
from ragkit.embedders.fake import HashEmbedder, WordCounter
from ragkit.flows.answering import Answering, AnswerParts
from ragkit.flows.passwords import Passwords
from ragkit.flows.searching import Searching, SearchParts
from ragkit.llm.fake import ScriptedGenerator
from ragkit.models import InstalledModel
from ragkit.protocols import Vectors
from ragkit.vectors.exact import ExactIndex

FAULT = "RAGKIT_TEST_FAULT"
EMBEDDER = HashEmbedder().fingerprint


def fault_at(place: str, text: object) -> None:
    """Raise what quotes `text`, if this is the place."""
    if os.environ.get(FAULT) == place:
        raise ValueError(f"cannot work on {text!r}")


class QuotingEmbedder(HashEmbedder):
    """Its faults quote the text, as those of tokenizers do."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        fault_at("embedding", list(texts))
        return super().embed_passages(texts)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        fault_at("asking", list(texts))
        return super().embed_passages(texts)


class FakeBuilder(Builder):
    """The parts of a pipeline without a model."""

    def embedding_model(self, pipeline: Pipeline) -> InstalledModel:
        return InstalledModel("words", pipeline.store, "0" * 64, None)

    def texts_per_second(self, pipeline: Pipeline) -> float | None:
        return None

    def ingest_parts(
        self,
        pipeline: Pipeline,
        on_step: Callable[..., None] | None = None,
        passwords: Passwords = Passwords.none(),  # noqa: B008 (frozen)
    ) -> Any:
        from ragkit.chunking.chunker import SentenceChunker
        from ragkit.flows.ingest_parts import IngestParts
        from ragkit.vectors.builder import build_in_child
        from ragkit.vectors.manifest import check

        return IngestParts(
            pipeline=pipeline,
            parsers=self.parsers(pipeline),
            chunker=SentenceChunker(WordCounter(), window=64, header_tokens=16),
            embedder_fingerprint=EMBEDDER,
            open_embedder=QuotingEmbedder,
            analyse=_analyse,
            analyser_fingerprint="1",
            build_index=build_in_child,
            check_index=check,
            passwords=passwords,
        )

    def searching(self, pipeline: Pipeline) -> Searching:
        return Searching(
            SearchParts(
                pipeline=pipeline,
                embedder_fingerprint=EMBEDDER,
                open_embedder=QuotingEmbedder,
                open_index=_open_index,
                exact_index=ExactIndex,
            )
        )

    def answering(self, pipeline: Pipeline, searching: Searching) -> Answering:
        answers = pipeline.settings.answers
        return Answering(
            searching,
            AnswerParts(
                answers,
                "quote",
                "words",
                lambda: False,
                ScriptedGenerator,
                tokens=WordCounter(),
                pipeline=pipeline.name,
            ),
        )

    def purge_parts(self, pipeline: Pipeline) -> Any:
        from ragkit.flows.purging import PurgeParts
        from ragkit.vectors.builder import build_in_child
        from ragkit.vectors.manifest import check

        return PurgeParts(
            pipeline=pipeline,
            analyse=analyse,
            build_index=build_in_child,
            check_index=check,
            token_ids=None,
            caches=(),
        )

    def batch_parts(self, pipeline: Pipeline, on_step: Callable[..., None] | None = None) -> Any:
        from ragkit.flows.keeping import BatchParts

        return BatchParts(
            pipeline=pipeline,
            embedder_fingerprint=EMBEDDER,
            open_embedder=QuotingEmbedder,
            style="quote",
            model_name="words",
            model_reads=lambda: False,
            model_digest=lambda: "0" * 64,
            open_generator=ScriptedGenerator,
        )


def _analyse(text: str, language: str) -> str:
    fault_at("publishing", text)
    return analyse(text, language)


def _open_index(folder: Path) -> Any:
    from ragkit.vectors.chroma import ChromaIndex

    return ChromaIndex(folder)


def use_fake_models() -> None:
    """From now on every Workspace of this process is built with them."""
    import ragkit.workspace.base

    ragkit.workspace.base.Builder = FakeBuilder  # type: ignore[misc]


def break_what_was_asked() -> None:
    """Places inside flows, where only a patch can raise."""
    from ragkit.flows import answering, nightly, summarizing

    places: dict[str, tuple[Any, str]] = {
        "answering": (answering, "decide"),
        "summarizing": (summarizing._Run, "carry_out"),
        "the night": (nightly._Night, "keep_report"),
    }
    place = os.environ.get(FAULT, "")
    if place in places:
        owner, name = places[place]

        def broken(*given: Any, **named: Any) -> Any:
            raise ValueError(f"cannot work on {_texts_of(given)!r}")

        setattr(owner, name, broken)


def _texts_of(given: tuple[Any, ...]) -> str:
    return os.environ.get("RAGKIT_TEST_CANARY", "") + repr(given)


def main() -> None:
    from ragkit.cli.main import run

    use_fake_models()
    break_what_was_asked()
    sys.argv[0] = "ragkit"
    run()


if __name__ == "__main__":
    main()
