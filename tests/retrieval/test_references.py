"""Cross-references: which sections a clause refers to, and where these are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.catalog import Catalog
from ragkit.catalog.searching import SearchReader
from ragkit.chunking.chunker import SentenceChunker
from ragkit.embedders.fake import WordCounter
from ragkit.flows.ingest_parts import IngestOptions
from ragkit.flows.ingesting import ingest
from ragkit.retrieval.analysis import terms
from ragkit.retrieval.inside import defining
from ragkit.retrieval.ranking import Ranked
from ragkit.retrieval.references import MOST_FOLLOWED, numbered, referred_to, terms_used
from tests.flows.corpus import Corpus


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("as set out in Section 4.2.", {"4.2"}),
        ("subject to Sections 7 and clause 12.1.3, hereof", {"7", "12.1.3"}),
        ("según la cláusula 5 y el artículo 9.1", {"5", "9.1"}),
        ("of the Securities Act of 1933, Section 2019", set()),
        ("12.5% of net sales under article 8", {"8"}),
        ("no reference at all", set()),
    ],
)
def test_numbers_of_sections_are_read(text: str, numbers: set[str]) -> None:
    assert referred_to(text) == numbers


def test_a_section_is_found_by_the_number_in_its_heading() -> None:
    headings = {
        1: "Agreement > 4. Price",
        2: "Agreement > 4. Price > 4.2 Taxes",
        3: "Agreement > 4. Price > 4.2 Taxes",
        4: "Agreement > 4. Price > 4.2 Taxes",
        5: "Agreement > Section 7. Term",
        6: "Agreement > 14 days",
        7: "Agreement",
    }
    found = numbered(headings)
    assert found["4"] == [1]
    assert found["4.2"] == [2, 3][:MOST_FOLLOWED]
    assert found["7"] == [5]


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("shall keep all Confidential Information secret", ["Confidential Information"]),
        ("upon a Change of Control, the Supplier may", ["Change of Control", "Supplier"]),
        ("Nobody may assign it. The price is fixed.", []),
        ("el uso de la Información Confidencial por él", ["Información Confidencial"]),
    ],
)
def test_terms_in_capitals_are_told(text: str, used: list[str]) -> None:
    assert terms_used(text) == used


CLAUSES = (
    '1. Definitions. "Widget" means a steel part of class A, as listed in the annex to this contract.',
    "2. Orders. The buyer orders every Widget in writing, and the seller confirms it within a week.",
    "3. Price. The price is nine euros, payable within thirty days of receipt of the invoice by post.",
)


def test_a_term_leads_to_its_definition_in_the_same_document(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    corpus.write("contract.txt", "\n\n".join(("SUPPLY CONTRACT", *CLAUSES)))
    corpus.write("other.txt", 'LEASE\n\n"Widget" means a window of the cottage.')
    parts = replace(
        corpus.parts(),
        chunker=SentenceChunker(WordCounter(), window=256, target=90),
        analyse=lambda text, language: " ".join(terms(text, language)),
    )
    ingest(parts, IngestOptions())
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        reader = SearchReader(catalog)
        document = reader.document("contract.txt")
        assert document is not None
        texts = reader.texts(reader.entries_of_document(document.id))

        def led_to(question: str, clause: str) -> list[str]:
            entry = next(entry for entry, text in texts.items() if clause in text)
            found = defining(reader, question, [Ranked(entry, document.id, 1.0, ())])
            return [texts[one] for one in found]

        assert [text for text in led_to("who orders?", "2. Orders") if "steel part" in text]
        assert [text for text in led_to("what does Widget mean?", "3. Price") if "steel" in text]
        assert led_to("what is the price?", "3. Price") == []
