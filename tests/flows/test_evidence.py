"""Evidence: kept vectors, no repeats, a budget, and an order that the next question shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.catalog import Reader
from ragkit.embedders.fake import WordCounter
from ragkit.errors import StorageFault
from ragkit.flows.answering import Answering, AnswerParts
from ragkit.flows.evidence import Gathered, gather
from ragkit.flows.giving import give, of_meant
from ragkit.flows.searching import Searching, SearchParts
from ragkit.llm.fake import ScriptedGenerator
from ragkit.protocols import VectorIndex
from ragkit.settings import AnswerSettings
from ragkit.vectors.exact import ExactIndex
from tests.flows.corpus import Corpus
from tests.flows.test_sentence_vectors import forget_sentences

CONTRACT = (
    "Agreement with {name}.\n\n"
    "The supplier keeps all records for seven years after the end of the term.\n\n"
    "{name} pays {amount} euros for the pumps each month.\n\n"
    "Notices are sent by registered mail to the address of {name}."
)
QUESTION = "How long does the supplier keep all records under the agreement with Borealis?"


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    for name, amount in (("Aldebaran", 900), ("Borealis", 950), ("Cassini", 990)):
        corpus.write(f"{name.lower()}.txt", CONTRACT.format(name=name, amount=amount))
    corpus.ingest()
    return corpus


def no_index(folder: Path) -> VectorIndex:
    raise StorageFault("It is searched exactly.")


@pytest.fixture
def searching(corpus: Corpus) -> Iterator[Searching]:
    searching = Searching(
        SearchParts(
            pipeline=corpus.pipeline,
            embedder_fingerprint=corpus.embedder_version,
            open_embedder=lambda: corpus.embedder,
            open_index=no_index,
            exact_index=ExactIndex,
        )
    )
    yield searching
    searching.close()


@pytest.fixture
def gathered(searching: Searching) -> Callable[[str], Gathered]:
    return lambda question: gather(searching, question, 8)


def answering(searching: Searching, **settings: int) -> Answering:
    parts = AnswerParts(
        AnswerSettings(**settings),
        "quote",
        "words",
        lambda: False,
        ScriptedGenerator,
        tokens=WordCounter(),
    )
    return Answering(searching, parts)


def words(text: str) -> int:
    return len(text.split())


def test_no_sentence_is_embedded_again_for_a_question(
    corpus: Corpus, gathered: Callable[[str], Gathered]
) -> None:
    corpus.embedder.texts.clear()
    assert len(gathered(QUESTION).evidence) > 2
    assert len(corpus.embedder.texts) <= 2  # the question and its content


def test_a_state_without_sentence_vectors_answers_as_well(
    corpus: Corpus, gathered: Callable[[str], Gathered]
) -> None:
    forget_sentences(corpus)
    evidence = gathered(QUESTION).evidence
    assert "seven years" in evidence[0].text


def test_of_equal_clauses_that_of_the_named_contract_stays(
    gathered: Callable[[str], Gathered],
) -> None:
    found = gathered(QUESTION)
    clauses = [item for item in found.evidence if "seven years" in item.text]
    assert [item.document for item in clauses] == ["borealis.txt"]
    assert {item.document for item in found.evidence if "pays" in item.text} == {
        "aldebaran.txt",
        "borealis.txt",
        "cassini.txt",
    }


def test_best_first_with_ranks_from_one(gathered: Callable[[str], Gathered]) -> None:
    evidence = gathered(QUESTION).evidence
    assert [item.rank for item in evidence] == list(range(1, len(evidence) + 1))
    scores = [item.score for item in evidence]
    assert scores == sorted(scores, reverse=True)


def test_what_is_given_stands_in_one_order_for_every_question(
    gathered: Callable[[str], Gathered],
) -> None:
    orders = []
    for question in (QUESTION, "What does Aldebaran pay for the pumps each month?"):
        given = give(gathered(question), words, 10_000, counted_by="embedder")
        assert [item.number for item in given.sentences] == list(range(1, len(given.sentences) + 1))
        places = [(item.document, item.start) for item in given.sentences]
        assert places == sorted(places)
        orders.append(places)
        assert [item.rank for item in given.best_first()] == sorted(
            item.rank for item in given.sentences
        )
    shared = [place for place in orders[0] if place in orders[1]]
    assert len(shared) > 3
    assert shared == [place for place in orders[1] if place in orders[0]]


def test_the_budget_leaves_out_the_lowest_and_says_so(gathered: Callable[[str], Gathered]) -> None:
    found = gathered(QUESTION)
    given = give(found, words, 40, counted_by="generator")
    assert given.use.tokens == sum(words(item.text) for item in given.sentences) <= 40
    assert given.use.sentences + given.use.left_out == len(found.evidence)
    ranks = {item.rank for item in given.sentences}
    better = [item for item in found.evidence if item.rank < max(ranks) and item.rank not in ranks]
    assert not {item.document for item in better} & {item.document for item in given.sentences}
    assert given.use.as_dict()["counted_by"] == "generator"


def test_what_did_not_fit_the_context_either_is_told(gathered: Callable[[str], Gathered]) -> None:
    given = give(gathered(QUESTION), words, 10_000, counted_by="generator")
    use = given.use_without(2)
    lowest = given.best_first()[-2:]
    assert use.sentences == given.use.sentences - 2
    assert use.left_out == given.use.left_out + 2
    assert use.tokens == given.use.tokens - sum(words(item.text) for item in lowest)
    assert given.use_without(0) == given.use


def test_an_answer_tells_what_it_was_made_from(searching: Searching) -> None:
    answer = answering(searching, evidence_tokens=100).answer(QUESTION)
    assert "seven years" in answer.text
    told = answer.as_dict()["evidence"]
    assert isinstance(told, dict)
    assert told["budget"] == 100
    assert told["counted_by"] == "embedder"
    assert 0 < told["tokens"] <= 100


def test_without_an_answer_there_is_nothing_to_tell(searching: Searching) -> None:
    answer = answering(searching).answer("Where do penguins sleep in winter?")
    assert answer.outcome == "not_found"
    assert answer.as_dict()["evidence"] is None


def test_a_document_is_read_once_for_all_its_passages(
    corpus: Corpus, searching: Searching, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.write(
        "long.txt", "\n\n".join(CONTRACT.format(name="Denebola", amount=n) for n in range(9))
    )
    corpus.ingest()
    asked: list[int] = []
    real = Reader.sentences
    monkeypatch.setattr(
        Reader, "sentences", lambda self, number: asked.append(number) or real(self, number)
    )
    found = gather(searching, QUESTION, 20)
    documents = {passage.document_id for passage in found.passages}
    assert len(found.passages) > len(documents)
    assert len(asked) == len(set(asked)) == len(documents)


def test_a_model_is_given_other_documents_only_where_the_named_one_says_nothing(
    gathered: Callable[[str], Gathered],
) -> None:
    found = gathered(QUESTION)
    assert {item.document for item in found.evidence} > {"borealis.txt"}
    inside = of_meant(found)
    assert {item.document for item in inside.evidence} == {"borealis.txt"}
    others = tuple(item for item in found.evidence if item not in inside.evidence)
    alone = replace(found, evidence=others)
    assert of_meant(alone) == alone
