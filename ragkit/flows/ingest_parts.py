"""What an ingest works with, and what it may be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ragkit.catalog import Catalog
from ragkit.catalog.publishing import Analyse
from ragkit.catalog.sentence_vectors import POOLED, SENTENCES_MADE_AS
from ragkit.config import Pipeline
from ragkit.fencing import DETECTOR
from ragkit.flows.before import NO_PASSWORDS
from ragkit.flows.indexing import BuildIndex, CheckIndex
from ragkit.flows.languages import Trained
from ragkit.flows.passwords import Passwords
from ragkit.flows.planning import reader_name
from ragkit.protocols import Chunker, Embedder, ParserPool
from ragkit.types import GateVerdict


@dataclass(frozen=True, slots=True)
class IngestParts:
    """What an ingest works with. The embedder is opened only if there is something to embed.

    judge: the quality gate, None if the pipeline has none. Asked within the publishing transaction.
    accepted_weak: the user goes on though the kernel does not keep the process off the network.
    trained: the models that questions are answered with, and for which languages.
    """

    pipeline: Pipeline
    parsers: ParserPool
    chunker: Chunker
    embedder_fingerprint: str
    open_embedder: Callable[[], Embedder]
    analyse: Analyse
    analyser_fingerprint: str
    build_index: BuildIndex
    check_index: CheckIndex
    passwords: Passwords = NO_PASSWORDS
    judge: Callable[[Catalog], GateVerdict] | None = None
    accepted_weak: bool = False
    trained: tuple[Trained, ...] = ()

    def fingerprints(self) -> dict[str, str]:
        """What the published state is made with; when one of them changes, it is made anew."""
        return {
            "chunker": self.chunker.fingerprint,
            "embedder": self.embedder_fingerprint,
            "analyser": self.analyser_fingerprint,
            SENTENCES_MADE_AS: POOLED,
            "detector": DETECTOR,
        }

    def reader(self, suffix: str) -> str:
        """What reads the files of a suffix."""
        return reader_name(self.parsers.fingerprint, suffix)


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """retry: read again what could not be read, wholly or in part. allow_empty: no files is meant.

    rebuild: read every file again and build the vector index anew, beside the state that answers.
    """

    retry: bool = False
    allow_empty: bool = False
    rebuild: bool = False
