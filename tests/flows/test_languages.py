"""A pipeline says so when its documents are in a language that its models do not know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.embedders.fake import HashEmbedder
from ragkit.errors import NotReady, StorageFault
from ragkit.flows.ingest_parts import IngestOptions
from ragkit.flows.ingesting import ingest
from ragkit.flows.languages import ALL, NOTED_SHARE, Trained
from ragkit.flows.nightly import nightly
from ragkit.flows.searching import Searching, SearchParts
from ragkit.flows.stating import status_of
from ragkit.protocols import Embedder, VectorIndex
from ragkit.rendering.nightly import as_text
from ragkit.rendering.status import show_status
from ragkit.types import IngestReport
from ragkit.vectors.exact import ExactIndex
from tests.flows.corpus import Corpus

STARTER = Trained(
    "embedder", "all-MiniLM-L6-v2", ("en",), (("all-MiniLM-L6-v2", ("en",)), ("e5", (ALL,)))
)
READER = Trained("reranker", "small", ("en",), (("small", ("en",)), ("romance", ("en", "es"))))
ENGLISH = "The monthly rent of the flat is {} euros, and it is to be paid in advance."
SPANISH = "La renta mensual del piso es de {} euros, y se abonará por adelantado."
GERMAN = "Die monatliche Miete der Wohnung beträgt {} Euro und ist im Voraus zu zahlen."


def corpus_of(tmp_path: Path, **texts: int) -> Corpus:
    corpus = Corpus(tmp_path)
    for text, count in texts.items():
        for number in range(count):
            template = {"english": ENGLISH, "spanish": SPANISH, "german": GERMAN}[text]
            corpus.write(f"{text} {number}.txt", template.format(number))
    return corpus


def ingested(corpus: Corpus, *trained: Trained) -> IngestReport:
    return ingest(replace(corpus.parts(), trained=trained), IngestOptions())


def test_the_report_the_status_and_the_nightly_report_say_so(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, english=6, spanish=4)
    (note,) = ingested(corpus, STARTER).notes
    assert note == (
        "40% of the passages are in Spanish, which the embedder all-MiniLM-L6-v2 was not trained "
        "for: they are found by their words more than by their meaning. e5 knows them: ragkit models "
        "pull e5, then in pipelines.yaml `embedder: {model: e5}`; the next ingest makes the index "
        "anew."
    )
    status = status_of(corpus.pipeline, [STARTER])
    assert status.notes == (note,)
    assert status.as_dict()["notes"] == [note]
    assert note in show_status(status)
    report = nightly(corpus.pipeline, lambda: ingested(corpus, STARTER))
    assert note in report.notes
    assert "40% of the passages are in Spanish" in as_text(report)


def test_a_few_stray_documents_are_not_worth_a_word(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, english=19, spanish=1)
    assert NOTED_SHARE > 1 / 20
    assert ingested(corpus, STARTER).notes == ()
    assert status_of(corpus.pipeline, [STARTER]).notes == ()


def test_a_model_for_all_languages_needs_no_word(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, spanish=3, german=3)
    everything = replace(STARTER, languages=(ALL,))
    assert ingested(corpus, everything).notes == ()


def test_every_language_is_named_and_a_model_that_knows_them_all(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, english=2, spanish=5, german=3)
    about_embedder, about_reranker = ingested(corpus, STARTER, READER).notes
    assert "50% of the passages are in Spanish and 30% in German" in about_embedder
    assert "which the reranker small was not trained for" in about_reranker
    assert "romance" not in about_reranker, "it knows no German"


def test_a_reranker_is_changed_without_an_ingest(tmp_path: Path) -> None:
    (note,) = ingested(corpus_of(tmp_path, english=2, spanish=2), READER).notes
    assert note.endswith("`reranker: {model: romance}`.")


# Another embedder is one changed line; the index is made anew beside the one that answers.


def nothing() -> None:
    """Until the test has something to do there."""


class Other(HashEmbedder):
    """Another model: other vectors of another length. before: called when it is asked for some."""

    def __init__(self) -> None:
        super().__init__(dimension=48)
        self.before: Callable[[], None] = nothing

    def embed_chunks(self, texts, spans):  # type: ignore[no-untyped-def]
        self.before()
        return super().embed_chunks(texts, spans)

    def embed_passages(self, texts):  # type: ignore[no-untyped-def]
        self.before()
        return super().embed_passages(texts)


def no_index(folder: Path) -> VectorIndex:
    """So everything is searched exactly."""
    raise StorageFault("It is gone.")


@contextmanager
def searching(corpus: Corpus, embedder: Embedder, fingerprint: str) -> Iterator[Searching]:
    opened = Searching(
        SearchParts(
            pipeline=corpus.pipeline,
            embedder_fingerprint=fingerprint,
            open_embedder=lambda: embedder,
            open_index=no_index,
            exact_index=ExactIndex,
        )
    )
    yield opened
    opened.close()


def test_the_old_index_answers_until_the_new_one_is_there(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, english=3, spanish=3)
    corpus.ingest()
    other, answered = Other(), []

    def ask() -> None:
        """In the thread of the embedder, while the new index is being made."""
        with searching(corpus, corpus.embedder, corpus.embedder_version) as old:
            passages = old.search("monthly rent of the flat", 6).passages
        answered.append({passage.document for passage in passages})

    other.before = ask
    ask()
    parts = replace(corpus.parts(), embedder_fingerprint="other", open_embedder=lambda: other)
    assert ingest(parts, IngestOptions()).remade == 6
    assert len(answered) >= 2
    assert all(len(found) == 6 for found in answered)
    with (
        searching(corpus, corpus.embedder, corpus.embedder_version) as old,
        pytest.raises(NotReady, match="another embedder than the settings name"),
    ):
        old.search("rent", 1)
    other.before = nothing
    with searching(corpus, other, "other") as new:
        assert len(new.search("renta mensual del piso", 6).passages) == 6
