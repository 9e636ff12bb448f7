"""Pages of summaries: every citation leads to its place, and nothing of a document can do anything."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

import pytest

from ragkit.rendering.markdown import show_document, show_folder
from ragkit.rendering.summary_folder_page import folder_page
from ragkit.rendering.summary_links import NO_LINKS, SummaryLinks
from ragkit.rendering.summary_page import document_page
from ragkit.rendering.summary_words import ENGLISH, SPANISH, coverage_line, in_part_line
from ragkit.types import (
    Citation,
    DocumentSummary,
    FolderSummary,
    KeyFact,
    Summary,
    SummarySentence,
    Unreadable,
)
from ragkit.types.fields import FieldValue, SummaryField
from ragkit.types.summaries import PageCoverage
from tests.rendering.test_evidence_page import Read
from tests.rendering.test_markdown import HOSTILE as HOSTILE_IN_MARKDOWN

HOSTILE = [
    *HOSTILE_IN_MARKDOWN,
    "</p></li></main><script>alert(1)</script><style>@import 'http://evil.example'</style>",
    "\"'><img src=http://evil.example/x onerror=alert(1)><a href=javascript:alert(1)>",
    "<link rel=stylesheet href=//evil.example><meta http-equiv=refresh content='0;url=//evil'>",
    "&#60;script&#62; <!-- --> ]]> </title></head> \u2066\u202eevil\u2069\u200b\x9b31m",
]
LINKS = SummaryLinks(
    lambda document, page: f"file:///docs/{quote(document)}" + (f"#page={page}" if page else ""),
    lambda document: f"./{quote(document)}" if document else "../summary",
)
PAGES = PageCoverage((1, 2, 3), (5, 6), (7,), (4,), "it is a scan, and OCR failed", "needs_ocr")
LEASE = DocumentSummary(
    document="2024/lease.pdf",
    sha256="ab" * 32,
    title="Lease of the hall",
    kind="contract",
    language="en",
    date="2021-03-03",
    style="quote",
    model="",
    facts=(KeyFact("party", "Alder Ltd", (1,)),),
    sentences=(
        SummarySentence("The rent is 900 euros.", (2,), "quoted", "Rent"),
        SummarySentence("Either party may end it.", (3,), "quoted", "Termination"),
    ),
    citations=(
        Citation(1, "2024/lease.pdf", "ab" * 32, 1, 5, 14, "Alder Ltd"),
        Citation(2, "2024/lease.pdf", "ab" * 32, 2, 50, 72, "The rent is 900 euros."),
        Citation(
            3, "2024/lease.pdf", "ab" * 32, 3, 90, 114, "Either party may end it.", "ocr", 0.6
        ),
    ),
    sections=4,
    covered=2,
    unread="page 4: it is a scan, and OCR failed",
    pages=PAGES,
)


def hostile(text: str) -> DocumentSummary:
    """Words of a document wherever there may be any."""
    return DocumentSummary(
        document=text,
        sha256="0" * 64,
        title=text,
        kind=text,
        language=text,
        date=text,
        style="compose",
        model=text,
        facts=(KeyFact(text, text, (1,)),),
        sentences=(
            SummarySentence(text, (1,), "quoted", text),
            SummarySentence(text, (1,), "kept", text, text),
        ),
        citations=(Citation(1, text, "0" * 64, 2, 5, 9, text, "ocr", 0.61),),
        sections=2,
        covered=1,
        unread=text,
        pages=PageCoverage((1,), (), (), (2,), text),
        fields=(
            SummaryField(text, text, "party", (FieldValue(text, "party", text, text, (1,)),)),
            SummaryField(text, text, "date", ()),
        ),
    )


def summary_of(*documents: DocumentSummary, text: str = "", style: str = "quote") -> Summary:
    citations = tuple(
        replace(document.citations[0], mark=mark) for mark, document in enumerate(documents, 1)
    )
    told = FolderSummary(
        facts=tuple(KeyFact("party", text or "Alder Ltd", (c.mark,)) for c in citations),
        sentences=tuple(SummarySentence(c.quote, (c.mark,), "quoted") for c in citations),
        citations=citations,
        style=style,
        model=text,
    )
    unread = (Unreadable(text, text),) if text else ()
    return Summary(text or "legal", text, 3, told, documents, unread, 1.0)


# What is there


def test_every_citation_is_a_link_to_the_page_of_the_file() -> None:
    page = Read(document_page(LEASE, "", LINKS))
    marks = {link["href"] for link in page.of("a") if link.get("class") == "ref"}
    assert marks == {f"file:///docs/2024/lease.pdf#page={number}" for number in (1, 2, 3)}
    for words in (
        "2024/lease.pdf", "Lease of the hall", "Alder Ltd", "“The rent is 900 euros.”", "Termination",
        "[3]", "OCR, 60% sure", "characters 50 to 72", "ab" * 32, "All documents",
    ):  # fmt: skip
        assert words in page.words, words


def test_fields_have_their_quotes_or_say_that_there_are_none() -> None:
    rent = SummaryField(
        "rent", "Rent", "money", (FieldValue("900 euros", "money", "EUR 900", "", (2,)),)
    )
    told = replace(LEASE, fields=(rent, SummaryField("end", "End of the term", "date", ())))
    page = Read(document_page(told, "", LINKS))
    assert "900 euros (EUR 900) [2]End of the termnot found" in page.words.replace("\n", "")
    assert "| Rent | 900 euros (EUR 900) [2] |" in show_document(told, "", LINKS)


def test_sentences_stand_under_the_parts_of_a_template() -> None:
    parts = tuple(replace(each, part="Money") for each in LEASE.sentences)
    told = replace(LEASE, sentences=parts)
    assert Read(document_page(told, "", LINKS)).words.count("Money") == 1
    assert "## Money\n\n### Rent\n\n- “The rent" in show_document(told)


def test_marks_of_a_file_that_is_gone_lead_to_the_sources() -> None:
    page = Read(document_page(LEASE, "", NO_LINKS))
    assert [link["href"] for link in page.of("a")] == ["#c1", "#c2", "#c3"]
    assert {item["id"] for item in page.of("li") if "id" in item} == {"c1", "c2", "c3"}


def test_markdown_has_the_same_links_as_references() -> None:
    shown = show_document(LEASE, "", LINKS)
    assert "- “The rent is 900 euros.” [2]" in shown
    for number in (1, 2, 3):
        assert f"\n[{number}]: <file:///docs/2024/lease.pdf#page={number}>" in shown
    assert "[All documents](<../summary.md>)" in shown
    folder = show_folder(summary_of(LEASE), LINKS)
    assert "- [2024/lease.pdf](<./2024/lease.pdf.md>) — 7 pages: 3 used" in folder
    assert "\n[1]: <file:///docs/2024/lease.pdf#page=1>" in folder


def test_the_page_of_all_leads_to_each() -> None:
    other = replace(LEASE, document="b.pdf", unread="", pages=None)
    page = Read(folder_page(summary_of(LEASE, other), LINKS))
    ways = [link["href"] for link in page.of("a")]
    assert ways.count("./2024/lease.pdf.html") == 2  # above its sentences, and in the list of all
    assert "./b.pdf.html" in ways
    assert "2 documents: 2 contracts." in page.words
    assert "whole text read; 2 of 4 sections quoted" in page.words


# How much stands behind it


def test_every_page_is_accounted_for_at_the_top() -> None:
    line = coverage_line(LEASE, ENGLISH)
    assert line == (
        "7 pages: 3 used (1-3), 2 read but not quoted, 1 without text (7), "
        "1 unreadable (4: it is a scan, and OCR failed); 2 of 4 sections quoted"
    )
    sentence = (
        "This document was read only in part, and so is this summary: "
        "page 4: it is a scan, and OCR failed."
    )
    assert in_part_line(LEASE, ENGLISH) == sentence
    page = document_page(LEASE, "", LINKS)
    assert page.index(sentence) < page.index(line) < page.index("Alder Ltd")
    shown = show_document(LEASE)
    assert shown.index(sentence) < shown.index("7 pages") < shown.index("Alder Ltd")


def test_nothing_is_said_of_what_is_not() -> None:
    whole = replace(LEASE, unread="", pages=PageCoverage((1,), (2,)), sections=1)
    assert coverage_line(whole, ENGLISH) == "2 pages: 1 used (1), 1 read but not quoted"
    assert coverage_line(replace(whole, pages=None), ENGLISH) == "whole text read"
    assert "read only in part" not in document_page(whole, "", LINKS) + show_document(whole)


def test_json_has_the_pages() -> None:
    assert LEASE.as_dict()["pages"] == {
        "total": 7,
        "used": [1, 2, 3],
        "read": [5, 6],
        "empty": [7],
        "unreadable": [4],
        "reason": "it is a scan, and OCR failed",
    }
    assert replace(LEASE, pages=None).as_dict()["pages"] is None


# Language


def test_the_page_is_in_the_language_of_its_document() -> None:
    spanish = Read(document_page(replace(LEASE, language="es"), "", LINKS))
    assert spanish.of("html")[0]["lang"] == "es"
    assert "Datos clave" in spanish.words
    assert coverage_line(LEASE, SPANISH).startswith(
        "7 páginas: usadas: 3 (1-3), leídas sin citar: 2"
    )
    french = Read(document_page(replace(LEASE, language="fr"), "", LINKS))
    assert french.of("html")[0]["lang"] == "fr"
    assert {item.get("lang") for item in french.of("footer")} == {"en"}  # our words, not its own
    unknown = Read(document_page(replace(LEASE, language=""), "", LINKS))
    assert unknown.of("html")[0]["lang"] == "en"


def test_a_folder_in_two_languages_marks_each() -> None:
    both = summary_of(LEASE, replace(LEASE, document="b.pdf", language="es"))
    both = replace(both, folder=both.folder)
    assert both.folder is not None
    second = replace(both.folder.citations[1], document="b.pdf")
    told = replace(both.folder, citations=(both.folder.citations[0], second))
    page = Read(folder_page(replace(both, folder=told), LINKS))
    assert page.of("html")[0]["lang"] == "en"
    assert [item.get("lang") for item in page.of("section") if "lang" in item] == ["en", "es"]


# Nothing can do anything


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_document_means_anything(text: str) -> None:
    for shown in (
        document_page(hostile(text), text, LINKS),
        folder_page(summary_of(hostile(text), text=text, style="compose"), LINKS),
    ):
        page = Read(shown)
        plain = Read(document_page(LEASE, "", LINKS) + folder_page(summary_of(LEASE), LINKS))
        known = {name for name, _ in plain.tags} | {"br", "h3", "th"}
        assert {name for name, _ in page.tags} <= known, "no tag but ours"
        for name, attributes in page.tags:
            assert not any(key.startswith("on") or key == "style" for key in attributes)
            assert not {"src", "srcset", "action", "background", "data"} & set(attributes)
            if "href" in attributes:
                assert name == "a"
                assert re.match(r"file:///docs/|\./|\.\./summary|#c\d+$", attributes["href"] or "")
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]", shown)


def test_the_browser_is_told_to_load_nothing() -> None:
    for shown in (document_page(LEASE, "", LINKS), folder_page(summary_of(LEASE), LINKS)):
        (policy,) = (
            tag["content"]
            for tag in Read(shown).of("meta")
            if tag.get("http-equiv") == "Content-Security-Policy"
        )
        assert policy is not None
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert not re.search(r"https?:|//(?!/)(?<!file://)", shown.replace("file:///", ""))


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_has_no_address_but_ours(text: str) -> None:
    shown = show_document(hostile(text), text, LINKS)
    shown += show_folder(summary_of(hostile(text), text=text), LINKS)
    bare = re.sub(r"\\.", "", shown)  # without what is escaped
    addresses = re.findall(r"(?:\]\(|\]: )<([^<>\n]*)>", bare)
    assert len(addresses) >= 4
    assert all(re.fullmatch(r"(?:file:///docs/|\./|\.\./)[\w%/.~#=-]*", one) for one in addresses)
    assert not re.search(
        r"\]\((?!<)|\]: (?!<)|!\[|<script|<img|://", re.sub(r"<[^<>]*>", "<>", bare)
    )
