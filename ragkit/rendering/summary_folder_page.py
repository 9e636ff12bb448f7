"""The summary of all documents together as an HTML page, with a line and a link for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from ragkit.rendering.page import page, words
from ragkit.rendering.summary_links import SummaryLinks
from ragkit.rendering.summary_parts import (
    STYLE,
    Quoted,
    lang_of,
    list_of,
    section_of,
    sources_of,
    written_by,
)
from ragkit.rendering.summary_words import counts_line, coverage_line, reason_of, words_for
from ragkit.rendering.terminal import place_of
from ragkit.types import FolderSummary, Summary

MOST_MARKS = 5
"""Citations shown for one fact of a folder; the JSON has one for each document."""


def folder_page(summary: Summary, links: SummaryLinks) -> str:
    """The page of all documents together, with a line and a link for each. `summary.folder` is there."""
    assert summary.folder is not None  # the caller has looked
    return _FolderPage(summary, summary.folder, links).whole()


class _FolderPage:
    """In the language that was asked for, or of most of its documents."""

    def __init__(self, summary: Summary, folder: FolderSummary, links: SummaryLinks) -> None:
        self._summary = summary
        self._folder = folder
        self._links = links
        self._said = words_for(summary.told_in)
        self._languages = {each.document: each.language for each in summary.documents}

    def whole(self) -> str:
        folder, said = self._folder, self._said
        quoted = Quoted(folder.citations, self._links, said, named=True)
        facts = self._facts(quoted)
        told = "\n".join(self._by_document(quoted))
        body = "\n".join(
            filter(
                None,
                (
                    f'<header>\n<h1 dir="auto">{words(self._summary.pipeline)}</h1>\n'
                    f'<p class="when">{words(counts_line(self._summary.documents, said))}</p>\n</header>',
                    self._unread(),
                    self._asked(),
                    facts,
                    told,
                    self._documents(),
                    sources_of(folder.sentences, quoted, ""),
                    self._foot(),
                ),
            )
        )
        title = f"{said.title}: {self._summary.pipeline}"
        return page(title, body, STYLE, language=said.language)

    def _unread(self) -> str:
        items = "".join(
            f'<li dir="auto"><span class="name">{words(place_of(item.document, None))}</span>'
            f'<span class="aside">{words(reason_of(item, self._said))}</span></li>'
            for item in self._summary.unreadable
        )
        heading = f"<h2>{words(self._said.left_out)}</h2>"
        return f'<section class="warn">\n{heading}\n<ul>{items}</ul>\n</section>' if items else ""

    def _asked(self) -> str:
        focus = self._summary.focus
        asked = self._said.focus.format(focus=focus)
        return f'<p class="coverage" dir="auto">{words(asked)}</p>' if focus else ""

    def _facts(self, quoted: Quoted) -> str:
        said, rows = self._said, []
        for fact in self._folder.facts:
            more = len(fact.citations) - MOST_MARKS
            shared = said.frame.counted(said.shared_by, len(fact.citations))
            beyond = f" {said.more.format(count=more)}" if more > 0 else ""
            rows.append(
                f"<dt>{words(said.fact(fact.name))}</dt><dd><bdi>{words(fact.value)}</bdi>"
                f"{quoted.marks(fact.citations[:MOST_MARKS])}{beyond}"
                f' <span class="aside">{words(shared)}</span></dd>'
            )
        heading = f"<h2>{words(said.facts)}</h2>"
        return section_of(f'{heading}\n<dl class="facts">{"".join(rows)}</dl>') if rows else ""

    def _by_document(self, quoted: Quoted) -> Iterator[str]:
        documents = {citation.mark: citation.document for citation in self._folder.citations}
        for name, told in groupby(
            self._folder.sentences, key=lambda item: documents[item.citations[0]]
        ):
            language = lang_of(self._languages.get(name, ""))
            heading = f'<h2 dir="auto">{self._named(name)}</h2>'
            yield f"<section{language}>\n{heading}\n{list_of(told, quoted)}\n</section>"

    def _documents(self) -> str:
        said, rows = self._said, []
        for document in self._summary.documents:
            about = " · ".join(
                words(item) for item in (said.kind(document.kind), document.date) if item
            )
            rows.append(
                f'<tr><td dir="auto">{self._named(document.document)}</td><td>{about}</td>'
                f"<td>{words(coverage_line(document, said))}</td></tr>"
            )
        heading = f"<h2>{words(said.documents_heading)}</h2>"
        table = f'<div class="table"><table>\n<tbody>{"".join(rows)}</tbody>\n</table></div>'
        return section_of(f"{heading}\n{table}") if rows else ""

    def _named(self, document: str) -> str:
        """The name of a document, leading to its summary."""
        name, address = words(place_of(document, None)), self._links.page(document)
        return f'<a href="{words(address)}.html"><bdi>{name}</bdi></a>' if address else name

    def _foot(self) -> str:
        folder, said = self._folder, self._said
        written = written_by(folder.sentences, folder.style, folder.model, said)
        shown = "<br>".join(words(line) for line in (written, said.made) if line)
        return f"<footer>{shown}</footer>"
