"""Searching while things change: new generations, a missing index, vectors of deleted documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ragkit.catalog import Catalog, Reader
from ragkit.catalog.contents import load_vectors
from ragkit.errors import NotReady, StorageFault, UsageFault
from ragkit.flows.owning import require_same_folders
from ragkit.flows.searching import Searching, SearchParts
from ragkit.protocols import VectorIndex
from ragkit.retrieval.gathering import Gatherer
from ragkit.vectors.exact import ExactIndex
from tests.flows.corpus import Corpus


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("rent.txt", "The monthly rent is 900 euros.")
    corpus.write("pumps.txt", "Beta delivers forty pumps within thirty days.")
    corpus.ingest()
    return corpus


class Opened(list[Path]):
    """Which index folders were opened."""


@pytest.fixture
def opened() -> Opened:
    return Opened()


@pytest.fixture
def searching(corpus: Corpus, opened: Opened) -> Iterator[Searching]:
    def open_index(folder: Path) -> VectorIndex:
        if not (folder / "ids").is_file():
            raise StorageFault("It is gone.")
        opened.append(folder)
        wanted = set(map(int, (folder / "ids").read_text().split()))
        with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
            batches = list(load_vectors(catalog.connection, corpus.embedder_version))
        if not batches:
            return ExactIndex(np.empty(0, np.int64), np.empty((0, 64), np.float32))
        ((ids, vectors),) = batches
        kept = np.isin(ids, list(wanted))
        return ExactIndex(ids[kept], vectors[kept])

    searching = Searching(
        SearchParts(
            pipeline=corpus.pipeline,
            embedder_fingerprint=corpus.embedder_version,
            open_embedder=lambda: corpus.embedder,
            open_index=open_index,
            exact_index=ExactIndex,
        )
    )
    yield searching
    searching.close()


def first(searching: Searching, question: str) -> str:
    return searching.search(question, 3).passages[0].document


def test_finds_the_passage_with_its_offsets(corpus: Corpus, searching: Searching) -> None:
    passage = searching.search("How much is the monthly rent?", 1).passages[0]
    text = (corpus.root / "docs/rent.txt").read_text(encoding="utf-8")
    assert (passage.document, passage.rank) == ("rent.txt", 1)
    assert text[passage.start : passage.end] == passage.text


def test_an_open_search_sees_what_is_published_later(
    corpus: Corpus, searching: Searching, opened: Opened
) -> None:
    assert first(searching, "submarine voyage") != "new.txt"
    corpus.write("new.txt", "The submarine voyage begins in May.")
    corpus.ingest()
    assert first(searching, "submarine voyage") == "new.txt"
    assert len(opened) == 1  # the index itself is the same; only the tail was read again


def test_a_missing_index_only_makes_it_slower(corpus: Corpus, searching: Searching) -> None:
    for path in (corpus.pipeline.store / "chroma").rglob("ids"):
        path.unlink()
    assert first(searching, "monthly rent") == "rent.txt"


def test_another_embedder_is_refused_with_the_command(corpus: Corpus, searching: Searching) -> None:
    corpus.embedder_version = "another"
    corpus.ingest()
    with pytest.raises(NotReady) as caught:
        searching.search("rent", 1)
    assert caught.value.hint == "ragkit ingest test"


def test_vectors_of_deleted_documents_do_not_crowd_out_the_others(
    corpus: Corpus, searching: Searching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragkit.retrieval.gathering.DEPTH", 3)
    monkeypatch.setattr("ragkit.flows.indexing.LARGEST_STALE_SHARE", 1.0)
    for number in range(9):
        corpus.write(f"old{number}.txt", f"zinc copper tin number{number}.")
    corpus.write("kept.txt", "zinc copper lead among other metals.")
    monkeypatch.setattr("ragkit.flows.indexing.LARGEST_TAIL", 0)
    corpus.ingest()
    for number in range(9):
        (corpus.root / f"docs/old{number}.txt").unlink()
    corpus.ingest()
    # No word in common: only the vectors can bring the document up.
    with searching.view() as view:
        vector = corpus.embedder.embed_queries(["zinc copper tin"])[0]
        retriever = view.retriever
        gatherer = Gatherer(retriever._reader, retriever._indexes)
        near = gatherer.near(retriever._indexes[0], vector)
    assert len(near) == 3


def test_an_empty_index_finds_nothing(corpus: Corpus, searching: Searching) -> None:
    for path in (corpus.root / "docs").iterdir():
        path.unlink()
    corpus.ingest(allow_empty=True)
    assert searching.search("rent", 5).passages == ()


def test_the_index_of_another_settings_file_is_not_answered_from(
    corpus: Corpus, searching: Searching
) -> None:
    other = corpus.root / "other.yaml"
    corpus.settings_name = "other.yaml"
    other.write_text("", encoding="utf-8")
    (corpus.root / "pipelines.yaml").write_text("", encoding="utf-8")
    with pytest.raises(UsageFault, match="belongs to"):
        corpus.ingest()
    (
        corpus.root / "pipelines.yaml"
    ).unlink()  # moved: then it is the same pipeline under a new name
    corpus.ingest()
    (corpus.root / "pipelines.yaml").write_text("", encoding="utf-8")
    with pytest.raises(UsageFault, match="belongs to"):
        searching.search("rent", 1)


def test_other_folders_than_the_index_was_made_from(corpus: Corpus, tmp_path: Path) -> None:
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        require_same_folders(corpus.pipeline, Reader(catalog))
        elsewhere = replace(corpus.pipeline.settings, folders=("elsewhere",))
        with pytest.raises(NotReady, match="other folders"):
            require_same_folders(replace(corpus.pipeline, settings=elsewhere), Reader(catalog))


def test_an_index_that_fails_while_it_is_asked_is_replaced_by_exact_search(
    searching: Searching, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "How much is the monthly rent?"
    before = searching.search(question, 3).passages
    assert searching._published is not None

    class Gone:
        def query(self, vector: object, k: int) -> object:
            raise StorageFault("Its files are gone.")

        def close(self) -> None:
            return None

    monkeypatch.setattr(searching._published, "index", Gone())
    after = searching.search(question, 3).passages
    assert [passage.text for passage in after] == [passage.text for passage in before]
