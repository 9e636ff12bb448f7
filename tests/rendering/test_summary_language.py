"""The language of a summary's own words: that of the document, of most documents, or the one asked for."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ragkit.chunking import facts as chunking_facts
from ragkit.rendering.fields import shown_value
from ragkit.rendering.markdown import show_document, show_folder, show_summary
from ragkit.rendering.summary_folder_page import folder_page
from ragkit.rendering.summary_names import fact_name, kind_name
from ragkit.rendering.summary_page import document_page
from ragkit.rendering.summary_words import SPANISH, coverage_line, in_part_line
from ragkit.summaries import factrules
from ragkit.summaries.keyfacts import _MOST as FACTS
from ragkit.types import DocumentSummary, KeyFact, Summary, Unreadable
from ragkit.types.fields import FieldValue, SummaryField
from tests.rendering.test_evidence_page import Read
from tests.rendering.test_summary_page import LEASE, LINKS, summary_of

SCAN = Unreadable("2024/lease.pdf", "page 4: it is a scan, and OCR failed", "needs_ocr", (4,))
ANNEX = Unreadable("2024/lease.pdf::annex.pdf", "it is encrypted", "password")
SPANISH_LEASE = replace(
    LEASE,
    language="es",
    kind="lease",
    title="Contrato de arrendamiento",
    facts=(
        KeyFact("party", "Alder, S.L.", (1,)),
        KeyFact("amount: monthly rent", "900 euros", (2,)),
    ),
    missing=(SCAN, ANNEX),
    fields=(
        SummaryField(
            "term",
            "Duración",
            "duration",
            (FieldValue("dos años", "duration", "2 years", "", (2,)),),
        ),
        SummaryField("auto", "Prórroga", "yes/no", (FieldValue("yes", "yes/no", "yes", "", (3,)),)),
        SummaryField("law", "Ley aplicable", "text", ()),
    ),
)
OURS_IN_ENGLISH = re.compile(
    r"(?i)\b(?:lease|party|amount|rent|monthly|key facts|fields?|value|not found|pages?|p\. \d|used|read|quoted"
    r"|unreadable|sections?|characters|sources|documents?|summary|open|years?|yes|without|encrypted|picture"
    r"|in \d|and \d|more|made by|sentences)\b"
)
"""Words of the frame; the names of files and the quotes hold others."""


def ours(words: str) -> str:
    """Without quotes, names of files, and the stylesheet."""
    without = re.sub(
        r"“[^”]*”|\S*(?:lease|annex)\.\w+\S*|\S*summary\.\S*|:root\{.*?\n\}|<[^>]*>",
        " ",
        words,
        flags=re.DOTALL,
    )
    for said in (
        "The rent is 900 euros.",
        "Either party may end it.",
        "Rent",
        "Termination",
        "OCR",
    ):
        without = without.replace(said, " ")
    return without


def pages(document: DocumentSummary) -> list[str]:
    """What is read of each page that a document has."""
    summary = summary_of(document)
    return [
        show_document(document, "la renta", LINKS),
        show_folder(summary, LINKS),
        show_summary(summary),
        Read(document_page(document, "la renta", LINKS)).words.rpartition("}")[2],
        Read(folder_page(summary, LINKS)).words.rpartition("}")[2],
    ]


def test_no_page_of_a_spanish_document_is_half_english() -> None:
    in_english = replace(SPANISH_LEASE, language="en")
    for page, other in zip(pages(SPANISH_LEASE), pages(in_english), strict=True):
        assert OURS_IN_ENGLISH.findall(ours(page)) == []
        assert len(OURS_IN_ENGLISH.findall(ours(other))) >= 5


def test_a_spanish_page_names_facts_kinds_and_reasons() -> None:
    page = show_document(SPANISH_LEASE, "", LINKS)
    for said in (
        "arrendamiento",
        "## Datos clave\n\n- **parte**: Alder, S.L. [1], pág. 1\n- **importe: renta por mes**: 900 euros [2], "
        "pág. 2",
        "| Duración | dos años (2 años) [2] |",
        "| Prórroga | Sí [3] |",
        "| Ley aplicable | *no consta* |",
    ):
        assert said in page
    assert in_part_line(SPANISH_LEASE, SPANISH) == (
        "Este documento solo se leyó en parte, y este resumen también: sin la página 4: una imagen, "
        "no leída por OCR; annex.pdf: cifrado."
    )
    assert "ilegibles: 1 (4: una imagen, no leída por OCR)" in coverage_line(SPANISH_LEASE, SPANISH)


def test_the_page_of_all_speaks_the_language_of_most() -> None:
    others = [replace(SPANISH_LEASE, document=f"{name}.pdf", kind="contract") for name in "bc"]
    summary = replace(
        summary_of(LEASE, *others), unreadable=(Unreadable("old.pdf", "it is damaged", "damaged"),)
    )
    assert summary.told_in == "es"
    page = show_folder(summary, LINKS)
    assert "3 documentos: 3 contratos." in page
    assert "old.pdf: dañado" in page
    assert "en 1 documento" in page
    html = Read(folder_page(summary, LINKS))
    assert html.of("html")[0]["lang"] == "es"
    assert "3 documentos: 3 contratos." in html.words
    assert "old.pdf" in html.words
    assert "dañado" in html.words


def test_the_language_asked_for_goes_before_that_of_the_documents() -> None:
    asked = replace(LEASE, said_in="es")
    page = Read(document_page(asked, "", LINKS))
    assert page.of("html")[0]["lang"] == "en"  # the quotes are most of it
    assert page.of("footer")[0]["lang"] == "es"
    assert "Datos clave" in page.words
    assert "contrato" in show_document(asked)
    summary = replace(summary_of(asked), said_in="es")
    assert "1 documento: 1 contrato." in show_folder(summary)
    assert "1 document: 1 contract." in show_folder(summary_of(LEASE))
    back = replace(summary_of(replace(SPANISH_LEASE, said_in="en")), said_in="en")
    assert "1 document: 1 lease." in show_folder(back)


def test_where_as_many_are_in_each_the_page_of_all_is_in_english() -> None:
    assert summary_of(SPANISH_LEASE, LEASE).told_in == "en"
    assert Summary("legal", "", 1, None, (), (), 0.0).told_in == ""


def test_every_fact_and_every_kind_has_a_spanish_name() -> None:
    purposes = [f"amount: {name}" for name, _ in factrules.PURPOSES]
    rhythms = [f"amount: {name} fee" for name, _ in factrules.RHYTHMS]
    same = {"total"}
    for name in (*FACTS, *purposes, *rhythms):
        said = fact_name(name, "es")
        assert said != name
        what = name.rpartition(": ")[2]
        assert what in same or not re.search(rf"\b{what}\b", said)
    kinds = {kind for kind, _ in chunking_facts._KINDS} | {"email", "clinical note", "article"}
    for kind in kinds:
        assert kind_name(kind, "es") != kind
        assert kind_name(kind, "es", 2) != kind


@pytest.mark.parametrize(
    ("kind", "count", "said"),
    [
        ("contract", 1, "contract"),
        ("contract", 5, "contracts"),
        ("power of attorney", 2, "powers of attorney"),
        ("policy", 2, "policies"),
        ("minutes", 3, "minutes"),
        ("other", 3, "other"),
        ("Verträge", 3, "Verträge"),
    ],
)
def test_kinds_are_counted(kind: str, count: int, said: str) -> None:
    assert kind_name(kind, "en", count) == said


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ("1 month", "1 mes"),
        ("5 months", "5 meses"),
        ("1 business day", "1 día hábil"),
        ("2 business days", "2 días hábiles"),
        ("1 year", "1 año"),
        ("a while", "a while"),
    ],
)
def test_lengths_of_time_are_said_in_spanish(plain: str, said: str) -> None:
    value = FieldValue("x", "duration", plain, "", (1,))
    assert shown_value(value, "es") == f"x ({said})"
    assert shown_value(value, "en") == f"x ({plain})"
