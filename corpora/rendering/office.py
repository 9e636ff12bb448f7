"""Office files, the same byte for byte each time."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import openpyxl
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from pptx import Presentation
from pptx.util import Cm as SlideCm
from pptx.util import Pt as SlidePt

from rendering.source import Block, Source, bold_runs, parse_body

FIXED_DATE = datetime(2025, 1, 1, 9, 0, 0)
ZIP_DATE = (2025, 1, 1, 9, 0, 0)


def keep_part(_name: str, content: bytes) -> bytes:
    """Return a part of a zip file unchanged."""
    return content


def repack(data: bytes, replace: Callable[[str, bytes], bytes] = keep_part) -> bytes:
    """Rewrite a zip file with fixed dates, so that the same content gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            new.writestr(info, replace(name, old.read(name)))
    return out.getvalue()


def docx_runs(paragraph: Any, text: str) -> None:
    """Add a text with its bold parts and line breaks to a paragraph."""
    for part, bold in bold_runs(text):
        for number, line in enumerate(part.split("\n")):
            run = paragraph.add_run()
            if number:
                run.add_break()
            run.add_text(line)
            run.bold = bold or None


def docx_table(document: Any, block: Block) -> None:
    """Add a table with a bold header row."""
    table = document.add_table(rows=0, cols=max(len(row) for row in block.rows))
    table.style = "Table Grid"
    for number, row in enumerate(block.rows):
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=False):
            docx_runs(cell.paragraphs[0], f"**{text}**" if number == 0 and text else text)
    document.add_paragraph()


def docx_block(document: Any, block: Block) -> None:
    """Add one block to a Word document."""
    if block.kind == "table":
        docx_table(document, block)
    elif block.kind == "break":
        document.add_page_break()
    elif block.kind == "sign":
        for lines in block.rows:
            docx_runs(document.add_paragraph(), "\n".join(["_" * 30, *lines]))
    elif block.kind.startswith("h"):
        level = int(block.kind[1])
        docx_runs(document.add_heading(level=0 if level == 1 else level - 1), block.text)
    elif block.kind == "item" and block.label == "•":
        docx_runs(document.add_paragraph(style="List Bullet"), block.text)
    else:
        paragraph = document.add_paragraph()
        if block.kind == "item":
            paragraph.paragraph_format.left_indent = Cm(1.2)
        docx_runs(paragraph, f"{block.label} {block.text}".strip())


def docx_page_field(paragraph: Any) -> None:
    """Add a field that shows the page number."""
    for kind, text in (("begin", ""), ("instr", "PAGE"), ("end", "")):
        if kind == "instr":
            element = OxmlElement("w:instrText")
            element.text = text
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        paragraph.add_run()._r.append(element)


def render_docx(source: Source) -> bytes:
    """Render a Word document; ``keep`` in the header cuts the file off after that part of it."""
    document, out = Document(), io.BytesIO()
    normal: Any = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    for block in parse_body(source.body):
        docx_block(document, block)
    section = document.sections[0]
    section.header.paragraphs[0].text = source.meta.get("header", "")
    footer = section.footer.paragraphs[0]
    footer.text = f"{source.meta.get('footer', '')}   "
    docx_page_field(footer)
    props = document.core_properties
    props.title, props.author = source.meta.get("title", ""), source.meta.get("author", "")
    props.last_modified_by, props.comments, props.revision = props.author, "", 1
    props.created = props.modified = FIXED_DATE
    document.save(out)
    data = repack(out.getvalue())
    return data[: int(len(data) * source.meta.get("keep", 1))]


def cell_value(text: str) -> str | int | float | datetime | None:
    """Return the value of a worksheet cell: a number or a date where it looks like one."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return datetime.strptime(text, "%Y-%m-%d")
    if re.fullmatch(r"-?[1-9]\d*|0", text):
        return int(text)
    if re.fullmatch(r"-?\d+\.\d+", text):
        return float(text)
    return text or None


def fill_sheet(sheet: Any, rows: list[list[str]]) -> None:
    """Write the rows of a table to a worksheet: bold header, frozen, columns wide enough."""
    for row in rows:
        sheet.append([cell_value(text) for text in row])
    for number, cell in enumerate(sheet[1], start=1):
        cell.font = Font(bold=True)
        width = max(len(row[number - 1]) for row in rows if len(row) >= number)
        sheet.column_dimensions[get_column_letter(number)].width = min(width + 3, 50)
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if isinstance(cell.value, datetime):
                cell.number_format = "yyyy-mm-dd"
    sheet.freeze_panes = "A2"


def fix_sheet_dates(name: str, content: bytes) -> bytes:
    """Set the dates that openpyxl writes into a workbook's properties when it saves."""
    if name != "docProps/core.xml":
        return content
    stamp = FIXED_DATE.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, content)


def render_xlsx(source: Source) -> bytes:
    """Render a workbook: one sheet for each heading and the table below it."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.worksheets[0])
    book.properties.creator = source.meta.get("author", "")
    sheet: Any = None
    for block in parse_body(source.body):
        if block.kind == "table":
            fill_sheet(sheet, block.rows)
        else:
            sheet = book.create_sheet(block.text)
    book.save(out)
    return repack(out.getvalue(), fix_sheet_dates)


def slide_table(slide: Any, rows: list[list[str]]) -> None:
    """Add a table across the lower half of a slide."""
    place = (SlideCm(1.5), SlideCm(9.5), SlideCm(22.4), SlideCm(1.2 * len(rows)))
    table = slide.shapes.add_table(len(rows), len(rows[0]), *place).table
    for cell, text in zip(table.iter_cells(), (text for row in rows for text in row), strict=True):
        cell.text = text
        cell.text_frame.paragraphs[0].font.size = SlidePt(14)


def slide_block(slide: Any, block: Block) -> None:
    """Add one block to a slide: a table, the speaker notes, or a line of its text."""
    if block.kind == "table":
        slide_table(slide, block.rows)
    elif block.kind == "notes":
        slide.notes_slide.notes_text_frame.text = block.text
    else:
        frame = slide.placeholders[1].text_frame
        line = frame.add_paragraph() if frame.text else frame.paragraphs[0]
        line.text, line.font.size = block.text, SlidePt(22)


def render_pptx(source: Source) -> bytes:
    """Render a presentation: a title slide for the first heading, a slide for each one below it."""
    deck, out = Presentation(), io.BytesIO()
    slide: Any = None
    for block in parse_body(source.body):
        if block.kind in ("h1", "h2"):
            slide = deck.slides.add_slide(deck.slide_layouts[("h1", "h2").index(block.kind)])
            slide.shapes.title.text = block.text
        else:
            slide_block(slide, block)
    props = deck.core_properties
    props.title, props.author = source.meta.get("title", ""), source.meta.get("author", "")
    props.last_modified_by, props.revision = props.author, 1
    props.created = props.modified = FIXED_DATE
    deck.save(out)
    return repack(out.getvalue())
