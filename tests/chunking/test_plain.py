"""Headings of plain text: by their place, by a line below them, by capitals before a colon."""

from __future__ import annotations

import pytest

from ragkit.chunking.headers import HeaderWriter
from ragkit.chunking.sentences import split_sentences
from ragkit.chunking.structure import Sections, headings_of
from ragkit.embedders.fake import WordCounter
from ragkit.types import DocumentFacts

PROSE = "The disease begins with a rash on both hands, and goes on to the wrists within a week."


def headings(text: str) -> list[tuple[int, str]]:
    return [(item.level, item.text) for item in headings_of(text, split_sentences(text))]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Symptoms", (2, "Symptoms")),
        ("Exams and tests", (2, "Exams and tests")),
        ("Who is at risk", (2, "Who is at risk")),
        ("Ley aplicable", (2, "Ley aplicable")),
        ("How is it treated?", (3, "How is it treated?")),
        ("¿Cómo se trata?", (3, "¿Cómo se trata?")),
        ("Q: Is it catching?", (3, "Q: Is it catching?")),
    ],
)
def test_words_alone_above_a_paragraph_head_it(line: str, expected: tuple[int, str]) -> None:
    assert headings(f"{PROSE}\n\n{line}\n\n{PROSE}") == [expected]


@pytest.mark.parametrize(
    "text",
    [
        f"{PROSE}\n\nAnn Lee\n\nDirector",
        f"the parties agree that the\n\nSupplier delivers\n\n{PROSE}",
        f"{PROSE}\n\nDear Ann,\n\n{PROSE}",
        f"{PROSE}\n\nand so on\n\n{PROSE}",
        f"{PROSE}\n\nann@example.org\n\n{PROSE}",
        f"{PROSE}\n\nPage 3\n\n{PROSE}",
        f"{PROSE}\n\nName | Age\n\n{PROSE}",
        f"{PROSE}\nFrequency\n{PROSE}",
        f"{PROSE}\n\nIt was found that the patient had been ill for years\n\n{PROSE}",
    ],
)
def test_other_lines_alone_are_text(text: str) -> None:
    assert headings(text) == []


def test_a_line_on_every_page_heads_nothing() -> None:
    page = f"Strictly private\n\n{PROSE}\n\n"
    assert headings(page * 3) == []
    assert headings(page) == [(2, "Strictly private")]


def test_a_title_may_have_a_line_below_it() -> None:
    text = f"Gout\n====\nAlso called: podagra\n\nCauses\n------\n{PROSE}"
    assert headings(text) == [(1, "Gout"), (2, "Causes")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"STUDY DESIGN: {PROSE}", [(2, "STUDY DESIGN")]),
        (f"OBJETIVO PRINCIPAL: {PROSE}", [(2, "OBJETIVO PRINCIPAL")]),
        ("NAME AND ADDRESS: Ann Lee, Leeds", []),
        (f"He said: {PROSE}", []),
    ],
)
def test_a_label_in_capitals_heads_its_paragraph(
    text: str, expected: list[tuple[int, str]]
) -> None:
    assert headings(text) == expected


def test_a_list_item_in_capitals_is_no_heading() -> None:
    assert headings("- HIV/AIDS\n- HEPATITIS") == []


def test_every_position_below_has_the_path() -> None:
    text = f"Gout\n====\n\nCauses\n\n{PROSE}\n\nTreatment\n\n{PROSE}"
    sections = Sections(headings_of(text, split_sentences(text)))
    assert sections.path_at(text.index("rash")) == "Gout > Causes"
    assert sections.path_at(text.rindex("rash")) == "Gout > Treatment"


def test_a_header_does_not_say_the_title_twice() -> None:
    facts = DocumentFacts(title="Gout", kind="", language="en", names=(), date="")
    header = HeaderWriter(WordCounter(), 48).of(facts)
    assert header("Gout > Causes", "") == "Gout · Causes"
    assert header("Lupus > Causes", "") == "Gout · Lupus > Causes"
