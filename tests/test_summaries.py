"""Summaries of the sample corpora with the starter models: every quote checks out against its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit import Workspace
from ragkit.types import READ_OCR, Citation, Summary
from tests.conftest import Samples
from tests.test_corpora import PIPELINES, text_of

pytestmark = pytest.mark.real


@pytest.mark.parametrize("name", PIPELINES)
def test_every_sentence_of_a_summary_has_its_quote(samples: Samples, name: str) -> None:
    report = samples.indexed(name)
    with Workspace(samples.settings) as workspace:
        summary = workspace.summarize(name)
        assert all(document.reused for document in workspace.summarize(name).documents)
    assert len(summary.documents) == report.documents
    assert summary.unreadable == report.unreadable
    assert summary.folder is not None
    assert len({citation.document for citation in summary.folder.citations}) >= 10
    empty = [document.document for document in summary.documents if not document.sentences]
    assert empty == []
    require_quotes_in_files(summary, samples.documents(name))


def test_both_languages_follow_a_focus(samples: Samples) -> None:
    samples.indexed("medical")
    with Workspace(samples.settings) as workspace:
        name = "es/plan_cuidados_albarracin.html"
        question = "¿Por qué se retiró el tramadol?"
        (spanish,) = workspace.summarize("medical", [name], words=30, focus=question).documents
    assert spanish.language == "es"
    assert any("náuseas y confusión" in sentence.text for sentence in spanish.sentences)


def require_quotes_in_files(summary: Summary, documents: Path) -> None:
    """Each document is parsed anew, apart from the index."""
    told = [*summary.documents, *([summary.folder] if summary.folder else [])]
    citations: dict[tuple[str, int | None], list[Citation]] = {}
    for part in told:
        values = [value for field in getattr(part, "fields", ()) for value in field.values]
        used = {mark for item in (*part.facts, *part.sentences, *values) for mark in item.citations}
        assert used == {citation.mark for citation in part.citations}
        for citation in part.citations:
            if citation.read_as == READ_OCR:
                continue  # reading a picture once more takes as long as reading it
            citations.setdefault((citation.document, citation.page), []).append(citation)
    for (document, page), quotes in citations.items():
        data = (documents / document.partition("::")[0]).read_bytes()
        text = text_of(data, document, page)
        for quote in quotes:
            if page is None:
                assert text[quote.start : quote.end] == quote.quote
            else:
                assert quote.quote in text or len(quote.quote) > len(text)
