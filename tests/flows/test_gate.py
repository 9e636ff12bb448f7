"""The quality gate: below it the old state stays, what was made is kept, removals go through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ragkit.catalog import Catalog, Reader
from ragkit.errors import ConfigFault, Fault
from ragkit.flows.ingest_parts import IngestOptions
from ragkit.flows.ingesting import ingest
from ragkit.types import GateVerdict, IngestReport
from tests.flows.corpus import Corpus

Judge = Callable[[Catalog], GateVerdict]


@pytest.fixture
def corpus(tmp_path) -> Corpus:  # type: ignore[no-untyped-def]
    corpus = Corpus(tmp_path)
    corpus.write("a.txt", "The pump is replaced in June.")
    corpus.write("b.txt", "The valve is replaced in May.")
    return corpus


def judged(corpus: Corpus, judge: Judge, **options: bool) -> IngestReport:
    corpus.parsers.parsed.clear()
    corpus.embedder.texts.clear()
    return ingest(replace(corpus.parts(), judge=judge), IngestOptions(**options))


def passing(catalog: Catalog) -> GateVerdict:
    return GateVerdict(True, 1.0, 0.9, 1)


def failing(catalog: Catalog) -> GateVerdict:
    return GateVerdict(False, 0.5, 0.9, 2)


def test_the_gate_sees_the_new_state_and_readers_the_old_one(corpus: Corpus) -> None:
    corpus.ingest()
    corpus.write("c.txt", "The filter is replaced in April.")
    seen: list[set[str]] = []

    def judge(catalog: Catalog) -> GateVerdict:
        seen.append({entry.path for entry in Reader(catalog).documents()})
        with Catalog.open_for_reading(corpus.pipeline.store) as other:
            seen.append({entry.path for entry in Reader(other).documents()})
        return passing(catalog)

    report = judged(corpus, judge)
    assert seen == [{"a.txt", "b.txt", "c.txt"}, {"a.txt", "b.txt"}]
    assert report.gate is not None
    assert report.gate.passed
    assert corpus.matches("april") == ["c.txt"]


def test_below_the_gate_the_old_state_stays_and_what_was_read_is_kept(corpus: Corpus) -> None:
    corpus.ingest()
    corpus.write("a.txt", "The pump is replaced in July.")
    corpus.write("c.txt", "The filter is replaced in April.")
    before = corpus.state()
    report = judged(corpus, failing)
    assert report.gate is not None
    assert not report.gate.passed
    assert sorted(report.held) == ["a.txt", "c.txt"]
    assert corpus.state() == before
    assert corpus.matches("june") == ["a.txt"]
    assert corpus.matches("april") == []
    report = judged(corpus, passing)
    assert (corpus.parsers.parsed, corpus.embedder.texts) == ([], [])
    assert corpus.matches("july") == ["a.txt"]
    assert corpus.matches("april") == ["c.txt"]
    assert report.changed == 1
    assert report.added == 1


def test_removals_and_their_texts_are_never_held_back(corpus: Corpus) -> None:
    corpus.ingest()
    corpus.write("c.txt", "The filter is replaced in April.")
    (corpus.root / "docs/b.txt").unlink()
    report = judged(corpus, failing)
    assert report.removed == 1
    assert corpus.matches("valve") == []
    assert corpus.matches("filter") == []
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        kept = catalog.connection.execute("SELECT text FROM pages ORDER BY text").fetchall()
    assert [text for (text,) in kept] == [
        "The filter is replaced in April.",
        "The pump is replaced in June.",
    ]


def test_removals_alone_ask_no_question(corpus: Corpus) -> None:
    corpus.ingest()
    (corpus.root / "docs/b.txt").unlink()
    report = judged(corpus, failing)
    assert report.gate is None
    assert corpus.matches("valve") == []


def test_a_first_ingest_below_the_gate_publishes_nothing(corpus: Corpus) -> None:
    report = judged(corpus, failing)
    assert report.documents == 0
    assert report.gate is not None
    assert judged(corpus, passing).added == 2
    assert corpus.parsers.parsed == []


def test_other_settings_below_the_gate_leave_the_old_state_with_its_vectors(
    corpus: Corpus,
) -> None:
    corpus.ingest()
    before = corpus.state()
    corpus.embedder_version = "another"
    judged(corpus, failing)
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        assert Reader(catalog).state("embedder") == "hash"
    assert corpus.state() == before
    assert judged(corpus, passing).remade == 2
    assert corpus.embedder.texts == []


def test_a_file_that_can_no_longer_be_read_is_held_back_a_new_one_is_told(corpus: Corpus) -> None:
    corpus.ingest()
    corpus.write("a.txt", "UNREADABLE it says so")
    corpus.write("new.txt", "UNREADABLE it says so")
    report = judged(corpus, failing)
    assert corpus.matches("june") == ["a.txt"]
    assert [item.document for item in report.unreadable] == ["new.txt"]


def test_rebuild_reads_every_file_beside_the_state_that_answers(corpus: Corpus) -> None:
    corpus.ingest()
    before = corpus.state()
    corpus.parsers.parsed.clear()
    seen: list[int] = []

    def judge(catalog: Catalog) -> GateVerdict:
        with Catalog.open_for_reading(corpus.pipeline.store) as other:
            seen.append(len(list(Reader(other).documents())))
        return passing(catalog)

    report = judged(corpus, judge, rebuild=True)
    assert sorted(corpus.parsers.parsed) == ["a.txt", "b.txt"]
    assert seen == [2]
    assert report.remade == 2
    assert corpus.state() == before
    assert sorted(path.name for path in (corpus.pipeline.store / "chroma").iterdir()) == ["2"]


def test_a_renamed_file_that_is_held_back_stays_under_its_old_name(corpus: Corpus) -> None:
    corpus.ingest()
    for name in ("a.txt", "b.txt"):
        (corpus.root / "docs" / name).rename(corpus.root / "docs" / f"new {name}")
    report = judged(corpus, failing)
    assert corpus.matches("pump") == ["a.txt"]
    assert report.removed == 0
    assert judged(corpus, passing).renamed == 2
    assert corpus.matches("pump") == ["new a.txt"]


def test_what_was_held_back_and_then_deleted_leaves_nothing(corpus: Corpus) -> None:
    corpus.ingest()
    corpus.write("c.txt", "The filter is replaced in April.")
    judged(corpus, failing)
    (corpus.root / "docs/c.txt").unlink()
    corpus.ingest()
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        kept = catalog.connection.execute("SELECT text FROM pages").fetchall()
    assert not any("filter" in text for (text,) in kept)


def test_scans_that_are_held_back_are_not_read_again(corpus: Corpus) -> None:
    corpus.write("scan.txt", "Text.\n\fSCANNED The seal was replaced in March.")
    corpus.ingest()
    corpus.parsers.ocr = "tesseract 5"
    judged(corpus, failing)
    assert corpus.parsers.parsed == ["scan.txt"]
    judged(corpus, failing)
    assert corpus.parsers.parsed == []
    judged(corpus, passing)
    assert corpus.parsers.parsed == []
    assert corpus.matches("march") == ["scan.txt"]


def test_a_gate_that_cannot_be_asked_holds_back_and_says_why(corpus: Corpus) -> None:
    corpus.ingest()
    corpus.write("c.txt", "The filter is replaced in April.")
    (corpus.root / "docs/b.txt").unlink()

    def broken(catalog: Catalog) -> GateVerdict:
        raise ConfigFault("gate.jsonl has faults.", faults=[Fault("question 2", 2, "is no JSON")])

    report = judged(corpus, broken)
    assert report.gate is not None
    assert not report.gate.passed
    assert "gate.jsonl has faults" in report.gate.failures[0].reason
    assert "is no JSON" in report.gate.failures[0].reason
    assert corpus.matches("valve") == []
    assert corpus.matches("filter") == []
