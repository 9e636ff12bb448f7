"""A Reader within a scope: what finds documents finds no others, and what it finds is not cut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ragkit.catalog import Catalog
from ragkit.catalog.searching import SearchReader
from ragkit.catalog.within import ReaderWithin, Within
from tests.flows.corpus import Corpus

NAMES = ("a", "b", "c", "d")


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    corpus = Corpus(tmp_path)
    for count, name in enumerate(NAMES):  # a ranks first for "rent", d last
        corpus.write(f"{name}.txt", f"Rent of {name}. " + "Other words. " * 3 * count)
    corpus.ingest()
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        yield catalog


def test_words_names_and_vectors_find_the_scope_only(catalog: Catalog) -> None:
    whole = SearchReader(catalog)
    ids = {entry.path[0]: entry.id for entry in whole.documents()}
    within = ReaderWithin(catalog, Within.of(whole, {ids["d"]}))
    assert whole.lexical('"rent"', (1.0, 1.0), 1)[0][1] == ids["a"]
    assert [row[1] for row in within.lexical('"rent"', (1.0, 1.0), 1)] == [ids["d"]]
    assert ids["a"] in [document for document, _ in whole.route('"rent"', (1, 1, 2, 1), 4)]
    assert [document for document, _ in within.route('"rent"', (1, 1, 2, 1), 1)] == [ids["d"]]
    vectors = whole.vectors_after("hash", 0)[0].tolist()
    shown = within.entries_of_vectors(vectors)
    assert {place[1] for places in shown.values() for place in places} == {ids["d"]}


def test_all_vectors_of_a_small_scope_and_none_of_a_large_one(catalog: Catalog) -> None:
    whole = SearchReader(catalog)
    ids = {entry.path[0]: entry.id for entry in whole.documents()}
    within = ReaderWithin(catalog, Within.of(whole, {ids["c"], ids["d"]}))
    entries = [*whole.entries_of_document(ids["c"]), *whole.entries_of_document(ids["d"])]
    found = within.vectors_within(len(entries))
    assert found is not None
    numbers, vectors = found
    assert sorted(within.entries_of_vectors(numbers.tolist())) == numbers.tolist()
    wanted = whole.entry_vectors(entries)
    assert {row.tobytes() for row in vectors} == {row.tobytes() for row in wanted.values()}
    assert within.vectors_within(len(entries) - 1) is None
