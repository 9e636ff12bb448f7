"""Index terms: spellings of one word meet, different words do not."""

from __future__ import annotations

import sqlite3

import pytest

from ragkit.retrieval.analysis import question_words, terms


@pytest.mark.parametrize(
    ("first", "second", "language"),
    [
        ("Terminations", "terminate", "en"),
        ("ROYALTIES", "royalty", "en"),
        ("the Seller's", "seller", "en"),
        ("exploraciones", "exploración", "es"),
        ("exploracion", "EXPLORACIÓN", "es"),
        ("cafe\u0301", "café", "es"),
        ("diagnósticos", "diagnostico", "es"),
        ("１２", "12", ""),
    ],
)
def test_spellings_of_one_word_meet(first: str, second: str, language: str) -> None:
    assert terms(first, language) == terms(second, language)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EX-10.7", ["ex10x7", "ex", "10", "7"]),
        ("1.2.3", ["1x2x3", "1", "2", "3"]),
        ("14/02/1968", ["14x02x1968", "14", "02", "1968"]),
        ("nhc-5102736", ["nhc5102736", "nhc", "5102736"]),
        (
            "SupplyAgreement_2020",
            ["supplyagreement2020", "supplyagreement", "2020", "supply", "agreement"],
        ),
        ("non-compete", ["noncompete", "non", "compete"]),
        ("the law of the place", ["the", "law", "of", "the", "place"]),
    ],
)
def test_compounds_are_kept_whole_and_in_parts(text: str, expected: list[str]) -> None:
    assert terms(text, "") == expected


def test_function_words_of_the_language_are_left_out() -> None:
    assert terms("the law of the place", "en") == ["law", "place"]
    assert terms("la ley de las partes", "es") == ["ley", "part"]


def test_a_long_run_is_cut() -> None:
    assert [len(term) for term in terms("x" * 10_000, "en")] == [64]


@pytest.mark.parametrize(
    ("word", "text", "language"),
    [
        ("termination", "Terminations are final.", "en"),
        ("exploración", "las exploraciones clínicas", "es"),
        ("exploracion", "Exploración", ""),
        ("terminated", "TERMINATED", "fr"),
    ],
)
@pytest.mark.parametrize("asked_in", ["en", "es", ""])
def test_a_question_meets_a_document_of_any_language(
    word: str, text: str, language: str, asked_in: str
) -> None:
    (asked,) = question_words(word, asked_in)
    assert set(asked.terms[0]) & set(terms(text, language))


def test_words_of_a_question_know_their_place() -> None:
    question = "¿Cuál es el NHC de Ana?"
    words = question_words(question, "es")
    assert [question[word.start : word.end] for word in words] == [
        "Cuál",
        "es",
        "el",
        "NHC",
        "de",
        "Ana",
    ]
    assert [bool(word.terms) for word in words] == [False, False, False, True, False, True]


def test_terms_stay_whole_in_the_full_text_index() -> None:
    database = sqlite3.connect(":memory:")
    database.execute(
        'CREATE VIRTUAL TABLE t USING fts5(x, tokenize = "unicode61 remove_diacritics 0")'
    )
    database.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, row)")
    text = "EX-10.7 14/02/1968 niño’s mañana_x ½ ﬁnal µg Ω 東京 straße o'neill@x.com C++ naïve"
    written = terms(text, "")
    database.execute("INSERT INTO t VALUES (?)", (" ".join(written),))
    assert {row[0] for row in database.execute("SELECT term FROM v")} == set(written)
    database.close()


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("fr", "résiliation", "résilier"),
        ("fr", "médicaments", "medicament"),
        ("de", "Verträge", "Vertrages"),
        ("de", "Straße", "STRASSE"),
        ("it", "responsabilità", "responsabile"),
        ("it", "obbligo", "obblighi"),
        ("pt", "rescisão", "rescisoes"),
        ("pt", "obrigação", "obrigações"),
        ("pt", "responsável", "responsaveis"),
        ("ca", "obligació", "obligacions"),
        ("ca", "indemnitzacio", "indemnització"),
    ],
)
def test_forms_of_a_word_meet_in_its_language(language: str, one: str, other: str) -> None:
    assert terms(one, language) == terms(other, language)
    (asked,) = question_words(other, "", written_in=[language])
    assert set(terms(one, language)) & set(asked.terms[0])


def test_function_words_of_the_documents_language_are_left_out() -> None:
    assert terms("Der Mieter hat die Kaution zu leisten.", "de") == terms(
        "Mieter Kaution leisten", "de"
    )


def test_a_language_that_no_document_is_in_adds_no_terms_to_a_question() -> None:
    (plain,) = question_words("Kündigungen", "")
    (german,) = question_words("Kündigungen", "", written_in=["de"])
    assert set(plain.terms[0]) < set(german.terms[0])
    assert question_words("notice", "en", written_in=["en", "es"]) == question_words("notice", "en")
