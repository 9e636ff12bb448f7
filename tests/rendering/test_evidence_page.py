"""The evidence page: everything of an answer is on it, and nothing of it can do anything."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from ragkit.rendering.evidence_page import as_html
from ragkit.types import (
    READ_OCR,
    READ_TEXT_LAYER,
    Answer,
    AnswerSentence,
    Citation,
    Coverage,
    Note,
    Passage,
    ShortFact,
    Unreadable,
)
from ragkit.types.drawings import DrawnPage, Rectangle
from ragkit.types.packs import EvidencePack, PackedPage, PackedQuote

HOSTILE = "</p><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\u202egnp.exe\u200b\x1b[31m"
CITATION = Citation(
    1, "a.pdf", "ab" * 32, 2, 10, 40, "The rent is 900 euros.", READ_TEXT_LAYER, 1.0
)
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\nnothing").decode()
PICTURE = DrawnPage("ab" * 32, 600, 800, PNG, ((Rectangle(10, 20, 110, 35),),))
PAGE = PackedPage(
    "a.pdf", "ab" * 32, 2, READ_TEXT_LAYER, 1.0, "same",
    (PackedQuote(CITATION, CITATION.quote, "Before. ", " After."),), PICTURE,
)  # fmt: skip
ANSWER = Answer(
    question="How much is the rent?",
    outcome="found",
    style="compose",
    sentences=(AnswerSentence("The rent is 900 euros.", (1,), "kept"),),
    citations=(CITATION,),
    coverage=Coverage(3, 2, (Unreadable("b.pdf", "It is protected by a password.", "password"),)),
    model="SmolLM2",
    generation=7,
    seconds=1.25,
    facts=(ShortFact("amount", "900 euros", (1,)),),
    notes=(Note("superseded", "A newer version is shown.", (1,)),),
    pipeline="lease",
)
PACK = EvidencePack(ANSWER, (PAGE,), "2026-03-31T10:00:00+00:00")


class Read(HTMLParser):
    """Tags with their attributes, and the words of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_all_that_an_answer_rests_on_is_on_the_page() -> None:
    words = Read(as_html(PACK)).words
    for part in (
        "How much is the rent?", "The rent is 900 euros.", "900 euros", "A newer version is shown.",
        "checked against its quotes", "a.pdf, p. 2", "ab" * 32, "read from the text of the PDF",
        "the very bytes that were read", "SmolLM2", "7", "lease", "Searched 2 of 3 documents",
        "b.pdf (encrypted)",
    ):  # fmt: skip
        assert part.casefold() in words.casefold(), part


def test_the_marks_lie_on_the_picture_and_the_links_lead_to_their_quotes() -> None:
    page = Read(as_html(PACK))
    (image,), (rect,) = page.of("image"), page.of("rect")
    assert image["href"] == f"data:image/png;base64,{PNG}"
    assert [rect[name] for name in ("x", "y", "width", "height")] == ["10", "20", "100", "15"]
    targets = {tag.get("id") for _, tag in page.tags}
    assert {link["href"] for link in page.of("a")} == {"#q1"}
    assert "q1" in targets


def test_it_runs_nothing_and_loads_nothing() -> None:
    text = as_html(PACK)
    page = Read(text)
    (policy,) = [
        tag["content"]
        for tag in page.of("meta")
        if tag.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    assert rules == {
        "default-src": "'none'", "img-src": "data:", "style-src": f"'sha256-{digest}'",
        "base-uri": "'none'", "form-action": "'none'",
    }  # fmt: skip
    assert not {tag for tag, _ in page.tags} & {
        "script",
        "iframe",
        "object",
        "embed",
        "form",
        "link",
    }
    for _, attributes in page.tags:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "xlink:href", "srcset", "action"):
            value = attributes.get(name) or "#"
            assert value.startswith(("#", "data:image/png;base64,"))


def hostile_pack() -> EvidencePack:
    """Every text that comes from a document, a person or a model is hostile."""
    citation = replace(CITATION, document=HOSTILE, quote=HOSTILE, sha256=HOSTILE, read_as=HOSTILE)
    answer = replace(
        ANSWER,
        question=HOSTILE,
        sentences=(AnswerSentence(HOSTILE, (1,), "repaired"),),
        citations=(citation,),
        facts=(ShortFact(HOSTILE, HOSTILE, (1,)),),
        notes=(Note("conflict", HOSTILE, (1,)),),
        model=HOSTILE,
        pipeline=HOSTILE,
        coverage=Coverage(1, 1, (Unreadable(HOSTILE, HOSTILE),)),
    )
    drawn = PackedPage(
        HOSTILE, HOSTILE, 2, HOSTILE, 0.5, "same",
        (PackedQuote(citation, HOSTILE, HOSTILE, HOSTILE),), PICTURE,
    )  # fmt: skip
    return EvidencePack(
        answer, (drawn, replace(drawn, picture=DrawnPage(reason=HOSTILE))), PACK.made
    )


@pytest.mark.parametrize("outcome", ["found", "not_found", "ambiguous"])
def test_no_word_of_a_document_becomes_markup_or_turns_the_others_round(outcome: str) -> None:
    pack = hostile_pack()
    answer = replace(pack.answer, outcome=outcome, candidates=(HOSTILE,))  # type: ignore[arg-type]
    text = as_html(replace(pack, answer=answer))
    page = Read(text)
    assert not page.of("script")
    assert not page.of("img")
    assert "alert(1)" in page.words, "it is shown as the words it is"
    for sign in ("\u202e", "\u200b", "\x1b"):
        assert sign not in text


def test_without_a_picture_the_quote_is_marked_in_the_text_around_it_and_the_reason_given() -> None:
    no_pages = replace(PAGE, page=None, picture=DrawnPage(reason="no pages"))
    refused = replace(PAGE, picture=DrawnPage(reason="It is protected by a password."))
    lost = replace(PAGE, picture=replace(PICTURE, places=((),)))
    for shown, why in (
        (no_pages, "has no pages to draw"),
        (refused, "The page is not drawn: It is protected by a password."),
        (lost, "could not be found"),
    ):
        text = as_html(replace(PACK, pages=(shown,)))
        assert "Before. <mark>The rent is 900 euros.</mark> After." in text
        assert why in Read(text).words


def test_a_page_that_was_read_by_ocr_says_how_sure_that_is() -> None:
    page = replace(PAGE, read_as=READ_OCR, confidence=0.914)
    assert (
        "a picture, read by ocr (91% sure)"
        in Read(as_html(replace(PACK, pages=(page,)))).words.lower()
    )


def test_what_was_not_found_shows_what_comes_nearest() -> None:
    near = Passage("a.pdf", 2, 10, 40, "", "The rent is 900 euros.", 0.5, 1, sha256="ab" * 32)
    citation = replace(CITATION, mark=-1)
    answer = replace(
        ANSWER, outcome="not_found", sentences=(), citations=(), facts=(), notes=(), nearest=(near,)
    )
    page = replace(PAGE, quotes=(PackedQuote(citation, citation.quote),))
    words = Read(as_html(EvidencePack(answer, (page,), PACK.made))).words
    assert "Not found in 2 of 3 documents" in words
    assert "Nearest passages, which may not answer it" in words
    assert "nearest 1" in words


def test_its_own_words_are_in_the_language_of_the_question() -> None:
    answer = replace(ANSWER, language="es", question="¿Cuánto es la renta?")
    text = as_html(replace(PACK, answer=answer))
    assert '<html lang="es">' in text
    assert "Respuesta con sus pruebas" in text
    assert "Evidence" not in Read(text).words
