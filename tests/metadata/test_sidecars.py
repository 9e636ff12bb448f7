"""Files that hold metadata: what they say, and every fault with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.metadata.sidecars import document_of, is_sidecar, read_sidecar


def said(folder: Path, name: str, text: str | bytes) -> dict[str, object]:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = read_sidecar(file)
    assert found.faults == []
    return {entry.name: dict(entry.metadata) for entry in found.entries}


def faults(folder: Path, name: str, text: str | bytes) -> str:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = read_sidecar(file)
    assert found.entries == []
    return "; ".join(found.faults)


def test_names_tell_what_holds_metadata() -> None:
    assert is_sidecar("metadata.csv")
    assert is_sidecar("a.pdf.meta.json")
    assert not is_sidecar("metadata.txt")
    assert not is_sidecar("a.yaml")
    assert document_of("a.pdf.meta.yaml") == "a.pdf"
    assert document_of("metadata.yaml") == ""


def test_values_are_taken_as_they_are_written(tmp_path: Path) -> None:
    text = "expediente: 0123\ndate: 2024-05-01\nopen: yes\ntags: [x, 2, x]\nnone:\n"
    found = said(tmp_path, "a.pdf.meta.yaml", text)
    assert found == {
        "a.pdf": {
            "expediente": ("0123",),
            "date": ("2024-05-01",),
            "open": ("yes",),
            "tags": ("x", "2"),
            "none": (),
        }
    }


def test_json_beside_a_document(tmp_path: Path) -> None:
    assert said(tmp_path, "a.pdf.meta.json", '{"client": "Añil, S.A.", "year": 2024}') == {
        "a.pdf": {"client": ("Añil, S.A.",), "year": ("2024",)}
    }


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_table_as_spreadsheets_save_it(tmp_path: Path, sign: str) -> None:
    rows = [
        ["Document", "client", "case no", ""],
        ["b\\a.pdf", '"A, B; C"', "7", ""],
        ["", "", "", ""],
    ]
    text = "\ufeff" + "\r\n".join(sign.join(row) for row in rows) + "\r\n"
    assert said(tmp_path, "metadata.csv", text) == {
        "b/a.pdf": {"client": ("A, B; C",), "case no": ("7",)}
    }


def test_an_empty_cell_says_nothing(tmp_path: Path) -> None:
    assert said(tmp_path, "metadata.csv", "archivo,client,year\na.pdf,,2024\nb.pdf\n") == {
        "a.pdf": {"year": ("2024",)},
        "b.pdf": {},
    }


def test_files_without_anything(tmp_path: Path) -> None:
    assert said(tmp_path, "metadata.yaml", "") == {}
    assert said(tmp_path, "a.pdf.meta.yaml", "# nothing yet\n") == {}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("metadata.csv", "a,b\n1,2\n", "line 1: has no column 'document'"),
        ("metadata.csv", "", "line 1: has no column 'document'"),
        ("metadata.csv", "document,x\na.txt,1,2\n", "line 2: has 3 cells, and the first line 2"),
        ("metadata.csv", "document,x\n,1\n", "line 2: names no document"),
        ("metadata.csv", "document,x,X\na,1,2\n", "line 1, column 3: 'X' stands there twice"),
        ("metadata.csv", "document,a=b\nx,1\n", "line 1, column 2: a key must not hold '='"),
        (
            "metadata.csv",
            "document,x\na," + "y" * 600,
            "line 2: the value of 'x' must have at most",
        ),
        ("metadata.csv", b"document,x\na,1\nb,\xe9\n", "line 3: is not UTF-8"),
        ("metadata.csv", 'document,x\na,"1\n', "it cannot be read as a table"),
        ("metadata.csv", 'document,x\na,"1\n2"\nb,1,2\n', "line 4: has 3 cells"),
        ("metadata.yaml", "- a\n", "line 1: must map a file name"),
        ("metadata.yaml", "a.pdf:\n  x: 1\nb.pdf: y\n", "line 3: must map a file name"),
        ("metadata.yaml", "a.pdf:\n  x: {y: 1}\n", "line 2: the value of 'x' must be text"),
        ("metadata.yaml", "a.pdf: {x: 1}\na.pdf: {x: 2}\n", "line 2: stands here again"),
        ("a.pdf.meta.yaml", "x: 1\nX: 2\n", "line 2: 'X' stands there twice"),
        ("a.pdf.meta.yaml", "x: [1\n", "line 2: is not valid YAML"),
        ("a.pdf.meta.yaml", 'x: 1\n"": 2\n', "a key must be text"),
        ("a.pdf.meta.yaml", "just words\n", "line 1: must be a mapping"),
        ("a.pdf.meta.yaml", '"a\\nb": 1\n', "line 1: a key must not hold line breaks"),
        ("a.pdf.meta.yaml", "k" * 65 + ": 1\n", "line 1: a key has at most 64 characters"),
        ("a.pdf.meta.yaml", b"x: \xe9\n", "it cannot be read: it is not UTF-8 text"),
    ],
)
def test_every_fault_is_told_with_its_line(
    tmp_path: Path, name: str, text: str | bytes, says: str
) -> None:
    assert says in faults(tmp_path, name, text)


def test_one_faulty_row_takes_the_whole_table(tmp_path: Path) -> None:
    found = faults(tmp_path, "metadata.csv", "document,x\na,1\nb,1,2\nc,1,2\n")
    assert "line 3: " in found
    assert "line 4: " in found


def test_a_file_that_is_gone_by_then(tmp_path: Path) -> None:
    for name in ("metadata.csv", "a.pdf.meta.yaml"):
        assert read_sidecar(tmp_path / name).faults == ["it was deleted meanwhile"]


def test_the_disks_faults_are_told_as_the_files(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").mkdir()
    assert read_sidecar(tmp_path / "metadata.csv").faults == ["it cannot be read: Is a directory"]
