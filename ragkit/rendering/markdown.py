"""Summaries as Markdown, in which nothing a document says can become a link, an image or HTML.

In a file every mark is a link: Markdown takes "[1]" for one where a line "[1]: <address>" stands
somewhere, so that the text stays fit to be read as it is.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from ragkit.rendering.fields import fields_table
from ragkit.rendering.summary_links import NO_LINKS, SummaryLinks
from ragkit.rendering.summary_words import (
    SummaryWords,
    counts_line,
    coverage_line,
    in_part_line,
    page_line,
    reason_of,
    words_for,
)
from ragkit.rendering.terminal import doubt_of, one_line, place_of
from ragkit.types import (
    Citation,
    DocumentSummary,
    FolderSummary,
    KeyFact,
    SentenceStatus,
    Summary,
    SummarySentence,
    Unreadable,
)

# Signs that mean something inside a line, and what makes a bare address of words. An underscore
# within a word and a colon within a time mean nothing.
_MARKS = re.compile(
    r"[\\`*{}\[\]#!|~$^@]|(?<![^\W_])_|_(?![^\W_])|(?<!\d):(?=\S)|(?<=\bwww)\.|=(?==)",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\(.)")
_OPENINGS = re.compile(r"^(\d*)([-+.)])")
"""What makes a list of a line that begins so; the other signs are escaped wherever they stand."""
_WRITTEN: tuple[SentenceStatus, ...] = ("kept", "repaired", "replaced")
MOST_MARKS = 5
"""Citations shown for one fact of a folder; the JSON has one for each document."""


def literal(text: str) -> str:
    """Words of a document, a question or a file name, on one line and without any meaning."""
    return _MARKS.sub(r"\\\g<0>", html.escape(one_line(text), quote=False))


def without_escapes(markdown: str) -> str:
    """The same for a terminal, where no sign means anything."""
    return html.unescape(_ESCAPE.sub(r"\1", markdown))


def _opening(text: str) -> str:
    """Words that begin a line."""
    return _OPENINGS.sub(r"\1\\\2", literal(text))


def show_summary(summary: Summary) -> str:
    """The folder first, then each document; without links, since marks begin anew with each."""
    parts = [] if summary.folder is None else [show_folder(summary)]
    if summary.folder is None and summary.unreadable:
        parts.append(_unread(summary.unreadable, words_for(summary.told_in)))
    parts += [show_document(document, summary.focus) for document in summary.documents]
    return "\n\n".join(parts) or "Nothing to summarize."


def show_folder(summary: Summary, links: SummaryLinks = NO_LINKS) -> str:
    """What the documents say together. At the top: what could not be read."""
    folder = summary.folder
    assert folder is not None  # the caller has looked
    said = words_for(summary.told_in)
    shown = [fact.citations[:MOST_MARKS] for fact in folder.facts]
    used = {mark for marks in (*shown, *(s.citations for s in folder.sentences)) for mark in marks}
    cited = [citation for citation in folder.citations if citation.mark in used]
    blocks = [
        f"# {literal(summary.pipeline)}",
        _unread(summary.unreadable, said),
        _asked(summary.focus, said),
        literal(counts_line(summary.documents, said)),
        _shared_facts(folder.facts, said),
        _by_document(folder, links),
        _written(folder.sentences, folder.style, folder.model, said),
        _covered(summary.documents, links, said),
        _sources(folder.sentences, cited, said, named=True),
        _addresses(cited, links),
    ]
    return "\n\n".join(filter(None, blocks))


def show_document(
    document: DocumentSummary, focus: str = "", links: SummaryLinks = NO_LINKS
) -> str:
    """What one document says. At the top: what of it could not be read."""
    said = words_for(document.told_in)
    about = (document.title, said.kind(document.kind), document.date)
    unread = in_part_line(document, said)
    blocks = [
        f"# {literal(place_of(document.document, None))}",
        f"> **{literal(unread)}**" if unread else "",
        _ways(document.document, links, said),
        _asked(focus, said),
        " · ".join(literal(words) for words in (coverage_line(document, said), *about) if words),
        fields_table(document, literal, _numbers),
        _facts(document, said),
        _by_section(document.sentences, said.title if document.facts else ""),
        _written(document.sentences, document.style, document.model, said),
        _sources(document.sentences, document.citations, said, named=False),
        _addresses(document.citations, links),
    ]
    return "\n\n".join(filter(None, blocks))


def _unread(unreadable: Sequence[Unreadable], said: SummaryWords) -> str:
    if not unreadable:
        return ""
    lines = [
        f"> - {_opening(place_of(item.document, None))}: {literal(reason_of(item, said))}"
        for item in unreadable
    ]
    return "\n".join([f"> **{said.left_out}**", ">", *lines])


def _asked(focus: str, said: SummaryWords) -> str:
    return said.focus.format(focus=literal(focus)) if focus else ""


def _ways(name: str, links: SummaryLinks, said: SummaryWords) -> str:
    """To the file itself and to the summary of all documents, as far as there are any."""
    above = links.page("")
    ways = ((said.open_file, links.file(name, None)), (said.all_documents, above and f"{above}.md"))
    return " · ".join(f"[{words}](<{address}>)" for words, address in ways if address)


def _addresses(citations: Sequence[Citation], links: SummaryLinks) -> str:
    """What makes links of the marks: each leads to the page of the file."""
    addressed = ((c.mark, links.file(c.document, c.page)) for c in citations)
    return "\n".join(f"[{mark}]: <{address}>" for mark, address in addressed if address)


def _covered(documents: Sequence[DocumentSummary], links: SummaryLinks, said: SummaryWords) -> str:
    """A line for every document: what became of its pages."""
    if not documents:
        return ""
    lines = [
        f"- {_named(document.document, links, opens=True)} — "
        f"{literal(coverage_line(document, said))}"
        for document in documents
    ]
    return "\n".join([f"## {said.documents_heading}", "", *lines])


def _named(document: str, links: SummaryLinks, *, opens: bool) -> str:
    """A document's name, with a link to its summary; opens: it begins a line."""
    place = place_of(document, None)
    address = links.page(document)
    name = _opening(place) if opens and not address else literal(place)
    return f"[{name}](<{address}.md>)" if address else name


