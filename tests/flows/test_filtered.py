"""Filtered searching: nothing outside the scope is found, and nothing inside it is missed for that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.catalog import Reader
from ragkit.catalog.scoping import ScopeTables
from ragkit.config import Pipeline
from ragkit.embedders.fake import WordCounter
from ragkit.errors import NothingInScope
from ragkit.flows import scopes as module
from ragkit.flows.answering import Answering, AnswerParts
from ragkit.flows.covering import coverage_of
from ragkit.flows.scoping import Published, Resolved
from ragkit.flows.searching import Searching, SearchParts
from ragkit.settings import AnswerSettings
from ragkit.types.scope import Scope
from ragkit.vectors.exact import ExactIndex
from tests.flows.corpus import Corpus

RENT = "LEASE of {name}\n\nThe monthly rent is {rent} euros, payable in advance.\n"
HOUSES = [f"house_{number:03}" for number in range(300)]


class Indexed(ExactIndex):
    """A vector index that refuses to be asked for more than `most` neighbours."""

    most = 100_000

    def query(self, vector, k):  # type: ignore[no-untyped-def]
        assert k <= self.most
        return super().query(vector, k)


@pytest.fixture(scope="module")
def searching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searching]:
    """300 leases that say the same, one by one; and one letter. More than candidates are taken."""
    corpus = Corpus(tmp_path_factory.mktemp("filtered"))
    for number, name in enumerate(HOUSES):
        corpus.write(f"{name}.txt", RENT.format(name=name, rent=900 + number))
    corpus.write("letter.md", "Dear Ada,\n\nthe pump has arrived.\n")
    corpus.write("metadata.csv", "document,city\nhouse_0*,Lugo\nhouse_1*,Vigo\n")
    corpus.ingest()

    def open_index(folder: Path) -> Indexed:
        raise AssertionError("there is no vector index in this test")

    opened = Searching(
        SearchParts(
            pipeline=corpus.pipeline,
            embedder_fingerprint=corpus.embedder_version,
            open_embedder=lambda: corpus.embedder,
            open_index=open_index,
            exact_index=Indexed,
        )
    )
    opened._open_published = lambda entry: None  # type: ignore[method-assign]
    yield opened
    opened.close()


def paths(searching: Searching, question: str, scope: Scope | None, k: int = 8) -> set[str]:
    return {passage.document for passage in searching.search(question, k, scope=scope).passages}


def test_a_document_that_would_never_be_found_is_found_in_its_scope(searching: Searching) -> None:
    question = "How much is the monthly rent of house_003?"
    assert "letter.md" not in paths(searching, question, None, k=200)
    assert paths(searching, question, Scope(documents=("letter.md",))) == {"letter.md"}


@pytest.mark.parametrize("exact", [10_000, 5])
def test_nothing_else_is_found_whichever_way_neighbours_are_looked_for(
    searching: Searching, monkeypatch: pytest.MonkeyPatch, exact: int
) -> None:
    monkeypatch.setattr(module, "MOST_EXACT", exact)
    question = "How much is the monthly rent of house_250?"  # names one that is left out
    found = paths(searching, question, Scope(where={"city": "Lugo"}), k=1000)
    assert found == {f"{name}.txt" for name in HOUSES[:100]}


def test_a_small_scope_does_not_ask_the_index_for_everything(
    searching: Searching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Indexed, "most", 200)
    assert paths(searching, "rent", Scope(documents=("house_299.txt",))) == {"house_299.txt"}


def test_the_result_says_what_was_searched(searching: Searching) -> None:
    scope = Scope(where={"city": "Lugo"})
    told = searching.search("rent", 3, scope=scope).scope
    assert told is not None
    assert (told.scope, told.documents, told.total) == (scope, 100, 301)
    assert searching.search("rent", 3).scope is None


def test_documents_are_only_preferred_without_filters(searching: Searching) -> None:
    found = searching.search("What is the monthly rent in the lease of house_042?", 8).passages
    assert found[0].document == "house_042.txt"
    assert len({passage.document for passage in found}) > 1


def test_an_answer_counts_its_scope(searching: Searching) -> None:
    parts = AnswerParts(
        settings=replace(AnswerSettings(), passages=4),
        style="quote",
        model_name="",
        model_reads=lambda: False,
        open_generator=lambda: pytest.fail("quoting needs no model"),
        tokens=WordCounter(),
    )
    question = "How much is the monthly rent?"
    answer = Answering(searching, parts).answer(question, scope=Scope(documents=("house_29*",)))
    assert (answer.coverage.documents, answer.coverage.searched) == (10, 10)
    shown = [*(cited.document for cited in answer.citations), *(p.document for p in answer.nearest)]
    assert shown
    assert all(document.startswith("house_29") for document in shown)


def test_an_empty_scope_is_said_before_anything_is_searched(searching: Searching) -> None:
    with pytest.raises(NothingInScope, match="the values there are"):
        searching.search("rent", 3, scope=Scope(where={"city": "Madrid"}))


def test_the_same_filters_are_worked_out_once(
    searching: Searching, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Scope | None] = []
    real = module.resolve

    def resolve(
        pipeline: Pipeline, reader: Reader, scope: Scope | None, published: Published
    ) -> Resolved:
        asked.append(scope)
        return real(pipeline, reader, scope, published)

    monkeypatch.setattr(module, "resolve", resolve)
    md, txt = Scope(types=("md",)), Scope(types=("txt",))
    scopes = [md, Scope(types=("md",)), txt, None, md]
    found = [paths(searching, "rent", scope) for scope in scopes]
    assert asked == [md, txt]
    assert found[0] == found[1] == found[4] == {"letter.md"}
    assert "letter.md" not in found[2]


def test_other_filters_answer_once_something_else_is_published(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    corpus.write("a.txt", "The rent is 9.")
    corpus.write("b.txt", "The rent is 8.")
    sidecar = corpus.write("a.txt.meta.yaml", "client: Acme\n")
    corpus.ingest()
    opened = Searching(
        SearchParts(
            pipeline=corpus.pipeline,
            embedder_fingerprint=corpus.embedder_version,
            open_embedder=lambda: corpus.embedder,
            open_index=lambda folder: pytest.fail("unused"),
            exact_index=Indexed,
        )
    )
    opened._open_published = lambda entry: None  # type: ignore[method-assign]
    scope = Scope(where={"client": "acme"})
    assert paths(opened, "rent", scope) == {"a.txt"}
    sidecar.rename(sidecar.with_name("b.txt.meta.yaml"))
    corpus.ingest()
    assert paths(opened, "rent", scope) == {"b.txt"}
    opened.close()


def test_scopes_that_are_asked_by_turns_are_worked_out_once_and_few_are_kept(
    searching: Searching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    read: list[int] = []
    real = ScopeTables.documents
    monkeypatch.setattr(ScopeTables, "documents", lambda self: read.append(1) or real(self))
    scopes = [Scope(documents=(f"house_{number:03}.txt",)) for number in range(20, 25)]
    searching._scopes._generation = -1
    for scope in scopes[:3] * 3:
        assert paths(searching, "rent", scope) == set(scope.documents)
    # All of them look at the same documents, which are read once.
    assert len(read) == 1
    for scope in scopes:
        assert paths(searching, "rent", scope) == set(scope.documents)
    assert len(searching._scopes._kept) == 3


def test_an_answer_does_not_go_through_all_documents_to_say_what_stood_behind_it(
    searching: Searching, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = Scope(types=("md",))
    with searching.view(scope=scope) as view:
        monkeypatch.setattr(ScopeTables, "documents", None)
        coverage = coverage_of(view.reader, view.scope)
    assert (coverage.documents, coverage.searched) == (1, 1)
