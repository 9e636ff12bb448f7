"""What the gate's questions find, and what they say when they do not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ragkit.catalog import Catalog, Changes, Publisher, Reader, WriterLock
from ragkit.catalog.searching import SearchReader
from ragkit.evaluation.alignment import plain
from ragkit.flows import gating
from ragkit.flows.gating import judge
from ragkit.flows.gold_places import is_of
from ragkit.gold import Gate, GoldPlace, GoldQuestion, GoldSpan
from ragkit.parsers.fake import REFUSE
from ragkit.types import GateVerdict
from ragkit.vectors.exact import ExactIndex
from tests.flows.corpus import Corpus

RENT = "How much is the rent?"
VISIT = "When is the visit?"


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("leases/lease.txt", "The rent is 900 euros.\n\nThe deposit is two months.")
    corpus.write("letter.txt", "The visit is on Monday.")
    corpus.write("scan.txt", REFUSE)
    for number in range(12):
        corpus.write(f"other/{number}.txt", f"Pump number {number} is replaced in June.")
    corpus.ingest()
    return corpus


def asked(
    corpus: Corpus, *questions: GoldQuestion, minimum: float = 1.0, k: int = 3
) -> GateVerdict:
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        return judge(Gate(questions, minimum, k), catalog, corpus.embedder, ExactIndex)


def gold(id: str, question: str, document: str, *quotes: str) -> GoldQuestion:
    return GoldQuestion(id, question, (GoldPlace(document, tuple(map(GoldSpan, quotes))),))


def reason(verdict: GateVerdict) -> str:
    (failure,) = verdict.failures
    return failure.reason


@pytest.mark.parametrize(
    ("document", "quotes"),
    [
        ("leases/lease.txt", ()),
        ("leases/*.txt", ("RENT  is\n900",)),
        ("docs/leases/lease.txt", ("900 euros.",)),
        ("leases/lease.txt", ("not there", "900 eu\u00adros")),
        ("leases/lease.txt", ("900 euros. The deposit",)),
    ],
)
def test_found(corpus: Corpus, document: str, quotes: tuple[str, ...]) -> None:
    verdict = asked(corpus, gold("q", RENT, document, *quotes))
    assert (verdict.passed, verdict.recall, verdict.questions) == (True, 1.0, 1)
    assert verdict.failures == ()


@pytest.mark.parametrize(
    ("document", "quotes", "why"),
    [
        ("leases/lease.txt", ("950 euros",), "but not its quote"),
        ("letter.txt", (), "is not among the first 1 passages"),
        ("letters/*.txt", (), "is not among the first 1 passages"),
        ("scan.txt", (), "could not be read"),
        ("gone.txt", (), "no such document"),
    ],
)
def test_missed(corpus: Corpus, document: str, quotes: tuple[str, ...], why: str) -> None:
    verdict = asked(corpus, gold("q-7", RENT, document, *quotes), k=1)
    assert (verdict.passed, verdict.recall) == (False, 0.0)
    assert why in reason(verdict)
    (failure,) = verdict.failures
    assert (failure.id, failure.question, failure.document) == ("q-7", RENT, document)


def test_recall_is_the_share_that_is_found(corpus: Corpus) -> None:
    questions = (
        gold("a", RENT, "leases/lease.txt"),
        gold("b", VISIT, "letter.txt"),
        gold("c", VISIT, "gone.txt"),
    )
    verdict = asked(corpus, *questions, minimum=0.6)
    assert (verdict.passed, round(verdict.recall, 3), verdict.minimum) == (True, 0.667, 0.6)
    assert [failure.id for failure in verdict.failures] == ["c"]
    assert not asked(corpus, *questions, minimum=0.7).passed


def test_questions_without_an_answer_are_left_out(corpus: Corpus) -> None:
    """`ragkit eval` reads the same file: nothing that is found can be right for them."""
    unanswered = GoldQuestion("none", "Who painted the mast?", answerable=False)
    verdict = asked(corpus, unanswered, gold("q", RENT, "leases/lease.txt"))
    assert (verdict.passed, verdict.recall, verdict.questions) == (True, 1.0, 1)


def test_places_by_characters_are_looked_for_by_their_words(corpus: Corpus) -> None:
    """They are read from the state that is judged; other words there than the file's are missed."""

    def at(start: int, end: int, text: str = "") -> GateVerdict:
        place = GoldPlace("leases/lease.txt", (GoldSpan(text, start, end),))
        return asked(corpus, GoldQuestion("q", RENT, (place,)))

    assert at(4, 21).passed
    assert at(4, 21, "rent is 900 euros").passed
    assert "but not its quote" in reason(at(4, 21, "rent is 950 euros"))


