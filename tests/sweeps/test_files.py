"""The files of a sweep: each kind whole or not at all, and nothing in them that a document could run."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest

from ragkit.config import Pipeline
from ragkit.errors import UsageFault
from ragkit.flows.linking import links_of
from ragkit.flows.sweep_files import KINDS, written_to
from ragkit.isolation.process import NO_FOLDER
from ragkit.rendering import sweep_workbook
from ragkit.settings import PipelineSettings
from ragkit.types import Citation
from ragkit.types.sweeps import SweepCount, SweepQuestion, SweepRow

QUESTION = SweepQuestion("rent", "What is the <rent>?")
DOCUMENT = "2024/a b.pdf"


def pipeline(root: Path, *folders: str) -> Pipeline:
    names = folders or ("docs",)
    paths = tuple(root / name for name in names)
    return Pipeline(
        "legal", paths, root / ".ragkit", PipelineSettings(folders=names), root / "p.yaml"
    )


def row_of(quote: str, value: str = "", document: str = DOCUMENT) -> SweepRow:
    citation = Citation(1, document, "0" * 64, 3, 10, 10 + len(quote), quote)
    return SweepRow(
        "rent",
        QUESTION.question,
        document,
        "0" * 64,
        "yes",
        "why",
        0.95,
        "phrases",
        value,
        citation,
    )


def write(path: Path, *rows: SweepRow) -> None:
    with written_to(path, pipeline(path.parent), [QUESTION]) as file:
        for row in rows:
            file.row(row)
        file.end((SweepCount("rent", QUESTION.question, len(rows), 0, 0, 0),))


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_its_owners_and_nothing_is_left_beside_it(tmp_path: Path, kind: str) -> None:
    output = tmp_path / f"out{kind}"
    write(output, row_of("The rent is nine euros."))
    assert output.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [output.name]


@pytest.mark.parametrize("kind", KINDS)
def test_a_sealed_process_has_no_folder_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(NO_FOLDER))
    write(tmp_path / f"out{kind}", row_of("The rent is nine euros."))
    assert (tmp_path / f"out{kind}").stat().st_size
    assert tempfile.tempdir == str(NO_FOLDER)


@pytest.mark.parametrize("kind", KINDS)
def test_where_it_fails_the_old_file_stays(tmp_path: Path, kind: str) -> None:
    output = tmp_path / f"out{kind}"
    output.write_text("old")
    with suppress(KeyboardInterrupt), written_to(output, pipeline(tmp_path), [QUESTION]) as file:
        file.row(row_of("The rent is nine euros."))
        raise KeyboardInterrupt
    assert output.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == [output.name]


def test_what_a_killed_run_left_goes_and_another_ones_stays(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = tmp_path / f".out.csv.{ended.pid}.new"
    left.write_text("words")
    (tmp_path / f"{left.name}.d").mkdir()
    going_on = tmp_path / f".out.csv.{os.getppid()}.new"
    going_on.write_text("words")
    write(tmp_path / "out.csv", row_of("a"))
    assert {path.name for path in tmp_path.iterdir()} == {"out.csv", going_on.name}


@pytest.mark.parametrize("words", ["=cmd|' /C calc'!A0", "+1", "-2", "@SUM(1)", "\t=1"])
def test_no_document_can_say_a_formula(tmp_path: Path, words: str) -> None:
    row = row_of(words, value=words, document="=1+1.txt")
    write(tmp_path / "out.csv", row)
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        (told,) = csv.DictReader(file)
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in told.values())
    write(tmp_path / "out.xlsx", row)
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["Rows"]
    assert not [cell.value for row in sheet for cell in row if cell.data_type == "f"]


def test_the_workbook_has_a_frozen_header_links_an_overview_and_counts(tmp_path: Path) -> None:
    write(tmp_path / "out.xlsx", row_of("The rent is nine euros.", value="nine euros"))
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert [sheet.title for sheet in book] == ["Rows", "Overview", "Count"]
    assert all(sheet.freeze_panes == "A2" for sheet in book)
    place = book["Rows"]["A2"]
    assert (place.value, place.data_type) == (DOCUMENT, "s")  # there without any recalculation
    file = f"file://{tmp_path}/docs/2024/a%20b.pdf"
    assert (place.hyperlink.target, place.hyperlink.location) == (file, "page=3")
    assert place.hyperlink.ref == "A2"
    whole = book["Overview"]["A2"].hyperlink
    assert (whole.target, whole.location, whole.ref) == (file, None, "A2")
    assert book["Overview"]["B2"].value == "yes: nine euros"
    assert [cell.value for cell in book["Count"][2]][1:] == [1, 0, 0, 0, 1]


def test_a_path_too_long_for_a_link_is_plain_text(tmp_path: Path) -> None:
    """An address grows threefold where a path is written in letters beyond ASCII."""
    long = "/".join(["ñ" * 100] * 5) + ".pdf"
    short = "/".join(["n" * 100] * 15) + ".pdf"
    write(tmp_path / "out.xlsx", row_of("a", document=long), row_of("b", document=short))
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    for sheet in ("Rows", "Overview"):
        assert (book[sheet]["A2"].value, book[sheet]["A2"].hyperlink) == (long, None)
        assert book[sheet]["A3"].value == short
        assert book[sheet]["A3"].hyperlink.target.endswith(short)
        assert book[sheet]["A3"].hyperlink.ref == "A3"


def test_a_sheet_has_no_more_links_and_rows_than_excel_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_workbook, "MOST_LINKS", 2)
    monkeypatch.setattr(sweep_workbook, "MOST_ROWS", 4)
    rows = [row_of("a", document=f"{number}.pdf") for number in range(7)]
    write(tmp_path / "out.xlsx", *rows)
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert [sheet.title for sheet in book] == ["Rows", "Rows 2", "Rows 3", "Overview", "Count"]
    parts = [book[title] for title in ("Rows", "Rows 2", "Rows 3")]
    told = [[cell.value for cell in sheet["A"]] for sheet in parts]
    assert [name for names in told for name in names if name != "document"] == [
        row.document for row in rows
    ]
    assert all(names[0] == "document" for names in told)
    linked = [[cell.coordinate for cell in sheet["A"] if cell.hyperlink] for sheet in parts]
    assert linked == [["A2", "A3"], ["A2", "A3"], ["A2"]]


def test_a_cell_is_cut_where_excel_ends_it(tmp_path: Path) -> None:
    """Which counts a sign beyond the first 65,536 as two."""
    write(tmp_path / "out.xlsx", row_of("😀" * 30_000, value="x" * 40_000))
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["Rows"]
    texts = [str(cell.value) for cell in sheet[2]]
    assert max(len(text.encode("utf-16-le")) // 2 for text in texts) == 32_000
    assert "😀" * 16_000 in texts


def test_the_page_escapes_everything_and_runs_nothing(tmp_path: Path) -> None:
    write(tmp_path / "out.html", row_of("<script>alert(1)</script>\u202e"))
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "\u202e" not in page
    assert "default-src 'none'" in page
    assert page.rstrip().endswith("</html>")
    assert "&lt;rent&gt;" in page


def test_jsonl_has_a_row_a_line_with_its_place(tmp_path: Path) -> None:
    write(tmp_path / "out.jsonl", row_of("nine", value="nine"), row_of("ten"))
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(row["quote"], row["page"], row["start"], row["verdict"]) for row in rows] == [
        ("nine", 3, 10, "yes"),
        ("ten", 3, 10, "yes"),
    ]


def test_an_attachment_links_to_the_file_it_is_in_and_several_folders_are_told_apart(
    tmp_path: Path,
) -> None:
    one = links_of(pipeline(tmp_path))
    assert one("mail.eml::x.pdf", 2) == f"file://{tmp_path}/docs/mail.eml"
    several = links_of(pipeline(tmp_path, "north", "south"))
    assert several("south/a.pdf", 2) == f"file://{tmp_path}/south/a.pdf#page=2"


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(UsageFault, match="cannot be written"):
        write(tmp_path / "out.csv", row_of("a"))
