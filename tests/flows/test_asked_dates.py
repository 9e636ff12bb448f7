"""A value that stands in the question is not what the question asks for."""

from __future__ import annotations

import pytest

from ragkit.flows.fronting import facts_in
from ragkit.types import Citation


def front(question: str, *quotes: str) -> list[str]:
    cited = [
        Citation(mark, "a.txt", "", None, 0, len(quote), quote)
        for mark, quote in enumerate(quotes, start=1)
    ]
    return [fact.text for fact in facts_in(question, cited, [])]


MEETING = "After the meeting of 5 May 2022 the parties resumed deliveries on 9 May 2022."


def test_the_other_date_is_the_answer() -> None:
    question = "When did the parties resume deliveries after the meeting of 5 May 2022?"
    assert front(question, MEETING) == ["9 May 2022"]
    assert front("¿Qué día fue la reunión del 9 de mayo de 2022?", MEETING) != ["9 May 2022"]


@pytest.mark.parametrize(
    "written", ["14 November 2022", "November 14, 2022", "14 Nov 2022", "2022-11-14"]
)
def test_however_it_is_written_it_is_not_given_back(written: str) -> None:
    quote = "The delivery of 14 November 2022 was refused because the crates were wet."
    assert front(f"When was the delivery of {written} refused?", quote) == []


def test_the_date_of_a_document_does_not_say_which_value_is_asked_for() -> None:
    question = "When does the agreement dated 3 March 2021 take effect?"
    agreement = "The Agreement dated 3 March 2021 continues for three years."
    assert front(question, agreement, "The Effective Date is 1 April 2021.") == ["1 April 2021"]


def test_a_date_that_was_not_given_is_still_the_answer() -> None:
    assert front("When did the parties resume deliveries?", MEETING) == ["9 May 2022"]
