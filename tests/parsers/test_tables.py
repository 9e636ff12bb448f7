"""Tables of every format: a line a row, the row with the column headings, and found by both."""

from __future__ import annotations

import functools
import io
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
import pptx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pptx.util import Cm

from ragkit import Workspace
from ragkit.chunking.chunker import SentenceChunker
from ragkit.embedders.fake import WordCounter
from ragkit.parsers import columns
from ragkit.parsers.registry import in_process_parse
from ragkit.types import ParsedDocument
from tests.parsers import samples

HEADINGS = ["Supplier", "Service", "Monthly fee", "Notice period"]
ROWS = [[f"Supplier {n}", "Catering", f"EUR {n}00", f"{n % 90 + 1} days"] for n in range(1, 301)]


def told(document: ParsedDocument) -> list[tuple[str, str]]:
    """(the table's lines, its heading lines) of each table."""
    text = document.text
    return [
        (text[t.start : t.end], text[t.columns.start : t.columns.end] if t.columns else "")
        for t in document.tables
    ]


def saved(document: Any) -> bytes:
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def word(rows: Sequence[Sequence[str]]) -> tuple[Any, Any]:
    """A Word document and its only table."""
    document = docx.Document()
    document.add_heading("Terms", 1)
    table = document.add_table(rows=len(rows), cols=max(map(len, rows)))
    cells = iter(table._cells)
    for row in rows:
        for text in row:
            next(cells).text = text
    return document, table


def page(table: str) -> bytes:
    return f"<html><body><h1>Terms</h1>{table}<p>Signed.</p></body></html>".encode()


def tagged(rows: Sequence[Sequence[str]], tag: str = "td") -> str:
    cells = ("".join(f"<{tag}>{cell}</{tag}>" for cell in row) for row in rows)
    return "".join(f"<tr>{row}</tr>" for row in cells)


@functools.cache
def registers() -> dict[str, bytes]:
    """The same 300 rows in several formats, by suffix."""
    rows = [HEADINGS, *ROWS]
    head, body = tagged([HEADINGS], "th"), tagged(ROWS)
    html = f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"
    mail = samples.mail("Terms", "Terms", html=page(html).decode())
    bars = "\n".join(f"| {' | '.join(row)} |" for row in ROWS)
    return {
        ".docx": saved(word(rows)[0]),
        ".html": page(html),
        ".eml": mail.as_bytes(),
        ".csv": "".join(f"{','.join(row)}\n" for row in rows).encode(),
        ".tsv": "".join("\t".join(row) + "\r\n" for row in rows).encode(),
        ".md": f"# Terms\n\n| {' | '.join(HEADINGS)} |\n|--|--|--|--|\n{bars}\n".encode(),
    }


@pytest.mark.parametrize("suffix", [".docx", ".html", ".eml", ".csv", ".tsv", ".md"])
def test_a_row_of_300_is_known_by_its_label_and_its_column(suffix: str) -> None:
    document = in_process_parse(registers()[suffix], f"register{suffix}")
    result = SentenceChunker(WordCounter(), 256).chunk(document)
    row = [cell.casefold() for cell in ROWS[216]]
    (quoted,) = [
        text
        for span in result.sentences
        if "supplier 217" in (text := document.text[span.start : span.end].casefold())
    ]
    assert all(cell in quoted for cell in row)
    assert "\n" not in quoted
    (chunk,) = [c for c in result.chunks if quoted in document.text[c.start : c.end].casefold()]
    assert chunk.heading.endswith(" | ".join(HEADINGS))
    assert chunk.header.endswith(" | ".join(HEADINGS))


@pytest.mark.real
def test_a_question_with_a_column_and_a_row_is_answered_by_that_row(
    tmp_path: Path, starter_models: dict[str, Path]
) -> None:
    (tmp_path / "files").mkdir()
    lines = [",".join(row) for row in [HEADINGS, *ROWS[150:270]]]
    (tmp_path / "files" / "register.csv").write_text("\n".join(lines), encoding="utf-8")
    settings = tmp_path / "pipelines.yaml"
    settings.write_text("version: 1\npipelines:\n  p:\n    folders: [files]\n", encoding="utf-8")
    with Workspace(settings) as workspace:
        workspace.ingest("p")
        answer = workspace.ask("p", "What is the notice period of supplier 217?")
    assert answer.citations[0].quote == "Supplier 217,Catering,EUR 21700,38 days"
    assert ",".join(HEADINGS) not in [citation.quote for citation in answer.citations]


