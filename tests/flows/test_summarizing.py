"""Summaries: made once, kept with their documents, never of anything but what is published."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ragkit.catalog import CATALOG_NAME, Catalog
from ragkit.errors import CheckFailed, IndexMissing, Interrupted, UnknownPipeline, UsageFault
from ragkit.flows.naming import paths_named
from ragkit.flows.summarizing import VANISHED, SummaryRequest, summarize
from ragkit.llm.fake import ScriptedGenerator
from ragkit.summaries.selection import Focus
from ragkit.types import Step, Unreadable
from tests.flows.corpus import Corpus
from tests.flows.summarizing import (
    LEASE,
    LETTER,
    parts_of,
    published_texts,
    summaries,
    unseconded,
)


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("lease.txt", LEASE)
    corpus.write("es/alta.txt", LETTER)
    corpus.write(
        "mail.txt", "The offer is attached for you.\nATTACHED offer.txt We offer ten pumps."
    )
    corpus.ingest()
    return corpus


ALL = ["es/alta.txt", "lease.txt", "mail.txt", "mail.txt::offer.txt"]


def test_every_document_and_the_folder_are_summarized(corpus: Corpus) -> None:
    summary = summaries(corpus)
    assert [document.document for document in summary.documents] == ALL
    assert all(document.sentences for document in summary.documents)
    assert summary.folder is not None
    cited = {citation.document for citation in summary.folder.citations}
    assert {"lease.txt", "es/alta.txt"} <= cited
    assert (summary.generation, summary.unreadable, summary.focus) == (1, (), "")


def test_sentences_stand_under_their_sections(corpus: Corpus) -> None:
    (lease,) = summaries(corpus, "lease.txt", words=200).documents
    assert [sentence.section for sentence in lease.sentences] == ["Lease", "Rent", "Termination"]
    assert (lease.sections, lease.covered) == (3, 3)
    assert (lease.language, lease.style, lease.model) == ("en", "quote", "")


def test_a_clause_of_a_sentence_is_shown_as_one(corpus: Corpus) -> None:
    clause = "the tenant keeps the roof and the walls of the northern hall in repair"
    corpus.write("long.txt", "; and ".join(clause.replace("northern", f"n{i}") for i in range(9)))
    corpus.ingest()
    (document,) = summaries(corpus, "long.txt", words=20).documents
    assert any("…" in sentence.text for sentence in document.sentences)
    assert not any("…" in citation.quote for citation in document.citations)


def test_a_second_run_makes_nothing_anew(corpus: Corpus) -> None:
    first = summaries(corpus)
    assert corpus.embedder.texts
    second = summaries(corpus)
    assert corpus.embedder.texts == []
    assert all(document.reused for document in second.documents)
    assert not any(document.reused for document in first.documents)
    assert unseconded(first) == unseconded(second)


def test_copies_are_summarized_each_under_its_name(corpus: Corpus) -> None:
    corpus.write("copy.txt", LEASE)
    corpus.ingest()
    summary = summaries(corpus)
    same = [d for d in summary.documents if d.document in ("copy.txt", "lease.txt")]
    assert same[0].sentences == same[1].sentences
    assert not any(document.reused for document in same)
    assert {citation.document for citation in same[0].citations} == {"copy.txt"}


def test_only_what_changed_is_made_anew(corpus: Corpus) -> None:
    summaries(corpus)
    corpus.write("lease.txt", LEASE.replace("4,200", "5,900"))
    corpus.ingest()
    summary = summaries(corpus)
    assert [d.document for d in summary.documents if not d.reused] == ["lease.txt"]
    assert all("900" in text for text in corpus.embedder.texts if "monthly rent" in text)


def test_a_renamed_document_keeps_its_summary_under_its_new_name(corpus: Corpus) -> None:
    summaries(corpus)
    docs = corpus.root / "docs"
    (docs / "lease.txt").rename(docs / "moved.txt")
    corpus.ingest()
    (moved,) = summaries(corpus, "moved.txt").documents
    assert moved.reused
    assert {citation.document for citation in moved.citations} == {"moved.txt"}


def test_a_removed_document_takes_its_summary_with_it(corpus: Corpus) -> None:
    corpus.write("gone.txt", "The zyzzyva clause binds both parties for ten years.")
    corpus.ingest()
    summary = summaries(corpus, generator=ScriptedGenerator())
    assert "zyzzyva" in str(summary)
    (corpus.root / "docs/gone.txt").unlink()
    corpus.ingest()
    assert "zyzzyva" not in str(summaries(corpus, generator=ScriptedGenerator()))
    store = corpus.pipeline.store
    left = [file for file in store.rglob("*") if file.is_file() and b"zyzzyva" in file.read_bytes()]
    assert left == []


@pytest.mark.parametrize("change", [{"words": 30}, {"focus": "How much is the rent?"}])
def test_other_wishes_are_other_summaries(corpus: Corpus, change: dict[str, object]) -> None:
    summaries(corpus)
    other = summaries(corpus, **change)  # type: ignore[arg-type]
    assert not any(document.reused for document in other.documents)
    assert all(document.reused for document in summaries(corpus).documents)


def test_a_focus_reaches_the_choice(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it leads to is tested with the real embedder and where sentences are chosen."""
    given = []

    def choose_the_last(candidates: list[object], vectors: object, *, words: int, focus: Focus):  # type: ignore[no-untyped-def]
        given.append((focus.question, focus.vector.shape, words))
        return [len(candidates) - 1]

    monkeypatch.setattr("ragkit.flows.abridging.choose", choose_the_last)
    (lease,) = summaries(corpus, "lease.txt", words=40, focus="Who may end it?").documents
    assert given[0] == ("Who may end it?", (64,), 40)
    assert [sentence.section for sentence in lease.sentences] == ["Termination"]


