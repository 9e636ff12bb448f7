"""Tables: a row is one sentence in one chunk, and never without the headings of its columns."""

from __future__ import annotations

import random

import pytest

from ragkit.chunking.chunker import SentenceChunker
from ragkit.types import Chunk, ChunkedDocument, Heading, Page, ParsedDocument, Span, Table
from tests.chunking.test_chunker import WordCounter

WINDOW, HEADER = 80, 30
COLUMNS = "Supplier | Service | Monthly fee | Notice period"


def table_of(text: str, first: str, last: str, columns: str = "") -> Table:
    """From the first place of `first` to the end of `last`, under the row `columns`."""
    heading = None
    if columns:
        at = text.index(columns)
        heading = Span(at, at + len(columns))
    return Table(text.index(first), text.index(last) + len(last), heading)


def parsed(text: str, *tables: Table, headings: tuple[Heading, ...] = ()) -> ParsedDocument:
    return ParsedDocument((Page(None, 0, text),), headings, tables=tables)


def chunked(document: ParsedDocument, *, target: int = 200) -> ChunkedDocument:
    return SentenceChunker(WordCounter(), WINDOW, HEADER, target).chunk(document)


def sentences(text: str, result: ChunkedDocument) -> list[str]:
    return [text[span.start : span.end] for span in result.sentences]


def register(rows: int) -> tuple[ParsedDocument, list[str]]:
    """A section with prose and a table of suppliers; and the table's rows."""
    lines = [f"Supplier {n} | Catering | EUR {n}00 | {n % 90} days" for n in range(1, rows + 1)]
    before = "Terms\n\nThe board has approved these suppliers.\n\n"
    text = before + "\n".join([COLUMNS, *lines]) + "\n\nSigned by the board.\n"
    table = table_of(text, COLUMNS, lines[-1], COLUMNS)
    return parsed(text, table, headings=(Heading(0, 5, 1, "Terms"),)), lines


def holding(document: ParsedDocument, chunks: tuple[Chunk, ...], words: str) -> Chunk:
    (found,) = (chunk for chunk in chunks if words in document.text[chunk.start : chunk.end])
    return found


def test_each_row_of_a_long_table_is_a_sentence_with_its_headings() -> None:
    document, rows = register(300)
    result = chunked(document)
    assert set(rows) <= set(sentences(document.text, result))
    for row in rows:
        chunk = holding(document, result.chunks, f"{row}")
        body = document.text[chunk.start : chunk.end]
        assert COLUMNS in body or (COLUMNS in chunk.header and chunk.heading.endswith(COLUMNS))


def test_a_row_and_its_heading_are_found_by_the_words_of_both() -> None:
    document, _ = register(300)
    asked = {"supplier", "217", "notice", "period"}

    def met(chunk: Chunk) -> int:
        words = f"{chunk.header} {document.text[chunk.start : chunk.end]}".casefold()
        return len(asked & set(words.replace("\n", " ").split()))

    best = max(chunked(document).chunks, key=met)
    assert "Supplier 217 | " in document.text[best.start : best.end]
    assert best.heading == f"Terms > {COLUMNS}"
    assert len(document.text[best.start : best.end].splitlines()) <= 3


def test_the_prose_around_a_table_has_none_of_its_headings() -> None:
    before = "The board has approved these suppliers. " * 6
    rows = [f"Supplier {number} | {number} days" for number in range(6)]
    text = f"{before}\n\nSupplier | Notice\n" + "\n".join(rows) + f"\n\n{before}"
    table = table_of(text, "Supplier | Notice", rows[-1], "Supplier | Notice")
    chunks = chunked(parsed(text, table)).chunks
    assert [chunk.heading for chunk in chunks if chunk.end <= table.start] == [""]
    assert [chunk.heading for chunk in chunks if chunk.start >= table.end] == [""]


@pytest.mark.parametrize("seed", range(10))
def test_rows_are_whole_and_headers_short(seed: int) -> None:
    chance = random.Random(seed)
    cells = ["5 mg", "Dr. A. Roe.", "as needed; at night", "", "No. 4", "a, b, c", "Total:"]
    rows = [" | ".join(chance.choices(cells, k=6)).strip() for _ in range(40)]
    rows = [f"R{number} | {row}".strip() for number, row in enumerate(rows)]
    columns = " | ".join(
        f"Heading {chance.choice('abc') * chance.choice([1, 9])}" for _ in "123456"
    )
    text = "Intro.\n\n" + "\n".join([columns, *rows]) + "\n\nEnd.\n"
    result = chunked(parsed(text, table_of(text, columns, rows[-1], columns)))
    assert set(rows) <= set(sentences(text, result))
    for chunk in result.chunks:
        assert len(WordCounter().token_spans(chunk.header)) <= HEADER
        whole = chunk.header + "\n" + text[chunk.start : chunk.end]
        assert len(WordCounter().token_spans(whole)) + 2 <= WINDOW


