"""What no rewording brings in: another name, item, cause, change; and sentences that were cut."""

from __future__ import annotations

import pytest

from ragkit.verification import Cited, check_claim, check_sentence


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("This syndrome is also known as Tarnovia.", "Also called: TRN; tarnovial trait"),
        (
            '"Board" means the board of the Company.',
            "The Board of the Company appoints the auditors.",
        ),
        ("El trastorno se llama tarnovitismo.", "También llamado: TRN; rasgo tarnovítico"),
    ],
)
def test_a_name_is_looked_for_as_it_is(claim: str, evidence: str) -> None:
    assert not check_claim(claim, [evidence]).supported


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The trait is also known as TRN.", "The tarnovial trait, also called TRN"),
        (
            "A child that does not grow as expected has what is called growth failure.",
            "Growth failure is a complication in a child that does not grow as expected.",
        ),
        ('"Board" means the board of the Company.', '"Board" means the board of the Company.'),
    ],
)
def test_a_name_that_the_evidence_gives_passes(claim: str, evidence: str) -> None:
    assert check_claim(claim, [evidence]).problems == ()


def test_what_something_is_said_to_be_is_looked_for_to_the_end_of_the_clause() -> None:
    names = "Also called: sugar intolerance; milk and dairy product malabsorption"
    claim = "Sugar intolerance is an impaired ability to digest milk and other dairy products."
    assert not check_claim(claim, [names]).supported
    cause = "The syndrome can be caused by malformations and severe head injury."
    assert not check_claim("The syndrome is a severe form of epilepsy.", [cause]).supported
    told = "The syndrome, a severe form of epilepsy, can be caused by malformations."
    assert check_claim("The syndrome is a severe form of epilepsy.", [told]).problems == ()


def test_each_item_of_a_list_must_be_there() -> None:
    evidence = "The infection is caused by bacteria or parasites and treated with antibiotics."
    known = "The infection is caused by bacteria or parasites."
    assert check_claim(known, [evidence]).problems == ()
    claim = "The infection is caused by bacteria, parasites and viruses."
    problems = check_claim(claim, [evidence]).problems
    assert problems == ("nothing in the evidence says 'viruses'",)


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        (
            "Mutations in the gene cause the skin disorder.",
            "The gene with mutations is found in the skin disorder.",
        ),
        ("Las mutaciones del gen causan el trastorno.", "En el trastorno hay mutaciones del gen."),
        (
            "Anxiety and craving decreased between day 1 and day 14.",
            "Anxiety and craving were measured between day 1 and day 14.",
        ),
        (
            "Stone size made a significant difference to detection.",
            "Stone size made a difference to detection.",
        ),
        ("Get this blood test twice a year.", "Get this blood test once a year."),
    ],
)
def test_a_cause_or_a_finding_is_none_of_the_claims_own(claim: str, evidence: str) -> None:
    assert not check_claim(claim, [evidence]).supported


def test_other_words_for_a_cause_or_a_change_pass() -> None:
    led = "Mutations in the gene lead to the skin disorder."
    assert check_claim("Mutations in the gene cause the skin disorder.", [led]).problems == ()
    rise = "There was a rise of the dose of the acid after the diagnosis."
    assert check_claim("After the diagnosis the dose of the acid increased.", [rise]).supported


def test_in_a_short_sentence_one_word_at_most_may_be_new() -> None:
    evidence = "Get a blood test once a year to check for creatinine."
    assert not check_claim(
        "Get a urine test once a year to check for protein.", [evidence]
    ).supported
    long = "Additionally, the firm builds cheap wooden bridges over the river near the old mill."
    assert not check_claim(long, ["The firm keeps the river and the old mill."]).supported


@pytest.mark.parametrize(
    "claim",
    [
        "The condition occurs in children and adults who have.",
        "The lymph system is made up of the following.",
        "Mujer de 34 años con dos hijos de 12 y 9 años, de.",
        "Source: GHR, https://example.org/condition.",
        "be part of the fee of the adviser.",
    ],
)
def test_a_sentence_that_was_cut_is_none(claim: str) -> None:
    cited = [Cited(f"{claim.rstrip('.')} more of it", "", "1")]
    assert "it is no whole sentence" in check_sentence(claim, "", cited).problems


def test_what_ends_so_in_its_document_may() -> None:
    clause = "The report is delivered by the fifth day of the month; and"
    assert check_sentence(clause, "", [Cited(clause, "", "1")]).problems == ()
    cut = "The letter moves the meeting to the weekend of 4 May."
    assert check_sentence(cut, "", [Cited(cut, "", "1")]).problems == ()


def test_a_name_of_the_document_that_ends_in_s_counts_as_known() -> None:
    claim = "Iris Barrios Morente: se aprecia una hemianopsia homónima izquierda."
    cited = Cited(
        "Se aprecia una hemianopsia homónima izquierda.", "a.txt Iris Barrios Morente", "1"
    )
    assert check_sentence(claim, "", [cited]).problems == ()
