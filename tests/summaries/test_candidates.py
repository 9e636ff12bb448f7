"""What may stand in a summary, and where long sentences are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ragkit.summaries.candidates import (
    LONGEST_CLAUSE,
    candidates_of,
    is_candidate,
    quotes_of,
)
from ragkit.summaries.clauses import clauses_in, sentences_in
from ragkit.types import Span
from tests.summaries.documents import candidates, lines

LONG = (
    "The Supplier shall keep the records of all deliveries for six years after this "
    "Agreement; the Customer may inspect them on ten days' notice, provided that it bears the cost "
    "of the inspection and does not disturb the Supplier's work."
)


@pytest.mark.parametrize(
    "text",
    [
        "Either party may terminate this Agreement on 60 days' notice.",
        "La renta inicial es de 2.350 € mensuales.",
        "Stopped: losartan 50 mg, ibuprofen",
        "Hemoglobina 11,4 g/dl 12,0-16,0 * bajo",
        "CRP 212 mg/l WBC 18.4 HIGH",
        "he takes it daily",
    ],
)
def test_what_says_something_is_a_candidate(text: str) -> None:
    assert is_candidate(text)


@pytest.mark.parametrize(
    "text",
    [
        "TERMINATION AND ITS CONSEQUENCES",
        "14. Assignment, subcontracting and change of control",
        "Limitation of Liability",
        "AMENDMENT No. 1 TO THE MASTER SERVICES",
        "Harbour Practice, 17 Customs Quay, Port Ellery",
        "N.º de historia clínica 118.204",
        "Mrs Agnes Pellworth, born 30 January 1956",
        "date,hospital_no,patient,creatinine_umol_l,egfr",
        "|------|-------|------|",
        "Halden Analytics - executed version Page 9 of 10",
        "documento de la Clínica, página 3 de 12",
        "By: ____________________",
        "Name: Ruth Abernethy-Cole",
        "Fdo: Consuelo Arizmendi Pla",
        "From: Imogen Tarrow <imogen@halden.example>",
        "Asunto: entrega de las llaves del local",
        "1. Definitions ............ 4",
        "Fecha de nacimiento 14 de marzo de 1951",
        "Yours sincerely and with thanks",
        "118,2 14,4 33,0 mmol 12",
        "The parties therefore agree as follows:",
        "Okay",
    ],
)
def test_what_says_nothing_is_none(text: str) -> None:
    assert not is_candidate(text)


def test_a_heading_of_its_section_is_none() -> None:
    assert not is_candidate("What the buyer pays", "8 Price > What the buyer pays")
    assert is_candidate("what the buyer pays is 40 euros", "8 Price > What the buyer pays")


def test_lines_that_come_on_every_page_are_left_out() -> None:
    foot = "Orrin and the Trust, version of today"
    text = "".join(f"The buyer of lot {n} pays {n} euros.\n{foot}\n" for n in range(1, 4))
    assert [c.text for c in candidates(text)] == text.split("\n")[0::2][:3]
    assert foot in [c.text for c in candidates(text.replace(foot, "", 1))]


def test_every_candidate_is_the_document_byte_for_byte() -> None:
    text = f"1.1 First things come first.\n{LONG}\nEl plazo será de tres años."
    found = candidates(text)
    assert all(text[c.start : c.end] == c.text for c in found)
    assert [c.start for c in found] == sorted(c.start for c in found)
    assert all(first.end <= second.start for first, second in pairwise(found))


def test_clauses_are_short_and_cover_their_sentence() -> None:
    clauses = list(clauses_in(LONG, Span(0, len(LONG)), LONGEST_CLAUSE))
    assert len(clauses) > 2
    assert all(len(LONG[c.start : c.end].split()) <= LONGEST_CLAUSE for c in clauses)
    assert " ".join(LONG[c.start : c.end] for c in clauses) == LONG


def test_the_strongest_mark_is_cut_at_first() -> None:
    first, *_ = clauses_in(LONG, Span(0, len(LONG)), 30)
    assert LONG[first.start : first.end].endswith("this Agreement;")


def test_a_short_sentence_stays_whole() -> None:
    text = "We may change the terms, and you will be told."
    assert list(clauses_in(text, Span(0, len(text)), LONGEST_CLAUSE)) == [Span(0, len(text))]


def test_small_letters_have_sentences_too() -> None:
    text = "your content belongs to you. you decide how to license it . we do not sell it."
    found = [text[s.start : s.end] for s in sentences_in(text, Span(0, len(text)))]
    assert found == [
        "your content belongs to you.",
        "you decide how to license it .",
        "we do not sell it.",
    ]


def test_a_transcript_is_quoted_without_speaker_and_filler() -> None:
    text = (
        "[doctor] okay . um , so , your blood pressure is 150 over 90 today .\n[patient] mm-hmm ."
    )
    assert [c.text for c in candidates(text)] == ["your blood pressure is 150 over 90 today ."]


def test_clauses_that_touch_become_one_quote() -> None:
    text = LONG.replace("provided that", "and in particular")
    found = candidates(text)
    assert len(found) > 2
    (quote,) = quotes_of(text, found)
    assert (quote.text, quote.start, quote.end) == (text, 0, len(text))
    assert len(quotes_of(text, [found[0], found[-1]])) == 2


def test_sentences_stay_quotes_of_their_own() -> None:
    text = "The rent is 900 euros a month.\nThe deposit is 1,800 euros in all."
    assert [q.text for q in quotes_of(text, candidates(text))] == text.split("\n")


def test_nothing_comes_of_nothing() -> None:
    assert candidates_of("", [], []) == []
    assert quotes_of("", []) == []
    assert candidates("-----\n\n12 34 56") == []
    assert lines("") == []
