"""What was marked and learned is forgotten with its documents, out of every byte of the store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ragkit.catalog import Catalog, Reader, WriterLock, adapters, feedback
from ragkit.catalog.adapters import Adapters
from ragkit.catalog.holdings import undeclared_files
from ragkit.erasure.forms import FLOAT32, UTF8
from ragkit.flows.feedback import Marks, mark, marked
from tests.erasure.made_up import MadeUp

QUESTION = "Does Xylobrandt Quorvessian take warfarin twice daily?"
OTHER = "Which of the letters mention a fee?"
DIMENSION = 48
"""Of the adapters: the needles of 384 x 384 numbers take seconds."""


@pytest.fixture
def corpus(tmp_path: Path) -> MadeUp:
    corpus = MadeUp(tmp_path)
    corpus.write(8)
    corpus.ingest()
    return corpus


def texts(corpus: MadeUp) -> list[str]:
    return sorted(path.name for path in corpus.files.iterdir() if path.suffix == ".txt")


def marks(corpus: MadeUp, question: str, *documents: str) -> None:
    places = tuple(f"{document}:0-40" for document in documents)
    mark(corpus.pipeline, question, Marks(places, ()), None)


def learns(corpus: MadeUp, *documents: str, seed: int = 0) -> None:
    """Keep an adapter of random numbers as learned from these documents."""
    matrix = np.random.default_rng(seed).standard_normal((DIMENSION, DIMENSION)).astype(np.float32)
    with WriterLock(corpus.store), Catalog.open_for_writing(corpus.store) as catalog:
        reader = Reader(catalog)
        entries = [entry for path in documents if (entry := reader.document(path))]
        assert len(entries) == len(documents)
        with catalog.transaction() as connection:
            Adapters(connection).keep(
                matrix,
                embedder="dense",
                fingerprint=f"{seed}",
                weight=0.3,
                figures="{}",
                documents=[(entry.path, entry.sha256) for entry in entries],
            )


def in_use(corpus: MadeUp) -> str:
    with Catalog.open_for_reading(corpus.store) as catalog:
        newest = Adapters(catalog.connection).newest()
        return newest.fingerprint if newest else ""


def former(corpus: MadeUp) -> int:
    with Catalog.open_for_reading(corpus.store) as catalog:
        return Adapters(catalog.connection).count() - 1


def asked(corpus: MadeUp) -> list[str]:
    return [question.question for question in marked(corpus.pipeline)[0]]


def test_a_purge_takes_questions_and_adapters_of_a_document_with_it(corpus: MadeUp) -> None:
    going, staying, *_ = texts(corpus)
    marks(corpus, QUESTION, going, staying)
    marks(corpus, OTHER, staying)
    learns(corpus, staying, seed=1)
    learns(corpus, staying, going, seed=2)
    certificate = corpus.purge(going)
    assert certificate.is_clean, certificate.scan.findings
    assert asked(corpus) == [OTHER]
    assert in_use(corpus) == ""  # nor is the one before it, which was replaced, brought back
    went = {each.holding: each.count for each in certificate.erased}
    assert (went["feedback"], went["feedback_marks"]) == (1, 2)
    assert (went["adapters"], went["adapter_documents"]) == (2, 3)
    assert undeclared_files(corpus.store) == []
    assert b"Xylobrandt" not in (corpus.store / "catalog.db").read_bytes()


def keeps_questions(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(feedback, "forget_of", lambda connection, paths: 0)
    patch.setattr(feedback, "forget_gone", lambda connection: 0)


def keeps_adapters(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(adapters, "forget_of", lambda connection, paths: 0)
    patch.setattr(adapters, "forget_gone", lambda connection: 0)


@pytest.mark.parametrize(
    ("without", "encoding"), [(keeps_questions, UTF8), (keeps_adapters, FLOAT32)]
)
def test_the_scan_finds_them_where_they_were_not_forgotten(
    corpus: MadeUp,
    monkeypatch: pytest.MonkeyPatch,
    without: Callable[[pytest.MonkeyPatch], None],
    encoding: str,
) -> None:
    going, *_ = texts(corpus)
    marks(corpus, QUESTION, going)
    learns(corpus, going)
    without(monkeypatch)
    certificate = corpus.purge(going)
    assert encoding in {finding.encoding for finding in certificate.scan.findings}


def test_a_document_with_the_same_bytes_does_not_keep_them(corpus: MadeUp) -> None:
    going, *_ = texts(corpus)
    (corpus.files / "copy of it.txt").write_bytes((corpus.files / going).read_bytes())
    corpus.ingest()
    marks(corpus, QUESTION, going)
    learns(corpus, going)
    assert corpus.purge(going).is_clean
    assert (asked(corpus), in_use(corpus)) == ([], "")


def test_an_ingest_forgets_with_a_removed_document_and_not_with_a_changed_one(
    corpus: MadeUp,
) -> None:
    removed, changed, *_ = texts(corpus)
    learns(corpus, changed, seed=1)
    learns(corpus, removed, changed, seed=2)
    marks(corpus, QUESTION, removed)
    (corpus.files / changed).write_text("All of it is new, from the first word on.")
    corpus.ingest()
    assert in_use(corpus) == "2"
    (corpus.files / removed).unlink()
    corpus.ingest()
    assert (asked(corpus), in_use(corpus)) == ([], "")
    assert b"Xylobrandt" not in (corpus.store / "catalog.db").read_bytes()


def test_words_of_a_question_that_stays_are_not_sought(corpus: MadeUp) -> None:
    """A question that stays may have the words of one that goes."""
    going, staying, *_ = texts(corpus)
    marks(corpus, QUESTION, going)
    marks(corpus, f"{QUESTION} And who else?", staying)
    certificate = corpus.purge(going)
    assert certificate.is_clean, certificate.scan.findings


def test_a_former_one_goes_alone_with_its_document(corpus: MadeUp) -> None:
    going, staying, *_ = texts(corpus)
    learns(corpus, going, seed=1)
    learns(corpus, staying, seed=2)
    assert corpus.purge(going).is_clean
    assert in_use(corpus) == "2"
    assert former(corpus) == 0


def test_the_same_learned_again_is_no_step_of_its_own(corpus: MadeUp) -> None:
    one, *_ = texts(corpus)
    for seed in (1, 2, 2):
        learns(corpus, one, seed=seed)
    assert former(corpus) == 1
