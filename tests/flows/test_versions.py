"""Which documents belong together, that the newer one wins, and that contradictions are shown."""

from __future__ import annotations

import pytest

from ragkit.catalog import DocumentEntry
from ragkit.flows.citing import cite
from ragkit.flows.contradicting import LOOKED_AT, Weighed, standing, weigh
from ragkit.flows.versions import Pair, pairs_of
from ragkit.types import AnswerSentence, Evidence

PARTIES = ("Halden Analytics Limited", "Northwind LLP")
TITLE = "Master Services Agreement"


def entry(
    number: int,
    path: str,
    title: str = TITLE,
    *,
    kind: str = "contract",
    names: tuple[str, ...] = PARTIES,
    date: str = "2023-02-20",
) -> DocumentEntry:
    return DocumentEntry(
        number, path, None, "0" * 64, 1, 1, "r", number, number, title, kind, "en", names, date
    )


BASE = entry(1, "services.pdf")
AMENDMENT = entry(
    2,
    "amendment.pdf",
    "Amendment No. 1 to the Master Services Agreement",
    kind="amendment",
    date="2024-02-12",
)


def sentence(document: DocumentEntry, text: str, number: int, score: float = 0.9) -> Evidence:
    return Evidence(
        number, document.path, document.id, "0" * 64, 1, 10 * number, 10 * number + 5, text,
        score=score, rank=number,
    )  # fmt: skip


def quoted(*items: Evidence) -> Weighed:
    return Weighed(
        tuple(AnswerSentence(item.text, (at,), "quoted") for at, item in enumerate(items, 1)),
        tuple(cite(at, item) for at, item in enumerate(items, 1)),
    )


@pytest.mark.parametrize(
    ("one", "other", "newer"),
    [
        (BASE, AMENDMENT, "amendment.pdf"),
        (entry(1, "lease_v1.docx"), entry(2, "lease_v2.docx"), "lease_v2.docx"),
        (entry(1, "lease_v10.docx"), entry(2, "lease_v9.docx"), "lease_v10.docx"),
        (entry(1, "lease draft.docx"), entry(2, "lease final.docx"), "lease final.docx"),
        (entry(1, "lease_draft.docx"), entry(2, "lease.docx"), "lease.docx"),
        (entry(1, "policy rev. 3.pdf"), entry(2, "policy rev. 2.pdf"), "policy rev. 3.pdf"),
        (entry(1, "plan 2023-01-05.pdf"), entry(2, "plan 2024-01-05.pdf"), "plan 2024-01-05.pdf"),
        (
            entry(1, "a.pdf", "Contrato de arrendamiento borrador"),
            entry(2, "b.pdf", "Contrato de arrendamiento definitivo"),
            "b.pdf",
        ),
    ],
)
def test_documents_that_belong_together(
    one: DocumentEntry, other: DocumentEntry, newer: str
) -> None:
    for pair in (pairs_of((one, other)), pairs_of((other, one))):
        assert [each.newer for each in pair] == [newer]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (BASE, entry(2, "services_2.pdf")),
        (AMENDMENT, entry(1, "x.pdf", names=("Halden Analytics Limited", "Tamarisk Ltd"))),
        (AMENDMENT, entry(1, "nda.pdf", "Mutual Non-Disclosure Agreement")),
        (entry(1, "nda_v1.docx"), entry(2, "lease_v2.docx", "Lease")),
        (entry(1, "a_v1.pdf", names=("Ann Lee",)), entry(2, "a_v2.pdf", names=("Bo Lee",))),
        (
            entry(1, "lab 2023-01-05.pdf", kind="lab report"),
            entry(2, "lab 2024-01-05.pdf", kind="lab report"),
        ),
        (AMENDMENT, entry(1, "services.pdf", date="2025-01-01")),
    ],
)
def test_documents_that_do_not(one: DocumentEntry, other: DocumentEntry) -> None:
    assert pairs_of((one, other)) == ()


OLD = sentence(BASE, "The annual subscription is EUR 186,000 for each contract year.", 1)
NEW = sentence(AMENDMENT, "From March 2024 the annual subscription is EUR 198,500.", 2)
QUESTION = "What is the annual subscription under the Northwind agreement?"


