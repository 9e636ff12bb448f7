"""What summarizing would do, and how long it would take: measured, never made up."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ragkit.catalog import CATALOG_NAME, Catalog, Reader
from ragkit.errors import UnknownPipeline
from ragkit.flows import summary_pace
from ragkit.flows.summarizing import SummaryRequest, plan_summary
from ragkit.flows.summary_pace import MOST_KINDS, Pace, note_pace, noted_pace
from ragkit.types.summaries import SummaryPlan
from tests.flows.corpus import Corpus
from tests.flows.summarizing import LEASE, LETTER, parts_of, summaries


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("lease.txt", LEASE)
    corpus.write("es/alta.txt", LETTER)
    for number in range(4):
        corpus.write(f"more/{number}.txt", f"The warranty lasts for {number + 2} years in all.")
    corpus.ingest()
    return corpus


def planned(corpus: Corpus, *documents: str, focus: str = "") -> SummaryPlan:
    corpus.embedder.texts.clear()
    return plan_summary(parts_of(corpus), SummaryRequest(documents, None, None, focus))


def kept(corpus: Corpus) -> int:
    with sqlite3.connect(corpus.pipeline.store / CATALOG_NAME) as connection:
        return int(connection.execute("SELECT count(*) FROM summaries").fetchone()[0])


def test_a_sample_is_measured_and_not_kept(corpus: Corpus, clock: list[float]) -> None:
    plan = planned(corpus)
    assert (plan.documents, plan.to_make, plan.reused, plan.unreadable) == (6, 6, 0, 0)
    assert (plan.basis, plan.measured_on) == ("sample", 3)
    assert kept(corpus) == 0
    assert corpus.embedder.texts, "it was done in earnest"
    # Each look at this clock is a second later: one for the opening, one for each of three documents.
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        reader = Reader(catalog)
        lengths = sorted(reader.length(entry.content_id) for entry in reader.documents())
    tried = lengths[3] + lengths[1] + lengths[4]
    assert plan.seconds == pytest.approx(1 + 3 * sum(lengths) / tried)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]

    def later() -> float:
        now[0] += 1
        return now[0]

    monkeypatch.setattr(summary_pace, "monotonic", later)
    return now


def test_what_a_run_took_is_known_the_next_time(corpus: Corpus) -> None:
    summaries(corpus)
    assert planned(corpus).seconds is None, "there is nothing to make"
    for number in range(3):
        corpus.write(f"new/{number}.txt", f"The deposit is {number + 2} months of rent in cash.")
    corpus.ingest()
    plan = planned(corpus)
    assert (plan.documents, plan.to_make, plan.basis, plan.measured_on) == (9, 3, "runs", 6)
    assert plan.seconds is not None
    assert 0 < plan.seconds < 60
    assert corpus.embedder.texts == [], "nothing had to be tried"
    assert planned(corpus, focus="the deposit").to_make == 9, "another question, other summaries"


def test_one_document_tells_little_of_the_next(corpus: Corpus) -> None:
    summaries(corpus, "lease.txt")
    assert planned(corpus).basis == "sample"


def test_a_longer_document_takes_longer(corpus: Corpus) -> None:
    summaries(corpus)
    corpus.write("new.txt", "The deposit is two months of rent in cash. ")
    corpus.ingest()
    short = planned(corpus).seconds
    corpus.write("new.txt", "The deposit is two months of rent in cash. " * 50)
    corpus.ingest()
    long = planned(corpus).seconds
    assert short is not None
    assert long is not None
    assert long > 20 * short


def test_paces_of_other_kinds_stay_until_there_are_too_many(corpus: Corpus) -> None:
    with Catalog.open_for_writing(corpus.pipeline.store) as catalog:
        for number in range(MOST_KINDS + 2):
            assert note_pace(catalog, f"kind {number}", Pace(float(number), 100, 10))
        assert not note_pace(catalog, "little", Pace(1.0, 100, 2))
        known = [noted_pace(catalog, f"kind {number}") for number in range(MOST_KINDS + 2)]
    assert known[:2] == [None, None]
    assert known[2:] == [Pace(float(number), 100, 10) for number in range(2, MOST_KINDS + 2)]


def test_a_note_of_another_version_is_no_measure(corpus: Corpus) -> None:
    with Catalog.open_for_writing(corpus.pipeline.store) as catalog:
        for text in ("nonsense", "[]", '{"kind": 3}', '{"kind": {"seconds": 1}}'):
            with catalog.transaction() as connection:
                connection.execute(
                    "INSERT OR REPLACE INTO state VALUES (?, ?)", (summary_pace.STATE, text)
                )
            assert noted_pace(catalog, "kind") is None


def test_a_document_that_is_not_there_is_named(corpus: Corpus) -> None:
    with pytest.raises(UnknownPipeline):
        planned(corpus, "nothing.txt")
