"""The summary of one document as an HTML page that needs nothing else.

It runs nothing and loads nothing; what the document says is escaped, and what would hide or reorder it is
left out. The only addresses are those of `SummaryLinks`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.rendering.fields import field_rows, shown_value
from ragkit.rendering.page import page, words
from ragkit.rendering.summary_links import SummaryLinks
from ragkit.rendering.summary_parts import (
    STYLE,
    Quoted,
    box_of,
    code_of,
    lang_of,
    section_of,
    sources_of,
    under_headings,
    written_by,
)
from ragkit.rendering.summary_words import (
    coverage_line,
    in_part_line,
    page_line,
    words_for,
)
from ragkit.rendering.terminal import place_of
from ragkit.types import DocumentSummary


def document_page(document: DocumentSummary, focus: str, links: SummaryLinks) -> str:
    """The page of one document, in the document's language."""
    return _DocumentPage(document, focus, links).whole()


class _DocumentPage:
    def __init__(self, document: DocumentSummary, focus: str, links: SummaryLinks) -> None:
        self._document = document
        self._focus = focus
        self._links = links
        self._said = words_for(document.told_in)
        # The document's own language is that of the page; words of another say so.
        self._language = code_of(document.language) or self._said.language
        ours = self._said.language
        self._ours = lang_of(ours) if ours != self._language else ""

    def whole(self) -> str:
        document, said = self._document, self._said
        quoted = Quoted(document.citations, self._links, said, named=False)
        body = "\n".join(
            filter(
                None,
                (
                    self._head(),
                    box_of("warn", words(in_part_line(document, said)), self._ours),
                    self._told(),
                    self._fields(quoted),
                    self._facts(quoted),
                    section_of(under_headings(document.sentences, quoted, self._ours)),
                    sources_of(document.sentences, quoted, self._ours),
                    self._foot(),
                ),
            )
        )
        title = f"{said.title}: {place_of(document.document, None)}"
        return page(title, body, STYLE, language=self._language)

    def _head(self) -> str:
        name, said = self._document.document, self._said
        address, above = self._links.file(name, None), self._links.page("")
        ways = ((said.all_documents, above and f"{above}.html"), (said.open_file, address))
        shown = "".join(f'<a href="{words(way)}">{words(what)}</a>' for what, way in ways if way)
        nav = f"<nav{self._ours}>{shown}</nav>\n" if shown else ""
        heading = f'<h1 dir="auto">{words(place_of(name, None))}</h1>'
        about = (self._document.title, said.kind(self._document.kind), self._document.date)
        told = " · ".join(f"<bdi>{words(item)}</bdi>" for item in about if item)
        return f'{nav}<header>\n{heading}\n<p class="when">{told}</p>\n</header>'

    def _told(self) -> str:
        """What it is to answer, and how much of the document stands behind it."""
        lines = [coverage_line(self._document, self._said)]
        if self._focus:
            lines.insert(0, self._said.focus.format(focus=self._focus))
        shown = "<br>".join(words(line) for line in lines)
        return f'<p class="coverage"{self._ours} dir="auto">{shown}</p>'

    def _fields(self, quoted: Quoted) -> str:
        """What its template asks for: each value with its quote, or the words for none."""
        rows = []
        for field, missing in field_rows(self._document):
            values = "<br>".join(
                f"<bdi>{words(shown_value(one, self._said.language))}</bdi>{quoted.marks(one.citations)}"
                for one in field.values
            )
            told = values or f'<span class="aside">{words(missing)}</span>'
            label = f'<th scope="row"{self._ours} dir="auto">{words(field.label)}</th>'
            rows.append(f'<tr>{label}<td dir="auto">{told}</td></tr>')
        table = f'<div class="table"><table>\n<tbody>{"".join(rows)}</tbody>\n</table></div>'
        heading = f"<h2{self._ours}>{words(self._said.fields)}</h2>"
        return section_of(f"{heading}\n{table}") if rows else ""

    def _facts(self, quoted: Quoted) -> str:
        rows = "".join(
            f"<dt{self._ours}>{words(self._said.fact(fact.name))}</dt>"
            f'<dd dir="auto">{words(fact.value)}{quoted.marks(fact.citations)}'
            f"{self._page(fact.citations, quoted)}</dd>"
            for fact in self._document.facts
        )
        heading = f"<h2{self._ours}>{words(self._said.facts)}</h2>"
        return section_of(f'{heading}\n<dl class="facts">{rows}</dl>') if rows else ""

    def _page(self, marks: Sequence[int], quoted: Quoted) -> str:
        page = page_line(marks, quoted.citations, self._said)
        return f' <span class="aside"{self._ours}>{words(page)}</span>' if page else ""

    def _foot(self) -> str:
        document, said = self._document, self._said
        lines = [written_by(document.sentences, document.style, document.model, said)]
        lines += [said.made, f"{said.digest}:"]
        shown = "<br>".join(words(line) for line in lines if line)
        return f'<footer{self._ours}>{shown} <span class="digest">{words(document.sha256)}</span></footer>'
