"""What may be shown and what is withheld, by hand, in English and Spanish."""

from __future__ import annotations

import pytest

from ragkit.verification import check_assumptions, check_claim

TERM = (
    "The Supplier may terminate this Agreement upon thirty (30) days' written notice to Acme Corp., "
    "effective July 13, 2005, and shall not be liable for more than US$ 5 million."
)
NOTE = (
    "Paciente de 42 años que niega fiebre, tos o disnea; refiere dolor lumbar desde el 05/06/2020 "
    "y toma enalapril 5 mg cada 12 horas, sin alergias conocidas."
)


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        (TERM, TERM),
        ("The Supplier may terminate this Agreement upon 30 days' written notice.", TERM),
        ("The Supplier is entitled to terminate the Agreement with thirty days' notice.", TERM),
        ("The Supplier shall not be liable for more than $5,000,000.", TERM),
        ("The Supplier cannot be liable for more than five million dollars.", TERM),
        ("Notice to Acme Corporation is effective 13 July 2005.", TERM),
        ("The effective date of the notice is in July 2005.", TERM),
        ("The notice was effective in 2005.", TERM),
        (NOTE, NOTE),
        ("El paciente niega fiebre.", NOTE),
        ("El paciente no refiere fiebre ni disnea.", NOTE),
        ("Toma enalapril 5 mg cada doce horas.", NOTE),
        ("Refiere dolor lumbar desde el 5 de junio de 2020.", NOTE),
        ("No tiene alergias conocidas.", NOTE),
        ("The patient has no fever.", "The patient denies fever, cough or chills."),
        ("The term is two years.", "The initial term of this Agreement is two (2) years."),
    ],
)
def test_faithful_sentences_pass(claim: str, evidence: str) -> None:
    assert check_claim(claim, [evidence]).problems == ()


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The Supplier may terminate this Agreement upon 60 days' written notice.", TERM),
        ("The Supplier may terminate this Agreement upon 30 months' written notice.", TERM),
        ("The Supplier shall terminate this Agreement upon 30 days' written notice.", TERM),
        ("The Supplier terminates this Agreement upon 30 days' written notice.", TERM),
        ("The Supplier may not terminate this Agreement upon 30 days' written notice.", TERM),
        ("The Supplier shall be liable for more than US$ 5 million.", TERM),
        ("The Supplier shall not be liable for more than 5 million euros.", TERM),
        ("The Supplier shall not be liable for less than US$ 5 million.", TERM),
        ("The Supplier may terminate upon written notice to Globex Corp.", TERM),
        ("Globex may terminate this Agreement upon thirty days' written notice.", TERM),
        ("Notice to Acme Corp. is effective July 31, 2005.", TERM),
        ("Notice to Acme Corp. is effective August 13, 2005.", TERM),
        ("The notice was effective in 2006.", TERM),
        ("El paciente refiere fiebre.", NOTE),
        ("El paciente refiere tos.", NOTE),
        ("El paciente niega dolor lumbar.", NOTE),
        ("Toma enalapril 5 g cada 12 horas.", NOTE),
        ("Toma enalapril 50 mg cada 12 horas.", NOTE),
        ("Toma enalapril 5 mg cada 12 días.", NOTE),
        ("Toma losartan 5 mg cada 12 horas.", NOTE),
        ("Refiere dolor lumbar desde el 6 de mayo de 2020.", NOTE),
        ("Tiene alergias conocidas.", NOTE),
        ("Paciente de 24 años.", NOTE),
        ("Findings indicate pneumonia.", "Findings may indicate pneumonia."),
        ("The lesion is in the left lung.", "The lesion is in the right lung."),
        ("The patient should stop aspirin.", "The patient may stop aspirin."),
        ("See Section 8.3 for the cap on liability.", "Section 8.2 sets the cap on liability."),
        ("El proveedor debe ceder el contrato.", "El proveedor puede ceder el contrato."),
        ("El proveedor podrá ceder el contrato.", "El proveedor no podrá ceder el contrato."),
        ("Fees are paid monthly.", "Fees are paid annually."),
        ("A 5 mg and B 10 mg were given.", "A 10 mg and B 5 mg were given."),
    ],
)
def test_unfaithful_sentences_are_withheld(claim: str, evidence: str) -> None:
    assert check_claim(claim, [evidence]).problems


def test_an_ambiguous_date_supports_only_itself() -> None:
    evidence = "Signed by both on 05/06/2020."
    assert check_claim("Signed by both on 05/06/2020.", [evidence]).supported
    assert not check_claim("Signed by both on June 5, 2020.", [evidence]).supported


@pytest.mark.parametrize("claim", ["", "Yes.", "...", "It is.", "Sí."])
def test_what_states_nothing_is_withheld(claim: str) -> None:
    assert not check_claim(claim, [TERM]).supported


def test_without_evidence_nothing_passes() -> None:
    assert not check_claim("The term is two years.", []).supported


def test_several_sentences_support_together() -> None:
    evidence = ["The term is two years.", "The governing law is that of Delaware."]
    claim = "The term is two years and the governing law is that of Delaware."
    assert check_claim(claim, evidence).supported
    assert not check_claim(claim, evidence[:1]).supported


def test_an_invented_sentence_has_too_little_support() -> None:
    problems = check_claim("Our bakery sells bread to hungry children.", [TERM]).problems
    assert "too few of its words are in the evidence" in problems


def test_the_verdict_is_the_same_each_time() -> None:
    claim = "Globex shall pay 7 million euros in 2019."
    assert check_claim(claim, [TERM, NOTE]) == check_claim(claim, [TERM, NOTE])


NOTICE = (
    "13.3 The Customer may terminate this Agreement on 30 days' written notice if the Provider misses the "
    "availability Service Level in any three months within a period of six consecutive months."
)
SERVICES = "13. Termination contracts/services_calderbrook.pdf Master Services Agreement"


def test_a_word_of_the_question_does_not_become_a_fact() -> None:
    question = "What is the notice period for termination in the lease agreement?"
    claim = "The notice period for termination in the lease agreement is 30 days."
    assert check_claim(claim, [NOTICE]).supported
    assert check_assumptions(claim, question, [NOTICE], SERVICES)


def test_what_the_document_is_called_counts_as_known() -> None:
    question = "What is the notice period in the services agreement with Calderbrook?"
    claim = "The notice period in the services agreement with Calderbrook is 30 days."
    assert check_assumptions(claim, question, [NOTICE], SERVICES) == ()


def test_words_that_ask_need_not_stand_in_the_evidence() -> None:
    assert (
        check_assumptions(
            "El plazo de preaviso es de 30 días.",
            "¿Cuál es el plazo de preaviso?",
            ["Podrá resolverse comunicándolo con 30 días de antelación."],
            "",
        )
        == ()
    )
