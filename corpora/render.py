"""Render the binary sample documents of both corpora from their text sources.

Every file ``sources/<corpus>/<path>.<ext>.md`` becomes
``<corpus>/documents/<path>.<ext>``. A source starts with a YAML header between two ``---`` lines;
the body is a small Markdown dialect: headings, paragraphs, numbered clauses, bullets and tables.

Usage::

    python corpora/render.py           rewrite every rendered document
    python corpora/render.py --check   exit 1, naming the files whose bytes would differ
"""

from __future__ import annotations

import argparse
import io
import random
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pypdfium2
import yaml
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from PIL import Image, ImageChops
from pptx import Presentation
from pptx.util import Cm as SlideCm
from pptx.util import Pt as SlidePt
from pypdf import PdfReader, PdfWriter
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    KeepTogether,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

ROOT = Path(__file__).resolve().parent
SOURCES = ROOT / "sources"
CORPORA = ("medical", "legal")
FIXED_DATE = datetime(2025, 1, 1, 9, 0, 0)
ZIP_DATE = (2025, 1, 1, 9, 0, 0)
PAGE_LABELS = {"en": "Page {0} of {1}", "es": "Página {0} de {1}"}
MARGINS = {"contract": 2.8 * cm}
SCAN_DPI = 150
CLAUSE = re.compile(r"^(\d+(?:\.\d+)+)\s+(.*)$", re.DOTALL)
ITEM = re.compile(r"^(\([a-z]{1,4}\)|-)\s+(.*)$", re.DOTALL)
HEADING = re.compile(r"^(#{1,3})\s+(.*)$", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One piece of a body: a heading, paragraph, clause, item, table, signature or page break."""

    kind: str
    text: str = ""
    label: str = ""
    rows: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True)
class Source:
    """A parsed source file: its header, its body and the document it is rendered to."""

    path: Path
    target: Path
    meta: dict[str, Any]
    body: str

    @property
    def lang(self) -> str:
        """Return the language of the document, English unless told otherwise."""
        return str(self.meta.get("lang", "en"))


# --- reading the sources -------------------------------------------------------------------------


def split_header(text: str) -> tuple[dict[str, Any], str]:
    """Split a source text into its YAML header and its body."""
    _, header, body = text.split("---\n", 2)
    return yaml.safe_load(header) or {}, body.strip() + "\n"


def load_source(path: Path) -> Source:
    """Read one source; a header with ``template`` fills that template's placeholders."""
    meta, body = split_header(path.read_text(encoding="utf-8"))
    if "template" in meta:
        shared, body = split_header((SOURCES / meta["template"]).read_text(encoding="utf-8"))
        meta = {**shared, **meta}
        for name, value in meta["values"].items():
            body = body.replace("{{" + name + "}}", str(value).strip())
    if "{{" in body:
        raise ValueError(f"{path}: a placeholder was left unfilled")
    corpus, *rest = path.relative_to(SOURCES).with_suffix("").parts
    return Source(path, ROOT.joinpath(corpus, "documents", *rest), meta, body)


def find_sources() -> list[Path]:
    """List the sources to render; folders that start with an underscore hold parts of others."""
    found = [path for corpus in CORPORA for path in (SOURCES / corpus).rglob("*.md")]
    return sorted(
        path
        for path in found
        if not any(part.startswith("_") for part in path.relative_to(SOURCES).parts)
    )


def parse_table(chunk: str) -> Block:
    """Parse a pipe table; a line of dashes only is dropped."""
    lines = [line.strip().strip("|").split("|") for line in chunk.split("\n")]
    rows = [[cell.strip() for cell in line] for line in lines]
    return Block("table", rows=[row for row in rows if not all(set(c) <= set("-: ") for c in row)])


def parse_signatures(chunk: str) -> list[list[str]]:
    """Parse signature lines: ``::sign Name | Role | Company``."""
    lines = [line.removeprefix("::sign ").split("|") for line in chunk.split("\n")]
    return [[part.strip() for part in line] for line in lines]


def parse_text(chunk: str) -> Block:
    """Parse a chunk of running text: a heading, a numbered clause, an item or a paragraph."""
    text = re.sub(r"\\\n", "\v", chunk).replace("\n", " ").replace("\v", "\n")
    if match := HEADING.match(text):
        return Block(f"h{len(match[1])}", match[2])
    if match := CLAUSE.match(text):
        return Block("clause", match[2], match[1])
    if match := ITEM.match(text):
        return Block("item", match[2], "•" if match[1] == "-" else match[1])
    return Block("para", text)


def parse_chunk(chunk: str) -> Block:
    """Parse one chunk of a body: the lines between two blank lines."""
    if chunk.startswith("|"):
        return parse_table(chunk)
    if chunk == "\\pagebreak":
        return Block("break")
    if chunk.startswith("::sign "):
        return Block("sign", rows=parse_signatures(chunk))
    if chunk.startswith("::notes "):
        return Block("notes", chunk.removeprefix("::notes ").replace("\n", " "))
    return parse_text(chunk)


def parse_body(body: str) -> list[Block]:
    """Parse a body into blocks; a line that starts a list item or a heading starts a new block."""
    spaced = re.sub(r"\n(?=- |\([a-z]{1,4}\) |#{1,3} )", "\n\n", body)
    chunks = (chunk.strip("\n") for chunk in re.split(r"\n\s*\n", spaced))
    return [parse_chunk(chunk) for chunk in chunks if chunk]


def bold_runs(text: str) -> Iterator[tuple[str, bool]]:
    """Split a text at its ``**bold**`` marks."""
    for number, part in enumerate(text.split("**")):
        if part:
            yield part, number % 2 == 1


# --- PDF -----------------------------------------------------------------------------------------


class FooterCanvas(Canvas):  # type: ignore[misc, unused-ignore]
    """A canvas that knows the number of pages when it draws the header and footer of each."""

    def __init__(self, *args: Any, source: Source, **kwargs: Any) -> None:
        """Remember the source whose header and footer lines are drawn."""
        super().__init__(*args, **kwargs)
        self._source = source
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:
        """Keep the page back until the number of pages is known."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Draw the footers and write all pages."""
        for page in self._pages:
            self.__dict__.update(page)
            self._draw_edges(len(self._pages))
            super().showPage()
        super().save()

    def _draw_edges(self, total: int) -> None:
        """Draw the running header and the footer of the current page."""
        meta, (width, height) = self._source.meta, A4
        self.setFont("Helvetica", 8)
        self.setFillColor(colors.HexColor("#555555"))
        self.drawString(2.2 * cm, height - 1.3 * cm, meta.get("header", ""))
        self.setStrokeColor(colors.HexColor("#aaaaaa"))
        self.line(2.2 * cm, 1.7 * cm, width - 2.2 * cm, 1.7 * cm)
        self.drawString(2.2 * cm, 1.25 * cm, meta.get("footer", ""))
        label = PAGE_LABELS[self._source.lang].format(self._pageNumber, total)
        self.drawRightString(width - 2.2 * cm, 1.25 * cm, label)


def pdf_styles(meta: dict[str, Any]) -> dict[str, ParagraphStyle]:
    """Return the paragraph styles: Times for contracts, Helvetica for everything else."""
    serif = meta.get("style") == "contract"
    font, bold = ("Times-Roman", "Times-Bold") if serif else ("Helvetica", "Helvetica-Bold")
    size = 11.5 if serif else 10
    base = ParagraphStyle("para", fontName=font, fontSize=size, leading=size * 1.45, spaceAfter=6)
    if serif:
        base.alignment = TA_JUSTIFY
    title = {"fontName": bold, "fontSize": 15, "leading": 19, "spaceAfter": 10}
    head = {"fontName": bold, "alignment": 0, "keepWithNext": 1}
    return {
        "para": base,
        "h1": ParagraphStyle("h1", **title, alignment=TA_CENTER if serif else 0),
        "h2": ParagraphStyle("h2", base, fontSize=size + 1, spaceBefore=8, spaceAfter=4, **head),
        "h3": ParagraphStyle("h3", base, spaceBefore=5, spaceAfter=3, **head),
        "clause": ParagraphStyle("clause", base, leftIndent=1.1 * cm, bulletIndent=0),
        "item": ParagraphStyle("item", base, leftIndent=1.9 * cm, bulletIndent=1.2 * cm),
        "cell": ParagraphStyle("cell", base, fontSize=8.5, leading=11, spaceAfter=0, alignment=0),
    }


def pdf_markup(text: str) -> str:
    """Turn a block's text into reportlab's paragraph markup."""
    runs = (f"<b>{escape(t)}</b>" if bold else escape(t) for t, bold in bold_runs(text))
    return "".join(runs).replace("\n", "<br/>")


def pdf_table(block: Block, styles: dict[str, ParagraphStyle], width: float) -> Table:
    """Lay out a table with a shaded header row, columns in proportion to their longest cell."""
    columns = zip_longest(*block.rows, fillvalue="")
    weights = [min(max(len(cell) for cell in column) + 4, 40) for column in columns]
    cells = [[Paragraph(pdf_markup(cell), styles["cell"]) for cell in row] for row in block.rows]
    table = Table(cells, [width * w / sum(weights) for w in weights], repeatRows=1, hAlign="LEFT")
    line = colors.HexColor("#999999")
    rules: list[tuple[Any, ...]] = [
        ("GRID", (0, 0), (-1, -1), 0.4, line),
        ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#e6ebf0")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    table.setStyle(TableStyle(rules))
    return table


def pdf_signature(block: Block, styles: dict[str, ParagraphStyle]) -> Flowable:
    """Lay out signature blocks: a rule above each name and role."""
    rows: list[Flowable] = []
    for lines in block.rows:
        text = "______________________________<br/>" + "<br/>".join(pdf_markup(x) for x in lines)
        rows += [Spacer(1, 0.7 * cm), Paragraph(text, styles["cell"])]
    return KeepTogether(rows)


def pdf_flowables(source: Source, width: float) -> list[Flowable]:
    """Turn the blocks of a source into reportlab flowables."""
    styles, story = pdf_styles(source.meta), []
    for block in parse_body(source.body):
        if block.kind == "table":
            story += [pdf_table(block, styles, width), Spacer(1, 0.25 * cm)]
        elif block.kind == "break":
            story.append(PageBreak())
        elif block.kind == "sign":
            story.append(pdf_signature(block, styles))
        else:
            label = block.label or None
            story.append(Paragraph(pdf_markup(block.text), styles[block.kind], bulletText=label))
    return story


def render_plain_pdf(source: Source) -> bytes:
    """Render a source to a PDF with a text layer; its fonts know the characters of cp1252 only."""
    source.body.encode("cp1252")
    out = io.BytesIO()
    margin = MARGINS.get(source.meta.get("style", ""), 2.2 * cm)
    doc = SimpleDocTemplate(
        out,
        pagesize=A4,
        topMargin=2 * cm,
        bottomMargin=2.3 * cm,
        invariant=1,
        title=source.meta.get("title", source.target.stem),
        author=source.meta.get("author", ""),
        lang=source.lang,
        leftMargin=margin,
        rightMargin=margin,
    )
    story = pdf_flowables(source, doc.width - 12)
    doc.build(story, canvasmaker=partial(FooterCanvas, source=source))
    return out.getvalue()


def scan_page(page: Image.Image, rng: random.Random) -> Image.Image:
    """Make a clean page image look scanned: a slight tilt, grey paper and a little noise."""
    tilted = page.rotate(rng.uniform(-0.7, 0.7), Image.Resampling.BICUBIC, fillcolor=255)
    paper = tilted.point([round(18 + level * 0.88) for level in range(256)])
    coarse = (page.width // 3, page.height // 3)
    grain = Image.frombytes("L", coarse, rng.randbytes(coarse[0] * coarse[1]))
    grain = grain.point([level // 16 for level in range(256)]).resize(page.size)
    return ImageChops.subtract(paper, grain)


def render_scan(source: Source) -> bytes:
    """Render a source to a PDF of page images only, without a text layer."""
    out, rng = io.BytesIO(), random.Random(source.target.name)
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setTitle(source.meta.get("title", "scan"))
    plain = pypdfium2.PdfDocument(render_plain_pdf(source))
    for page in plain:
        image = page.render(scale=SCAN_DPI / 72, grayscale=True).to_pil().convert("L")
        jpeg = io.BytesIO()
        scan_page(image, rng).save(jpeg, "JPEG", quality=42)
        jpeg.seek(0)
        canvas.drawImage(ImageReader(jpeg), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def encrypt_pdf(plain: bytes, password: str) -> bytes:
    """Protect a PDF with a password (AES-256)."""
    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(plain))), io.BytesIO()
    writer.encrypt(password, algorithm="AES-256")
    writer.write(out)
    return out.getvalue()


def render_pdf(source: Source) -> bytes:
    """Render a PDF: plain, scanned or encrypted, as its header says."""
    if source.meta.get("scan"):
        return render_scan(source)
    plain = render_plain_pdf(source)
    password = source.meta.get("password")
    return encrypt_pdf(plain, password) if password else plain


# --- Office formats ------------------------------------------------------------------------------


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


# --- e-mail --------------------------------------------------------------------------------------

MIME_TYPES = {
    ".pdf": ("application", "pdf"),
    ".docx": ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


def render_eml(source: Source) -> bytes:
    """Render a message with the headers and the attachments that the source's header names."""
    message = EmailMessage()
    for name, value in source.meta["headers"].items():
        message[name] = value
    message.set_content(source.body, cte="quoted-printable")
    for part in source.meta.get("attachments", []):
        attached = load_source(SOURCES / part)
        name = attached.target.name
        maintype, subtype = MIME_TYPES[Path(name).suffix]
        data = RENDERERS[Path(name).suffix](attached)
        message.add_attachment(data, maintype=maintype, subtype=subtype, filename=name)
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{source.target.stem}_{number}")
    return message.as_bytes(policy=message.policy.clone(linesep="\r\n"))


RENDERERS: dict[str, Callable[[Source], bytes]] = {
    ".pdf": render_pdf,
    ".docx": render_docx,
    ".xlsx": render_xlsx,
    ".pptx": render_pptx,
    ".eml": render_eml,
}


# --- command line --------------------------------------------------------------------------------


def decrypts_to_source(source: Source) -> bool:
    """Tell whether the encrypted document opens with its password and holds the expected text."""
    reader = PdfReader(source.target)
    if not reader.is_encrypted or not reader.decrypt(source.meta["password"]):
        return False
    expected = PdfReader(io.BytesIO(render_plain_pdf(source)))
    return [page.extract_text() for page in reader.pages] == [
        page.extract_text() for page in expected.pages
    ]


def is_current(source: Source) -> bool:
    """Tell whether the document on disk is what its source renders to."""
    if not source.target.exists():
        return False
    if source.meta.get("password"):
        return decrypts_to_source(source)
    return source.target.read_bytes() == RENDERERS[source.target.suffix](source)


def main(argv: list[str] | None = None) -> int:
    """Render or check all documents; return the exit code."""
    parser = argparse.ArgumentParser(description="Render the sample documents from their sources.")
    parser.add_argument("--check", action="store_true", help="only compare, exit 1 on a difference")
    check = parser.parse_args(argv).check
    sources = [load_source(path) for path in find_sources()]
    stale = [source for source in sources if not is_current(source)]
    for source in stale:
        print(source.target.relative_to(ROOT))
        if not check:
            source.target.parent.mkdir(parents=True, exist_ok=True)
            source.target.write_bytes(RENDERERS[source.target.suffix](source))
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
