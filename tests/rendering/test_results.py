"""An answer at the terminal: its frame in its language, what it rests on, and nothing said twice."""

from __future__ import annotations

import dataclasses
import string
from dataclasses import replace

import pytest

from ragkit.rendering.covered import not_found_line, searched_line
from ragkit.rendering.phrases import BY_LANGUAGE, ENGLISH, SPANISH, Phrases, phrases_for
from ragkit.rendering.results import show_answer
from ragkit.shortfacts.values import KINDS
from ragkit.types import (
    Answer,
    AnswerSentence,
    Citation,
    Coverage,
    Note,
    Passage,
    ShortFact,
    Unreadable,
)
from ragkit.types.scope import Scope, Scoped

SCAN = Unreadable("scan_07.pdf", "It is protected by a password.", "password")
COVERAGE = Coverage(42, 41, (SCAN,))
QUOTE = "The fee is 900 euros a month."
CITED = Citation(1, "a.txt", "f" * 64, 2, 0, 29, QUOTE, "ocr", 0.914)
FOUND = Answer(
    question="What is the fee?",
    outcome="found",
    style="quote",
    sentences=(AnswerSentence(QUOTE, (1,), "quoted"),),
    citations=(CITED,),
    coverage=COVERAGE,
    model="",
    generation=1,
    seconds=1.24,
    pipeline="leases",
)
NEAR = Passage("a.txt", 3, 0, 9, "", "Rent and costs.", 0.4, 1)
NOT_FOUND = replace(FOUND, outcome="not_found", sentences=(), citations=(), nearest=(NEAR,))


def flat(text: str) -> str:
    return " ".join(text.split())


def test_not_found_says_in_how_many_documents_and_what_could_not_be_read() -> None:
    shown = show_answer(NOT_FOUND)
    first, second, *_ = shown.splitlines()
    assert first == "Not found in 41 of 42 documents; 1 could not be read: scan_07.pdf (encrypted)."
    assert second.endswith("ragkit ingest leases --ask-passwords")
    assert "a.txt, p. 3: Rent and costs." in shown
    assert "Searched" not in shown  # it is said once


def test_the_frame_is_spanish_and_the_quotes_stay_as_written() -> None:
    shown = flat(show_answer(replace(FOUND, language="es")))
    for words in (
        f'[1] a.txt, pág. 2 (OCR, fiabilidad 91 %): "{QUOTE}"',
        "Se ha buscado en 41 de 42 documentos; 1 no se ha podido leer: scan_07.pdf (cifrado).",
        "ragkit ingest leases --ask-passwords",
        "Estilo: quote. 1,2 s.",
    ):
        assert words in shown, words
    refused = show_answer(replace(NOT_FOUND, language="es"))
    assert refused.startswith("No se ha encontrado en 41 de 42 documentos; 1 no se ha podido leer")


def test_a_language_without_phrases_is_answered_in_english() -> None:
    assert "Searched 41 of 42" in show_answer(replace(FOUND, language="xx"))


def test_a_quote_that_is_the_answer_stands_once() -> None:
    assert flat(show_answer(FOUND)).count(QUOTE) == 1
    written = replace(FOUND, sentences=(AnswerSentence("It is 900.", (1,), "kept"),))
    assert flat(show_answer(written)).startswith("It is 900. [1]")


def test_a_command_is_shown_as_it_must_be_typed() -> None:
    shown = show_answer(NOT_FOUND, typed=lambda command: f"{command} --config other.yaml")
    assert "ragkit ingest leases --ask-passwords --config other.yaml" in shown
    assert "--ask-passwords" not in show_answer(replace(NOT_FOUND, coverage=Coverage(42, 42)))


def test_facts_stand_in_front_on_one_line_if_they_are_of_one_kind() -> None:
    dates = (ShortFact("date", "3 May", (1,)), ShortFact("date", "4 May", (2,)))
    assert show_answer(replace(FOUND, facts=dates)).startswith("3 May [1]; 4 May [2]\n\n")


def test_facts_of_several_kinds_have_a_line_each_that_names_the_kind() -> None:
    facts = (
        ShortFact("yes/no", "Sí", (1,)),
        ShortFact("date", "3 de mayo", (1,)),
        ShortFact("date", "4 de mayo", (2,)),
    )
    lines = show_answer(replace(FOUND, facts=facts, language="es")).splitlines()
    assert lines[:2] == ["Sí [1]", "Fecha: 3 de mayo [1]; 4 de mayo [2]"]


def test_notes_come_after_the_text() -> None:
    noted = replace(
        FOUND,
        sentences=(AnswerSentence("It is 900.", (1,), "kept"),),
        notes=(Note("conflict", "b.txt says 800.", (2,)),),
    )
    shown = show_answer(noted)
    assert (
        shown.index("It is 900.") < shown.index("! b.txt says 800. [2]") < shown.index("[1] a.txt")
    )


