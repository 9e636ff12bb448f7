"""Word documents and workbooks: structure survives, nothing visible is lost, bombs are refused."""

from __future__ import annotations

import datetime

import pytest

from ragkit.errors import UnreadableDocument
from ragkit.parsers.archive import OFFICE_TYPES
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.registry import identify, in_process_parse
from tests.parsers import samples


def test_word_structure() -> None:
    document = in_process_parse(samples.word(), "agreement.docx")
    assert document.text == (
        "Services Agreement\n\nLiability\n\nThe cap is EUR 250 per claim.\n\n"
        "- fraud\n- gross negligence\n\n"
        "Service | Fee\nHosting | EUR 900 per month\n"
    )
    assert [(h.level, h.text) for h in document.headings] == [
        (1, "Services Agreement"),
        (2, "Liability"),
    ]
    assert all(document.text[h.start : h.end] == h.text for h in document.headings)
    assert document.title == "Services Agreement"


def test_word_text_box_follows_its_paragraph() -> None:
    document = in_process_parse(samples.word_with_text_box("In a box."), "box.docx")
    assert document.text.split() == ["Before.", "In", "a", "box.", "After."]


def test_truncated_word_document() -> None:
    data = samples.word()
    with pytest.raises(UnreadableDocument) as caught:
        in_process_parse(data[: len(data) * 7 // 10], "agreement.docx")
    assert caught.value.kind == "damaged"


def test_bomb_is_refused_before_it_is_unpacked() -> None:
    data = samples.with_part(samples.word(), "word/media/a.xml", b"a" * 30_000_000)
    with pytest.raises(UnreadableDocument) as caught:
        in_process_parse(data, "bomb.docx")
    assert caught.value.kind == "too_large"


def test_too_many_members() -> None:
    with pytest.raises(UnreadableDocument) as caught:
        in_process_parse(samples.word(), "a.docx", ParseLimits(archive_members=3))
    assert caught.value.kind == "too_large"


def test_entities_are_refused() -> None:
    hostile = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    data = samples.with_part(samples.word(), "word/document.xml", hostile)
    with pytest.raises(UnreadableDocument, match="entities"):
        in_process_parse(data, "hostile.docx")


def test_password_is_told() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    for name in ("secret.docx", "secret.xlsx"):
        with pytest.raises(UnreadableDocument) as caught:
            in_process_parse(ole, name)
        assert caught.value.kind == "password"


@pytest.mark.parametrize(
    ("kind", "suffixes"),
    [
        ("docx", (".docx", ".dotx", ".docm", ".dotm")),
        ("xlsx", (".xlsx", ".xltx", ".xlsm", ".xltm")),
        ("pptx", (".pptx", ".ppsx", ".potx", ".pptm", ".ppsm", ".potm")),
    ],
)
def test_templates_and_files_with_macros_are_read_alike(
    kind: str, suffixes: tuple[str, ...]
) -> None:
    made = {"docx": samples.word, "pptx": samples.slides}
    data = made[kind]() if kind in made else samples.workbook({"S": [("a", "b"), (1, 2)]})
    read = []
    for suffix, declared in zip(suffixes, OFFICE_TYPES[kind], strict=True):
        variant = samples.declared_as(data, OFFICE_TYPES[kind][0], declared)
        assert identify(variant, ".pdf").name == kind
        read.append(in_process_parse(variant, f"a{suffix}"))
    assert read == [read[0]] * len(suffixes)


def test_rows_keep_their_headings() -> None:
    data = samples.workbook(
        {
            "Doses": [
                ("Ward 3",),
                ("Name", "Dose", "Since", "Share"),
                ("Apixaban", "5 mg", datetime.datetime(2026, 3, 2), 0.5),
                ("Heparin", 5000.0, None, True),
            ],
            "Notes": [("Only words here",)],
        }
    )
    document = in_process_parse(data, "doses.xlsx")
    assert document.text == (
        "Doses\n\nDoses: Ward 3\nDoses: Name | Dose | Since | Share\n"
        "Doses: Name: Apixaban | Dose: 5 mg | Since: 2026-03-02 | Share: 0.5\n"
        "Doses: Name: Heparin | Dose: 5000 | Share: TRUE\n\n"
        "Notes\n\nNotes: Only words here\n"
    )
    assert [heading.text for heading in document.headings] == ["Doses", "Notes"]


def test_a_new_table_after_an_empty_row_has_its_own_headings() -> None:
    data = samples.workbook(
        {"S": [("a", "b"), (1, 2), (), ("c", "d", "e"), (3, 4, 5), (), (6, 7, 8)]}
    )
    lines = in_process_parse(data, "s.xlsx").text.split("\n")
    assert "S: c: 3 | d: 4 | e: 5" in lines
    assert "S: c: 6 | d: 7 | e: 8" in lines


def test_an_empty_workbook() -> None:
    with pytest.raises(UnreadableDocument) as caught:
        in_process_parse(samples.workbook({"S": []}), "s.xlsx")
    assert caught.value.kind == "empty"
