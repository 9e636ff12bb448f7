"""Small documents of every format, made on the spot."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Sequence
from email.message import EmailMessage

import docx
import openpyxl
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

with warnings.catch_warnings():
    # reportlab's own imports are deprecated in newer Pythons.
    warnings.simplefilter("ignore")
    from reportlab.pdfgen.canvas import Canvas


def pdf(pages: Sequence[str], *, password: str | None = None, title: str = "") -> bytes:
    """A PDF with these pages' lines; an empty string is a page that only has a drawing."""
    target = io.BytesIO()
    canvas = Canvas(target, encrypt=password)
    if title:
        canvas.setTitle(title)
    for page in pages:
        for number, line in enumerate(page.splitlines()):
            canvas.drawString(72, 760 - 16 * number, line)
        if not page:
            canvas.rect(100, 100, 200, 200, fill=1)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def word() -> bytes:
    """Headings, a paragraph with a tracked change, a list, a table, and a page header."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Strictly confidential header"
    document.add_heading("Services Agreement", level=1)
    document.add_heading("Liability", level=2)
    paragraph = document.add_paragraph("The cap is ")
    for part, tag, amount in (("del", "delText", "EUR 100"), ("ins", "t", "EUR 250")):
        paragraph._p.append(
            parse_xml(
                f'<w:{part} {nsdecls("w")} w:id="1" w:author="A"><w:r>'
                f"<w:{tag}>{amount}</w:{tag}></w:r></w:{part}>"
            )
        )
    paragraph._p.append(
        parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtContent><w:r><w:t> per claim.</w:t></w:r>"
            "</w:sdtContent></w:sdt>"
        )
    )
    document.add_paragraph("fraud", style="List Bullet")
    document.add_paragraph("gross negligence", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        table._cells, ("Service", "Fee", "Hosting", "EUR 900 per month"), strict=True
    ):
        cell.text = text
    return _saved(document)


def word_with_text_box(text: str) -> bytes:
    document = docx.Document()
    document.add_paragraph("Before.")
    document.paragraphs[0]._p.append(
        parse_xml(
            f'<w:r {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape>'
            f"<v:textbox><w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent>"
            "</v:textbox></v:shape></w:pict></w:r>"
        )
    )
    document.add_paragraph("After.")
    return _saved(document)


def word_with_part(data: bytes, name: str, content: bytes) -> bytes:
    """`data` with one more part, or one replaced."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for member in source.infolist():
            if member.filename != name:
                copy.writestr(member, source.read(member))
        copy.writestr(name, content)
    return target.getvalue()


def workbook(sheets: dict[str, Sequence[Sequence[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def mail(subject: str, body: str, *, html: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ana Núñez <ana@example.org>"
    message["To"] = "Legal <legal@example.org>"
    message["Date"] = "Mon, 02 Mar 2026 09:00:00 +0000"
    message["Subject"] = subject
    message.set_content(body)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def _saved(document: docx.document.Document) -> bytes:
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()
