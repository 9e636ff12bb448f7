"""What searches ask of the catalog: how much of it they read, whatever there is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ragkit.catalog import Catalog
from ragkit.catalog.searching import Memory, SearchReader
from ragkit.catalog.within import ReaderWithin, Within
from tests.flows.corpus import Corpus

DOCUMENTS = 60


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Documents in no language that could be told, all with the same words."""
    corpus = Corpus(tmp_path_factory.mktemp("searching"))
    for number in range(DOCUMENTS):
        corpus.write(f"{number:02}.txt", f"zzq wwv number{number} " * (1 + number % 3))
    corpus.ingest()
    return corpus


@pytest.fixture
def catalog(corpus: Corpus) -> Iterator[Catalog]:
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        yield catalog


def asked(connection: sqlite3.Connection) -> list[str]:
    """Every statement from now on."""
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    return statements


def test_frequencies_are_counted_once_for_a_state(catalog: Catalog) -> None:
    memory, words = Memory(), ["zzq", "number7", "nowhere"]
    first = SearchReader(catalog, memory)
    counted = first.chunk_frequencies(words), first.document_frequencies(words)
    assert counted == (
        {"zzq": DOCUMENTS, "number7": 1, "nowhere": 0},
        {"zzq": DOCUMENTS, "number7": 1},
    )
    statements = asked(catalog.connection)
    again = SearchReader(catalog, memory)
    assert (again.chunk_frequencies(words), again.document_frequencies(words)) == counted
    assert not [one for one in statements if "vocabulary" in one]
    again.chunk_frequencies([*words, "wwv"])
    (one,) = [one for one in statements if "vocabulary" in one]
    assert "wwv" in one
    assert "zzq" not in one


def test_what_is_remembered_stays_bounded(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragkit.catalog.searching.MOST_REMEMBERED", 5)
    memory = Memory()
    reader = SearchReader(catalog, memory)
    for number in range(20):
        assert reader.chunk_frequencies([f"number{number}", "zzq"])["zzq"] == DOCUMENTS
        assert len(reader.remembered.of_chunks) <= 5


def test_chunks_documents_and_languages_are_counted_once(catalog: Catalog) -> None:
    memory = Memory()
    first = SearchReader(catalog, memory)
    assert (first.document_count(), first.languages()) == (DOCUMENTS, frozenset())
    statements = asked(catalog.connection)
    again = SearchReader(catalog, memory)
    assert again.chunk_count() == DOCUMENTS
    assert again.languages() == frozenset()
    assert not [one for one in statements if "count(" in one or "DISTINCT" in one]


def test_that_no_language_is_known_is_noted_and_not_looked_up(catalog: Catalog) -> None:
    statements = asked(catalog.connection)
    assert SearchReader(catalog).languages() == frozenset()
    assert not [one for one in statements if "DISTINCT" in one]


def test_another_state_is_counted_anew(tmp_path: Path) -> None:
    corpus, memory = Corpus(tmp_path), Memory()
    found = []
    for number in range(2):
        corpus.write(f"{number}.txt", f"rent{number} euros.")
        corpus.ingest()
        with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
            reader = SearchReader(catalog, memory)
            found.append((reader.chunk_count(), reader.chunk_frequencies(["rent1"])["rent1"]))
    assert found == [(1, 0), (2, 1)]


def test_of_a_scope_only_what_may_be_found_is_handed_out(catalog: Catalog) -> None:
    whole = SearchReader(catalog)
    documents = [document.id for document in whole.documents()][:3]
    within = ReaderWithin(catalog, Within.of(whole, documents))
    handed: list[int] = []
    catalog.connection.row_factory = lambda cursor, row: handed.append(1) or row
    assert len(within.lexical('"zzq"', (1.0, 1.0), 10)) == 3
    assert {document for document, _ in within.route('"zzq"', (1, 1, 1, 1), 10)} == set(documents)
    assert len(handed) == 6


def test_the_nearest_of_a_scope_are_those_of_all_its_vectors(
    catalog: Catalog, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragkit.catalog.searching._AT_A_TIME", 7)
    whole = SearchReader(catalog)
    documents = [document.id for document in whole.documents()][10:50]
    within = ReaderWithin(catalog, Within.of(whole, documents))
    vector = corpus.embedder.embed_queries(["number33 zzq"])[0]
    entries = [entry for number in documents for entry in whole.entries_of_document(number)]
    vectors = whole.entry_vectors(entries)
    cosines = np.array([vectors[entry] @ vector for entry in entries])
    best = [entries[at] for at in np.argsort(-cosines, kind="stable")[:9]]
    assert [entry for entry, _ in within.nearest(vector, 9)] == best


def test_each_document_is_read_once_for_the_texts_of_its_chunks(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    text = " ".join(f"Sentence number {number} says something." for number in range(200))
    corpus.write("long.txt", text)
    corpus.ingest()
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        reader = SearchReader(catalog)
        (document,) = reader.documents()
        chunks = reader.chunks(reader.entries_of_document(document.id))
        assert len(chunks) > 10
        statements = asked(catalog.connection)
        texts = reader.texts(chunks)
        assert len([one for one in statements if "FROM pages" in one]) == 1
        assert texts == {number: text[one.start : one.end] for number, one in chunks.items()}
