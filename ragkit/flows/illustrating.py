"""Illustrating: the pages that an answer quotes, drawn, with the place of every quote on them.

The text around a quote comes from the index, the picture from the file, which is drawn by the same
shut-in processes that read documents. Where a page cannot be drawn, the reason is given instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ragkit.catalog import Reader
from ragkit.catalog.reading import DocumentEntry, Place
from ragkit.config import Pipeline
from ragkit.files import digest_of
from ragkit.flows.passwords import Passwords
from ragkit.flows.stating import published
from ragkit.flows.surveying import SourceFile, survey
from ragkit.parsers.quote_places import count_earlier
from ragkit.protocols import ParseRequest, ParserPool
from ragkit.types import READ_AS_FILE, READ_OCR, Answer, Citation, Span, Step
from ragkit.types.drawings import DrawnPage, PageWanted, QuoteToFind
from ragkit.types.packs import EvidencePack, FileState, PackedPage, PackedQuote

AROUND = 500
"""Characters shown before and after a quote where no picture shows them."""
MOST_PICTURES = 24
"""Pages drawn for one answer: at 100 to 300 kB each the page stays one that can be sent by mail."""
TOO_MANY, NO_PAGES, CHANGED, GONE, OTHER_INDEX = (
    "too many",
    "no pages",
    "changed",
    "gone",
    "other index",
)
"""Reasons of ragkit's own why there is no picture, as codes; the others are sentences."""
INSIDE = "::"


@dataclass(frozen=True, slots=True)
class IllustrateParts:
    """What illustrating works with; it closes the parsers."""

    pipeline: Pipeline
    parsers: ParserPool
    passwords: Passwords


def illustrate(
    parts: IllustrateParts, answer: Answer, on_step: Callable[[Step], None] | None = None
) -> EvidencePack:
    """The answer with its pages, in the order of its marks. Raises IndexMissing, UsageFault."""
    try:
        with published(parts.pipeline) as catalog:
            reader = Reader(catalog)
            pages = list(_pages(_quoted(answer), reader))
            outer = _outer_digests(pages, reader)
        files = {file.path: file for file in survey(parts.pipeline).files}
        told = [replace(page, file=_state(page.document, files, outer)) for page in pages]
        drawn = _drawn(parts, told, files, on_step or (lambda step: None))
    finally:
        parts.parsers.close()
    return EvidencePack(answer, tuple(drawn), datetime.now(UTC).isoformat("T", "seconds"))


def _quoted(answer: Answer) -> Iterator[Citation]:
    yield from answer.citations
    for passage in answer.nearest:
        place = (passage.document, passage.sha256, passage.page, passage.start, passage.end)
        yield Citation(-passage.rank, *place, quote=passage.text)


# Where the quotes stand


def _pages(citations: Iterable[Citation], reader: Reader) -> Iterator[PackedPage]:
    """The pages that are quoted, each once, with all quotes on it; not drawn yet."""
    found: dict[tuple[str, str, int | None], PackedPage] = {}
    for citation in citations:
        for page in _page_by_page(citation, reader):
            key = page.document, page.sha256, page.page
            known = found.get(key)
            found[key] = replace(known, quotes=known.quotes + page.quotes) if known else page
    yield from found.values()


def _page_by_page(citation: Citation, reader: Reader) -> Iterator[PackedPage]:
    """The pages on which a citation stands, with its words there: it may end on the next page."""
    entry = reader.document(citation.document)
    if entry is None or entry.sha256 != citation.sha256:
        place = Place(citation.page, citation.read_as, citation.confidence)
        yield _page(citation, place, PackedQuote(citation, citation.quote), OTHER_INDEX)
        return
    start = citation.start
    while start < citation.end:
        place = reader.place(entry.content_id, start)
        span = _span(reader, entry, place)
        end = min(citation.end, max(span.end, start + 1))
        quote = _quote(reader, entry, citation, span, Span(start, end))
        if quote.text.strip():
            yield _page(citation, place, quote, NO_PAGES if place.read_as == READ_AS_FILE else "")
        start = end