def test_it_sees_what_is_not_committed_and_changes_nothing(corpus: Corpus) -> None:
    """Inside the writer's transaction, through its own connection."""
    question = gold("q", RENT, "leases/lease.txt")
    before = corpus.state()
    verdicts: list[GateVerdict] = []

    def on(catalog: Catalog) -> Callable[[], bool]:
        def judged() -> bool:
            verdicts.append(judge(Gate((question,), 1.0, 3), catalog, corpus.embedder, ExactIndex))
            raise KeyboardInterrupt

        return judged

    store = corpus.pipeline.store
    with WriterLock(store), Catalog.open_for_writing(store) as catalog:
        publisher = Publisher(catalog, lambda text, language: text.casefold())
        fingerprints = {"embedder": Reader(catalog).state("embedder")}
        with pytest.raises(KeyboardInterrupt):
            publisher.publish(
                Changes(removed={"leases/lease.txt"}),
                fingerprints=fingerprints,
                noted={},
                judge=on(catalog),
            )
    assert "no such document" in reason(verdicts[0])
    assert corpus.state() == before
    assert asked(corpus, question).passed


def test_a_citation_that_does_not_stand_there_fails_whatever_the_recall(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Reader.text

    def elsewhere(self: Reader, content_id: int, start: int, end: int) -> str:
        """Short ranges, those of sentences, are read one character too late."""
        return told(self, content_id, start + 1, end + 1)

    with monkeypatch.context() as patch:
        patch.setattr(gating._Asked, "_is_true", with_text(elsewhere))
        verdict = asked(corpus, gold("q", RENT, "leases/lease.txt"), minimum=0.0)
    assert (verdict.passed, verdict.recall) == (False, 1.0)
    assert "citation" in reason(verdict)


def with_text(text: Callable[[Reader, int, int, int], str]) -> Callable[..., bool]:
    """_is_true over documents whose text is another one."""
    is_true = gating._Asked._is_true

    def checked(self: gating._Asked, citation: object) -> bool:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Reader, "text", text)
            return is_true(self, citation)  # type: ignore[arg-type]

    return checked


def test_vectors_are_held_once(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches go into one array, in the order of their ids."""
    whole = gating.load_vectors
    monkeypatch.setattr(gating, "load_vectors", lambda *given: whole(*given, batch=3))
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        ids, vectors = gating._all_vectors(catalog)
        expected = SearchReader(catalog).vectors_after(Reader(catalog).state("embedder"), 0)
    assert vectors.base is None
    assert np.array_equal(ids, expected[0])
    assert np.array_equal(vectors, expected[1])


def test_only_questions_are_embedded(corpus: Corpus) -> None:
    """The vectors of sentences are part of the state: a gate of many questions takes no longer for them."""
    corpus.embedder.texts.clear()
    assert asked(corpus, *(gold(str(i), RENT, "leases/lease.txt") for i in range(5))).passed
    assert set(corpus.embedder.texts) == {RENT}


def test_an_empty_state_fails(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    corpus.write("scan.txt", REFUSE)
    corpus.ingest()
    assert not asked(corpus, gold("q", RENT, "scan.txt")).passed


def test_names() -> None:
    assert is_of("mail.eml::a.pdf", "mail.eml")
    assert is_of("a/b [1].txt", "a/b [1].txt")
    assert is_of("a/b.txt", "a/*")
    assert not is_of("mail.eml", "mail.eml::a.pdf")
    assert plain(" Der\u00a0Preis\n\u200bist ") == "der preis ist"
