"""Markdown in which nothing that a document says means anything."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ragkit.rendering.markdown import (
    literal,
    show_document,
    show_folder,
    show_summary,
    without_escapes,
)
from ragkit.rendering.terminal import one_line
from ragkit.types import (
    Citation,
    DocumentSummary,
    FolderSummary,
    KeyFact,
    Summary,
    SummarySentence,
    Unreadable,
)

HOSTILE = [
    "![x](http://evil.example/pixel.png)",
    "[click](javascript:alert(1))",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "&lt;b&gt; &copy;",
    "http://evil.example www.evil.example <mailto:a@evil.example>",
    "`code` ```fence``` $math$ ~~gone~~ ==mark== **bold** __x__",
    "# heading\n- list\n1. item\n> quote\n| a | b |\n---\n    code",
    "[^1]: note {#id .class} :smile: @person #7 !!! C:\\dir\\",
    "\x1b[31mred\x1b[0m \u202egnp.exe\u202c \u200bhidden",
    "[ref]: http://evil.example",
    "--- \n***",
]


def document(text: str, **changes: object) -> DocumentSummary:
    plain = DocumentSummary(
        document=text,
        sha256="0" * 64,
        title=text,
        kind="contract",
        language="en",
        date="2021-03-03",
        style="quote",
        model="",
        facts=(KeyFact("party", text, (1,)),),
        sentences=(SummarySentence(text, (1,), "quoted", text),),
        citations=(Citation(1, text, "0" * 64, 2, 5, 9, text, "ocr", 0.61),),
        sections=2,
        covered=1,
        unread=text,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def folder(*documents: DocumentSummary, text: str = "Fine.") -> Summary:
    told = FolderSummary(
        facts=(KeyFact("party", text, tuple(range(1, 8))),),
        sentences=(SummarySentence(text, (8,), "kept"),),
        citations=tuple(Citation(n, text, "0" * 64, None, 0, 4, text) for n in range(1, 9)),
        style="compose",
        model="tiny",
    )
    unread = (Unreadable(text, text),)
    return Summary("legal", text, 3, told, documents, unread, 1.0)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_document_has_a_meaning(text: str) -> None:
    shown = show_document(document(text)) + show_folder(folder(text=text))
    bare = re.sub(r"\\.", "", shown)  # without what is escaped
    assert not re.search(r"[<`$~@{}]|\]\(|!\[|\[\^|\]:|://|www\.|==", bare)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e\u202c]", shown)
    ours = r"#{1,2} |- |> \*\*|>$|> - |---$|With regard|Written by|\d+ documents?:|No doc"
    own = [line for line in shown.split("\n") if line]
    assert all(re.match(ours, line) or "sections quoted" in line for line in own), own


def test_a_composed_sentence_begins_no_list() -> None:
    for text in ("1. Pay 900 euros.", "- Pay.", "+ Pay.", "> Pay.", "# Pay."):
        sentence = SummarySentence(text, (1,), "kept")
        shown = show_document(document("a.txt", sentences=(sentence,)))
        line = next(line for line in shown.split("\n") if "Pay" in line)
        assert re.match(r"- (\d+\\|\\|&gt;)", line)


def test_plain_words_stay_as_they_are() -> None:
    plain = (
        "Either party may terminate (with 90 days' notice); the cap is 5,000.00 euros - no more."
    )
    assert literal(plain) == plain
    assert literal("12/03 at 9:30") == r"12/03 at 9:30"


def test_what_is_unread_stands_at_the_top() -> None:
    shown = show_document(document("a.txt", unread="page 3: no text layer"))
    said = "This document was read only in part, and so is this summary: page 3: no text layer."
    assert shown.split("\n")[2] == f"> **{said}**"
    lines = show_folder(folder(text="scan.pdf")).split("\n")
    assert lines[2].startswith("> **Could not be read")
    assert lines[4] == "> - scan.pdf: scan.pdf"


def test_places_quotes_and_doubt_are_shown() -> None:
    shown = show_document(document("The rent is 900 euros."))
    assert r"- [1] p. 2, characters 5 to 9 (OCR, 61% sure)" in shown
    assert shown.count("“The rent is 900 euros.”") == 1  # what is nothing but a quote is its source
    composed = SummarySentence("Rent: 900.", (1,), "kept")
    shown = show_document(document("a.txt", sentences=(composed,), style="compose", model="tiny"))
    assert "Written by tiny: 1 kept, 0 repaired, 0 replaced, 0 quoted." in shown
    assert "sure): “a.txt”" in shown


def test_a_fact_of_many_documents_is_counted_and_cited_shortly() -> None:
    shown = show_folder(folder(document("a.txt"), text="Acme Ltd"))
    assert r"- **party**: Acme Ltd [1] [2] [3] [4] [5] and 2 more — in 7 documents" in shown
    assert "[6]" not in shown
    assert "- [8] Acme Ltd" in shown


def test_single_documents_name_what_was_not_read_too() -> None:
    alone = Summary("legal", "", 1, None, (), (Unreadable("a.txt", "broken"),), 0.1)
    assert "a.txt: broken" in show_summary(alone)


@pytest.mark.parametrize("text", [*HOSTILE, "5 < 6 & 7 \\ 8 [9]", "a_b _c_ 9:30"])
def test_a_terminal_is_shown_the_words_themselves(text: str) -> None:
    shown = literal(text)
    assert without_escapes(shown) == one_line(text)
