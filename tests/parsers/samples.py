"""Small documents of every format, made on the spot."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from typing import Any

import docx
import openpyxl
import pptx
import pypdfium2
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from PIL import Image
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Cm

with warnings.catch_warnings():
    # reportlab's own imports are deprecated in newer Pythons.
    warnings.simplefilter("ignore")
    from reportlab.lib.utils import ImageReader
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


def with_part(data: bytes, name: str, content: bytes) -> bytes:
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


def declared_as(data: bytes, usual: bytes, other: bytes) -> bytes:
    """`data` with its main part declared as another type (a template, one with macros)."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        types = archive.read("[Content_Types].xml")
    assert usual in types
    return with_part(data, "[Content_Types].xml", types.replace(usual, other))


def slides() -> bytes:
    """A title slide; bullets, a table, a chart and notes; a slide with nothing but a text box."""
    deck = pptx.Presentation()
    opening = deck.slides.add_slide(deck.slide_layouts[0])
    opening.shapes.title.text, opening.placeholders[1].text = "Ward teaching", "Rowan Ward"
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Potassium"
    slide.placeholders[1].text = "Repeat at 6 hours\nStop spironolactone"
    table = slide.shapes.add_table(3, 2, Cm(1), Cm(1), Cm(9), Cm(3)).table
    for cell, text in zip(
        table.iter_cells(), ("Level", "Action", "5.5", "ECG", "", "Call"), strict=True
    ):
        cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    data = CategoryChartData()
    data.categories = ["2 May", "9 May"]
    data.add_series("Creatinine", (124, 126.5))
    slide.shapes.add_chart(XL_CHART_TYPE.LINE, Cm(1), Cm(5), Cm(9), Cm(5), data)
    slide.notes_slide.notes_text_frame.text = "Ask about the dose.\nThen hand out the card."
    box = deck.slides.add_slide(deck.slide_layouts[6]).shapes
    box.add_textbox(Cm(1), Cm(1), Cm(5), Cm(2)).text_frame.text = "First line\vsecond line"
    target = io.BytesIO()
    deck.save(target)
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


MapiTree = dict[str, "bytes | MapiTree"]


def outlook(
    subject: str, body: str = "", *, html: bytes = b"", header: int = 32, kind: str = "IPM.Note"
) -> MapiTree:
    """A message for `compound`; `header` is 24 for one that is attached to another."""
    sent = 133_667_590_910_000_000
    fixed = struct.pack("<HHIQ", 0x0040, 0x0039, 6, sent) + struct.pack("<HHIQ", 3, 0x3FDE, 6, 1252)
    tree: MapiTree = {"__properties_version1.0": bytes(header) + fixed}
    texts = {"001A": kind, "0037": subject, "1000": body, "0C1A": "Ana Núñez", "0C1F": "ana@a.org"}
    tree |= {f"__substg1.0_{tag}001F": text.encode("utf-16-le") for tag, text in texts.items()}
    if html:
        tree["__substg1.0_10130102"] = html
    for number, (name, kind_of) in enumerate((("Luis", 1), ("Eva", 2))):
        tree[f"__recip_version1.0_#{number:08X}"] = {
            "__properties_version1.0": bytes(8) + struct.pack("<HHIQ", 3, 0x0C15, 6, kind_of),
            "__substg1.0_3001001E": name.encode("cp1252"),
            "__substg1.0_3003001E": f"{name.lower()}@a.org".encode(),
        }
    return tree


def attach(tree: MapiTree, name: str, content: bytes | MapiTree, method: int = 1) -> None:
    """Attach a file, or a message or object, to the message `tree`."""
    number = sum(1 for key in tree if key.startswith("__attach"))
    stored = "__substg1.0_37010102" if isinstance(content, bytes) else "__substg1.0_3701000D"
    tree[f"__attach_version1.0_#{number:08X}"] = {
        "__properties_version1.0": bytes(8) + struct.pack("<HHIQ", 3, 0x3705, 6, method),
        "__substg1.0_3707001F": name.encode("utf-16-le"),
        stored: content,
    }


