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
    formulas = [cell.value for cell in sheet[2] if cell.data_type == "f"]
    assert [value.startswith('=HYPERLINK("file://') for value in formulas] == [True]


def test_the_workbook_has_a_frozen_header_links_an_overview_and_counts(tmp_path: Path) -> None:
    write(tmp_path / "out.xlsx", row_of("The rent is nine euros.", value="nine euros"))
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert [sheet.title for sheet in book] == ["Rows", "Overview", "Count"]
    assert all(sheet.freeze_panes == "A2" for sheet in book)
    address = f"file://{tmp_path}/docs/2024/a%20b.pdf#page=3"
    assert book["Rows"]["A2"].value == f'=HYPERLINK("{address}","{DOCUMENT}")'
    assert book["Overview"]["B2"].value == "yes: nine euros"
    assert [cell.value for cell in book["Count"][2]][1:] == [1, 0, 0, 0, 1]


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
