"""Headings by rule, and the section path of a position."""

from __future__ import annotations

import pytest

from ragkit.chunking.sentences import split_sentences
from ragkit.chunking.structure import Sections, headings_of
from ragkit.types import Heading


def headings(text: str) -> list[tuple[int, str]]:
    return [(item.level, item.text) for item in headings_of(text, split_sentences(text))]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("# Summary", (1, "Summary")),
        ("### Dose", (3, "Dose")),
        ("ARTICLE IX", (1, "ARTICLE IX")),
        ("SECTION 3. Payment", (2, "SECTION 3. Payment")),
        ("Section 2.01 Strategic Alliance", (3, "Section 2.01 Strategic Alliance")),
        ("CLÁUSULA PRIMERA. Objeto", (2, "CLÁUSULA PRIMERA. Objeto")),
        ("8.2 Limitation of Liability", (3, "8.2 Limitation of Liability")),
        ("GOVERNING LAW", (1, "GOVERNING LAW")),
        ("Antecedentes: hipertensión arterial.", (2, "Antecedentes")),
        ("Physical examination: normal.", (2, "Physical examination")),
    ],
)
def test_a_heading_is_recognised(line: str, expected: tuple[int, str]) -> None:
    assert headings(f"{line}\n\nSome words follow here.")[0] == expected


@pytest.mark.parametrize(
    "line",
    [
        "The Supplier shall deliver the goods.",
        "3 units were sold in the period",
        "12 Main Street, Boston, MA, USA, 02110",
        "Nombre: Ana",
        "2. The Supplier shall, at its cost, deliver.",
        "| HB | NA |",
        "",
    ],
)
def test_text_is_no_heading(line: str) -> None:
    assert headings(line) == []


@pytest.mark.parametrize(
    "text",
    [
        "12. Limitation of liability\n12.1 Nothing here limits any liability of the parties.",
        "3 Term of the lease\n3.1 The lease runs for two years.",
        "The rent is due monthly.\n4. Repairs and small works\nThe tenant pays for them.",
    ],
)
def test_a_numbered_line_like_a_sentence_is_a_heading_by_what_follows(text: str) -> None:
    (heading,) = headings(text)
    assert heading[0] == 2


@pytest.mark.parametrize(
    "text",
    [
        "1. Call the doctor on duty\n2. Take two blood cultures\n3. Give oxygen by mask\nThen wait.",
        "NASS: 11 22334455 66\nNHC 123456\nShe is well.",
        "NOMBRE: ANA RUIZ\nShe is well.",
        "REF-2001-17/44\nShe is well.",
        "12 Mill Lane, Leeds LS1 2AB\nShe is well.",
    ],
)
def test_items_fields_and_codes_are_no_headings(text: str) -> None:
    assert headings(text) == []


def test_a_run_in_heading_covers_only_its_words() -> None:
    text = "1. Services. The Consultant shall advise the Company."
    (heading,) = headings_of(text, split_sentences(text))
    assert text[heading.start : heading.end] == "1. Services."
    assert heading.text == "1. Services"


def test_path_follows_the_levels() -> None:
    sections = Sections(
        [
            Heading(10, 15, 1, "ARTICLE I"),
            Heading(20, 25, 2, "1 Term"),
            Heading(30, 35, 3, "1.1 Renewal"),
            Heading(40, 45, 2, "2 Fees"),
            Heading(50, 55, 1, "ARTICLE II"),
        ]
    )
    assert sections.path_at(5) == ""
    assert sections.path_at(32) == "ARTICLE I > 1 Term > 1.1 Renewal"
    assert sections.path_at(49) == "ARTICLE I > 2 Fees"
    assert sections.path_at(1_000) == "ARTICLE II"
