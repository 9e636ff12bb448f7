"""The documents of the proof: invented, small, in the formats that people have, made without a library."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

from ragkit.doctor.corpus_scan import SCAN

QUESTION = "What is the notice period of the lease with Harbour Mill?"

_LEASE = [
    "Lease agreement between Harbour Mill Ltd and Ana Ferrer",
    "Clause 1. The rent is 900 euros a month and is due on the third working day.",
    "Clause 2. Either party may end this lease with a notice period of three months.",
    "Clause 3. This agreement is governed by the law of Ireland.",
]
_LETTER = [
    "Discharge letter of the patient Tomas Albero, born 12 March 1961",
    "The patient was admitted with chest pain and discharged after four days.",
    "Medication at discharge: bisoprolol 2.5 mg once a day, aspirin 100 mg once a day.",
]
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def write_corpus(folder: Path) -> None:
    """Write the documents into `folder`, which must exist."""
    for name, data in _documents().items():
        (folder / name).write_bytes(data)


def change_corpus(folder: Path) -> None:
    """One document edited, one new, one gone: what a night finds."""
    minutes = folder / "minutes.txt"
    minutes.write_text(
        minutes.read_text(encoding="utf-8") + "\nThe fence is to be mended by June.\n"
    )
    (folder / "new.md").write_text("# Memo\n\nThe key lies with the porter.\n", encoding="utf-8")
    (folder / "notes.md").unlink()


def _documents() -> Mapping[str, bytes]:
    return {
        "lease.pdf": pdf(_LEASE),
        "letter.docx": docx(_LETTER),
        "rents.xlsx": xlsx([["Tenant", "Rent"], ["Ana Ferrer", "900"], ["Luis Prat", "750"]]),
        "mail.eml": _mail(),
        "page.html": b"<html><body><h1>House rules</h1><p>The yard is locked at ten.</p></body></html>",
        "minutes.txt": b"Minutes of 4 May 2025. Present: Ana Ferrer, Luis Prat. The roof was inspected.",
        "notes.md": b"# Notes\n\nThe boiler was last serviced in 2023.\n",
        "payments.csv": b"date,payer,amount\n2025-05-03,Ana Ferrer,900\n2025-05-04,Luis Prat,750\n",
        "scan.png": base64.b64decode(SCAN),
    }


def _mail() -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = (
        "Boiler",
        "ana@example.com",
        "luis@example.com",
    )
    message.set_content("The boiler in Harbour Mill is out of order. The offer is attached.")
    offer = pdf(["Offer 12", "A new boiler costs 3,200 euros, installed within two weeks."])
    message.add_attachment(offer, maintype="application", subtype="pdf", filename="offer.pdf")
    return message.as_bytes()


def pdf(lines: list[str]) -> bytes:
    """One page with those lines."""
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    content = f"BT /F1 11 Tf 14 TL 60 760 Td {shown} ET".encode("ascii")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj%s endobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    cross = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return (
        data + cross + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(data))
    )


def docx(paragraphs: list[str]) -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    document = f'{_HEAD}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
    return _package(
        "word/document.xml",
        {"word/document.xml": (f"{_OFFICE}.wordprocessingml.document.main+xml", document)},
    )


def xlsx(rows: list[list[str]]) -> bytes:
    cells = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
    sheet = f'{_HEAD}<worksheet xmlns="{_SHEET}"><sheetData>{cells}</sheetData></worksheet>'
    book = (
        f'{_HEAD}<workbook xmlns="{_SHEET}" xmlns:r="{_RELATION}"><sheets>'
        '<sheet name="Rents" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    kind = f"{_OFFICE}.spreadsheetml"
    parts = {
        "xl/workbook.xml": (f"{kind}.sheet.main+xml", book),
        "xl/worksheets/sheet1.xml": (f"{kind}.worksheet+xml", sheet),
    }
    relation = _relations("worksheet", "worksheets/sheet1.xml")
    return _package("xl/workbook.xml", parts, {"xl/_rels/workbook.xml.rels": relation})


def _cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'


def _relations(kind: str, target: str) -> str:
    return (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATION}/{kind}" Target="{target}"/></Relationships>'
    )


def _package(
    main: str, parts: Mapping[str, tuple[str, str]], others: Mapping[str, str] | None = None
) -> bytes:
    """An Office file. parts: name -> content type and XML."""
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, (kind, _) in parts.items()
    )
    types = (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
    written = {name: xml for name, (_, xml) in parts.items()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("_rels/.rels", _relations("officeDocument", main))
        for name, xml in {**written, **(others or {})}.items():
            archive.writestr(name, xml)
    return target.getvalue()
