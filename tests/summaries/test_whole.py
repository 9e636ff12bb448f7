"""Sentences that line ends and page ends cut, and conditions that a quote may not drop."""

from __future__ import annotations

import pytest

from ragkit.summaries.candidates import candidates_of
from tests.summaries.documents import candidates, lines


def texts(text: str) -> list[str]:
    return [candidate.text for candidate in candidates(text)]


@pytest.mark.parametrize(
    "text",
    [
        "The Provider is a company incorporated in England and\nWales that supplies software.",
        "La renta se pagará por meses anticipados en la cuenta de\nBanco Sarrel.",
        "The Supplier keeps the records of all the deliveries for six years\nfrom their date.",
    ],
)
def test_lines_of_one_sentence_are_one_quote(text: str) -> None:
    found = candidates(text)
    assert (found[0].start, found[-1].end) == (0, len(text))
    assert {candidate.ordinal for candidate in found} == {0}


@pytest.mark.parametrize(
    "text",
    [
        "The rent is 900 euros a month.\nwater is paid apart from it.",
        "The tenant shall pay the rent and\n(a) the costs of the water used.",
        "Sodium of the patient | 139\nand | a row of a table",
    ],
)
def test_sentences_rows_and_items_stay_apart(text: str) -> None:
    assert texts(text)
    assert not any("\n" in found for found in texts(text))


def test_sentences_of_two_sections_stay_apart() -> None:
    spans = lines("The Buyer pays the price of the lot and\nTaxes are borne by the Buyer alone.")
    text = "The Buyer pays the price of the lot and\nTaxes are borne by the Buyer alone."
    assert [c.text for c in candidates_of(text, spans, ["A", "B"])] == text.split("\n")[1:]


def test_a_half_is_no_candidate_where_wholes_are() -> None:
    half = "3.2 The charge is reduced by 10% for each full week of delay,"
    whole = "The Customer accepts the work in writing."
    assert texts(f"{half}\n\n{whole}") == [whole]
    assert texts(half) == [half]


def test_feet_of_pages_are_left_out() -> None:
    foot = "Amendment No. 1 to the Agreement of the parties\nHalden Page {} of 2"
    text = "\n".join(
        (
            "The price of the lot is 900 euros.",
            foot.format(1),
            "The Buyer pays within ten days.",
            foot.format(2),
        )
    )
    assert texts(text) == text.split("\n")[0::3][:2]


@pytest.mark.parametrize(
    "sentence",
    [
        "The Supplier keeps all the records of the deliveries, and the Customer may inspect them on "
        "ten days' notice, unless the inspection disturbs the work of the Supplier.",
        "El arrendatario puede ceder el local a un tercero durante toda la vigencia del contrato y "
        "de sus prórrogas, salvo que el arrendador se oponga por escrito en diez días.",
        "The Customer may terminate this Agreement on thirty days' written notice to the Provider if "
        "the Provider misses the Service Level in any three months.",
        "Clause 9.1 does not apply to information that is public without any breach of it, to that "
        "which the recipient held, or to that which it developed.",
        "If the Provider misses a Service Level in a calendar month, the Customer may deduct five "
        "per cent of the fees of that month from the next payment.",
    ],
)
def test_no_condition_is_dropped(sentence: str) -> None:
    assert texts(sentence) == [sentence]


def test_what_stands_after_the_condition_may_be_cut() -> None:
    sentence = (
        "Except as agreed the Supplier keeps the records of all its deliveries for six years; "
        "the Customer may inspect them on ten days' notice; the Supplier bears the cost of it all."
    )
    assert len(texts(sentence.removeprefix("Except as agreed "))) > 1
    assert len(texts(sentence)) == 1
