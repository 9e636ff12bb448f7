"""Word documents and workbooks: structure survives, nothing visible is lost, bombs are refused."""

from __future__ import annotations

import datetime
import io
from typing import Any

import docx
import openpyxl
import pytest
from docx.enum.section import WD_SECTION
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from ragkit.errors import UnreadableDocument
from ragkit.parsers.archive import OFFICE_TYPES, read_member
from ragkit.parsers.limits import ParseLimits
from ragkit.parsers.registry import identify, in_process_parse
from tests.parsers import samples


def test_word_structure() -> None:
    document = in_process_parse(samples.word(), "agreement.docx")
    assert document.text == (
        "Strictly confidential header\n\nServices Agreement\n\nLiability\n\nThe cap is EUR 250 per claim.\n\n"
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


def _saved(document: Any) -> bytes:
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _add_field(paragraph: Any, code: str, shown: str) -> None:
    field = f'<w:fldSimple {nsdecls("w")} w:instr=" {code} "><w:r><w:t>{shown}</w:t></w:r></w:fldSimple>'
    paragraph._p.append(parse_xml(field))


def test_every_different_header_and_footer_is_read_once() -> None:
    document = docx.Document()
    document.add_heading("Operation report", level=1)
    document.add_paragraph("The spleen was preserved.")
    first = document.sections[0]
    first.header.paragraphs[0].text = "Patient: Ada Quill\tfile 20-991"
    first.different_first_page_header_footer = True
    first.first_page_header.paragraphs[0].text = "Harbour Clinic"
    cells = first.first_page_header.add_table(1, 2, 914_400).rows[0].cells
    cells[0].text, cells[1].text = "Ward", "66"
    first.footer.paragraphs[0].text = "Form CF-3"
    document.add_section(WD_SECTION.NEW_PAGE)  # linked to the one before
    third = document.add_section(WD_SECTION.NEW_PAGE)
    third.header.is_linked_to_previous = False
    third.header.paragraphs[0].text = "Patient: Ada Quill\tfile 20-991"
    third.footer.is_linked_to_previous = False
    third.footer.paragraphs[0].text = "Annex"
    read = in_process_parse(_saved(document), "report.docx")
    before, body, after = read.text.partition("Operation report\n\nThe spleen was preserved.\n\n")
    assert body
    assert sorted(before.split("\n\n")) == sorted(
        ["", "Patient: Ada Quill file 20-991", "Harbour Clinic", "Ward | 66"]
    )
    assert after == "Form CF-3\n\nAnnex\n"
    assert read.title == "Operation report"
    assert [heading.text for heading in read.headings] == ["Operation report"]


@pytest.mark.parametrize(
    ("words", "kept"),
    [("", ""), ("Page ", ""), ("Seite ", ""), ("Confidential, page ", "Confidential, page 3\n")],
)
def test_a_footer_that_only_counts_pages_is_left_out(words: str, kept: str) -> None:
    document = docx.Document()
    document.add_paragraph("The body.")
    footer = document.sections[0].footer.paragraphs[0]
    footer.text = words
    _add_field(footer, "PAGE", "3")
    read = in_process_parse(_saved(document), "a.docx")
    assert read.text == ("The body.\n" + (f"\n{kept}" if kept else ""))


def test_a_footer_of_a_number_that_counts_no_pages_is_kept() -> None:
    document = docx.Document()
    document.add_paragraph("The body.")
    document.sections[0].footer.paragraphs[0].text = "20991"
    assert in_process_parse(_saved(document), "a.docx").text == "The body.\n\n20991\n"


def test_a_text_box_in_a_header_is_read() -> None:
    document = docx.Document()
    document.add_paragraph("The body.")
    box = "<v:shape><v:textbox><w:txbxContent><w:p><w:r><w:t>File F-7</w:t></w:r></w:p>"
    drawn = f'<w:r {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict>{box}'
    drawn += "</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    document.sections[0].header.paragraphs[0]._p.append(parse_xml(drawn))
    assert in_process_parse(_saved(document), "a.docx").text == "File F-7\n\nThe body.\n"


def test_comments_of_word_follow_the_body() -> None:
    document = docx.Document()
    run = document.add_paragraph("The dose is 5 mg.").add_run()
    document.add_comment(run, text="Check with the ward.\nUrgent.", author="Dr Ilunga")
    document.add_comment(run, text="Agreed.", author="")
    document.sections[0].footer.paragraphs[0].text = "Form CF-3"
    assert in_process_parse(_saved(document), "a.docx").text == (
        "The dose is 5 mg.\n\nComment (Dr Ilunga): Check with the ward.\nUrgent.\n\n"
        "Comment: Agreed.\n\nForm CF-3\n"
    )


def test_hidden_text_of_headers_and_comments_is_left_out_and_counted() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("The body.")
    header = document.sections[0].header.paragraphs[0]
    header.text = "Letterhead"
    header.add_run("hidden").font.hidden = True
    comment = document.add_comment(paragraph.add_run(), text="Seen.", author="A")
    comment.paragraphs[0].add_run("secret").font.hidden = True
    read = in_process_parse(_saved(document), "a.docx")
    assert read.text == "Letterhead\n\nThe body.\n\nComment (A): Seen.\n"
    assert [hidden.characters for hidden in read.hidden] == [len("hidden" + "secret")]


def test_comments_of_cells_follow_their_sheet() -> None:
    book = openpyxl.Workbook()
    doses, empty = book.active, book.create_sheet("Empty")
    assert isinstance(doses, Worksheet)
    doses.title = "Doses"
    doses.append(("Name", "Dose"))
    doses.append(("Apixaban", 5))
    doses["B2"].comment = Comment("Ask the\nward.", "Dr Ilunga")
    empty["C7"].comment = Comment("Not filled in yet.", "A")
    read = in_process_parse(_saved(book), "doses.xlsx")
    assert read.text == (
        "Doses\n\nDoses: Name | Dose\nDoses: Name: Apixaban | Dose: 5\n\n"
        "Comment on B2: Ask the ward.\n\nEmpty\n\nComment on C7: Not filled in yet.\n"
    )
    assert [heading.text for heading in read.headings] == ["Doses", "Empty"]


def test_a_discussion_replaces_the_note_that_stands_for_it() -> None:
    book = openpyxl.Workbook()
    assert isinstance(book.active, Worksheet)
    book.active["A1"] = "Dose"
    book.active["A1"].comment = Comment("[Threaded comment] Your version of Excel ...", "tc")
    data = _saved(book)
    listed = "xl/worksheets/_rels/sheet1.xml.rels"
    discussion = (
        b'<ThreadedComments xmlns="urn:x"><threadedComment ref="A1"><text>Too high?</text>'
        b'</threadedComment><threadedComment ref="A1"><text>No.</text></threadedComment>'
        b"</ThreadedComments>"
    )
    relation = b'<Relationship Id="t" Type="x/threadedComment" Target="../threads/t1.xml"/>'
    relations = read_member(data, listed)
    assert relations is not None
    relations = relations.replace(b"</Relationships>", relation + b"</Relationships>")
    data = samples.with_part(
        samples.with_part(data, listed, relations), "xl/threads/t1.xml", discussion
    )
    assert in_process_parse(data, "a.xlsx").text.endswith("\n\nComment on A1: Too high? / No.\n")
