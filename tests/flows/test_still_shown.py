"""The last look before an answer is shown: a purge or an ingest may have overtaken it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ragkit.errors import Busy
from ragkit.flows.still_shown import answered_as_it_is
from ragkit.types import Answer
from tests.flows.corpus import Corpus
from tests.flows.test_ambiguous import answering, open_searching

QUESTION = "What is the monthly rent of the warehouse?"
RENT = "The monthly rent of the warehouse is {} euros.\n"


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("lease.txt", RENT.format("4,200"))
    corpus.write("memo.txt", "The pump has arrived at the dock.\n")
    corpus.ingest()
    return corpus


def asked_while(corpus: Corpus, happens: Callable[[int], None]) -> tuple[Answer, int]:
    """The answer, and how often it was made. happens: between each making of it and the look."""
    searching, made = open_searching(corpus), 0

    def make() -> Answer:
        nonlocal made
        answer = answering(searching).answer(QUESTION)
        made += 1
        happens(made)
        return answer

    try:
        return answered_as_it_is(corpus.pipeline, make), made
    finally:
        searching.close()


def rewrite(corpus: Corpus, rent: str) -> None:
    corpus.write("lease.txt", RENT.format(rent))
    corpus.ingest()


def test_what_nothing_has_overtaken_is_made_once(corpus: Corpus) -> None:
    answer, made = asked_while(corpus, lambda number: None)
    assert (made, answer.outcome) == (1, "found")
    assert "4,200" in answer.text


def test_another_document_that_goes_does_no_harm(corpus: Corpus) -> None:
    def remove(number: int) -> None:
        (corpus.root / "docs" / "memo.txt").unlink(missing_ok=True)
        corpus.ingest()

    answer, made = asked_while(corpus, remove)
    assert (made, "4,200" in answer.text) == (1, True)


def test_a_quote_of_what_has_gone_is_not_shown(corpus: Corpus) -> None:
    def change(number: int) -> None:
        if number == 1:
            rewrite(corpus, "5,100")

    answer, made = asked_while(corpus, change)
    assert made == 2
    assert "5,100" in answer.text
    assert all("4,200" not in cited.quote for cited in answer.citations)


def test_who_is_overtaken_every_time_is_told_so(corpus: Corpus) -> None:
    with pytest.raises(Busy, match="nothing is shown") as caught:
        asked_while(corpus, lambda number: rewrite(corpus, f"{number},000"))
    assert "rent" not in caught.value.message
    assert caught.value.hint.startswith("Ask again")