def _facts(document: DocumentSummary, said: SummaryWords) -> str:
    """One line for each, with its page."""
    citations: Mapping[int, Citation] = {each.mark: each for each in document.citations}
    lines = []
    for fact in document.facts:
        page = page_line(fact.citations, citations, said)
        line = _fact(said.fact(fact.name), fact.value, fact.citations)
        lines.append(f"- {line}, {page}" if page else f"- {line}")
    return "\n".join([f"## {said.facts}", "", *lines]) if lines else ""


def _shared_facts(facts: Sequence[KeyFact], said: SummaryWords) -> str:
    """One line for each, with the number of its documents: it has a citation in each of them."""
    lines = []
    for fact in facts:
        more = len(fact.citations) - MOST_MARKS
        count = len(fact.citations)
        line = _fact(said.fact(fact.name), fact.value, fact.citations[:MOST_MARKS])
        line += f" {said.more.format(count=more)}" if more > 0 else ""
        lines.append(f"- {line} — {said.frame.counted(said.shared_by, count)}")
    return "\n".join(lines)


def _fact(name: str, value: str, marks: Iterable[int]) -> str:
    return f"**{literal(name)}**: {literal(value)}{_numbers(marks)}"


def _by_document(folder: FolderSummary, links: SummaryLinks) -> str:
    documents = {citation.mark: citation.document for citation in folder.citations}
    blocks = []
    for name, said in groupby(folder.sentences, key=lambda item: documents[item.citations[0]]):
        heading = f"## {_named(name, links, opens=False)}"
        blocks += [heading, "\n".join(_said(sentence) for sentence in said)]
    return "\n\n".join(blocks)


def _by_section(sentences: Sequence[SummarySentence], first: str) -> str:
    """first: a heading for what stands under none at the beginning, or ""."""
    blocks = []
    if first and sentences and not (sentences[0].part or sentences[0].section):
        blocks.append(f"## {literal(first)}")
    part = ""
    for (here, section), told in groupby(sentences, key=lambda item: (item.part, item.section)):
        blocks += [f"## {literal(here)}"] if here and here != part else []
        part = here
        blocks += [f"{'###' if here else '##'} {literal(section)}"] if section else []
        blocks.append("\n".join(_said(sentence) for sentence in told))
    return "\n\n".join(blocks)


def _said(sentence: SummarySentence) -> str:
    """Quotes stand in quotation marks."""
    quoted = sentence.status in ("quoted", "replaced")
    text = f"“{literal(sentence.text)}”" if quoted else _opening(sentence.text)
    return f"- {text}{_numbers(sentence.citations)}"


def _numbers(marks: Iterable[int]) -> str:
    return "".join(f" [{mark}]" for mark in marks)


def _written(
    sentences: Sequence[SummarySentence], style: str, model: str, said: SummaryWords
) -> str:
    """How much of a composed summary is the model's: what it failed to support is quoted."""
    if style != "compose" or not sentences:
        return ""
    counts = Counter(sentence.status for sentence in sentences)
    told = ", ".join(said.frame.status(status, counts[status]) for status in (*_WRITTEN, "quoted"))
    return said.written.format(model=literal(model), counts=told)


def _sources(
    sentences: Sequence[SummarySentence],
    citations: Sequence[Citation],
    said: SummaryWords,
    *,
    named: bool,
) -> str:
    """Where each quote stands; the quote itself unless a sentence above is nothing else."""
    if not citations:
        return ""
    shown = {
        mark
        for sentence in sentences
        if sentence.status in ("quoted", "replaced")
        for mark in sentence.citations
    }
    lines = [
        _source(citation, said, named=named, quoted=citation.mark not in shown)
        for citation in citations
    ]
    return "\n".join(["---", "", *lines])


def _source(citation: Citation, said: SummaryWords, *, named: bool, quoted: bool) -> str:
    place = (
        place_of(citation.document, citation.page, said.frame)
        if named
        else _page(citation.page, said)
    )
    where = f"{literal(place)}, " if place else ""
    characters = said.characters.format(start=citation.start, end=citation.end)
    line = f"- [{citation.mark}] {where}{characters}"
    if doubt := doubt_of(citation.read_as, citation.confidence, said.frame):
        line += f" ({doubt})"
    return f"{line}: “{literal(citation.quote)}”" if quoted else line


def _page(page: int | None, said: SummaryWords) -> str:
    return "" if page is None else said.frame.page.format(page=page)
