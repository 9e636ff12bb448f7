"""Sentences of legal and medical prose, in English and Spanish."""

from __future__ import annotations

import random
import time

import pytest

from ragkit.chunking.sentences import split_sentences


def sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["The term is two years.", "It renews yearly."],
        ["Dr. Smith of Acme Inc. signed on Jan. 3, 2020.", "See Art. 5 and No. 4 vs. No. 5."],
        ["Quillmar Biotech, Inc.", "The Consultant agrees."],
        ["It is governed by the laws of the U.S. Virgin Islands.", "Nothing else applies."],
        ["La Sra. Gómez tomó 5 mg. de bisoprolol (p. ej. por la noche).", "No hubo fiebre."],
        ["¿Fuma?", "No.", "¡Alta!"],
        ["He said “stop.”", "They stopped."],
        ["8.2 Limitation of Liability.", "Neither party is liable for more than $1.5 million."],
        ["1. Services.", "The Consultant shall advise, i.e. help, J. Doe."],
        ["See pág. 12 del informe.", "Continúa en la pág. 13."],
    ],
)
def test_running_prose_splits_where_a_reader_would(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


def test_hard_wrapped_lines_are_one_sentence() -> None:
    text = (
        "This Agreement shall commence on the date first written above and shall\n"
        "continue for a period of two (2) years unless terminated earlier as set\n"
        "forth in Section 9. Either Party may renew it."
    )
    assert sentences(text) == [text.split(" Either")[0], "Either Party may renew it."]


def test_blank_lines_always_end_a_sentence() -> None:
    assert sentences("the first part\n\nof two\n \t\nparts") == [
        "the first part",
        "of two",
        "parts",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ["Nombre: Ana", "Apellidos: Ruiz Soto", "NHC: 5102736"],
        ["- fever", "- cough", "* rash"],
        ["(a) pays the fee;", "(b) keeps the books; and", "(c) reports."],
        ["8.1 Term", "8.2 Termination"],
        ["apixaban | 5 mg", "heparin | 5000 units"],
        ["| Hb | 12.3 | g/dl |", "| Na | 140 | mmol/l |"],
        ["Hb\t12.3. Low\tg/dl", "Na\t140\tmmol/l"],
        ["Hemoglobin     12.3     g/dl", "Sodium         140     mmol/l"],
        ["name,date,amount", "Acme,2020-01-01,500", "Beta,2020-02-01,700"],
    ],
)
def test_lines_that_were_meant_are_sentences_of_their_own(lines: list[str]) -> None:
    assert sentences("\n".join(lines)) == lines
    assert sentences("\r\n".join(lines)) == lines


def test_clauses_run_together_with_wide_gaps_are_separated() -> None:
    text = "Section 3   Property   3.1 Background IP. This stays.   3.2 Foreground IP. That too."
    assert sentences(text) == [
        "Section 3   Property",
        "3.1 Background IP.",
        "This stays.",
        "3.2 Foreground IP.",
        "That too.",
    ]


def test_leader_dots_do_not_split_a_line_of_contents() -> None:
    assert sentences("Definitions ........ 12") == ["Definitions ........ 12"]


def test_sentences_cover_everything_in_order() -> None:
    chance = random.Random(7)
    pieces = [
        "Dr. ",
        "word ",
        "No. 4",
        ". ",
        "\n",
        "\n\n",
        "A: b",
        "| x | y |",
        "(a) ",
        "1.2 ",
        "\t",
        "…",
    ]
    for _ in range(200):
        text = "".join(chance.choices(pieces, k=60))
        end = 0
        for span in split_sentences(text):
            assert span.end > span.start >= end
            assert not text[end : span.start].strip()
            assert text[span.start : span.end] == text[span.start : span.end].strip()
            end = span.end
        assert not text[end:].strip()


def _seconds_once(text: str) -> float:
    """Of this process alone: another that takes the processor meanwhile does not count."""
    began = time.process_time()
    split_sentences(text)
    return time.process_time() - began


@pytest.mark.parametrize(
    "unit",
    [".", " ", "a. ", "(", "a\n", "A.)", ". ", "\n ", "1", "x,", "|", "A:", "1.1 ", "   1.", "\t"],
)
def test_no_input_makes_it_slow(unit: str) -> None:
    def seconds(size: int) -> float:
        return min(_seconds_once(unit * (size // len(unit))) for _ in range(3))

    # Quadratic work would take 16 times as long for 4 times the text, and minutes for the longer one.
    assert seconds(200_000) < 12 * max(seconds(50_000), 0.02)
