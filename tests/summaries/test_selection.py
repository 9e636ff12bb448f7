"""Which sentences are chosen: the budget, the sections, no repetition, the question."""

from __future__ import annotations

import numpy as np
import pytest

from ragkit.embedders.fake import HashEmbedder
from ragkit.summaries.candidates import Candidate
from ragkit.summaries.selection import (
    MOST,
    DocumentSentences,
    Focus,
    choose,
    choose_across,
    default_words,
    shortlist,
)
from tests.summaries.documents import candidates

EMBEDDER = HashEmbedder(dimension=512)
LEASE = """\
Lease of the shop in Tallow Street, with rent, deposit and repairs agreed between the parties.
Rent is 900 euros a month, payable in advance on the first day of each month by transfer.
Rent rises every January by the price index, unless the landlord waives the rise in writing.
Deposit of 1,800 euros is paid on signature and returned within thirty days of the end.
Repairs of the roof and the walls are the landlord's; repairs of the shop window the tenant's.
Insurance against fire is taken out by the landlord, who shows the policy on request.
Termination needs three months' written notice by either party, given before a quarter ends."""
SECTIONS = {
    "Rent": "Lease > 1 Rent",
    "Deposit": "Lease > 2 Deposit",
    "Repairs": "Lease > 3 Repairs",
    "Insurance": "Lease > 4 Insurance",
    "Termination": "Lease > 5 Termination",
}


def document(text: str, sections: dict[str, str] | None = None) -> DocumentSentences:
    found = candidates(text, sections)
    return DocumentSentences(
        found, EMBEDDER.embed_passages([candidate.text for candidate in found])
    )


def chosen(text: str, words: int, question: str = "") -> list[Candidate]:
    given = document(text, SECTIONS)
    focus = Focus(question, EMBEDDER.embed_queries([question])[0]) if question else None
    indices = choose(given.candidates, given.vectors, words=words, focus=focus)
    return [given.candidates[index] for index in indices]


def length(found: list[Candidate]) -> int:
    return sum(len(candidate.text.split()) for candidate in found)


@pytest.mark.parametrize("words", [18, 20, 33, 50, 80, 1000])
def test_the_budget_is_kept_and_used(words: int) -> None:
    whole = length(candidates(LEASE, SECTIONS))
    found = chosen(LEASE, words)
    assert length(found) <= words
    assert length(found) >= min(whole, words) - 16


def test_a_first_clause_stands_even_without_room() -> None:
    assert len(chosen(LEASE, 1)) == 1


def test_the_order_is_the_document_s() -> None:
    starts = [candidate.start for candidate in chosen(LEASE, 60)]
    assert starts == sorted(starts)


def test_sections_are_covered_before_one_is_told_twice() -> None:
    matters = {
        "Rent": "paid by transfer in advance of each month without any deduction",
        "Deposit": "returned within thirty days of the end unless damage was found",
        "Repairs": "done by the landlord except where a guest has broken things",
        "Insurance": "taken out against fire and water for the whole of the house",
    }
    text = "\n".join(
        f"{matter} of the {place} floor is {rest}."
        for matter, rest in matters.items()
        for place in ("first", "second", "third", "fourth")
    )
    given = document(text, {matter: f"Lease > {matter}" for matter in matters})
    found = choose(given.candidates, given.vectors, words=72)
    assert {given.candidates[index].section for index in found} == {f"Lease > {m}" for m in matters}


def test_a_repeated_sentence_is_taken_once() -> None:
    rent = LEASE.split("\n")[1]
    found = chosen(f"{LEASE}\n{rent}", 1000)
    assert sum(candidate.text.startswith("Rent is 900") for candidate in found) == 1


def test_a_cut_sentence_keeps_its_beginning() -> None:
    (first, *_) = chosen(LEASE, 8, "")
    assert first.start in {candidate.start for candidate in candidates(LEASE, SECTIONS)}
    stretch = [c for c in candidates(LEASE, SECTIONS) if c.stretch == first.stretch]
    assert first == stretch[0]


def test_a_question_steers_the_choice() -> None:
    asked = chosen(LEASE, 34, "Who takes out insurance against fire?")
    assert any("Insurance" in candidate.text for candidate in asked)
    assert not any("Insurance" in candidate.text for candidate in chosen(LEASE, 34))


def test_the_same_comes_out_every_time() -> None:
    assert chosen(LEASE, 50) == chosen(LEASE, 50)


def test_every_document_of_a_folder_is_heard_and_none_repeated() -> None:
    other = LEASE.replace("Insurance against fire", "Parking in the yard, by 4 cars,")
    third = "Electricity is paid by the tenant directly to the supplier, 80 euros a month."
    documents = [document(text) for text in (LEASE, other, third)]
    places = choose_across(documents, words=150)
    assert places == sorted(places)
    texts = [documents[place].candidates[index].text for place, index in places]
    assert {place for place, _ in places} == {0, 1, 2}
    assert len(set(texts)) == len(texts)
    assert sum(text.startswith("Deposit") for text in texts) == 1


def test_a_folder_of_nothing_has_no_summary() -> None:
    empty = DocumentSentences([], np.empty((0, 0), np.float32))
    assert choose_across([], words=50) == []
    assert choose_across([empty], words=50) == []
    assert choose_across([empty, document(LEASE)], words=20)[0][0] == 1


def test_the_shortlist_keeps_whole_sentences_of_every_section() -> None:
    text = LEASE + "".join(
        f"\nMeter number {n} was read on day {n} of March." for n in range(1, 90)
    )
    found = candidates(text, SECTIONS)
    kept = shortlist(found, 20)
    assert kept == sorted(kept)
    stretches = {found[index].stretch for index in kept}
    assert len(stretches) == 20
    assert kept == [i for i, candidate in enumerate(found) if candidate.stretch in stretches]
    assert {found[index].section for index in kept} >= set(SECTIONS.values())
    assert shortlist(found[:9], 20) == list(range(9))


def test_the_shortlist_keeps_what_is_asked() -> None:
    text = LEASE + "".join(
        f"\nMeter number {n} was read on day {n} of March." for n in range(1, 90)
    )
    text += "\nThe parking yard has room for cats, dogs and wolves."
    found = candidates(text)
    asked = shortlist(found, 10, "Is there room for wolves in the parking yard?")
    assert any("wolves" in found[index].text for index in asked)


def test_default_words_grow_slowly_and_leave_most_out() -> None:
    sizes = [default_words(characters, 5) for characters in (300, 2_000, 20_000, 200_000)]
    assert sizes == sorted(sizes)
    assert all(
        words <= max(20, characters / 18)
        for words, characters in zip(sizes, (300, 2_000, 20_000, 200_000), strict=True)
    )
    assert sizes[-1] == MOST
    assert default_words(12_000, 30) > default_words(12_000, 3)


def chosen_from(text: str, words: int) -> list[str]:
    given = document(text)
    indices = choose(given.candidates, given.vectors, words=words)
    return [given.candidates[index].text for index in indices]


def test_a_document_of_little_worth_is_heard_too() -> None:
    caps = "\n".join(
        f"Each party's liability for {what} in any year is limited to £{sum_},000 in all."
        for what, sum_ in (("works", 750), ("goods", 300), ("delays", 90), ("leaks of data", 10))
    )
    remark = "The parties meet now and then and talk about the work that lies before them."
    found = choose_across([document(caps), document(remark)], words=30)
    assert {number for number, _ in found} == {0, 1}
