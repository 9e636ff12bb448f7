"""Thresholds of one's own: fitted, judged on other documents, kept only where they help, undone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from ragkit.catalog import Catalog, Reader, WriterLock
from ragkit.catalog.state import note_state
from ragkit.errors import Busy
from ragkit.flows import calibrating
from ragkit.flows.calibrated import STATE, Kept, calibration_notes, calibration_of
from ragkit.flows.calibrating import calibrate, undo
from ragkit.flows.searching import Searching
from ragkit.gold import GoldPlace, GoldQuestion
from ragkit.retrieval.answerability import CLAUSE, SHIPPED, TOPIC, Signals
from ragkit.types.calibration import CalibrationReport
from tests.flows.corpus import Corpus
from tests.flows.test_ambiguous import open_searching

LENIENT = -5.0
"""A threshold of the topic that refuses nothing."""
TOPICS = (
    *("granite", "saffron", "harpsichord", "turbine", "orchid", "lighthouse", "velvet", "compass"),
    *("walnut", "glacier", "falcon", "pottery"),
)


def written(folder: Path) -> Corpus:
    corpus = Corpus(folder)
    for topic in TOPICS:
        text = (
            f"The store keeps {topic} boxes in the cellar.\n\nEvery {topic} box weighs nine kilos."
        )
        corpus.write(f"{topic}.txt", text)
    corpus.ingest()
    return corpus


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Corpus, Searching]]:
    corpus = written(tmp_path_factory.mktemp("boxes"))
    opened = open_searching(corpus)
    yield corpus, opened
    opened.close()


@pytest.fixture
def corpus(indexed: tuple[Corpus, Searching]) -> Iterator[Corpus]:
    put_to_use(indexed[0], LENIENT)
    yield indexed[0]
    undo(indexed[0].pipeline)


@pytest.fixture
def searching(indexed: tuple[Corpus, Searching]) -> Searching:
    return indexed[1]


def put_to_use(corpus: Corpus, topic: float) -> None:
    """As if it had been fitted to questions of which none was to be refused."""
    kept = Kept(topic, CLAUSE.least, corpus.embedder_version, 20, 10, 0.5, 0.6)
    put_in_state(corpus, kept.as_text())


def put_in_state(corpus: Corpus, text: str) -> None:
    store = corpus.pipeline.store
    with (
        WriterLock(store),
        Catalog.open_for_writing(store) as catalog,
        catalog.transaction() as connection,
    ):
        note_state(connection, {STATE: text})


def gold(answered: int = 2, unanswered: int = 1) -> list[GoldQuestion]:
    """Of each topic so many questions with and without an answer."""
    found = []
    for topic in TOPICS:
        place = (GoldPlace(f"{topic}.txt"),)
        for number in range(answered):
            asked = f"How heavy is every {topic} box" + (" in the cellar?" if number else "?")
            found.append(GoldQuestion(f"{topic}-{number}", asked, place))
        for number in range(unanswered):
            asked = f"Who painted the {topic} boxes blue?"
            found.append(GoldQuestion(f"{topic}-no-{number}", asked, place, answerable=False))
    return found


def state(corpus: Corpus) -> tuple[str, float]:
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        reader = Reader(catalog)
        return reader.state(STATE), calibration_of(reader).topic.least


def test_too_few_questions_are_told(corpus: Corpus, searching: Searching) -> None:
    report = calibrate(corpus.pipeline, searching, gold(1, 0))
    assert not report.adopted
    assert report.reason == (
        "There are 12 questions with an answer and 0 without one; it takes 8 more with an answer and "
        "10 more without one (`answerable: false`)."
    )
    assert state(corpus)[1] == LENIENT


def test_a_gain_on_other_documents_is_kept_and_undone(corpus: Corpus, searching: Searching) -> None:
    noted: list[CalibrationReport] = []
    report = calibrate(corpus.pipeline, searching, gold(), note=noted.append)
    assert report.adopted, report.reason
    assert noted == [report]
    assert report.after is not None
    assert report.before is not None
    assert report.after.balanced > report.before.balanced
    assert report.low > 0
    text, least = state(corpus)
    assert least == report.topic > LENIENT
    assert not any(topic in text for topic in TOPICS)
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        notes = calibration_notes(Reader(catalog))
    assert "24 questions with an answer and 12 without one" in notes[0]
    undone = undo(corpus.pipeline, noted.append)
    assert undone.undone
    assert undone.topic == SHIPPED.topic.least
    assert state(corpus) == ("", TOPIC.least)
    assert undo(corpus.pipeline).reason == "There is nothing to undo."


def test_what_does_not_help_is_not_kept(corpus: Corpus, searching: Searching) -> None:
    first = calibrate(corpus.pipeline, searching, gold())
    again = calibrate(corpus.pipeline, searching, gold())
    assert first.adopted
    assert not again.adopted
    assert "do not decide better beyond chance" in again.reason
    assert again.topic == first.topic
    assert again.is_fitted


def test_nothing_is_kept_that_cannot_be_noted(corpus: Corpus, searching: Searching) -> None:
    def fail(report: CalibrationReport) -> None:
        raise Busy("The ledger is not to be written.")

    with pytest.raises(Busy):
        calibrate(corpus.pipeline, searching, gold(), note=fail)
    assert state(corpus)[1] == LENIENT


def test_what_another_version_kept_never_stands_in_the_way_of_a_question(corpus: Corpus) -> None:
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        kept = json.loads(Reader(catalog).state(STATE))
    put_in_state(corpus, json.dumps({**kept, "seed": 3}))
    assert state(corpus)[1] == LENIENT
    del kept["clause"]
    for text in (json.dumps(kept), "[]", "{"):
        put_in_state(corpus, text)
        assert state(corpus)[1] == TOPIC.least
        with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
            assert "another version" in calibration_notes(Reader(catalog))[0]


def signals(topic: float, *, in_own_words: bool = False) -> Signals:
    """Of this figure of the topic's check."""
    nearest = (topic - TOPIC.bias) / TOPIC.weights["cosine"]
    together = 0.0
    if in_own_words:
        together = 1.0
        nearest -= TOPIC.weights["together"] / TOPIC.weights["cosine"]
    return Signals(nearest, 0.0, 0.0, together, 0.0, 0.0, in_own_words=in_own_words)


def test_a_check_that_a_question_in_ones_own_words_skips_is_not_fitted_to_it(
    corpus: Corpus, searching: Searching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is answered whatever the threshold, and must not seem to be refused by it."""
    own = signals(-3.0, in_own_words=True)
    assert own.is_said_otherwise
    figures = {"-0": own, "-1": signals(5.0), "-no-0": signals(2.0)}

    def gathered(view: object, embedder: object, question: str, passages: int) -> SimpleNamespace:
        return SimpleNamespace(signals=figures[question])

    monkeypatch.setattr(calibrating, "gather_from", gathered)
    asked = [replace(each, question=each.id.removeprefix(each.id.split("-")[0])) for each in gold()]
    report = calibrate(corpus.pipeline, searching, asked)
    assert report.adopted, report.reason
    assert report.after is not None
    assert (report.after.answered, report.after.refused) == (1.0, 1.0)
    assert 2.0 < report.topic <= 5.0


def test_another_embedder_switches_it_off(tmp_path: Path) -> None:
    corpus = written(tmp_path)
    put_to_use(corpus, LENIENT)
    assert state(corpus)[1] == LENIENT
    corpus.embedder_version = "hash-2"
    corpus.ingest()
    assert state(corpus)[1] == TOPIC.least
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        assert "for another embedder" in calibration_notes(Reader(catalog))[0]