def test_what_could_not_be_read_is_said(corpus: Corpus) -> None:
    corpus.write("bad.txt", "UNREADABLE")
    corpus.write("mail.txt", "See the attachment, please.\nATTACHED x.txt UNREADABLE")
    corpus.ingest()
    summary = summaries(corpus)
    assert summary.unreadable == (
        Unreadable("bad.txt", "it says so", "damaged"),
        Unreadable("mail.txt::x.txt", "it says so", "damaged"),
    )
    unread = {document.document: document.unread for document in summary.documents}
    assert unread["mail.txt"] == "x.txt: it says so"
    assert unread["lease.txt"] == ""
    assert summaries(corpus, "lease.txt").unreadable == ()
    alone = summaries(corpus, "bad.txt")
    assert (alone.documents, len(alone.unreadable)) == ((), 1)


def test_every_page_is_accounted_for(corpus: Corpus) -> None:
    rent = "The monthly rent is 4,200 euros, payable on the first day of the month."
    corpus.write("pages.txt", f"{rent}\fSCANNED and not read\fAll of this is said twice here.\n")
    corpus.ingest()
    (told,) = summaries(corpus, "pages.txt", words=10).documents
    assert told.pages is not None
    assert (told.pages.used, told.pages.read, told.pages.unreadable) == ((1,), (3,), (2,))
    assert (told.pages.reason, told.pages.kind) == ("it is a scan", "needs_ocr")
    assert told.unread == "page 2: it is a scan"
    (lease,) = summaries(corpus, "lease.txt").documents
    assert lease.pages is None


