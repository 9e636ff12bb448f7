"""Marking passages: by number and by place, again, of documents that change, move or go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.catalog import Catalog, Reader, WriterLock
from ragkit.errors import Busy, StorageFault, UnknownPipeline, UsageFault
from ragkit.flows.feedback import Marks, mark, marked, unmark
from ragkit.types import Passage, SearchResult
from ragkit.types.tuning import MarkedQuestion
from tests.flows.corpus import Corpus

RENT = "How much is the rent?"


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("lease.txt", "The rent is 900 euros.\n\nThe deposit is two months.")
    corpus.write("a:b.txt", "The visit is on Monday.")
    corpus.ingest()
    return corpus


def marks(corpus: Corpus, *right: str, wrong: tuple[str, ...] = ()) -> MarkedQuestion:
    return mark(corpus.pipeline, RENT, Marks(right, wrong), None).question


def kept(corpus: Corpus) -> list[tuple[str, int, int, bool, bool]]:
    return [
        (one.document, one.start, one.end, one.is_right, one.is_stale)
        for question in marked(corpus.pipeline)[0]
        for one in question.passages
    ]


def test_a_place_is_kept_with_its_verdict(corpus: Corpus) -> None:
    marks(corpus, "lease.txt:0-22", wrong=("a:b.txt:0-9",))
    assert kept(corpus) == [("a:b.txt", 0, 9, False, False), ("lease.txt", 0, 22, True, False)]


def test_a_number_is_that_of_the_search(corpus: Corpus) -> None:
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        entry = Reader(catalog).document("lease.txt")
        assert entry is not None
    shown = [
        Passage("lease.txt", None, 24, 50, "", "", 1.0, rank, sha256=entry.sha256)
        for rank in (1, 2)
    ]
    given = Marks(("2",), ())
    assert given.highest_rank == 2
    mark(corpus.pipeline, RENT, given, SearchResult(RENT, tuple(shown), 0.0))
    assert kept(corpus) == [("lease.txt", 24, 50, True, False)]
    with pytest.raises(UsageFault, match="no passage 3"):
        mark(corpus.pipeline, RENT, Marks(("3",), ()), SearchResult(RENT, tuple(shown), 0.0))


@pytest.mark.parametrize("change", ["gone", "other bytes"])
def test_what_was_found_before_a_change_is_not_marked(corpus: Corpus, change: str) -> None:
    """Nor is a word of the question kept: a purge in between has certified that nothing is left."""
    shown = Passage("lease.txt", None, 0, 9, "", "", 1.0, 1, sha256="0" * 64)
    path = "gone.txt" if change == "gone" else "lease.txt"
    found = SearchResult(RENT, (replace(shown, document=path),), 0.0)
    with pytest.raises(Busy, match="nothing was marked"):
        mark(corpus.pipeline, RENT, Marks(("1",), ()), found)
    assert kept(corpus) == []
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        (questions,) = catalog.connection.execute("SELECT count(*) FROM feedback").fetchone()
    assert questions == 0


def test_the_same_question_keeps_its_marks_and_the_later_verdict(corpus: Corpus) -> None:
    first = marks(corpus, "lease.txt:0-22", "lease.txt:24-30")
    again = marks(corpus, wrong=("lease.txt:24-30",))
    assert again.id == first.id
    assert kept(corpus) == [("lease.txt", 0, 22, True, False), ("lease.txt", 24, 30, False, False)]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("lease.txt:0-5000", "is no range of the"),
        ("lease.txt:9-9", "is no range of the"),
        ("lease.txt", "neither the number of a passage nor"),
        ("-1", "neither the number of a passage nor"),
        ("1", "no passage 1"),
        ("", "neither the number"),
    ],
)
def test_a_mark_that_means_nothing_is_refused_and_nothing_kept(
    corpus: Corpus, place: str, said: str
) -> None:
    with pytest.raises(UsageFault, match=said):
        marks(corpus, "lease.txt:0-22", place)
    assert kept(corpus) == []


def test_a_document_that_is_not_there_is_refused_with_one_like_it(corpus: Corpus) -> None:
    with pytest.raises(UnknownPipeline) as refused:
        marks(corpus, "lease.text:0-5")
    assert "lease.txt" in refused.value.hint


def test_one_place_cannot_be_right_and_wrong(corpus: Corpus) -> None:
    with pytest.raises(UsageFault, match="marked twice"):
        marks(corpus, "lease.txt:0-22", wrong=("lease.txt:0-22",))


def test_while_another_writes_nothing_is_marked(corpus: Corpus) -> None:
    with WriterLock(corpus.pipeline.store), pytest.raises(Busy):
        marks(corpus, "lease.txt:0-22")


def test_a_question_is_forgotten_by_its_number(corpus: Corpus) -> None:
    question = marks(corpus, "lease.txt:0-22")
    unmark(corpus.pipeline, question.id)
    assert kept(corpus) == []
    with pytest.raises(UsageFault, match="no marked question"):
        unmark(corpus.pipeline, question.id)


def test_a_changed_document_leaves_its_marks_stale(corpus: Corpus) -> None:
    marks(corpus, "lease.txt:0-22")
    corpus.write("lease.txt", "The rent is 950 euros.")
    corpus.ingest()
    assert kept(corpus) == [("lease.txt", 0, 22, True, True)]


def test_marks_follow_a_renamed_document(corpus: Corpus) -> None:
    marks(corpus, "lease.txt:0-22")
    (corpus.root / "docs/lease.txt").rename(corpus.root / "docs/old lease.txt")
    corpus.ingest()
    assert kept(corpus) == [("old lease.txt", 0, 22, True, False)]


def test_a_question_goes_with_any_of_its_documents(corpus: Corpus) -> None:
    marks(corpus, "lease.txt:0-22", wrong=("a:b.txt:0-9",))
    (corpus.root / "docs/a:b.txt").unlink()
    corpus.ingest()
    assert kept(corpus) == []


def test_marks_stay_when_everything_is_made_anew(corpus: Corpus) -> None:
    marks(corpus, "lease.txt:0-22")
    corpus.ingest(rebuild=True)
    assert kept(corpus) == [("lease.txt", 0, 22, True, False)]


def test_what_cannot_be_noted_is_neither_kept_nor_forgotten(corpus: Corpus) -> None:
    def full(_: object) -> None:
        raise StorageFault("The disk is full.")

    given = Marks(("lease.txt:0-22",), ())
    with pytest.raises(StorageFault):
        mark(corpus.pipeline, RENT, given, None, full)
    assert kept(corpus) == []
    number = mark(corpus.pipeline, RENT, given, None).question.id
    with pytest.raises(StorageFault):
        unmark(corpus.pipeline, number, full)
    assert len(kept(corpus)) == 1
