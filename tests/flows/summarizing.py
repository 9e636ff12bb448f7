"""Summaries of the small corpus of tests.flows.corpus, with fakes for both models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ragkit.catalog import Catalog, Contents, Reader
from ragkit.flows.keeping import BatchParts
from ragkit.flows.summarizing import OnStep, SummaryRequest, summarize
from ragkit.llm.fake import ScriptedGenerator
from ragkit.types import Citation, Summary
from tests.flows.corpus import Corpus

LEASE = (
    "# Lease\n\nThis lease is made between Alder Holdings Ltd and Birch Foods Inc on 3 March 2021.\n\n"
    "# Rent\n\nThe monthly rent is 4,200 euros, payable on the first day of the month.\n\n"
    "# Termination\n\nEither party may terminate this lease with ninety days' written notice.\n"
)
LETTER = (
    "Informe de alta\n\nPaciente: Lucía Romero Vidal\n\nTratamiento al alta: apixabán 5 mg cada 12 "
    "horas y bisoprolol 2,5 mg al día.\n\nPróxima revisión en consulta el 14 de mayo de 2024.\n"
)


def parts_of(corpus: Corpus, generator: ScriptedGenerator | None = None) -> BatchParts:
    def open_generator() -> ScriptedGenerator:
        assert generator is not None, "the style quote opens no model"
        return generator

    return BatchParts(
        pipeline=corpus.pipeline,
        embedder_fingerprint=corpus.embedder_version,
        open_embedder=lambda: corpus.embedder,
        style="quote" if generator is None else "compose",
        model_name="scripted",
        model_reads=lambda: False,
        model_digest=lambda: "0" * 64,
        open_generator=open_generator,
    )


def summaries(
    corpus: Corpus,
    *documents: str,
    generator: ScriptedGenerator | None = None,
    words: int | None = None,
    focus: str = "",
    on_step: OnStep | None = None,
) -> Summary:
    """A summary, every quote of which was compared with the published text once more, here."""
    corpus.embedder.texts.clear()
    request = SummaryRequest(documents, None, words, focus)
    summary = summarize(parts_of(corpus, generator), request, on_step)
    require_valid(corpus, summary)
    return summary


def require_valid(corpus: Corpus, summary: Summary) -> None:
    """Every citation stands in its document, every mark has a citation, every sentence has one."""
    texts = published_texts(corpus)
    told = [*summary.documents, *([summary.folder] if summary.folder else [])]
    for each in told:
        marks = [citation.mark for citation in each.citations]
        assert marks == list(range(1, len(marks) + 1))
        values = [value for field in getattr(each, "fields", ()) for value in field.values]
        used = [mark for item in (*each.facts, *each.sentences, *values) for mark in item.citations]
        assert set(used) == set(marks)
        assert all(item.citations for item in (*each.facts, *each.sentences))
        require_quotes_in(each.citations, texts)


def require_quotes_in(citations: Sequence[Citation], texts: dict[str, tuple[str, str]]) -> None:
    for citation in citations:
        digest, text = texts[citation.document]
        assert citation.sha256 == digest
        assert text[citation.start : citation.end] == citation.quote


def published_texts(corpus: Corpus) -> dict[str, tuple[str, str]]:
    """path -> (sha256, text)."""
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        contents = Contents(catalog)
        return {
            entry.path: (entry.sha256, contents.document(entry.content_id).text)
            for entry in Reader(catalog).documents()
        }


def unseconded(summary: Summary) -> Summary:
    """Without what differs between two runs that say the same."""
    documents = tuple(replace(document, reused=False) for document in summary.documents)
    return replace(summary, documents=documents, seconds=0.0)
