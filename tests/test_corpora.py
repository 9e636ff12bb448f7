"""The sample corpora with the starter models: gold questions, citations, and no network."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ragkit import Workspace
from ragkit.parsers.tesseract import OcrSettings, find_engine
from ragkit.types import Answer, ParsedDocument
from ragkit.yamlfile import read_yaml
from tests.conftest import Samples

pytestmark = pytest.mark.real

ROOT = Path(__file__).resolve().parent.parent
PIPELINES = ("medical", "legal")
ENGINE = find_engine(OcrSettings())
OWN_TEXT = {".txt", ".md", ".csv"}


@dataclass(frozen=True)
class Sample:
    """A corpus, indexed, with its gold questions and what was answered."""

    name: str
    documents: Path
    questions: list[dict[str, Any]]
    answers: dict[str, Answer]

    @property
    def answerable(self) -> list[dict[str, Any]]:
        return [entry for entry in self.questions if entry.get("answerable", True)]


@pytest.fixture(scope="module", params=PIPELINES)
def sample(request: pytest.FixtureRequest, samples: Samples) -> Sample:
    name = request.param
    questions = read_yaml(ROOT / "corpora" / name / "questions.yaml").data["questions"]
    if ENGINE.absent:
        questions = [q for q in questions if not q.get("document", "").startswith("scans/")]
    # One unreadable file, and without tesseract the scan.
    assert len(samples.indexed(name).unreadable) == (2 if ENGINE.absent else 1)
    with Workspace(samples.settings) as workspace:
        answers = {q["id"]: workspace.ask(name, q["question"]) for q in questions}
    return Sample(name, samples.documents(name), questions, answers)


def folded(text: str) -> str:
    return " ".join(text.split())


def test_enough_questions_a_fifth_of_them_unanswerable(sample: Sample) -> None:
    without_answer = len(sample.questions) - len(sample.answerable)
    assert len(sample.questions) >= 30
    assert without_answer * 5 >= len(sample.questions)
    assert {"en", "es"} == {entry["lang"] for entry in sample.questions}


def test_gold_document_is_cited(sample: Sample) -> None:
    missed = [
        entry["id"]
        for entry in sample.answerable
        if entry["document"] not in {c.document for c in sample.answers[entry["id"]].citations}
    ]
    assert len(missed) * 5 <= len(sample.answerable), missed


def test_gold_words_are_quoted(sample: Sample) -> None:
    """Short of the page, what counts: the quote itself is among what is shown."""
    hits = [
        entry["id"]
        for entry in sample.answerable
        if any(
            citation.document == entry["document"]
            and citation.page == entry.get("page")
            and (
                folded(citation.quote) in folded(entry["quote"])
                or folded(entry["quote"]) in folded(citation.quote)
            )
            for citation in sample.answers[entry["id"]].citations
        )
    ]
    assert len(hits) * 2 >= len(sample.answerable), len(hits)


def test_every_citation_checks_out_against_the_file(sample: Sample) -> None:
    checked = 0
    for answer in sample.answers.values():
        for citation in answer.citations:
            outer = sample.documents / citation.document.split("::")[0]
            data = outer.read_bytes()
            if "::" not in citation.document:
                assert hashlib.sha256(data).hexdigest() == citation.sha256
            text = text_of(data, citation.document, citation.page)
            if citation.page is None:
                assert text[citation.start : citation.end] == citation.quote
            else:
                assert citation.quote in text
            checked += 1
    assert checked > 50


def text_of(data: bytes, document: str, page: int | None) -> str:
    """The text that offsets count in: decoded here for plain text, parsed anew for the others."""
    outer, *inner = document.split("::")
    if not inner and Path(outer).suffix in OWN_TEXT:
        for encoding in ("utf-8", "cp1252"):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
    parsed = parsed_anew(data, outer)
    for name in inner:
        parsed = next(c.document for c in parsed.children if c.name == name and c.document)
    if page is None:
        return parsed.text
    return next(p.text for p in parsed.pages if p.number == page)


@cache
def parsed_anew(data: bytes, name: str) -> ParsedDocument:
    """Once for each file: reading a scan takes seconds."""
    from ragkit.parsers.ocr_helper import ocr_here
    from ragkit.parsers.registry import in_process_parse

    return in_process_parse(data, name, ocr=ocr_here(ENGINE))


def test_few_answerable_questions_are_refused(sample: Sample) -> None:
    refused = [q["id"] for q in sample.answerable if sample.answers[q["id"]].outcome != "found"]
    assert len(refused) * 10 <= len(sample.answerable), refused


def test_questions_of_the_other_corpus_are_not_answered(samples: Samples, sample: Sample) -> None:
    other = next(name for name in PIPELINES if name != sample.name)
    questions = read_yaml(ROOT / "corpora" / other / "questions.yaml").data["questions"]
    with Workspace(samples.settings) as workspace:
        asked = [entry for entry in questions if entry["lang"] == "en"][:15]
        found = [q["id"] for q in asked if workspace.ask(sample.name, q["question"]).citations]
    assert len(found) * 4 <= len(asked), found


def test_binary_samples_are_what_their_sources_render_to() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "corpora" / "render.py"), "--check"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(bool(ENGINE.absent), reason="tesseract is not installed")
def test_scans_are_answered_from(sample: Sample) -> None:
    scanned = [q for q in sample.answerable if q["document"].startswith("scans/")]
    assert len(scanned) == 2
    for entry in scanned:
        quotes = [
            folded(citation.quote)
            for citation in sample.answers[entry["id"]].citations
            if (citation.document, citation.page) == (entry["document"], entry["page"])
        ]
        assert any(folded(entry["quote"]) in q or q in folded(entry["quote"]) for q in quotes), (
            quotes
        )
