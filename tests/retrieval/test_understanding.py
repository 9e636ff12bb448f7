"""Understanding questions over a small index: who is meant, also when the name is misspelt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.catalog import Catalog
from ragkit.catalog.searching import SearchReader
from ragkit.flows.ingest_parts import IngestOptions
from ragkit.flows.ingesting import ingest
from ragkit.retrieval.analysis import terms
from ragkit.retrieval.understanding import Asked, Understanding, _is_whole_name
from ragkit.retrieval.wording import Rule, Wording
from tests.flows.corpus import Corpus

Ask = Callable[[str], tuple[Asked, list[str]]]


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    """A question -> how it is understood, and the paths of the documents it names, likeliest first."""
    corpus = Corpus(tmp_path)
    for number, (supplier, day) in enumerate(
        (("Hazel Biologics", "12 March 2021"), ("Rowan Logistics", "13 March 2021"))
    ):
        corpus.write(
            f"agreement_{number}.txt",
            f"SUPPLY AGREEMENT\n\nContract No. 2023-01{number}7\n\nThis Supply Agreement is made on {day}"
            f" by and between {supplier}, Inc. and Teak Foods LLC.\n\n1. Price. The price is 900 euros.",
        )
    corpus.write(
        "amendment.txt",
        "AMENDMENT TO SUPPLY AGREEMENT\n\nThis Amendment is made on 5 May 2022 by and between"
        " Hazel Biologics, Inc. and Teak Foods LLC.\n\n1. Price. The price is 950 euros.",
    )
    parts = replace(corpus.parts(), analyse=lambda text, lang: " ".join(terms(text, lang)))
    ingest(parts, IngestOptions())
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        reader = SearchReader(catalog)

        def asked(question: str) -> tuple[Asked, list[str]]:
            found = Understanding(reader).asked(question)
            paths = reader.documents_by_id(found.named)
            return found, [paths[document].path for document in found.named]

        yield asked


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("What is the price in the Supply Agreement with Hazel Biologics?", "agreement_0.txt"),
        ("what is the price in the supply agreement with rowan logistics?", "agreement_1.txt"),
        ("What is the price in the Supply Agreement with Rowan Lgoistics?", "agreement_1.txt"),
        ("what is the price in the supply agreement with hazel biolgics?", "agreement_0.txt"),
        ("What is the price in the Amendment with Hazel Biologics?", "amendment.txt"),
        ("What is the price in the Supply Agreement of March 13, 2021?", "agreement_1.txt"),
        ("What is the price under contract 2023-0107?", "agreement_0.txt"),
        ("What is the price under contract 2023-0117?", "agreement_1.txt"),
        ("What is the price in agreement_1.txt?", "agreement_1.txt"),
    ],
)
def test_the_document_that_is_meant_comes_first(ask: Ask, question: str, path: str) -> None:
    asked, named = ask(question)
    assert named[0] == path
    assert "price" in asked.content.casefold()
    assert not {"Hazel", "2023-0107", "Rowan"} & set(asked.content.split())


def test_a_question_that_names_nothing_asks_with_all_its_words(ask: Ask) -> None:
    asked, named = ask("What is the price?")
    assert named == []
    assert asked.content_words == asked.words


def test_the_words_of_the_trade_are_looked_for_beside_those_asked(ask: Ask) -> None:
    asked, _ = ask("When was the Supply Agreement with Hazel Biologics signed?")
    others = {term for group in asked.other_words for term in group}
    assert {"dated", "made"} <= others
    assert others.isdisjoint(term for group in asked.content_words for term in group)
    assert asked.fact == "date"


def test_a_phrase_that_many_documents_speak_of_names_none(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    corpus.write(
        "filed.txt", "DIABETES MELLITUS AGREEMENT\n\nThe parties agree on a study of bypass."
    )
    for number in range(8):
        corpus.write(
            f"study_{number}.txt", f"Patients with diabetes mellitus were seen for {number} years."
        )
    corpus.write("lease.txt", "LEASE OF HAZEL COTTAGE\n\nThis lease is made by Ann Birch.")
    parts = replace(corpus.parts(), analyse=lambda text, lang: " ".join(terms(text, lang)))
    ingest(parts, IngestOptions())
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        understanding = Understanding(SearchReader(catalog))
        asked = understanding.asked("Do patients with diabetes mellitus live long?")
        assert asked.named == ()
        assert asked.content == asked.question
        assert understanding.asked("Who signed the lease of hazel cottage?").named


def test_only_a_whole_file_name_names_by_its_suffix() -> None:
    assert _is_whole_name("lease0117txt", {"lease0117txt", "leas", "0117", "txt"})
    assert not _is_whole_name("amd", {"amd", "suppli", "agreementpdf", "agreement", "pdf"})
    assert not _is_whole_name("amd", {"amd", "notesmd", "note", "md"})


def test_words_that_all_name_are_asked_for_as_those_of_any_question(ask: Ask) -> None:
    asked, _ = ask("Supply Agreement Hazel Biologics")
    assert asked.named == ()
    assert asked.content_words == asked.words
    fitting, _ = ask("Supply Agreement Hazel Biologics price")
    assert max(asked.route.values()) < 0.1 < max(fitting.route.values())  # BM25, and shares of fit


def test_words_of_ones_own_list_are_asked_for_also_where_no_document_is_named(
    tmp_path: Path,
) -> None:
    corpus = Corpus(tmp_path)
    corpus.write("lease.txt", "LEASE\n\n1. Security. The deposit is two months of rent.")
    parts = replace(corpus.parts(), analyse=lambda text, lang: " ".join(terms(text, lang)))
    ingest(parts, IngestOptions())
    rule = Rule.of("caution money", ("security deposit",))
    assert rule is not None
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        understanding = Understanding(SearchReader(catalog), Wording([rule]))
        asked = understanding.asked("What is the caution money?")
    assert asked.named == ()
    assert {"secur", "deposit"} <= {term for group in asked.words for term in group}
    assert asked.content_words == asked.words  # as one word that is there: not two that are not
    assert len(asked.words) == 1