def test_one_document_has_no_folder_and_a_folder_has(corpus: Corpus) -> None:
    assert summaries(corpus, "lease.txt").folder is None
    assert summaries(corpus, "es/alta.txt", "lease.txt").folder is None
    assert summaries(corpus, "*a*.txt").folder is not None
    mail = summaries(corpus, "mail.txt")
    assert [document.document for document in mail.documents] == ALL[2:]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a/b.txt", {"a/b.txt"}),
        ("./a/", {"a/b.txt", "a/c[1].txt"}),
        ("a/c[1].txt", {"a/c[1].txt"}),
        ("*.txt", {"a/b.txt", "a/c[1].txt", "m.eml::x.txt"}),
        ("m.eml > x.txt", {"m.eml::x.txt"}),
        ("m.eml", {"m.eml", "m.eml::x.txt"}),
    ],
)
def test_names_of_documents(name: str, found: set[str]) -> None:
    assert paths_named(name, ["a/b.txt", "a/c[1].txt", "m.eml", "m.eml::x.txt"]) == found


def test_an_unknown_name_brings_near_ones(corpus: Corpus) -> None:
    with pytest.raises(UnknownPipeline, match=r"alto\.txt") as caught:
        summaries(corpus, "alto.txt")
    assert "es/alta.txt" in caught.value.hint


def test_a_document_without_a_sentence_is_no_fault(corpus: Corpus) -> None:
    corpus.write("empty.txt", "12 / 13\n")
    corpus.ingest()
    summary = summaries(corpus)
    assert next(d for d in summary.documents if d.document == "empty.txt").sentences == ()
    assert unseconded(summaries(corpus)) == unseconded(summary)


