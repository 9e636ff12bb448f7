"""Made-up documents of random words, and what ingests them: real parsers, chunker and Chroma.

The embedder makes dense vectors of the usual size from each text's digest: no two are alike, and no
number of them is zero, so that a single stretch left anywhere is found and none is found by chance.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ragkit.build import analyse
from ragkit.chunking.chunker import SentenceChunker
from ragkit.config import Pipeline
from ragkit.embedders.fake import WordCounter
from ragkit.errors import StorageFault
from ragkit.flows.indexing import Batches
from ragkit.flows.ingest_parts import IngestOptions, IngestParts
from ragkit.flows.ingesting import ingest
from ragkit.flows.purging import PurgeParts, purge
from ragkit.parsers.fake import TextParserPool
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.pool import WorkerPool
from ragkit.protocols import Spans, Vectors
from ragkit.settings import PipelineSettings
from ragkit.types import IngestReport
from ragkit.types.erasure import Certificate
from ragkit.vectors import builder
from ragkit.vectors.manifest import check

DIMENSION = 384
LETTERS = "abcdefghijklmnopqrstuvwxyzñáéíóú"
BOILERPLATE = "This document is confidential and must not be given to any other party.\n"


class DenseEmbedder:
    """A unit vector of 384 random numbers for each text, the same for the same text."""

    fingerprint = "dense"
    dimension = DIMENSION
    window = 256
    languages: tuple[str, ...] = ("*",)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        rows = [
            np.random.default_rng(int.from_bytes(sha256(text.encode()).digest()[:8], "big"))
            .standard_normal(DIMENSION)
            .astype(np.float32)
            for text in texts
        ]
        vectors = np.stack(rows)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    def embed_chunks(
        self, texts: Sequence[str], spans: Sequence[Spans]
    ) -> tuple[Vectors, list[Vectors]]:
        stretches = ([text[a:b] for a, b in at] for text, at in zip(texts, spans, strict=True))
        return self.embed_passages(texts), [self.embed_passages(each) for each in stretches]

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)


def write_vectors(folder: Path, batches: Batches, count: int, dimension: int) -> None:
    """Stands for Chroma, which takes seconds: a folder with the vectors it was given."""
    folder.mkdir(mode=0o700, parents=True)
    vectors = np.concatenate([part for _, part in batches])
    assert vectors.shape == (count, dimension)
    (folder / "vectors").touch(mode=0o600)
    vectors.astype("<f4").tofile(folder / "vectors")


def check_vectors(folder: Path, *, contents: bool) -> None:
    if not (folder / "vectors").is_file():
        raise StorageFault(f"{folder} is damaged.")


def token_ids(text: str) -> NDArray[np.int64]:
    """A number for each word, as a tokenizer would give."""
    numbers = [int.from_bytes(sha256(word.encode()).digest()[:2], "big") for word in text.split()]
    return np.array(numbers, np.int64)


def word(chance: random.Random) -> str:
    return "".join(chance.choices(LETTERS, k=chance.randint(5, 12)))


def sentence(chance: random.Random) -> str:
    words = " ".join(word(chance) for _ in range(chance.randint(6, 14)))
    return f"{words.capitalize()} {chance.randint(1000, 99999999)}."


def text_of(chance: random.Random) -> str:
    sections = [
        f"{word(chance).upper()} {number}\n\n"
        + " ".join(sentence(chance) for _ in range(chance.randint(3, 9)))
        for number in range(1, chance.randint(3, 5))
    ]
    return BOILERPLATE + "\n\n".join(sections) + "\n"


def write_document(folder: Path, number: int, seed: int = 7) -> str:
    """One made-up file: text, a table, a page of HTML or a mail with an attachment. Returns its path."""
    chance = random.Random(f"{seed} {number}")
    name, kind = f"{word(chance)}_{number:03}", number % 4
    if kind == 0:
        path, data = f"{name}.txt", text_of(chance).encode()
    elif kind == 1:
        rows = [f"{word(chance)};{word(chance)};{chance.randint(1, 10**9)}" for _ in range(30)]
        path, data = f"{name}.csv", ("Código;Nombre;Número\n" + "\n".join(rows)).encode()
    elif kind == 2:
        body = "".join(f"<p>{sentence(chance)}</p>" for _ in range(20))
        path = f"{word(chance)}/{name}.html"
        data = f"<html><body><h1>{word(chance)}</h1>{body}</body></html>".encode()
    else:
        path, data = f"{name}.eml", _mail(chance)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(data)
    return path


def _mail(chance: random.Random) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = f"{word(chance)}@example.org", "b@example.org"
    mail["Subject"] = sentence(chance)
    mail.set_content(text_of(chance))
    mail.add_attachment(text_of(chance), filename=f"{word(chance)}.txt")
    return mail.as_bytes()


@dataclass
class MadeUp:
    """A folder of made-up documents, its pipeline, and purges of it."""

    root: Path
    on_delete: Literal["purge", "keep"] = "purge"
    with_chroma: bool = False  # and with the real parsers

    def __post_init__(self) -> None:
        self.files.mkdir(exist_ok=True)

    @property
    def files(self) -> Path:
        return self.root / "files"

    @property
    def store(self) -> Path:
        return self.root / ".ragkit/p"

    def write(self, count: int) -> list[str]:
        return [write_document(self.files, number) for number in range(count)]

    @property
    def pipeline(self) -> Pipeline:
        settings = replace(PipelineSettings(folders=("files",)), on_delete=self.on_delete)
        return Pipeline("p", (self.files,), self.store, settings, self.root / "pipelines.yaml")

    def parts(self) -> IngestParts:
        return IngestParts(
            pipeline=self.pipeline,
            parsers=WorkerPool(ParseLimits(), 2) if self.with_chroma else TextParserPool(),
            chunker=SentenceChunker(WordCounter(), window=64, header_tokens=16),
            embedder_fingerprint="dense",
            open_embedder=DenseEmbedder,
            analyse=analyse,
            analyser_fingerprint="1",
            build_index=builder.build_in_child if self.with_chroma else write_vectors,
            check_index=check if self.with_chroma else check_vectors,
        )

    def ingest(self, change: Callable[[IngestParts], IngestParts] = lambda p: p) -> IngestReport:
        return ingest(change(self.parts()), IngestOptions(allow_empty=True))

    def purge_parts(self) -> PurgeParts:
        parts = self.parts()
        return PurgeParts(self.pipeline, analyse, parts.build_index, parts.check_index, token_ids)

    def purge(self, *documents: str, still_there: bool = True) -> Certificate:
        return purge(self.purge_parts(), documents, still_there=still_there)