def test_the_amendment_comes_first_and_the_older_is_named() -> None:
    made = weigh(QUESTION, [OLD], [BASE, AMENDMENT], quoted(OLD), newer=[NEW], language="en")
    assert [each.text for each in made.sentences] == [NEW.text, OLD.text]
    assert [(each.mark, each.document) for each in made.citations] == [
        (1, "amendment.pdf"),
        (2, "services.pdf"),
    ]
    (note,) = made.notes
    assert (note.kind, note.citations) == ("superseded", (1, 2))
    assert "amendment.pdf is an amendment to services.pdf" in note.text
    assert [each.document for each in standing(made.citations, made.notes)] == ["amendment.pdf"]


def test_what_is_found_of_the_amendment_counts_beside_what_is_looked_up() -> None:
    annex = "The parties record that the schedule is replaced from March 2024 by annex 4."
    looked_up = [sentence(AMENDMENT, annex, number) for number in range(3, 3 + 2 * LOOKED_AT)]
    documents = [BASE, AMENDMENT]
    for newer in ([], looked_up[:1], looked_up):
        made = weigh(QUESTION, [OLD, NEW], documents, quoted(OLD), newer=newer, language="en")
        assert [note.kind for note in made.notes] == ["superseded"]
        assert [each.text for each in made.sentences] == [NEW.text, OLD.text]


def test_a_composed_answer_keeps_its_order_and_quotes_the_amendment_too() -> None:
    made = weigh(
        QUESTION, [OLD], [BASE, AMENDMENT], quoted(OLD), newer=[NEW], language="es", orders=False
    )
    assert made.sentences == quoted(OLD).sentences
    assert [each.document for each in made.citations] == ["services.pdf", "amendment.pdf"]
    (note,) = made.notes
    assert (note.text.split()[1], note.citations) == ("modifica", (2, 1))


@pytest.mark.parametrize(
    "said",
    [
        "From March 2024 notices are sent by e-mail within 3 days.",
        "The annual subscription of EUR 186,000 stays as it is.",
        "2.2 Annual subscription.",
    ],
)
def test_an_amendment_of_something_else_is_not_mentioned(said: str) -> None:
    newer = [sentence(AMENDMENT, said, 2)]
    made = weigh(QUESTION, [OLD], [BASE, AMENDMENT], quoted(OLD), newer=newer, language="en")
    assert made == quoted(OLD)


FIRST = entry(1, "letter.pdf", "Discharge letter", kind="letter", names=("Ann Lee",))
SECOND = entry(2, "plan.pdf", "Medication plan", kind="plan", names=("Ann Lee",))
DOSE = "What is the dose of apixaban?"


def doses(second: str) -> list[Evidence]:
    return [
        sentence(FIRST, "The dose of apixaban is 5 mg twice daily.", 1),
        sentence(SECOND, second, 2, 0.8),
    ]


def test_documents_that_say_different_things_are_shown_as_such() -> None:
    evidence = doses("The dose of apixaban is 2.5 mg twice daily.")
    made = weigh(DOSE, evidence, [FIRST, SECOND], quoted(evidence[0]), language="en")
    (note,) = made.notes
    assert (note.kind, note.citations) == ("conflict", (1, 2))
    assert {each.quote for each in made.citations} == {item.text for item in evidence}


@pytest.mark.parametrize(
    ("second", "other"),
    [
        ("The dose of apixaban is 5 mg twice a day.", SECOND),
        ("The dose of furosemide was raised to 40 mg in the morning by the ward.", SECOND),
        ("The dose of apixaban is 2.5 mg twice daily.", entry(2, "plan.pdf", names=("Bo Ray",))),
    ],
)
def test_what_agrees_or_is_of_another_matter_or_person_is_no_conflict(
    second: str, other: DocumentEntry
) -> None:
    evidence = doses(second)
    assert weigh(DOSE, evidence, [FIRST, other], quoted(evidence[0]), language="en").notes == ()


def test_a_pair_is_named_by_its_paths() -> None:
    assert pairs_of((BASE, AMENDMENT)) == (Pair("amendment.pdf", "services.pdf", "amendment"),)