def _page(citation: Citation, place: Place, quote: PackedQuote, reason: str) -> PackedPage:
    return PackedPage(
        document=citation.document,
        sha256=citation.sha256,
        page=place.page,
        read_as=place.read_as,
        confidence=place.confidence,
        file="unknown",
        quotes=(quote,),
        picture=DrawnPage(reason=reason),
    )


def _quote(
    reader: Reader, entry: DocumentEntry, citation: Citation, page: Span, here: Span
) -> PackedQuote:
    """page: where the page stands in the text; here: the part of the citation that stands on it."""
    text = reader.text(entry.content_id, here.start, here.end)
    return PackedQuote(
        citation,
        text,
        before=reader.text(entry.content_id, max(0, here.start - AROUND), here.start),
        after=reader.text(entry.content_id, here.end, here.end + AROUND),
        earlier=count_earlier(text, reader.text(entry.content_id, page.start, here.start)),
    )


def _span(reader: Reader, entry: DocumentEntry, place: Place) -> Span:
    span = None if place.page is None else reader.page_span(entry.content_id, place.page)
    return span or Span(0, reader.length(entry.content_id))


# How the files are now


def _outer_digests(pages: Iterable[PackedPage], reader: Reader) -> dict[str, str]:
    """SHA-256 of the files as they were read, by path."""
    paths = {page.document.partition(INSIDE)[0] for page in pages}
    entries = ((path, reader.document(path)) for path in paths)
    return {path: entry.sha256 for path, entry in entries if entry is not None}


def _state(document: str, files: dict[str, SourceFile], read: dict[str, str]) -> FileState:
    path = document.partition(INSIDE)[0]
    if path not in files:
        return "gone"
    if path not in read:
        return "unknown"
    try:
        return "same" if digest_of(Path(files[path].absolute)) == read[path] else "changed"
    except OSError:
        return "unknown"


# Drawing


def _drawn(
    parts: IllustrateParts,
    pages: Sequence[PackedPage],
    files: dict[str, SourceFile],
    tell: Callable[[Step], None],
) -> list[PackedPage]:
    """The pages, with pictures of those that can be drawn and reasons for the others."""
    told = [_told(page) for page in pages]
    wanted = [number for number, page in enumerate(told) if not page.picture.reason]
    for number in wanted[MOST_PICTURES:]:
        told[number] = replace(told[number], picture=DrawnPage(reason=TOO_MANY))
    by_file: dict[str, list[int]] = {}
    for number in wanted[:MOST_PICTURES]:
        by_file.setdefault(told[number].document.partition(INSIDE)[0], []).append(number)
    requests = [
        _request(parts, files[path], [told[n] for n in here]) for path, here in by_file.items()
    ]
    for done, outcome in enumerate(parts.parsers.parse_all(requests), start=1):
        tell(Step("drawing pages", done, len(requests)))
        here = by_file[outcome.key]
        pictures = outcome.drawn or (DrawnPage(reason=outcome.reason),) * len(here)
        for number, picture in zip(here, pictures, strict=True):
            told[number] = _with_picture(told[number], picture)
    return told


def _told(page: PackedPage) -> PackedPage:
    reason = page.file if page.file in (CHANGED, GONE) else ""
    return replace(page, picture=DrawnPage(reason=page.picture.reason or reason))


def _request(parts: IllustrateParts, file: SourceFile, pages: Iterable[PackedPage]) -> ParseRequest:
    wanted = tuple(
        PageWanted(
            page=page.page or 1,
            quotes=tuple(QuoteToFind(quote.text, quote.earlier) for quote in page.quotes),
            inside=tuple(page.document.split(INSIDE)[1:]),
            by_ocr=page.read_as == READ_OCR,
        )
        for page in pages
    )
    passwords = parts.passwords.for_file(file.path)
    return ParseRequest(file.path, Path(file.absolute), file.suffix, passwords, wanted)


def _with_picture(page: PackedPage, picture: DrawnPage) -> PackedPage:
    """A picture of other bytes than were quoted is none."""
    if picture.png and picture.sha256 != page.sha256:
        return replace(page, file="changed", picture=DrawnPage(reason=CHANGED))
    return replace(page, picture=picture)
