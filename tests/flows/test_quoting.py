"""The sentences that answer: few, short, readable, exact, and the one with the fact first of all."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ragkit.flows.fronting import facts_in
from ragkit.flows.quoting import MOST_CHARACTERS, VERY_LONG, quote
from ragkit.types import Evidence


def evidence(*lines: tuple[str, float], document: str = "a.txt", at: int = 0) -> list[Evidence]:
    """Sentences as they stand one after the other, each with its score."""
    found = []
    for text, score in lines:
        found.append(_sentence(text, score, document, at))
        at += len(text) + 1
    return found


def _sentence(text: str, score: float, document: str, at: int) -> Evidence:
    number = sum(map(ord, document))
    return Evidence(
        number=at + 1,
        document=document,
        document_id=number,
        sha256="0" * 64,
        page=None,
        start=at,
        end=at + len(text),
        text=text,
        score=score,
    )


def best_first(found: Sequence[Evidence]) -> list[Evidence]:
    return sorted(found, key=lambda item: -item.score)


def shown(found: Sequence[Evidence], most: int = 4, question: str = "") -> list[str]:
    ranked = best_first(found)
    return [one.quote for one in quote(ranked, most, question=question, around=ranked)[1]]


def test_reading_order_and_no_weak_sentences() -> None:
    found = evidence(
        ("The fee is due.", 0.8), ("Weather was fine.", 0.2), ("Five euros is the fee.", 1.0)
    )
    assert shown(found) == ["The fee is due.", "Five euros is the fee."]


def test_a_sentence_that_leans_on_the_one_before_brings_it() -> None:
    found = evidence(("The licence is exclusive.", 0.1), ("It ends on sale of the shares.", 1.0))
    assert shown(found) == ["The licence is exclusive.", "It ends on sale of the shares."]
    itself = evidence(("The licence is exclusive.", 0.1), ("This Agreement ends on sale.", 1.0))
    assert shown(itself) == ["This Agreement ends on sale."]


def test_a_lead_in_and_its_item_belong_together() -> None:
    found = evidence(
        ("Either party may end it if:", 0.1), ("(a) fees stay unpaid;", 0.2), ("(b) it fails.", 1.0)
    )
    assert shown(found) == ["Either party may end it if:", "(b) it fails."]
    leading = evidence(("The drugs are:", 1.0), ("- aspirin 100 mg", 0.1))
    assert shown(leading) == ["The drugs are:", "- aspirin 100 mg"]


def test_what_was_said_adds_nothing() -> None:
    said = "The supplier shall keep insurance of two million euros at all times"
    found = evidence((f"{said}.", 1.0), (f"{said} hereunder.", 0.95))
    assert shown(found) == [f"{said}."]
    patients = [
        *evidence(("Allergies: none known to us at all so far.", 1.0), document="a.txt"),
        *evidence(("Allergies: none known to us at all so far.", 0.99), document="b.txt"),
    ]
    assert len(shown(patients)) == 2


def test_all_quotes_together_stay_short() -> None:
    found = evidence(*((f"{n} " + "word " * 70, 1.0 - n / 100) for n in range(6)))
    texts = shown(found, 5)
    assert 1 <= len(texts) <= 5
    assert sum(map(len, texts)) <= MOST_CHARACTERS


def test_a_very_long_sentence_is_cut_where_a_clause_ends() -> None:
    clauses = [f"party {n} shall pay what is due under clause {n}" for n in range(40)]
    text = "; ".join(clauses) + "."
    found = evidence((text, 1.0), at=500)
    (citation,) = quote(found, 4)[1]
    assert citation.quote == text[: citation.end - citation.start]
    assert citation.quote.endswith(";")
    assert len(citation.quote) <= VERY_LONG


def test_the_sentence_with_the_fact_is_shown_however_low_it_ranks() -> None:
    found = evidence(("History of a cough.", 1.0), ("Ward 4.", 0.9), ("DOB: 12/03/1961.", 0.1))
    question = "When was Ann Lee born?"
    ranked = best_first(found)
    _, citations = quote(ranked[:2], 4, question=question, around=ranked)
    assert [one.quote for one in citations] == ["DOB: 12/03/1961."]
    (fact,) = facts_in(question, citations, ranked)
    assert (fact.kind, fact.text, fact.citations) == ("date", "12/03/1961", (1,))


def test_facts_of_two_patients_never_stand_side_by_side() -> None:
    found = [
        *evidence(("NHC: 111.", 1.0), document="a.txt"),
        *evidence(("NHC: 222.", 0.99), document="b.txt"),
    ]
    _, citations = quote(found, 4)
    assert len(citations) == 2
    facts = facts_in("What is the NHC of the patient?", citations, found)
    assert [fact.text for fact in facts] == ["111"]


def test_two_values_under_one_label_are_both_shown() -> None:
    found = evidence(("Phone: 555 010 2233.", 1.0), ("Phone: 555 010 4455.", 0.99))
    _, citations = quote(found, 4)
    facts = facts_in("What is the phone number of the clinic?", citations, found)
    assert [fact.text for fact in facts] == ["555 010 2233", "555 010 4455"]


ALLERGIC = "Is the patient allergic to penicillin?"


def affirmed(question: str, sentence: str, language: str = "en") -> str:
    """What stands in front of the answer to a question of yes or no; "" for nothing."""
    found = evidence((sentence, 1.0))
    facts = facts_in(question, quote(found, 4)[1], found, language)
    assert all(fact.kind == "yes/no" for fact in facts)
    return " ".join(fact.text for fact in facts)


@pytest.mark.parametrize(
    ("question", "sentence", "said"),
    [
        (ALLERGIC, "She is allergic to penicillin.", "Yes"),
        (ALLERGIC, "She is not allergic to penicillin.", "No"),
        (ALLERGIC, "Allergic to penicillin: yes", "Yes"),
        (ALLERGIC, "Allergic to penicillin: no.", "No"),
        ("¿Es alérgica a la penicilina?", "Es alérgica a la penicilina.", "Sí"),
        ("¿Es alérgica a la penicilina?", "No es alérgica a la penicilina.", "No"),
        ("¿Tiene alergia a la penicilina?", "Niega alergia a la penicilina.", "No"),
        ("Is early termination prohibited?", "Early termination is prohibited.", "Yes"),
        ("Is the patient unable to walk?", "The patient is unable to walk.", "Yes"),
        ("Must the employee give written notice?", "The employee must give written notice.", "Yes"),
    ],
)
def test_yes_and_no(question: str, sentence: str, said: str) -> None:
    assert affirmed(question, sentence, "es" if "¿" in question else "en") == said


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (ALLERGIC, "It was examined whether she is allergic to penicillin."),
        (ALLERGIC, "She takes penicillin."),
        (ALLERGIC, "Allergic to penicillin: ____"),
        (ALLERGIC, "Allergic to penicillin: not known"),
        (ALLERGIC, "Not allergic to penicillin: no"),
        (ALLERGIC, "The patient's mother is allergic to penicillin."),
        (ALLERGIC, "Family history: allergic to penicillin."),
        (ALLERGIC, "She takes penicillin and is allergic to aspirin."),
        (ALLERGIC, "Penicillin was given, she is allergic to aspirin."),
        ("Who is allergic to penicillin?", "She is allergic to penicillin."),
        ("¿Es alérgica a la penicilina?", "Su padre es alérgico a la penicilina."),
        ("Is it renewed automatically without notice?", "It is renewed on notice."),
        ("Is it assignable without consent?", "It is not assignable without the prior consent."),
        ("Is early termination prohibited?", "Early termination is not prohibited."),
        ("Is the deposit not refundable?", "The deposit is refundable."),
        ("Does she have no known drug allergies?", "Known drug allergies: penicillin."),
        ("Does she smoke tobacco?", "She does not drink alcohol and smokes tobacco daily."),
        ("Does the licensee indemnify others?", "The licensor shall indemnify others."),
        ("Must the employee give written notice?", "The employer must give written notice."),
        ("Is there a left femur fracture?", "A left femur fracture was ruled out."),
        ("Is the term 5 years long?", "The term is three years long."),
    ],
)
def test_no_yes_or_no_where_there_is_doubt(question: str, sentence: str) -> None:
    assert affirmed(question, sentence) == ""
