"""Chunks: every sentence once, within the window, the same every time."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
from numpy.typing import NDArray

from ragkit.chunking.chunker import SPECIAL_TOKENS, SentenceChunker
from ragkit.types import ChunkedDocument, Heading, Page, ParsedDocument


class WordCounter:
    """A TokenCounter whose tokens are words and marks."""

    fingerprint = "test"

    def token_spans(self, text: str) -> NDArray[np.int64]:
        spans = [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]
        return np.array(spans, dtype=np.int64).reshape(-1, 2)


def document(text: str, **parts: object) -> ParsedDocument:
    return ParsedDocument(pages=(Page(None, 0, text),), **parts)  # type: ignore[arg-type]


def chunked(
    text: str, *, window: int = 64, header_tokens: int = 16, target: int = 200
) -> ChunkedDocument:
    return SentenceChunker(WordCounter(), window, header_tokens, target).chunk(document(text))


def some_text(seed: int) -> str:
    chance = random.Random(seed)
    words = [
        "shall",
        "pay",
        "the",
        "fee;",
        "Inc.",
        "term,",
        "A",
        "8.1",
        "mg",
        "and",
        "party",
        "Dr.",
    ]
    ends = [". ", ".\n", "\n\n", "; ", ": ", " ", ".\n\nSECTION 4. Fees\n\n"]
    sentences = (
        " ".join(chance.choices(words, k=chance.choice([1, 5, 20, 150]))) + chance.choice(ends)
        for _ in range(40)
    )
    return "".join(sentences)


@pytest.mark.parametrize("seed", range(20))
def test_chunks_hold_every_sentence_once_within_the_window(seed: int) -> None:
    text, counter = some_text(seed), WordCounter()
    result = chunked(text)
    left = list(result.sentences)
    for ordinal, chunk in enumerate(result.chunks):
        assert chunk.ordinal == ordinal
        inside = [span for span in left if span.end <= chunk.end]
        assert inside == left[: len(inside)]
        assert (inside[0].start, inside[-1].end) == (chunk.start, chunk.end)
        left = left[len(inside) :]
        whole = chunk.header + "\n" + text[chunk.start : chunk.end]
        assert len(counter.token_spans(whole)) + SPECIAL_TOKENS <= 64
        assert len(counter.token_spans(chunk.header)) <= 16
    assert not left
    covered = "".join(text[span.start : span.end] for span in result.sentences)
    assert re.sub(r"\s", "", covered) == re.sub(r"\s", "", text)


def test_the_same_text_gives_the_same_chunks() -> None:
    assert chunked(some_text(3)) == chunked(some_text(3))


def test_a_long_sentence_is_split_at_its_strongest_mark() -> None:
    text = "one " * 30 + "two; " + "three, " * 10 + "four " * 20
    result = chunked(text, window=66)
    assert text[: result.sentences[0].end].endswith("two;")


def test_a_run_without_marks_is_split_at_the_limit() -> None:
    result = chunked("." * 500 + "x" * 10)
    assert len(result.chunks) > 5
    assert sum(span.end - span.start for span in result.sentences) == 510


def test_a_chunk_begins_at_a_heading_and_says_its_section() -> None:
    body = "The fee is due on the first day of each month. " * 4
    text = f"1. Fees\n\n{body}\n\n2. Term\n\n{body}"
    result = chunked(text, window=256)
    assert [chunk.heading for chunk in result.chunks] == ["1. Fees", "2. Term"]
    assert [text[chunk.start :][:7] for chunk in result.chunks] == ["1. Fees", "2. Term"]
    assert result.chunks[1].header.endswith("2. Term")


def test_the_section_of_a_chunk_is_that_of_its_first_text() -> None:
    small = "2. Changes\n2.1 Sites. One more site is added to the list.\n"
    large = f"2.2 Fees. {'The fee rises by a tenth. ' * 5}\n"
    result = chunked(small + large, window=256, target=900)
    assert [chunk.heading for chunk in result.chunks] == ["2. Changes > 2.1 Sites"]


def test_a_heading_in_small_letters_begins_its_chunk() -> None:
    body = "Neither party is liable for the loss of profit of the other party. " * 4
    text = f"11. Indemnities\n11.1 {body}\n12. Limitation of liability\n12.1 {body}"
    result = chunked(text, window=256, target=320)
    assert [chunk.heading for chunk in result.chunks] == [
        "11. Indemnities",
        "12. Limitation of liability",
    ]


@pytest.mark.parametrize("length", [1, 8, 20, 44, 46, 60, 150])
def test_a_heading_is_never_the_last_of_a_chunk(length: int) -> None:
    text = "".join(
        f"ARTICLE {number}\n\n{number}.1 Delivery of Goods\n\n{'word ' * length}end.\n\n"
        for number in range(1, 8)
    )
    for chunk in chunked(text).chunks:
        last_line = text[chunk.start : chunk.end].splitlines()[-1]
        assert not re.match(r"ARTICLE|\d\.1", last_line)


def test_a_run_of_headings_longer_than_the_window_is_still_cut() -> None:
    result = chunked("".join(f"ARTICLE {number}\n\n" for number in range(1, 80)))
    assert len(result.chunks) > 2


def test_headings_of_the_format_are_used() -> None:
    parsed = document("fees\nThe fee is due.", headings=(Heading(0, 4, 1, "fees"),))
    result = SentenceChunker(WordCounter(), 64).chunk(parsed)
    assert result.chunks[0].heading == "fees"


def test_header_names_the_document() -> None:
    text = "SUPPLY AGREEMENT\n\nThis Agreement is made on May 2, 2019 between Acme, Inc. and Beta LLC.\n"
    (chunk,) = chunked(text, window=256, header_tokens=48).chunks
    assert chunk.header == "SUPPLY AGREEMENT · Acme, Inc, Beta LLC · 2019-05-02 · SUPPLY AGREEMENT"


def test_an_empty_document_has_no_chunks() -> None:
    result = chunked(" \n\n ")
    assert (result.chunks, result.sentences) == ((), ())


def test_settings_that_change_chunks_change_the_fingerprint() -> None:
    counter = WordCounter()
    chunkers = [
        SentenceChunker(counter, 256),
        SentenceChunker(counter, 512),
        SentenceChunker(counter, 256, header_tokens=32),
        SentenceChunker(counter, 256, target=400),
    ]
    assert len({chunker.fingerprint for chunker in chunkers}) == 4
