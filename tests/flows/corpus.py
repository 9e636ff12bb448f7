"""A small corpus and the parts to ingest it with, all fakes but the catalog and the chunker."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ragkit.catalog import Catalog, Reader
from ragkit.catalog.searching import SearchReader
from ragkit.chunking.chunker import SentenceChunker
from ragkit.config import Pipeline
from ragkit.embedders.fake import HashEmbedder, WordCounter
from ragkit.errors import StorageFault
from ragkit.files import make_private, write_atomically
from ragkit.flows.ingest_parts import IngestOptions, IngestParts
from ragkit.flows.ingesting import ingest
from ragkit.parsers.fake import TextParserPool
from ragkit.retrieval.analysis import terms
from ragkit.settings import PipelineSettings
from ragkit.types import IngestReport

LONG_AGO_NS = 1_600_000_000_000_000_000

Batches = Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]]


class CountingEmbedder(HashEmbedder):
    """Remembers which texts it was asked to embed; `before` may raise, to end a run there."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.before: Callable[[], None] = lambda: None

    def embed_passages(self, texts):  # type: ignore[no-untyped-def]
        self.before()
        self.texts += texts
        return super().embed_passages(texts)


def _stemmed(text: str, language: str) -> str:
    return " ".join(terms(text, language))


def write_ids(folder: Path, batches: Batches, count: int, dimension: int) -> None:
    """Stands for the vector index: a folder with the ids it was given."""
    make_private(folder)
    ids = [int(i) for part, _ in batches for i in part]
    assert len(ids) == count
    write_atomically(folder / "ids", " ".join(map(str, ids)))


def check_ids(folder: Path, *, contents: bool) -> None:
    """Raises StorageFault if the folder or its file is not there."""
    if not (folder / "ids").is_file():
        raise StorageFault(f"{folder} is damaged.")


@dataclass
class Corpus:
    """A folder of text files, and its pipeline."""

    root: Path
    folders: tuple[str, ...] = ("docs",)
    parsers: TextParserPool = field(default_factory=TextParserPool)
    embedder: CountingEmbedder = field(default_factory=CountingEmbedder)
    chunker_version: str = ""
    embedder_version: str = "hash"
    analyser_version: str = "1"
    publish_minutes: int = 5
    settings_name: str = "pipelines.yaml"
    is_stemmed: bool = False
    """Whether words are indexed as they are in earnest, without accents and stemmed."""

    def __post_init__(self) -> None:
        for name in self.folders:
            (self.root / name).mkdir(exist_ok=True)

    def write(self, path: str, text: str, *, folder: str = "docs") -> Path:
        file = self.root / folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        self.age(file)
        return file

    def age(self, file: Path) -> None:
        """Give the file a time of its own, long ago, so that it counts as settled."""
        self._clock = getattr(self, "_clock", LONG_AGO_NS) + 1_000_000_000
        os.utime(file, ns=(self._clock, self._clock))

    @property
    def pipeline(self) -> Pipeline:
        folders = tuple(self.root / name for name in self.folders)
        settings = PipelineSettings(folders=self.folders, publish_minutes=self.publish_minutes)
        return Pipeline(
            "test", folders, self.root / ".ragkit/test", settings, self.root / self.settings_name
        )

    def parts(self) -> IngestParts:
        chunker = SentenceChunker(WordCounter(), window=64, header_tokens=16)
        if self.chunker_version:
            chunker.fingerprint = self.chunker_version
        return IngestParts(
            pipeline=self.pipeline,
            parsers=self.parsers,
            chunker=chunker,
            embedder_fingerprint=self.embedder_version,
            open_embedder=lambda: self.embedder,
            analyse=_stemmed if self.is_stemmed else lambda text, language: text.casefold(),
            analyser_fingerprint=self.analyser_version,
            build_index=write_ids,
            check_index=check_ids,
        )

    def ingest(self, **options: bool) -> IngestReport:
        self.parsers.parsed.clear()
        self.embedder.texts.clear()
        return ingest(self.parts(), IngestOptions(**options))

    def state(self) -> dict[str, object]:
        return published_state(self.pipeline.store)

    def mail_parts(self) -> list[str]:
        """Published paths of mail.txt and its attachments; none before the first publication."""
        with Catalog.open_for_reading(self.pipeline.store) as catalog, catalog.snapshot():
            return [e.path for e in Reader(catalog).documents() if e.path.startswith("mail.txt")]

    def matches(self, word: str) -> list[str]:
        """Paths of the documents that the full-text index finds a word in."""
        with Catalog.open_for_reading(self.pipeline.store) as catalog, catalog.snapshot():
            reader = SearchReader(catalog)
            found = {document for _, document, _ in reader.lexical(f'"{word}"', (1.0, 1.0), 100)}
            return sorted(entry.path for entry in reader.documents_by_id(found).values())


def published_state(store: Path, *, exact: bool = True) -> dict[str, object]:
    """The published state without ids and times: what two equal indexes have in common.

    exact: to the last bit of the vectors. A real model's depend in their last digits on the texts
    they were computed beside, and so on chance.
    """
    with Catalog.open_for_reading(store) as catalog, catalog.snapshot():
        reader = SearchReader(catalog)
        shown = {}
        for entry in reader.documents():
            chunks = reader.chunks(reader.entries_of_document(entry.id))
            spans = [(chunk.start, chunk.end) for chunk in chunks.values()]
            texts = [reader.text(entry.content_id, *span) for span in spans]
            vectors = reader.entry_vectors(chunks)
            digests = [
                vectors[number].tobytes() if exact else vectors[number].shape for number in chunks
            ]
            shown[entry.path] = (entry.sha256, entry.parent, spans, texts, digests)
        failed = {e.path: (e.kind, e.reason) for e in reader.quarantine()}
        return {"documents": shown, "quarantine": failed}
