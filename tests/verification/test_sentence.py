"""The whole check of a sentence: who acts, what is called what, which document it is of."""

from __future__ import annotations

import pytest

from ragkit.verification import Cited, check_claim, check_sentence

LEASE = "The Landlord shall repair the roof and may inspect the premises, and the Tenant shall pay rent."
SERVICES = "The parties shall inform each other, and personal data is deleted by the Processor."


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The Tenant shall repair the roof.", LEASE),
        ("The Landlord shall pay rent.", LEASE),
        ("The Lender shall repair the roof.", LEASE),
        ("The roof shall be repaired by the Tenant.", LEASE),
        ("The Processor shall inform the parties.", SERVICES),
        ("Globex shall repair the roof.", LEASE),
        (
            "El comprador deberá pagar el precio.",
            "El vendedor deberá pagar el precio al comprador.",
        ),
        ("Reseller shall grant TouchStar a licence.", "TouchStar shall grant Reseller a licence."),
    ],
)
def test_who_acts_is_checked(claim: str, evidence: str) -> None:
    assert not check_claim(claim, [evidence]).supported


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The Landlord must repair the roof.", LEASE),
        ("The roof must be repaired by the Landlord.", LEASE),
        ("The lessor shall repair the roof.", LEASE),
        ("Rent shall be paid by the Tenant.", LEASE),
        ("The parties must inform each other.", SERVICES),
        ("The Processor deletes personal data.", SERVICES),
        ("El vendedor debe pagar el precio.", "El vendedor deberá pagar el precio al comprador."),
    ],
)
def test_the_same_actor_in_other_words_passes(claim: str, evidence: str) -> None:
    assert check_claim(claim, [evidence]).problems == ()


@pytest.mark.parametrize(
    "claim",
    [
        "The margin is 2.85% a year, because the rating fell.",
        "The margin is 2.85% a year unless the Borrower objects.",
        "The margin is 2.85% a year and a commitment fee applies.",
        "The margin is a floating rate of 2.85%.",
    ],
)
def test_what_is_added_is_caught(claim: str) -> None:
    evidence = "Interest accrues daily at the base rate plus a margin of 2.85% a year."
    assert not check_claim(claim, [evidence]).supported
    assert check_claim("The margin is 2.85% a year.", [evidence]).supported


@pytest.mark.parametrize(
    ("claim", "evidence", "holds"),
    [
        ("Loss of expression was associated with poor survival.", None, True),
        ("Expression was associated with poor survival.", None, False),
        ("Loss of expression was associated with better survival.", None, False),
        ("Lists are not within the scope.", "The scope does not include lists.", True),
        ("Lists are within the scope.", "The scope does not include lists.", False),
        ("Its effect is not known.", "Its effect is unknown.", True),
        ("Its effect is known.", "Its effect is unknown.", False),
        ("It is certainly benign.", "Es sin duda benigno.", False),
        ("Es benigno.", "Es sin duda benigno.", True),
    ],
)
def test_what_is_denied(claim: str, evidence: str | None, holds: bool) -> None:
    evidence = evidence or "Loss of expression was associated with poor survival in patients."
    assert check_claim(claim, [evidence]).supported is holds


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        ("Toma 30 mg de deflazacort cada 24 horas.", True),
        ("Toma deflazacort 30 mg al día.", True),
        ("Toma deflazacort 30 mg cada 12 horas.", False),
        ("Toma deflazacort 30 mg a la semana.", False),
    ],
)
def test_how_often_a_dose_is_given(claim: str, holds: bool) -> None:
    assert check_claim(claim, ["Toma deflazacort 30 mg/24 horas."]).supported is holds


def test_a_name_may_come_from_the_head_of_the_document() -> None:
    ours = Cited("Presenta fiebre de 39 grados.", "nota.txt Carmen Soler Ruiz", "1")
    theirs = Cited("Presenta tos sin fiebre.", "otra.txt Marta Gil Vega", "2")
    claim = "Carmen Soler Ruiz presenta fiebre de 39 grados."
    assert check_sentence(claim, "", [ours]).supported
    assert not check_sentence(claim, "", [theirs]).supported
    assert not check_sentence(
        claim.replace("Carmen Soler Ruiz", "Marta Gil Vega"), "", [ours]
    ).supported


def test_two_documents_are_never_made_one_statement() -> None:
    named = Cited("Marta Gil Vega acude a la consulta.", "a.txt Marta Gil Vega", "1")
    fact = Cited("Presenta fiebre de 39 grados.", "b.txt Carmen Soler Ruiz", "2")
    claim = "Marta Gil Vega presenta fiebre de 39 grados."
    assert not check_sentence(claim, "", [named, fact]).supported
    same = Cited(fact.text, named.context, named.document)
    assert check_sentence(claim, "", [named, same]).supported


@pytest.mark.parametrize(
    ("claim", "question"),
    [
        ("METHODS.", "What was done?"),
        ("is the party receiving Confidential Information.", "Who is liable?"),
        ("The notice period of the contract.", "What is the notice period of the contract?"),
    ],
)
def test_what_says_nothing_is_not_shown(claim: str, question: str) -> None:
    assert not check_sentence(claim, question, [Cited(claim)]).supported


def test_an_answer_to_a_yes_or_no_question_may_repeat_it() -> None:
    evidence = Cited("The Supplier may assign this Agreement without consent.")
    claim = "The Supplier may assign this Agreement without consent."
    asked = "May the Supplier assign this Agreement without consent?"
    assert check_sentence(claim, asked, [evidence]).supported


@pytest.mark.parametrize("name", ["hepatitis A", "vitamin E"])
def test_a_letter_at_the_end_is_no_cut(name: str) -> None:
    text = f"The patient had {name} in 1990."
    assert check_sentence(f"The patient had {name}.", "?", [Cited(text, "a.pdf")]).supported
    cut = check_sentence("The patient had a.", "?", [Cited(text, "a.pdf")])
    assert "it is no whole sentence" in cut.problems
