"""PDF files: plain ones, scans without a text layer, and encrypted ones."""

import io
import random
from functools import partial
from itertools import zip_longest
from typing import Any
from xml.sax.saxutils import escape

import pypdfium2
from PIL import Image, ImageChops
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

from rendering.source import Block, Source, bold_runs, parse_body

PAGE_LABELS = {"en": "Page {0} of {1}", "es": "Página {0} de {1}"}
MARGINS = {"contract": 2.8 * cm}
SCAN_DPI = 150


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