def test_a_row_longer_than_the_window_is_cut_between_cells_and_named() -> None:
    long = " | ".join(["Hosting", *(f"cell {number} of many more" for number in range(40))])
    text = f"Service | Scope\n{long}\nBackup | small\n"
    result = chunked(parsed(text, table_of(text, "Service", "small", "Service | Scope")))
    parts = [part for part in sentences(text, result) if part.startswith("cell") or part in long]
    assert len(parts) > 2
    assert all(part.removesuffix(" |").endswith(("more", "Hosting")) for part in parts)
    inside = [chunk for chunk in result.chunks if text[chunk.start :].startswith("cell")]
    assert inside
    assert all(chunk.heading == "Hosting: Service | Scope" for chunk in inside)


def test_a_row_of_paragraphs_is_one_chunk_of_several_sentences() -> None:
    cell = "The fee is due each month. " * 12
    row = f"Fees | {cell.strip()}"
    text = f"Intro text.\n\nItem | Rule\n{row}\nTerm | One year.\n"
    document = parsed(text, table_of(text, "Item", "One year.", "Item | Rule"))
    result = SentenceChunker(WordCounter(), 300, HEADER, 100).chunk(document)
    assert "The fee is due each month." in sentences(text, result)
    assert row in text[holding(document, result.chunks, "Fees |").start :][: len(row) + 12]


def test_rows_in_small_letters_or_capitals_are_no_prose_and_no_headings() -> None:
    rows = ["name,dose", "aspirin,5", "heparin,7", "WARFARIN SODIUM,3"]
    text = "\n".join(rows) + "\n"
    result = chunked(parsed(text, table_of(text, rows[0], rows[-1], rows[0])))
    assert sentences(text, result) == rows
    assert [chunk.heading for chunk in result.chunks] == [""]


@pytest.mark.parametrize(
    ("columns", "titles"),
    [
        ("| Service | Monthly fee |", "Service | Monthly fee"),
        ("service;monthly_fee", "service | monthly fee"),
        ('Service,"Monthly\nfee"', "Service | Monthly fee"),
        ("Service | Fee\nService | Month | Year", "Service | Fee Month | Fee Year"),
        ("Prices of 2024\nService | Fee > 5", "Service | Fee 5"),
        ("| Service | Monthly |\n|         | fee     |", "Service | Monthly fee"),
        ("Service   Fee", "Service | Fee"),
    ],
)
def test_headings_of_every_style(columns: str, titles: str) -> None:
    rows = [f"{'x' * 30} {number} | {'y' * 30}" for number in range(20)]
    text = "\n".join([columns, *rows]) + "\n"
    last = chunked(parsed(text, table_of(text, columns, rows[-1], columns))).chunks[-1]
    assert last.heading == titles
    assert last.header.endswith(titles)


def test_drawn_tables_and_quoted_values_keep_rows_of_several_lines() -> None:
    line = "+----+----+"
    rows_of_grid = ["| a  | b  |", line.replace("-", "="), "| 1  | 2  |\n|    | 3  |", line]
    grid = "\n".join([line, *rows_of_grid, "| 4  | 5  |", line])
    simple = "====  ====\nDrug  Dose\n====  ====\nasp   5 mg\n      or 7\nhep   9 mg\n====  ===="
    values = 'name,note\nasp,"in the\nmorning"\nhep,none'
    for table, rows in (
        (grid, ["| 1  | 2  |\n|    | 3  |", "| 4  | 5  |"]),
        (simple, ["asp   5 mg\n      or 7", "hep   9 mg"]),
        (values, ['asp,"in the\nmorning"', "hep,none"]),
    ):
        assert set(rows) <= set(sentences(table, chunked(parsed(table, Table(0, len(table))))))


def test_a_quote_left_open_takes_no_other_rows() -> None:
    rows = ['size,5"', '"broken,1', *(f"row {number},{number}" for number in range(60))]
    text = "\n".join(rows)
    assert sentences(text, chunked(parsed(text, Table(0, len(text)))))[2:] == rows[2:]
