"""PowerPoint presentations (.pptx) through python-pptx: a slide is a page, its speaker notes with it.

Not through unstructured, which tells notes from nothing else, makes headings of short texts, sorts
what is grouped by the wrong corner, and drops charts and diagrams.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from ragkit.parsers import columns
from ragkit.parsers.archive import check_archive, ordinary
from ragkit.parsers.assemble import Assembler
from ragkit.parsers.hidden_slides import take_hidden
from ragkit.parsers.limits import Reading
from ragkit.parsers.pages import up_to_the_last
from ragkit.types import Heading, HiddenText, Page, ParsedDocument, Span, Table, UnreadPage

PICTURES_ONLY = "it shows pictures only"
_LEFT_OUT = frozenset(("DATE", "FOOTER", "HEADER", "SLIDE_NUMBER"))
"""Placeholders of what is repeated on every slide."""

_FORMATS = "http://schemas.openxmlformats.org"
_DRAWING = f"{{{_FORMATS}/drawingml/2006/main}}"
_CHART = f"{{{_FORMATS}/drawingml/2006/chart}}"
_DIAGRAM = f"{{{_FORMATS}/drawingml/2006/diagram}}"
_PICTURE = f"{{{_FORMATS}/presentationml/2006/main}}pic"
_RELATION = f"{{{_FORMATS}/officeDocument/2006/relationships}}"
_ALTERNATIVES = f"{{{_FORMATS}/markup-compatibility/2006}}AlternateContent"


def preload() -> None:
    import pptx  # noqa: F401 - imported to be there before the fork


def parse(data: bytes, name: str, reading: Reading) -> ParsedDocument:
    """All slides in order; a page has the number of its slide.

    What is not shown is left out and counted: hidden slides and shapes, and what lies off its slide.
    """
    import pptx

    check_archive(data, reading.limits)
    presentation = pptx.Presentation(io.BytesIO(ordinary(data)))
    pages: list[Page] = []
    headings: list[Heading] = []
    tables: list[Table] = []
    hidden: list[HiddenText] = []
    unread: list[UnreadPage] = []
    end = 0
    for number, slide in enumerate(presentation.slides, start=1):
        hidden += take_hidden(slide, number, presentation)
        content = _read_slide(slide, number, reading)
        if content is None:
            if next(slide.shapes.element.iter(_PICTURE), None) is not None:
                unread.append(UnreadPage(number, PICTURES_ONLY))
            continue
        for found in content.headings:
            headings.append(Heading(end + found.start, end + found.end, found.level, found.text))
        tables += (_moved(table, end) for table in content.tables)
        pages.append(Page(number, end, f"{content.text}\n"))
        end = pages[-1].end
        reading.limits.check_characters(end)
    title = headings[0].text if headings else ""
    return ParsedDocument(
        up_to_the_last(pages, unread, len(presentation.slides)),
        tuple(headings),
        title,
        tuple(unread),
        hidden=tuple(hidden),
        tables=tuple(tables),
    )


def _moved(table: Table, by: int) -> Table:
    heading = table.columns
    moved = None if heading is None else Span(heading.start + by, heading.end + by)
    return Table(table.start + by, table.end + by, moved)


def _read_slide(slide: Any, number: int, reading: Reading) -> ParsedDocument | None:
    """The slide under its title, or under "Slide 3" where it has none; None where there is no text."""
    _choose_alternatives(slide.shapes.element)
    assembler = Assembler(reading.limits)
    title = slide.shapes.title
    named = _text(title.text_frame) if title is not None else ""
    is_opening = title is not None and title.placeholder_format.type.name == "CENTER_TITLE"
    heading = named.strip() or f"Slide {number}"
    assembler.add("heading", heading, level=1 if is_opening else 2)
    for shape in _shapes(slide.shapes):
        if title is None or shape.element is not title.element:
            _add_shape(shape, assembler)
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if notes is not None and (spoken := _text(notes).strip()):
        assembler.add("paragraph", f"Notes: {spoken}")
    content = assembler.document()
    is_empty = not named.strip() and len(content.text) == len(heading) + 1
    return None if is_empty else content


def _choose_alternatives(tree: Any) -> None:
    """Put the first alternative of each shape in its place: python-pptx sees none of them."""
    for alternatives in list(tree.iter(_ALTERNATIVES)):
        for shape in list(next(iter(alternatives), ())):
            alternatives.addprevious(shape)
        alternatives.getparent().remove(alternatives)


def _shapes(shapes: Any) -> Iterator[Any]:
    """What is on the slide in the order of reading aloud, groups taken apart."""
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        elif not (shape.is_placeholder and shape.placeholder_format.type.name in _LEFT_OUT):
            yield shape


def _text(frame: Any) -> str:
    """The paragraphs of a text frame, one a line; a line break within one is written as \\v."""
    return "\n".join(paragraph.text for paragraph in frame.paragraphs).replace("\v", "\n")


def _add_shape(shape: Any, assembler: Assembler) -> None:
    if shape.has_text_frame:
        paragraphs = [each for each in shape.text_frame.paragraphs if each.text.strip()]
        is_list = shape.is_placeholder and len(paragraphs) > 1
        for paragraph in paragraphs:
            is_item = is_list or _is_bulleted(paragraph)
            assembler.add("item" if is_item else "paragraph", paragraph.text.replace("\v", "\n"))
    elif shape.has_table:
        _add_table(shape.table, assembler)
    else:
        _add_chart(shape, assembler)
        _add_diagram(shape, assembler)


def _is_bulleted(paragraph: Any) -> bool:
    marks = paragraph._p.iter(f"{_DRAWING}buChar", f"{_DRAWING}buAutoNum")
    # An XML element without children counts as false.
    return next(marks, None) is not None


def _add_table(table: Any, assembler: Assembler) -> None:
    """Rows; a cell that spans rows is repeated in each of them."""
    rows: list[list[str]] = []
    above: list[str] = []
    for row in table.rows:
        texts = [cell.text_frame.text.replace("\v", " ") for cell in row.cells]
        merged = [cell._tc.vMerge and column < len(above) for column, cell in enumerate(row.cells)]
        above = [above[at] if merged[at] else text for at, text in enumerate(texts)]
        rows.append(above)
    named = table.first_row and columns.are_headings(rows[0], len(rows[0]))
    shown = [named and at == 0 for at in range(len(rows))]
    assembler.add_table(rows, columns.stated(shown, rows) or columns.guessed(rows))


def _add_chart(shape: Any, assembler: Assembler) -> None:
    """A row for each series: "Creatinine: 2 May: 124 | 12 June: 126"."""
    for chart in _related(shape, f"{_CHART}chart", f"{_RELATION}id"):
        title = chart.find(f"{_CHART}chart/{_CHART}title")
        if title is not None:
            assembler.add(
                "paragraph", "".join(part.text or "" for part in title.iter(f"{_DRAWING}t"))
            )
        for series in chart.iter(f"{_CHART}ser"):
            name = " ".join(_points(series, "tx").values())
            labels = _points(series, "cat", "xVal")
            values = _points(series, "val", "yVal")
            cells = [f"{labels.get(at, '')}: {value}".lstrip(": ") for at, value in values.items()]
            assembler.add("row", f"{name}: {' | '.join(cells)}".lstrip(": "))
        assembler.end_rows()


def _points(series: ElementTree.Element, *names: str) -> dict[str, str]:
    """The points that a chart keeps of its worksheet, by their index."""
    return {
        point.get("idx", ""): point.findtext(f"{_CHART}v", "")
        for name in names
        for points in series.findall(f"{_CHART}{name}")
        for point in points.iter(f"{_CHART}pt")
    }


def _add_diagram(shape: Any, assembler: Assembler) -> None:
    """The texts of a diagram ("SmartArt"), which are kept in a part of their own."""
    for diagram in _related(shape, f"{_DIAGRAM}relIds", f"{_RELATION}dm"):
        for paragraph in diagram.iter(f"{_DRAWING}p"):
            text = "".join(part.text or "" for part in paragraph.iter(f"{_DRAWING}t"))
            assembler.add("item", text)


def _related(shape: Any, tag: str, attribute: str) -> Iterator[ElementTree.Element]:
    """The XML of the parts that elements named `tag` refer to, where they are there."""
    for element in shape.element.iter(tag):
        relation = shape.part.rels.get(element.get(attribute))
        if relation is not None and not relation.is_external:
            yield ElementTree.fromstring(relation.target_part.blob)