def test_nothing_indexed_and_another_settings_file(corpus: Corpus, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with pytest.raises(IndexMissing):
        summarize(parts_of(Corpus(elsewhere)), SummaryRequest())
    (tmp_path / "pipelines.yaml").touch()
    corpus.settings_name = "other.yaml"
    with pytest.raises(UsageFault, match="belongs to"):
        summaries(corpus)


# Composed by a model


def test_a_model_rewrites_and_every_sentence_is_checked(corpus: Corpus) -> None:
    said = ["The monthly rent is 4,200 euros.", "The rent is 9,999 euros.", "It is 8,888 euros."]
    (lease,) = summaries(
        corpus, "lease.txt", words=200, generator=ScriptedGenerator(said, ["2", "]", "1", "]"])
    ).documents
    statuses = [sentence.status for sentence in lease.sentences]
    assert "kept" in statuses
    assert "replaced" in statuses
    assert not any("9,999" in s.text or "8,888" in s.text for s in lease.sentences)
    assert (lease.style, lease.model) == ("compose", "scripted")


def test_a_silent_model_loses_no_quote(corpus: Corpus) -> None:
    quoted = summaries(corpus, "lease.txt").documents[0]
    composed = summaries(corpus, "lease.txt", generator=ScriptedGenerator()).documents[0]
    assert {c.quote for c in quoted.citations} == {c.quote for c in composed.citations}
    assert [s.text for s in quoted.sentences] == [s.text for s in composed.sentences]


def test_composed_summaries_are_not_composed_again(corpus: Corpus) -> None:
    summaries(corpus, generator=ScriptedGenerator())
    generator = ScriptedGenerator()
    summaries(corpus, generator=generator)
    assert generator.prompts == []


def test_a_spanish_document_is_asked_for_in_spanish(corpus: Corpus) -> None:
    generator = ScriptedGenerator()
    summaries(corpus, "es/alta.txt", generator=generator, focus="¿Qué dosis toma?")
    assert "Resumes documentos" in generator.prompts[0][0][0].content
    assert "¿Qué dosis toma?" in generator.prompts[0][0][1].content


# While things change


def test_what_an_ingest_changes_meanwhile_is_left_out_and_said(corpus: Corpus) -> None:
    def change(step: Step) -> None:
        if step.done == 1:  # es/alta.txt is made, lease.txt is not
            corpus.write("es/alta.txt", "Paciente: otra persona, sin tratamiento alguno.")
            (corpus.root / "docs/lease.txt").unlink(missing_ok=True)
            corpus.ingest()

    summary = summaries(corpus, on_step=change)
    assert summary.generation == 2
    assert [document.document for document in summary.documents] == ALL[2:]
    assert summary.unreadable == (
        Unreadable("es/alta.txt", VANISHED, "changed"),
        Unreadable("lease.txt", VANISHED, "changed"),
    )
    assert [d.document for d in summaries(corpus).documents] == [ALL[0], *ALL[2:]]


def test_an_ingest_that_is_publishing_is_waited_for(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sqlite3.connect(corpus.pipeline.store / CATALOG_NAME, isolation_level=None)
    opened = Catalog.open_for_writing

    def impatient(folder: Path) -> Catalog:
        catalog = opened(folder)
        catalog.connection.execute("PRAGMA busy_timeout = 20")
        return catalog

    monkeypatch.setattr(Catalog, "open_for_writing", impatient)
    waited: list[str] = []

    def step(step: Step) -> None:
        if step.stage == "summarizing" and step.done == 0:
            other.execute("BEGIN IMMEDIATE")
        elif step.stage.startswith("waiting") and not waited:
            other.execute("ROLLBACK")
            waited.append(step.stage)

    assert len(summaries(corpus, on_step=step).documents) == len(ALL)
    assert waited


def test_two_at_once_say_the_same(corpus: Corpus) -> None:
    inner = []

    def nested(step: Step) -> None:
        if not inner:
            inner.append(None)
            inner.append(summaries(corpus))

    outer = summaries(corpus, on_step=nested)
    assert unseconded(outer) == unseconded(inner[1])


def test_a_read_only_index_is_summarized_too(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    summaries(corpus, words=30)
    before = {path: path.stat().st_mtime_ns for path in corpus.pipeline.store.iterdir()}
    monkeypatch.setattr("os.access", lambda *_: False)  # for root every disk can be written
    assert all(document.reused for document in summaries(corpus, words=30).documents)
    for _ in range(2):
        assert not any(document.reused for document in summaries(corpus).documents)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_interrupted_goes_on_where_it_stopped(corpus: Corpus) -> None:
    def interrupt(step: Step) -> None:
        if step.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="kept"):
        summaries(corpus, on_step=interrupt)
    assert [document.reused for document in summaries(corpus).documents] == [
        True,
        True,
        False,
        False,
    ]


def test_a_false_quote_is_never_shown(corpus: Corpus) -> None:
    summaries(corpus)
    with sqlite3.connect(corpus.pipeline.store / CATALOG_NAME) as connection:
        connection.execute("UPDATE summaries SET body = replace(body, '4,200', '9,200')")
    connection.close()
    with pytest.raises(CheckFailed, match=r"lease\.txt"):
        summaries(corpus)


# kill -9

KILLED = """
import sys, time
from pathlib import Path
from ragkit.flows.summarizing import SummaryRequest, summarize
from tests.flows.corpus import Corpus
from tests.flows.summarizing import parts_of
corpus = Corpus(Path(sys.argv[1]))
corpus.embedder.before = lambda: time.sleep(0.02)
summarize(parts_of(corpus), SummaryRequest(), lambda step: print(step.done, flush=True))
"""


def test_killed_at_any_moment_it_goes_on(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    for number in range(12):
        corpus.write(f"{number:02}.txt", LEASE.replace("4,200", f"{number + 10},200"))
    corpus.ingest()
    reused = []
    for stop_at in ("1", "4", "9"):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        while process.stdout.readline().strip() != stop_at:
            assert process.poll() is None
        time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        process.stdout.close()
        with sqlite3.connect(corpus.pipeline.store / CATALOG_NAME) as connection:
            (kept,) = connection.execute("SELECT count(*) FROM summaries").fetchone()
        connection.close()
        reused.append(kept)
    whole = summaries(corpus)
    assert sum(document.reused for document in whole.documents) == reused[-1]
    assert 0 < reused[0] <= reused[1] < reused[2] < 12
    assert len(whole.documents) == len(published_texts(corpus))
