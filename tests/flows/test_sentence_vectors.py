"""Sentence vectors through an ingest: of every chunk, in one computation, and beside what answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from ragkit.catalog import Catalog
from ragkit.catalog.searching import SearchReader
from ragkit.embedders.fake import HashEmbedder
from tests.flows.corpus import Corpus

LEASE = "The monthly rent is 900 euros. Beta may end the lease with ninety days' notice."


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("lease.txt", LEASE)
    corpus.write("pumps.txt", "Beta delivers forty pumps. Payment is due within thirty days.")
    corpus.ingest()
    return corpus


@contextmanager
def reading(corpus: Corpus) -> Iterator[SearchReader]:
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        yield SearchReader(catalog)


def sentences_of(corpus: Corpus, path: str) -> dict[str, np.ndarray]:
    """text -> vector of each sentence that is kept of a document."""
    found = {}
    with reading(corpus) as reader:
        document = reader.document(path)
        assert document is not None
        entries = reader.entries_of_document(document.id)
        chunks = reader.chunks(entries)
        for entry, (spans, vectors) in reader.sentence_vectors(entries).items():
            for (start, end), vector in zip(spans.tolist(), vectors, strict=True):
                at = chunks[entry].start
                found[reader.text(document.content_id, at + start, at + end)] = vector
    return found


def forget_sentences(corpus: Corpus) -> None:
    """As a store was left by a version that did not make any."""
    with Catalog.open_for_writing(corpus.pipeline.store) as catalog:
        catalog.connection.execute("DELETE FROM sentence_vectors")
        catalog.connection.execute("DELETE FROM state WHERE key = 'sentence_vectors'")


def test_every_sentence_has_its_vector(corpus: Corpus) -> None:
    found = sentences_of(corpus, "lease.txt")
    assert list(found) == [
        "The monthly rent is 900 euros.",
        "Beta may end the lease with ninety days' notice.",
    ]
    wanted = HashEmbedder().embed_passages(list(found))
    assert np.min(np.sum(wanted * np.stack(list(found.values())), axis=1)) > 0.999


def test_an_older_store_gets_them_without_reading_anything(corpus: Corpus) -> None:
    before = corpus.state()
    forget_sentences(corpus)
    assert sentences_of(corpus, "lease.txt") == {}
    corpus.ingest()
    assert corpus.parsers.parsed == []
    assert len(corpus.embedder.texts) == 2
    assert len(sentences_of(corpus, "lease.txt")) == 2
    assert corpus.state() == before
    corpus.ingest()
    assert corpus.embedder.texts == []


def test_until_they_are_published_the_old_state_answers_without(corpus: Corpus) -> None:
    forget_sentences(corpus)

    def end() -> None:
        raise KeyboardInterrupt

    corpus.embedder.before = end
    with pytest.raises(Exception, match="Interrupted"):
        corpus.ingest()
    corpus.embedder.before = lambda: None
    with Catalog.open_for_writing(corpus.pipeline.store) as catalog:
        catalog.connection.execute(
            "INSERT INTO sentence_vectors VALUES (1, x'0000000001000000', x'01')"
        )
    with reading(corpus) as reader:
        entries = [e for d in reader.documents() for e in reader.entries_of_document(d.id)]
        assert reader.sentence_vectors(entries) == {}


def test_what_goes_takes_them_along(corpus: Corpus) -> None:
    (corpus.root / "docs" / "lease.txt").unlink()
    corpus.ingest()
    with reading(corpus) as reader:
        kept = reader._connection.execute("SELECT count(*) FROM sentence_vectors").fetchone()
        vectors = reader._connection.execute("SELECT count(*) FROM vectors").fetchone()
    assert kept == vectors == (1,)


def test_a_sentence_keeps_its_place_behind_what_cannot_be_seen(corpus: Corpus) -> None:
    corpus.write("hidden.txt", "The mon\u200bthly\u202e fee is 70 euros. Gamma pays in June.")
    corpus.ingest()
    found = sentences_of(corpus, "hidden.txt")
    wanted = HashEmbedder().embed_passages(["The monthly fee is 70 euros.", "Gamma pays in June."])
    assert np.min(np.sum(wanted * np.stack(list(found.values())), axis=1)) > 0.999