def test_word_says_which_rows_are_repeated_on_every_page() -> None:
    document, table = word([["Fees", ""], ["Item", "Sum"], ["Hosting", "as agreed"]])
    for row in table.rows[:2]:
        row._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    lines = "Fees\nItem | Sum\nHosting | as agreed"
    assert told(in_process_parse(saved(document), "a.docx")) == [(lines, "Fees\nItem | Sum")]


@pytest.mark.parametrize("shown", ["bold", "style"])
def test_word_shows_a_heading_row_differently(shown: str) -> None:
    document, table = word([["Item", "Rule"], ["Term", "one year"]])
    for cell in table.rows[0].cells:
        cell.paragraphs[0].runs[0].bold = shown == "bold"
    table.style = "Light Grid" if shown == "style" else None
    ((_, heading),) = told(in_process_parse(saved(document), "a.docx"))
    assert heading == "Item | Rule"


def test_word_labels_and_values_have_no_heading_row() -> None:
    rows = [["Patient", "Ana Ruiz, 71"], ["Born", "2 May 1953"], ["Ward", "3"]]
    document, table = word(rows)
    table.style = "Light Grid"
    assert told(in_process_parse(saved(document), "a.docx")) == [
        ("Patient | Ana Ruiz, 71\nBorn | 2 May 1953\nWard | 3", "")
    ]


def test_word_merged_empty_and_many_line_cells() -> None:
    rows = [["Service", "Fee", "Notice"], ["Hosting", "EUR 9", "3 days"], ["", "", "10 days"]]
    document, table = word([*rows, ["All", "", ""]])
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(3, 0).merge(table.cell(3, 2))
    table.cell(1, 1).add_paragraph("a month")
    lines = "Service | Fee | Notice\nHosting | EUR 9 a month | 3 days\nHosting |  | 10 days\nAll"
    assert told(in_process_parse(saved(document), "a.docx")) == [(lines, "Service | Fee | Notice")]


def test_word_layout_tables_are_taken_apart() -> None:
    document, table = word([["Frame"]])
    inner = table.cell(0, 0).add_table(2, 2)
    for cell, text in zip(inner._cells, ("Item", "Rule", "Term", "1 year"), strict=True):
        cell.text = text
    parsed = in_process_parse(saved(document), "a.docx")
    assert parsed.text == "Terms\n\nFrame\n\nItem | Rule\nTerm | 1 year\n"
    assert told(parsed) == [("Item | Rule\nTerm | 1 year", "")]


def test_word_small_tables_in_cells_are_words_of_the_cell() -> None:
    document, table = word([["Item", "Rule", "Sum"], ["Term", "See", "EUR 5"]])
    inner = table.cell(1, 1).add_table(1, 2)
    for cell, text in zip(inner._cells, ("one", "year"), strict=True):
        cell.text = text
    assert told(in_process_parse(saved(document), "a.docx")) == [
        ("Item | Rule | Sum\nTerm | See one year | EUR 5", "Item | Rule | Sum")
    ]


def test_html_spans_and_heading_rows() -> None:
    table = (
        "<table><caption>Prices</caption><tr><th rowspan=2>Service</th><th colspan=2>Fee</th></tr>"
        "<tr><th>Month</th><th>Year</th></tr><tr><th>Hosting</th><td>7</td><td></td></tr>"
        "<tr><td rowspan=2>Backup</td><td>8</td><td>9</td></tr><tr><td>10<br>11</td><td>12</td></tr>"
        "</table><table><tr><td>Name</td><td>Ana</td></tr></table>"
    )
    assert told(in_process_parse(page(table), "a.html")) == [
        (
            "Prices\nService | Fee\nService | Month | Year\nHosting | 7\n"
            "Backup | 8 | 9\nBackup | 10 11 | 12",
            "Service | Fee\nService | Month | Year",
        ),
        ("Name | Ana", ""),
    ]


@pytest.mark.parametrize("span", ["0", "-1", "x", "99999", "1e9"])
def test_html_spans_beyond_belief_are_none(span: str) -> None:
    table = f"<table><tr><td rowspan='{span}' colspan='{span}'>a</td><td>b</td></tr></table>"
    assert told(in_process_parse(page(table), "a.html")) == [("a | b", "")]


