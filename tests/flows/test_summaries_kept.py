"""Summaries of very many documents: the same as those that are held, and no more than one at a time."""

from __future__ import annotations

import gc
import json
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.errors import Busy
from ragkit.flows import keeping, summary_files
from ragkit.flows.summaries_kept import KeptSummaries
from ragkit.flows.summarizing import SummaryRequest, summarize
from ragkit.flows.summary_files import SummaryFolder
from ragkit.parsers.fake import REFUSE
from ragkit.types import DocumentSummary, Summary
from tests.flows.corpus import Corpus
from tests.flows.summarizing import LEASE, LETTER, parts_of


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    for number in range(12):
        corpus.write(f"{number % 3}/lease {number}.txt", LEASE.replace("4,200", f"4,2{number:02}"))
    corpus.write("letter.txt", LETTER)
    corpus.write("scan.txt", REFUSE)
    corpus.ingest()
    return corpus


def summarized(corpus: Corpus, *, is_held: bool, request: SummaryRequest | None = None) -> Summary:
    return summarize(parts_of(corpus), request or SummaryRequest(), is_held=is_held)


def alive() -> int:
    gc.collect()
    return sum(type(each) is DocumentSummary for each in gc.get_objects())


@pytest.mark.parametrize("language", ["", "es"])
def test_they_are_those_that_are_held(corpus: Corpus, language: str) -> None:
    request = SummaryRequest(language=language)
    summarized(corpus, is_held=True, request=request)
    held = summarized(corpus, is_held=True, request=request)
    kept = summarized(corpus, is_held=False, request=request)
    assert isinstance(kept.documents, KeptSummaries)
    assert (tuple(kept.documents), tuple(kept.documents)) == (held.documents, held.documents)
    assert (len(kept.documents), kept.documents[3]) == (13, held.documents[3])
    assert tuple(kept.documents[-2:]) == tuple(held.documents[-2:])
    assert replace(kept, documents=(), seconds=0.0) == replace(held, documents=(), seconds=0.0)


def test_one_at_a_time_is_there_while_they_are_written(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = alive()  # samples of other tests
    kept = summarized(corpus, is_held=False)
    assert alive() == others
    there: list[int] = []
    page = summary_files.document_page

    def counted(*given: object) -> str:
        there.append(alive())
        return page(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(summary_files, "document_page", counted)
    SummaryFolder(corpus.root / "out", corpus.pipeline).write(kept, whole=True)
    assert len(there) == 13
    assert max(there) <= others + 2  # the one before goes when the next one is there
    assert alive() == others


def test_the_files_are_the_same(corpus: Corpus) -> None:
    summarized(corpus, is_held=True)
    for name, is_held in (("held", True), ("kept", False)):
        summary = replace(summarized(corpus, is_held=is_held), seconds=1.0)
        SummaryFolder(corpus.root / name, corpus.pipeline).write(summary, whole=True)
    held, kept = (corpus.root / name for name in ("held", "kept"))
    files = sorted(path.relative_to(held) for path in held.rglob("*") if path.is_file())
    assert len(files) == 13 * 3 + 5
    assert all((held / file).read_bytes() == (kept / file).read_bytes() for file in files)
    whole = json.loads((kept / "summary.json").read_text(encoding="utf-8"))
    assert whole == replace(summarized(corpus, is_held=True), seconds=1.0).as_dict()


def test_a_document_that_is_erased_meanwhile_ends_it(corpus: Corpus) -> None:
    kept = summarized(corpus, is_held=False)
    (corpus.root / "docs/1/lease 4.txt").unlink()
    corpus.ingest()
    folder = SummaryFolder(corpus.root / "out", corpus.pipeline)
    with pytest.raises(Busy, match="changed or erased"):
        folder.write(kept, whole=True)
    assert not list(folder.path.rglob("lease 4*"))
    folder.write(summarized(corpus, is_held=False), whole=True)
    assert len(list(folder.path.rglob("lease*.md"))) == 11


def test_where_nothing_can_be_kept_they_are_held_all_the_same(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping.os, "access", lambda *given: False)
    kept = summarized(corpus, is_held=False)
    assert next(each.document for each in kept.documents) == "0/lease 0.txt"


def test_what_could_not_be_kept_is_not_shown_of_an_erased_document(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as readable_only:
        readable_only.setattr(keeping.os, "access", lambda *given: False)
        summary = summarized(corpus, is_held=False)
    (corpus.root / "docs/1/lease 4.txt").unlink()
    corpus.ingest()
    with pytest.raises(Busy, match="changed or erased"):
        list(summary.documents)


def test_pages_of_what_is_gone_are_removed_before_anything_is_read(corpus: Corpus) -> None:
    folder = SummaryFolder(corpus.root / "out", corpus.pipeline)
    folder.write(summarized(corpus, is_held=False), whole=True)
    (corpus.root / "docs/1/lease 4.txt").unlink()
    corpus.ingest()
    later = summarized(corpus, is_held=False)
    (corpus.root / "docs/1/lease 1.txt").unlink()
    corpus.ingest()
    with pytest.raises(Busy):
        folder.write(later, whole=True)
    assert not list(folder.path.rglob("lease 4*"))
