"""Fields in the summaries of a small corpus: with their quotes, kept, and made anew by another template."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.errors import CheckFailed, ConfigFault
from ragkit.flows.fielding import require_values
from ragkit.flows.summarizing import SummaryRequest, summarize
from ragkit.templates.reading import read_templates
from ragkit.types import DocumentSummary, Summary
from ragkit.types.fields import NOT_FOUND
from tests.flows.corpus import Corpus
from tests.flows.summarizing import LEASE, LETTER, parts_of, require_valid, summaries

OWN = (
    "name: contract\nextends: contract\nfields:\n"
    "  - {name: rent, label: Rent, type: money, find: [{phrase: ['rent is {}']}]}\n"
)


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("lease.txt", LEASE)
    corpus.write("es/alta.txt", LETTER)
    corpus.ingest()
    return corpus


def summarized(corpus: Corpus, own: Path | None = None) -> Summary:
    parts = replace(parts_of(corpus), templates=lambda: read_templates(own))
    summary = summarize(parts, SummaryRequest())
    require_valid(corpus, summary)
    return summary


def values(document: DocumentSummary) -> dict[str, list[tuple[str, str]]]:
    return {
        field.name: [(value.value, value.plain) for value in field.values]
        for field in document.fields
        if field.values
    }


def test_each_document_is_asked_what_its_kind_is_asked(corpus: Corpus) -> None:
    letter, lease = summaries(corpus).documents
    assert (letter.template, lease.template) == ("discharge-letter", "contract")
    assert values(lease)["parties"] == [("Alder Holdings Ltd", ""), ("Birch Foods Inc", "")]
    assert values(lease)["agreement_date"] == [("3 March 2021", "2021-03-03")]
    assert values(lease)["notice_period"] == [("ninety days", "90 days")]
    assert values(letter)["patient"] == [("Lucía Romero Vidal", "")]
    missing = {field.name: field.note for field in lease.fields if not field.values}
    assert missing["governing_law"] == NOT_FOUND


def test_each_value_stands_in_its_own_quote(corpus: Corpus) -> None:
    for document in summaries(corpus).documents:
        quotes = {citation.mark: citation.quote for citation in document.citations}
        for field in document.fields:
            for value in field.values:
                assert any(value.value in quotes[mark] for mark in value.citations)


def test_a_value_that_its_quote_does_not_hold_is_not_shown(corpus: Corpus) -> None:
    lease = summaries(corpus).documents[1]
    field = next(one for one in lease.fields if one.name == "agreement_date")
    false = replace(field, values=(replace(field.values[0], value="4 March 2021"),))
    require_values([field], lease.citations, "lease.txt")
    with pytest.raises(CheckFailed, match="agreement_date of lease"):
        require_values([false], lease.citations, "lease.txt")


def test_another_template_makes_them_anew(corpus: Corpus, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(OWN, encoding="utf-8")
    assert "rent" not in values(summarized(corpus).documents[1])
    assert all(document.reused for document in summarized(corpus).documents)
    first = summarized(corpus, own).documents[1]
    assert not first.reused
    assert values(first)["rent"] == [("4,200 euros", "EUR 4200")]
    kept = summarized(corpus, own).documents[1]
    assert kept.reused
    assert kept.fields == first.fields


def test_a_fault_in_a_template_is_told_before_anything_is_made(
    corpus: Corpus, tmp_path: Path
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(OWN.replace("money", "sum"), encoding="utf-8")
    corpus.embedder.texts.clear()
    with pytest.raises(ConfigFault) as raised:
        summarized(corpus, own)
    assert "line 4" in str(raised.value.faults[0])
    assert corpus.embedder.texts == []


def test_sentences_stand_in_the_sections_of_the_template(corpus: Corpus) -> None:
    (lease,) = summaries(corpus, "lease.txt", words=200).documents
    parts = [(sentence.section, sentence.part) for sentence in lease.sentences]
    assert parts == [
        ("Lease", ""),
        ("Rent", "Price and payment"),
        ("Termination", "Term and termination"),
    ]


def test_another_language_changes_the_words_of_the_template_and_makes_nothing_anew(
    corpus: Corpus,
) -> None:
    letter, lease = summarized(corpus).documents
    assert {field.label for field in lease.fields} >= {"Parties", "Governing law"}
    parts = replace(parts_of(corpus), templates=lambda: read_templates(None))
    asked = summarize(parts, SummaryRequest(language="es"))
    require_valid(corpus, asked)
    spanish = asked.documents[1]
    assert all(document.reused for document in asked.documents)
    assert {field.label for field in spanish.fields} >= {"Partes", "Ley aplicable"}
    assert [field.values for field in spanish.fields] == [field.values for field in lease.fields]
    assert [item.text for item in spanish.sentences] == [item.text for item in lease.sentences]
    told = {item.part for item in lease.sentences if item.part}
    assert told
    assert not told & {item.part for item in spanish.sentences}
    assert (asked.told_in, spanish.language) == ("es", "en")
    english = summarize(parts, SummaryRequest(("es/alta.txt",), language="en")).documents[0]
    assert {field.label for field in english.fields} & {"Patient", "From"}
    assert {field.label for field in letter.fields} & {"Paciente", "De"}