_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound(tree: MapiTree) -> bytes:
    """A compound file ([MS-CFB], version 3) with these storages and streams."""
    entries = _entries(tree)
    mini, mini_chain, sectors, chain = bytearray(), [], [], []

    def store(content: bytes) -> int:
        first = len(sectors)
        count = -(-len(content) // 512)
        sectors.extend(content[512 * i : 512 * i + 512].ljust(512, b"\0") for i in range(count))
        chain.extend(range(first + 1, first + count))
        chain.extend([_END] * bool(count))
        return first if count else _END

    for entry in entries:
        content = entry["content"]
        if entry["type"] == 2 and len(content) < 4096:
            count = -(-len(content) // 64)
            entry["start"] = len(mini) // 64 if count else _END
            mini_chain += [*range(len(mini) // 64 + 1, len(mini) // 64 + count), _END][: count or 0]
            mini += content.ljust(64 * count, b"\0")
        elif entry["type"] == 2:
            entry["start"] = store(content)
    entries[0] |= {"start": store(bytes(mini)), "content": bytes(mini)}
    mini_fat = store(b"".join(struct.pack("<I", link) for link in mini_chain).ljust(512, b"\xff"))
    directory = store(b"".join(map(_directory_entry, entries)))
    fats = next(n for n in range(1, 110) if 128 * n >= len(sectors) + n)
    table = [*chain, *[_FAT] * fats]
    table += [_FREE] * (128 * fats - len(table))
    places = [*range(len(sectors), len(sectors) + fats), *[_FREE] * (109 - fats)]
    header = struct.pack("<8s16x5H6x", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 62, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, fats, directory, 0, 4096, mini_fat, 1, _END, 0)
    return (
        header
        + struct.pack("<109I", *places)
        + b"".join(sectors)
        + struct.pack(f"<{len(table)}I", *table)
    )


def _entries(tree: MapiTree) -> list[dict[str, Any]]:
    """Directory entries; those of one storage are chained by their right neighbours."""
    entries = [{"name": "Root Entry", "type": 5, "content": b"", "start": 0}]

    def add(children: MapiTree, parent: int) -> None:
        entries[parent]["child"] = len(entries) if children else _FREE
        for number, (name, node) in enumerate(children.items(), start=1):
            place = len(entries)
            is_stream = isinstance(node, bytes)
            content = node if is_stream else b""
            entry = {"name": name, "type": 2 if is_stream else 1, "content": content, "start": 0}
            entries.append(entry)
            if not isinstance(node, bytes):
                add(node, place)
            entry["right"] = len(entries) if number < len(children) else _FREE

    add(tree, 0)
    return entries


def _directory_entry(entry: dict[str, Any]) -> bytes:
    name = entry["name"].encode("utf-16-le")
    links = (_FREE, entry.get("right", _FREE), entry.get("child", _FREE))
    head = struct.pack("<64sHBB3I", name, len(name) + 2, entry["type"], 1, *links)
    return head + bytes(36) + struct.pack("<IQ", entry["start"], len(entry["content"]))


def _saved(document: docx.document.Document) -> bytes:
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def picture(lines: str, *, dpi: int = 150) -> Image.Image:
    """A page with these lines as a scanner sees it: grey levels, no text."""
    page = pypdfium2.PdfDocument(pdf([lines]))[0]
    return page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L")


def scan(pages: Sequence[Image.Image], *, dpi: int = 150, stamp: str = "") -> bytes:
    """A PDF with a picture on each page, and over it the stamp as text."""
    target = io.BytesIO()
    canvas = Canvas(target)
    for page in pages:
        width, height = page.width * 72 / dpi, page.height * 72 / dpi
        canvas.setPageSize((width, height))
        canvas.drawImage(ImageReader(page), 0, 0, width, height)
        canvas.drawString(30, height - 20, stamp)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """The picture as a file, such as "PNG" or "TIFF"."""
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def drawn_pdf(*pages: Callable[[Canvas], object], size: tuple[float, float] = (595, 842)) -> bytes:
    """A PDF with a page for each function, which draws it on a canvas with the origin below left."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=size)
    for draw in pages:
        canvas.setFont("Helvetica", 11)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def write_lines(
    canvas: Canvas, lines: Sequence[str], *, left: float = 72, top: float = 760
) -> None:
    for number, line in enumerate(lines):
        canvas.drawString(left, top - 14 * number, line)
