"""A sentence in the very words of the evidence, and what is close to one and says something else."""

from __future__ import annotations

import pytest

from ragkit.verification import stands_literally

BELL = "Unless waived, the Buyer shall pay $5,000, and the Seller shall deliver within 30 days."


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The term is two years.", "The term is two (2) years."),
        ("The stage of cancer.", "- The stage of the cancer."),
        ("This study is among the first.", "HIE was associated with less. This study is among the first."),
        ("Fecha de nacimiento: 12/09/1966.", "Fecha de nacimiento: 12/09/1966."),
        ("No permitiria el movimiento.", "No permitiría el movimiento."),
    ],
)  # fmt: skip
def test_the_same_words(claim: str, evidence: str) -> None:
    assert stands_literally(claim, ["Something else.", evidence])


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Fecha de nacimiento: 14/12/2017.", "Fecha de Ingreso: 14/12/2017."),
        ("The seller shall deliver within 30 days.", BELL),  # the condition is gone
        ("The Buyer shall deliver within 30 days.", BELL),
        ("The Buyer shall pay.", "The Buyer shall pay $5,000."),
        ("They threaten in any.", "They threaten in any way."),
        ("Vomiting.", "It causes no fever, nausea, vomiting."),
        ("The fee is due.", "The fee is due, salvo pacto en contrario."),
        ("The rent is 1.000 euros.", "The rent is 1,000 euros."),
        ("", "The rent is 1,000 euros."),
        ("Hepatitis is mild.", "Hepatitis A is mild."),
        ("The condition is X-linked.", "A condition is X-linked."),
        ("It may reach the range (.", "It may reach the range (option 4)."),
        ("The term is two years.", "The term is (unless renewed) two years."),
    ],
)
def test_other_words_or_something_left_out(claim: str, evidence: str) -> None:
    assert not stands_literally(claim, [evidence])


def test_two_sentences_are_not_put_together() -> None:
    assert not stands_literally("A pays, B sells.", ["A pays,", "B sells."])