def test_an_ambiguous_question_is_asked_back_with_numbers() -> None:
    asked = replace(NOT_FOUND, outcome="ambiguous", candidates=("p/ana.txt", "m.eml::b.pdf"))
    lines = show_answer(asked).splitlines()
    assert lines[1:3] == ["  1. p/ana.txt", "  2. m.eml > b.pdf"]
    assert "--document" in lines[3]
    assert any(line.startswith("Searched 41 of 42 documents") for line in lines)


def test_what_became_of_the_models_sentences_is_counted() -> None:
    sentences = tuple(
        AnswerSentence(f"{status}.", (1,), status)
        for status in ("kept", "replaced", "replaced")  # type: ignore[arg-type]
    )
    written = replace(FOUND, style="compose", model="Small", sentences=sentences)
    assert "compose, Small (1 kept, 0 repaired, 2 replaced)" in show_answer(written)
    spanish = show_answer(replace(written, language="es"))
    assert "(1 conservada, 0 corregidas, 2 sustituidas)" in spanish


def test_every_group_that_was_not_read_is_counted_by_itself_and_a_few_are_named() -> None:
    broken = [Unreadable(f"b{number}.pdf", "x", "damaged") for number in range(5)]
    part = Unreadable("scan.pdf", "x", "needs_ocr", (2, 3, 4, 9))
    slides = Unreadable("deck.pptx", "x", "", (7,))
    clients = Unreadable("clients.csv", "x", "metadata")
    line = searched_line(Coverage(9, 4, (*broken, part, slides, clients)))
    assert line == (
        "Searched 4 of 9 documents; 5 could not be read: b0.pdf (damaged), b1.pdf (damaged), b2.pdf "
        "(damaged) and 2 more (--json lists all); 2 were read only in part: scan.pdf (without pages "
        "2-4, 9: a picture, not read by OCR), deck.pptx (without page 7); 1 file of metadata could "
        "not be used: clients.csv."
    )


def test_all_are_named_where_there_is_room() -> None:
    broken = tuple(Unreadable(f"b{number}.pdf", "x", "damaged") for number in range(5))
    line = not_found_line(Coverage(5, 0, broken), SPANISH, most=100)
    assert "b4.pdf (dañado)" in line
    assert "--json" not in line


def test_filters_are_told_in_the_answers_language() -> None:
    scoped = Scoped(Scope(types=("contract",), since="2020"), 12, 143, 1)
    coverage = Coverage(12, 12, scope=scoped)
    shown = flat(show_answer(replace(FOUND, coverage=coverage, language="es"), width=80))
    assert (
        "Solo 12 de 143 documentos (--type contract --since 2020); 1 sin fecha conocida queda fuera."
        in shown
    )


def test_names_of_files_cannot_steer_the_terminal() -> None:
    steering = Unreadable("a\x1b[31m.pdf", "x", "damaged")
    shown = show_answer(replace(NOT_FOUND, coverage=Coverage(1, 0, (steering,))))
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("question", "fallback", "language"),
    [
        ("What is the fee of the contract?", "es", "en"),
        ("¿Cuál es la renta del contrato?", "en", "es"),
        ("Northwind?", "es", "es"),
        ("Northwind?", "", "en"),
        ("Quelle est la durée du contrat de location?", "fr", "en"),
    ],
)
def test_the_language_is_the_questions_else_the_documents(
    question: str, fallback: str, language: str
) -> None:
    assert phrases_for(question, fallback).language == language


def test_every_kind_of_fact_has_a_spanish_word() -> None:
    assert SPANISH.kinds.keys() >= KINDS


def test_what_was_left_out_is_told_also_where_nothing_was_found() -> None:
    note = Note("fenced", "Reads like an instruction: b.txt.", ())
    shown = show_answer(replace(NOT_FOUND, notes=(note,)))
    assert (
        shown.index("Not found") < shown.index("! Reads like an instruction") < shown.index("Style")
    )


def test_a_quote_that_reads_like_an_instruction_says_so() -> None:
    cited = replace(CITED, fenced=("asks to ignore",))
    assert "(reads like an instruction to a machine)" in flat(
        show_answer(replace(FOUND, citations=(cited,)))
    )


def test_every_language_has_the_same_blanks_to_fill_in() -> None:
    """A blank that one language lacks would leave out a figure."""
    for field in dataclasses.fields(Phrases):
        forms = [_blanks(getattr(said, field.name)) for said in BY_LANGUAGE.values()]
        assert all(form == forms[0] for form in forms), field.name
    assert SPANISH.reasons.keys() == ENGLISH.reasons.keys()


def _blanks(value: object) -> object:
    texts = value if isinstance(value, tuple) else (value,)
    return [
        sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)
        for text in texts
        if isinstance(text, str)
    ]