def test_slides_have_their_tables_on_their_pages() -> None:
    deck = pptx.Presentation()
    for number in (1, 2):
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        table = slide.shapes.add_table(2, 2, Cm(1), Cm(1), Cm(9), Cm(3)).table
        for at, text in enumerate(("Drug", "Dose", "Apixaban", f"{number} mg")):
            table.cell(at // 2, at % 2).text = text
    assert told(in_process_parse(saved(deck), "a.pptx")) == [
        (f"Drug | Dose\nApixaban | {number} mg", "Drug | Dose") for number in (1, 2)
    ]


def test_rows_of_workbooks_are_a_table_that_says_its_headings_itself() -> None:
    data = samples.workbook({"Doses": [("Name", "Dose"), ("Apixaban", 5), ("Heparin", 7)]})
    assert told(in_process_parse(data, "a.xlsx")) == [
        ("Doses: Name | Dose\nDoses: Name: Apixaban | Dose: 5\nDoses: Name: Heparin | Dose: 7", "")
    ]


def test_markdown_tables_are_found_outside_of_code() -> None:
    text = "Text.\n\n```\na | b\n--|--\n1 | 2\n```\n\nItem | Fee\n:--|--:\nHosting | 7\n\nEnd | of it\n"
    document = in_process_parse(text.encode(), "a.md")
    assert document.text == text
    assert told(document) == [("Item | Fee\n:--|--:\nHosting | 7", "Item | Fee")]


def test_rst_tables_are_found_where_they_are_drawn() -> None:
    grid = "+---+----+\n| a | b  |\n+===+====+\n| 1 | 2  |\n+---+----+"
    simple = "===  ===\nDrug mg\n===  ===\nasp  5\n\nhep  7\n===  ==="
    bare = "===  ===\nasp  5\n===  ==="
    text = f"Title\n=====\n\n{grid}\n\n{simple}\n\nBetween.\n\n{bare}\n"
    document = in_process_parse(text.encode(), "a.rst")
    assert document.text == text
    assert sorted(told(document)) == sorted([(grid, "| a | b  |"), (simple, "Drug mg"), (bare, "")])


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("name;note\nasp;a, b\nhep;c, d, e\n", "name;note"),
        ("\ufeffpatient_id,dose\r\n7,5\r\n", "patient_id,dose"),
        ('name,"note\nof it"\nasp,5\n', 'name,"note\nof it"'),
        ("Register\nname,dose\nasp,5\nhep,6\n", "name,dose"),
        ("asp,5\nhep,6\n", ""),
        ("Item,2023,2024\nRent,5,6\n", "Item,2023,2024"),
    ],
)
def test_separated_values_name_their_columns_if_they_do(text: str, heading: str) -> None:
    document = in_process_parse(text.encode(), "a.csv")
    assert document.text.lstrip("\ufeff") == text.lstrip("\ufeff")
    ((lines, columns_told),) = told(document)
    assert (lines.strip("\ufeff"), columns_told.strip("\ufeff")) == (
        text.strip("\ufeff\r\n"),
        heading,
    )


def test_a_list_is_no_table_of_values() -> None:
    assert told(in_process_parse(b"alpha\nbeta\ngamma, delta\n", "a.csv")) == []


@pytest.mark.parametrize(
    ("rows", "heading"),
    [
        ([["Test", "Result", "Limit"], ["Sodium", "131", "135"]], range(1)),
        ([["Prices"], ["Item", "Fee", "Due"], ["Rent", "EUR 5", "May"]], range(1, 2)),
        ([["Drug", "Dose"], ["A", "5 mg"], ["B", "7 mg"], ["C", "9 mg"]], range(1)),
        ([["Name", "Ana"], ["Born", "2 May 1953"], ["Ward", "3"], ["Stay", "4 days"]], None),
        ([["Rent", "EUR 5", "May"], ["Heat", "EUR 6", "June"]], None),
        ([["a", "b", "c"], ["d", "e", "f"]], None),
        ([["Drug", "Effect", "Action"], ["aspirin" * 3, "bleeding" * 3, "x"]] * 1, None),
        ([["Item", "Item", "Sum"], ["Rent", "Heat", "5"]], None),
    ],
)
def test_headings_are_guessed_only_where_they_can_be_told(
    rows: list[list[str]], heading: range | None
) -> None:
    assert columns.guessed(rows) == heading


def test_hostile_tables_take_no_time() -> None:
    began = time.process_time()
    spaces = " " * 20_000
    for text in (f"a|b\n{spaces}\n", f"a|b\n|-{spaces}|-{spaces}x\n", f"a|b\n{'|-' * 9_000}x\n"):
        assert told(in_process_parse(text.encode(), "a.md")) == []
    cell = "<td rowspan=1000 colspan=100>words</td>"
    rows = f"<tr>{cell * 300}</tr>{'<tr><td>more</td></tr>' * 1_000}"
    text = in_process_parse(page(f"<table>{rows}</table>"), "a.html").text
    assert (text.count("more"), "words" in text) == (1_000, True)
    rows = f"<tr>{cell}</tr>" * 300
    assert "words" in in_process_parse(page(f"<table>{rows}</table>"), "a.html").text
    assert time.process_time() - began < 6
