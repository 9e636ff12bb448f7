"""Fields in Markdown and as CSV: what was found, what was not, and nothing that runs."""

from __future__ import annotations

import csv
import io

from ragkit.rendering.fields import fields_csv, fields_table
from ragkit.rendering.markdown import literal, show_document
from ragkit.types import Citation, DocumentSummary, SummarySentence
from ragkit.types.fields import CONTRADICTORY, NOT_FOUND, FieldValue, SummaryField

QUOTE = "between Acme | Sons Ltd and others, for 30 days"
FIELDS = (
    SummaryField(
        "parties",
        "Parties",
        "party",
        (FieldValue("Acme | Sons Ltd", "party", "", "Buyer", (1,)),),
    ),
    SummaryField(
        "notice", "Notice", "duration", (FieldValue("30 days", "duration", "30 days", "", (1,)),)
    ),
    SummaryField("law", "Law", "text", (), NOT_FOUND),
    SummaryField("expiry", "Expiry", "date", (), CONTRADICTORY),
)


def summary(
    path: str, language: str = "en", fields: tuple[SummaryField, ...] = FIELDS
) -> DocumentSummary:
    return DocumentSummary(
        document=path,
        sha256="0" * 64,
        title="",
        kind="contract",
        language=language,
        date="",
        style="quote",
        model="",
        facts=(),
        sentences=(
            SummarySentence("It ends.", (1,), "quoted", "9 Term", "Term and termination"),
            SummarySentence("It began.", (1,), "quoted", "1 Start"),
        ),
        citations=(Citation(1, path, "0" * 64, 2, 10, 10 + len(QUOTE), QUOTE),),
        sections=2,
        covered=2,
        template="contract",
        fields=fields,
    )


def test_a_table_shows_values_with_their_marks_and_what_is_missing() -> None:
    table = fields_table(
        summary("a.pdf"), literal, lambda marks: "".join(f" [{mark}]" for mark in marks)
    )
    assert table.splitlines() == [
        "| Field | Value |",
        "|---|---|",
        r"| Parties | Acme \| Sons Ltd (Buyer) [1] |",
        "| Notice | 30 days [1] |",
        "| Law | *not found* |",
        "| Expiry | *the document gives different values* |",
    ]


def test_it_speaks_the_language_of_the_document() -> None:
    assert "| Campo | Valor |" in fields_table(summary("a.pdf", "es"), literal, lambda marks: "")


def test_a_document_shows_its_fields_and_the_parts_of_its_template() -> None:
    page = show_document(summary("a.pdf"))
    assert page.index("| Field | Value |") < page.index("## Term and termination")
    assert "### 9 Term" in page
    assert "\n## 1 Start" in page
    assert "p. 2, characters 10 to 57" in page


def test_all_documents_are_rows_of_one_file() -> None:
    other = (
        SummaryField("amount", "Amount", "money", (FieldValue("£5", "money", "GBP 5", "", (1,)),)),
        SummaryField("subject", "Subject", "text", (FieldValue("=1+1", "text", "", "", (1,)),)),
    )
    text = fields_csv([summary("a.pdf"), summary("b.eml", fields=other)])
    rows = list(csv.reader(io.StringIO(text)))
    assert rows == [
        ["document", "template", "parties", "notice", "law", "expiry", "amount", "subject"],
        ["a.pdf", "contract", "Acme | Sons Ltd", "30 days", "", "?", "", ""],
        ["b.eml", "contract", "", "", "", "", "GBP 5", "'=1+1"],
    ]


def test_without_templates_there_is_no_table() -> None:
    assert fields_table(summary("a.pdf", fields=()), literal, lambda marks: "") == ""
