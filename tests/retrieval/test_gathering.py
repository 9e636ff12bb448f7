"""Candidates: how many there are, however common the words and however large a named document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from ragkit.catalog import Catalog
from ragkit.catalog.searching import SearchReader
from ragkit.flows.ingest_parts import IngestOptions
from ragkit.flows.ingesting import ingest
from ragkit.retrieval import gathering, inside, search
from ragkit.retrieval.analysis import terms
from ragkit.retrieval.gathering import searched_for
from ragkit.retrieval.routing import within_reach
from ragkit.retrieval.search import Found, Retriever
from ragkit.vectors.exact import ExactIndex
from tests.flows.corpus import Corpus

SECTIONS = 150
SECTION = (
    "{number}. Duty {number}\n\nThe supplier delivers the goods of kind {number} to the harbour in good"
    " order, packs them in crates and keeps a record of each delivery for the buyer.\n\n"
)
ODD = "97. Termination\n\nEither party ends this on 5 May 2024 as set out in Section 42.\n\n"
QUESTION = "When does the Supply Agreement with Hazel Biologics end?"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """One contract of 149 sections and 30 letters."""
    corpus = Corpus(tmp_path_factory.mktemp("gathering"))
    sections = [SECTION.format(number=number) for number in range(1, SECTIONS)]
    sections[96] = ODD
    opening = (
        "SUPPLY AGREEMENT\n\nThis Supply Agreement is by and between Hazel Biologics, Inc. and"
    )
    corpus.write("supply.txt", f"{opening} Teak Foods LLC.\n\n{''.join(sections)}")
    for number in range(30):
        corpus.write(f"letter_{number}.txt", f"Dear Ada,\n\npump number {number} has arrived.\n")
    parts = replace(corpus.parts(), analyse=lambda text, language: " ".join(terms(text, language)))
    ingest(parts, IngestOptions())
    return corpus


@pytest.fixture
def reader(corpus: Corpus) -> Iterator[SearchReader]:
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        yield SearchReader(catalog)


def found_by(reader: SearchReader, corpus: Corpus, question: str = QUESTION) -> Found:
    index = ExactIndex(*reader.vectors_after(corpus.embedder_version, 0))
    return Retriever(reader, corpus.embedder, [index]).find(question, 8)


def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (gathering, inside):
        monkeypatch.setattr(module, "WHOLE_DOCUMENT", 100)
    monkeypatch.setattr(gathering, "FROM_LARGE", 15)
    monkeypatch.setattr(gathering, "DEPTH", 20)


def first_text(reader: SearchReader, found: Found) -> str:
    return reader.texts([found.ranked[0].id])[found.ranked[0].id]


def test_all_of_a_named_document_is_compared_and_little_of_a_large_one(
    reader: SearchReader, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = found_by(reader, corpus)
    assert len(whole.asked.named) >= 1
    assert len(whole.ids) >= SECTIONS - 1
    small(monkeypatch)
    part = found_by(reader, corpus)
    # Twice from its words, from the vectors of question and content, from the words of the corpus.
    assert len(part.ids) <= 2 * 15 + 3 * 20
    assert [item.id for item in part.ranked[:1]] == [item.id for item in whole.ranked[:1]]
    assert "5 May 2024" in first_text(reader, part)


def test_only_the_best_chunks_are_looked_into_for_a_fact_and_each_once(
    reader: SearchReader, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LOOKED_INTO", 25)
    looked: list[str] = []
    real = inside.holds
    monkeypatch.setattr(inside, "holds", lambda kind, text: looked.append(text) or real(kind, text))
    first = found_by(reader, corpus)
    assert first.asked.fact == "date"
    assert len(looked) == 25
    again = found_by(reader, corpus)
    assert len(looked) == 25
    assert [item.score for item in again.ranked] == [item.score for item in first.ranked]


@pytest.mark.parametrize("whole", [1000, 100])
def test_a_section_is_found_without_reading_a_large_document(
    reader: SearchReader, corpus: Corpus, monkeypatch: pytest.MonkeyPatch, whole: int
) -> None:
    monkeypatch.setattr(inside, "WHOLE_DOCUMENT", whole)
    read: list[int] = []
    real = reader.headings
    monkeypatch.setattr(
        reader, "headings", lambda entries: read.append(len(entries)) or real(entries)
    )
    found = found_by(reader, corpus)
    assert "Section 42" in first_text(reader, found)
    sections = inside.referred_sections(reader, found.ranked[:1])
    texts = reader.texts(sections)
    assert any("kind 42 " in text for text in texts.values())
    assert read[-1] >= SECTIONS - 1 if whole == 1000 else read[-1] <= inside.SAYING


def test_rare_words_are_searched_for_before_common_ones() -> None:
    words = [("a",), ("b",), ("c",), ("d",), ("e",), ("none",)]
    held = dict(zip(words, (50, 10, 40, 30, 20, 0), strict=True))
    assert searched_for(words, held, 100) == [("b",), ("e",), ("d",), ("c",), ("a",)]
    # The three rarest however common they are, but the rest only if they are not.
    assert searched_for(words, held, 15) == [("b",), ("e",), ("d",)]
    # In all no more than 60 places are scored.
    assert searched_for(words, held, 100, 60) == [("b",), ("e",), ("d",)]
    assert searched_for(words, held, 100, 5) == [("b",)]


def test_words_that_most_of_many_documents_open_with_route_to_none() -> None:
    groups = [("agreement", "agreem"), ("date",), ("hazel",), ("unheard",)]
    few = {"agreement": 90, "date": 80, "hazel": 1}
    assert within_reach(groups, few, 100) == [("hazel",), ("date",), ("agreement",)]
    many = {"agreement": 90_000, "date": 80_000, "hazel": 1}
    assert within_reach(groups, many, 100_000) == [("hazel",)]
    assert within_reach(groups[:2], many, 100_000) == []
    # The rarest is looked for alone where it tells one half from the other.
    assert within_reach([("date",), ("hazel",)], {"date": 80_000, "hazel": 40_000}, 100_000) == [
        ("hazel",)
    ]


def test_terms_that_no_chunk_holds_are_not_asked_for(
    reader: SearchReader, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    expressions: list[str] = []
    real = reader.lexical

    def lexical(expression: str, weights: tuple[float, float], limit: int) -> list:  # type: ignore[type-arg]
        expressions.append(expression)
        return real(expression, weights, limit)

    monkeypatch.setattr(reader, "lexical", lexical)
    found_by(reader, corpus, "Which harbour are the crates and zebras delivered to?")
    (asked,) = expressions
    assert "crate" in asked
    assert "zebra" not in asked


def test_an_index_that_holds_little_of_what_may_be_found_is_not_asked_for_all(
    reader: SearchReader, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "DEPTH", 5)
    monkeypatch.setattr(gathering, "DEEPEST", 80)
    asked: list[int] = []

    class Stale:
        """Gives the vectors of what is no longer shown."""

        def query(self, vector, k):  # type: ignore[no-untyped-def]
            asked.append(k)
            return np.arange(10_000, 10_000 + k), np.ones(k, np.float32)

    gatherer = gathering.Gatherer(reader, [Stale()])  # type: ignore[list-item]
    vector = corpus.embedder.embed_queries(["pump number 7"])[0]
    near = gatherer.near(gatherer._indexes[0], vector)
    assert max(asked) <= 80
    assert near == dict(reader.nearest(vector, 5))
    assert len(near) == 5
