"""The words around a summary, in the language of its document, and how much of it stands behind it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ragkit.rendering import phrases
from ragkit.rendering.covered import page_ranges
from ragkit.rendering.phrases import Phrases
from ragkit.rendering.summary_names import fact_name, kind_name
from ragkit.rendering.terminal import one_line
from ragkit.types import Citation, Unreadable
from ragkit.types.summaries import DocumentSummary, PageCoverage


@dataclass(frozen=True, slots=True)
class SummaryWords:
    """What is said in one language; what stands in braces is filled in with `str.format`.

    Where a number decides, there are two: for one, and for any other.
    """

    language: str
    title: str
    in_part: str
    pages: tuple[str, str]
    used: str
    read: str
    empty: str
    unreadable: str
    because: str
    whole: str
    sections: tuple[str, str]
    focus: str
    fields: str
    facts: str
    sources: str
    documents: tuple[str, str]
    documents_heading: str
    open_file: str
    all_documents: str
    characters: str
    written: str
    left_out: str
    shared_by: tuple[str, str]
    more: str
    other: str
    digest: str
    nothing: str
    made: str

    @property
    def frame(self) -> Phrases:
        return phrases.BY_LANGUAGE[self.language]

    def fact(self, name: str) -> str:
        """What a fact is called."""
        return fact_name(name, self.language)

    def kind(self, kind: str) -> str:
        """What a kind of document is called; "" for none."""
        return kind_name(kind, self.language)


ENGLISH = SummaryWords(
    language="en",
    title="Summary",
    in_part="This document was read only in part, and so is this summary: {what}.",
    pages=("{count} page", "{count} pages"),
    used="{count} used ({pages})",
    read="{count} read but not quoted",
    empty="{count} without text ({pages})",
    unreadable="{count} unreadable ({pages}{because})",
    because=": {reason}",
    whole="whole text read",
    sections=("{covered} of {count} section quoted", "{covered} of {count} sections quoted"),
    focus="With regard to: {focus}",
    fields="Fields",
    facts="Key facts",
    sources="Sources",
    documents=("{count} document", "{count} documents"),
    documents_heading="Documents",
    open_file="Open the document",
    all_documents="All documents",
    characters="characters {start} to {end}",
    written="Written by {model}: {counts}.",
    left_out="Could not be read, wholly or in part, and is not in here:",
    shared_by=("in {count} document", "in {count} documents"),
    more="and {count} more",
    other="other",
    digest="SHA-256 of the document as it was read",
    nothing="No documents.",
    made="Made by ragkit on this machine. Sentences in quotation marks are the document's own.",
)

SPANISH = SummaryWords(
    language="es",
    title="Resumen",
    in_part="Este documento solo se leyó en parte, y este resumen también: {what}.",
    pages=("{count} página", "{count} páginas"),
    used="usadas: {count} ({pages})",
    read="leídas sin citar: {count}",
    empty="sin texto: {count} ({pages})",
    unreadable="ilegibles: {count} ({pages}{because})",
    because=": {reason}",
    whole="texto leído entero",
    sections=("{covered} de {count} apartado citado", "{covered} de {count} apartados citados"),
    focus="En cuanto a: {focus}",
    fields="Campos",
    facts="Datos clave",
    sources="Fuentes",
    documents=("{count} documento", "{count} documentos"),
    documents_heading="Documentos",
    open_file="Abrir el documento",
    all_documents="Todos los documentos",
    characters="caracteres {start} a {end}",
    written="Escrito por {model}: {counts}.",
    left_out="No se pudo leer, en todo o en parte, y no está aquí:",
    shared_by=("en {count} documento", "en {count} documentos"),
    more="y {count} más",
    other="otro",
    digest="SHA-256 del documento tal como se leyó",
    nothing="Ningún documento.",
    made="Hecho por ragkit en este equipo. Las frases entre comillas son del propio documento.",
)

BY_LANGUAGE = {said.language: said for said in (ENGLISH, SPANISH)}


def words_for(language: str) -> SummaryWords:
    """language: ISO 639-1, "" for unknown; English for one without words."""
    return BY_LANGUAGE.get(language, ENGLISH)


def coverage_line(document: DocumentSummary, said: SummaryWords) -> str:
    """'12 pages: 5 used (1-3, 7, 9), 6 read but not quoted, 1 unreadable (4: it is a scan)'; of a format
    without pages 'whole text read; 3 of 7 sections quoted'. Words of the document may stand in it."""
    sections = ""
    if document.sections > 1:
        sections = said.frame.counted(said.sections, document.sections, covered=document.covered)
    if document.pages is None:
        return "; ".join(filter(None, (said.whole, sections)))
    parts = ", ".join(_parts(document.pages, said))
    pages = f"{said.frame.counted(said.pages, document.pages.total)}: {parts}"
    return "; ".join(filter(None, (pages, sections)))


def _parts(pages: PageCoverage, said: SummaryWords) -> Iterator[str]:
    """Every page is in one of them."""
    if pages.used:
        yield said.used.format(count=len(pages.used), pages=page_ranges(pages.used))
    if pages.read or not pages.used:
        yield said.read.format(count=len(pages.read))
    if pages.empty:
        yield said.empty.format(count=len(pages.empty), pages=page_ranges(pages.empty))
    if pages.unreadable:
        reason = said.frame.reason(pages.kind) if said is not ENGLISH else ""
        reason = one_line(reason or pages.reason)
        because = said.because.format(reason=reason) if reason else ""
        yield said.unreadable.format(
            count=len(pages.unreadable), pages=page_ranges(pages.unreadable), because=because
        )


def in_part_line(document: DocumentSummary, said: SummaryWords) -> str:
    """One sentence that says that a part of the document is missing; "" if none is."""
    what = document.unread
    if document.missing and said is not ENGLISH:
        what = "; ".join(_missing(item, document.document, said) for item in document.missing)
    return said.in_part.format(what=what.rstrip(".")) if what else ""


def _missing(item: Unreadable, document: str, said: SummaryWords) -> str:
    name = item.document.removeprefix(f"{document}::") if item.document != document else ""
    reason = reason_of(item, said)
    return f"{name}: {reason}" if name else reason


def reason_of(item: Unreadable, said: SummaryWords) -> str:
    """Why it could not be read: in English the whole sentence, else what its code says."""
    short = said.frame.reason(item.kind) if said is not ENGLISH else ""
    if not item.pages or not short:
        return short or item.reason
    pages = said.frame.counted(said.frame.pages, len(item.pages), pages=page_ranges(item.pages))
    return f"{pages}: {short}"


def counts_line(documents: Sequence[DocumentSummary], said: SummaryWords) -> str:
    """'12 documents: 8 contracts, 3 letters, 1 other.'; a kind that a user's paths gave stands in it."""
    if not documents:
        return said.nothing
    kinds = Counter(document.kind or "other" for document in documents)
    named = ", ".join(
        f"{count} {kind_name(kind, said.language, count)}" for kind, count in kinds.most_common()
    )
    return f"{said.frame.counted(said.documents, len(documents))}: {named}."


def page_line(marks: Sequence[int], citations: Mapping[int, Citation], said: SummaryWords) -> str:
    """The page of the first citation that has one, 'p. 3'; "" for a format without pages."""
    pages = (citations[mark].page for mark in marks if mark in citations)
    page = next((page for page in pages if page is not None), None)
    return "" if page is None else said.frame.page.format(page=page)
