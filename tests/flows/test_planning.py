"""A plan says what the ingest then does."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.catalog import Catalog, Reader
from ragkit.flows.before import Before
from ragkit.flows.planning import plan
from ragkit.types import IngestPlan
from tests.flows.corpus import Corpus


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("a.txt", "Alpha signs the lease.")
    corpus.write("scan.txt", "A page with text.\n\fSCANNED The pump was replaced.")
    corpus.write("bad.txt", "UNREADABLE")
    return corpus


def planned(corpus: Corpus) -> IngestPlan:
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        before = Before.read(Reader(catalog), {})
    return plan(corpus.pipeline, before, corpus.parsers.fingerprint, corpus.parsers.ocr_fingerprint)


def test_before_the_first_ingest_everything_is_new(corpus: Corpus) -> None:
    found = plan(corpus.pipeline, Before.nothing(), corpus.parsers.fingerprint, lambda: "")
    assert found.new == ("a.txt", "bad.txt", "scan.txt")
    assert [(kind.suffix, kind.files) for kind in found.kinds] == [(".txt", 3)]


def test_what_is_as_it_was_is_not_read(corpus: Corpus) -> None:
    corpus.ingest()
    found = planned(corpus)
    assert (found.new, found.changed, found.removed, found.unchanged) == ((), (), (), 3)


def test_another_ocr_concerns_scans_alone(corpus: Corpus) -> None:
    corpus.ingest()
    corpus.parsers.ocr = "tesseract 5"
    assert planned(corpus).changed == ("scan.txt",)
    assert corpus.ingest().files_read == 1


def test_another_reader_concerns_all(corpus: Corpus) -> None:
    corpus.ingest()
    corpus.parsers.version = "2"
    (corpus.root / "docs/a.txt").unlink()
    found = planned(corpus)
    assert (found.changed, found.removed) == (("bad.txt", "scan.txt"), ("a.txt",))
    assert corpus.ingest().files_read == 2
