"""What pages of summaries are made of: quotes with links to their pages, lists, sources, and their style."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from ragkit.rendering.page import words
from ragkit.rendering.summary_links import SummaryLinks
from ragkit.rendering.summary_words import SummaryWords
from ragkit.rendering.terminal import doubt_of, place_of
from ragkit.types import Citation, SentenceStatus, SummarySentence

_WRITTEN: tuple[SentenceStatus, ...] = ("kept", "repaired", "replaced", "quoted")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
STYLE = """
a{color:inherit;text-underline-offset:.15em}
nav{font-size:.9rem;margin:0 0 .6rem}
nav a+a{margin-left:1rem}
section h2,section h3{margin:0 0 .3rem;overflow-wrap:anywhere}
section h3{font-size:.95rem;font-weight:650;color:var(--soft);margin-top:.8rem}
.said,section>p{margin:0}
.said li{display:list-item;list-style:none}
a.ref{font-size:.8rem;text-decoration:none;border:1px solid var(--line);border-radius:.3rem;
padding:0 .25rem;margin-left:.2rem;white-space:nowrap}
a.ref:hover,a.ref:focus{text-decoration:underline}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.25rem .9rem;margin:0}
.facts dt{color:var(--soft)}
.facts dd{margin:0;overflow-wrap:anywhere}
.coverage{margin:.6rem 0}
.sources li{font-size:.9rem;scroll-margin-top:1rem}
.sources li:target{background:var(--warn-ground)}
.table{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{border-bottom:1px solid var(--line);padding:.35rem .5rem;text-align:left;vertical-align:top;
overflow-wrap:anywhere}
.digest{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.8rem;
overflow-wrap:anywhere}
@media print{main{max-width:none;padding:0}nav{display:none}section{border:0;padding:0;margin:.8rem 0;
break-inside:auto}li,dd,tr,blockquote{break-inside:avoid}h2,h3{break-after:avoid}
a{text-decoration:none}body{font-size:10.5pt}}
"""


class Quoted:
    """Makes links of marks; knows afterwards which were shown."""

    def __init__(
        self, citations: Iterable[Citation], links: SummaryLinks, said: SummaryWords, *, named: bool
    ) -> None:
        self.citations = {citation.mark: citation for citation in citations}
        self.said = said
        self.named = named
        self.shown: set[int] = set()
        self._links = links

    def marks(self, marks: Sequence[int]) -> str:
        return "".join(f" {self._mark(mark)}" for mark in marks)

    def _mark(self, mark: int) -> str:
        """To the page of the file; where that is not known to be there, to the sources below."""
        self.shown.add(mark)
        citation = self.citations[mark]
        address = self._links.file(citation.document, citation.page) or f"#c{mark}"
        return f'<a class="ref" href="{words(address)}" title="{words(self.place(citation))}">[{mark}]</a>'

    def place(self, citation: Citation) -> str:
        return place_of(citation.document, citation.page, self.said.frame)

    def source(self, citation: Citation, *, quoted: bool) -> str:
        """One line of the sources; quoted: with the words themselves."""
        address = self._links.file(citation.document, citation.page)
        page_alone = (
            "" if citation.page is None else self.said.frame.page.format(page=citation.page)
        )
        place = words(self.place(citation) if self.named else page_alone)
        if address:
            place = f'<a href="{words(address)}">{place or words(self.said.open_file)}</a>'
        where = self.said.characters.format(start=citation.start, end=citation.end)
        doubt = doubt_of(citation.read_as, citation.confidence, self.said.frame)
        told = words(f"{where} ({doubt})" if doubt else where)
        quote = f' <q dir="auto">{words(citation.quote)}</q>' if quoted else ""
        inner = f'<b>[{citation.mark}]</b> {place} <span class="aside">{told}</span>{quote}'
        return f'<li id="c{citation.mark}">{inner}</li>'


def under_headings(sentences: Sequence[SummarySentence], quoted: Quoted, ours: str = "") -> str:
    """The parts of the template, where it has any, and the document's own headings.

    ours: an attribute for the template's words, where they are in another language than the page.
    """
    blocks, last = [], ""
    for (part, section), told in groupby(sentences, key=lambda item: (item.part, item.section)):
        blocks += [f'<h2{ours} dir="auto">{words(part)}</h2>'] if part and part != last else []
        level = "h3" if part else "h2"
        blocks += [f'<{level} dir="auto">{words(section)}</{level}>'] if section else []
        blocks.append(list_of(told, quoted))
        last = part
    return "\n".join(blocks)


def list_of(sentences: Iterable[SummarySentence], quoted: Quoted) -> str:
    items = "".join(
        f'<li dir="auto">{_sentence(item)}{quoted.marks(item.citations)}</li>' for item in sentences
    )
    return f'<ul class="said">{items}</ul>'


def _sentence(sentence: SummarySentence) -> str:
    """Quotes stand in quotation marks."""
    is_quote = sentence.status in ("quoted", "replaced")
    return f"“{words(sentence.text)}”" if is_quote else words(sentence.text)


def sources_of(sentences: Sequence[SummarySentence], quoted: Quoted, ours: str) -> str:
    """Where each quote stands; the quote itself unless a sentence above is nothing else."""
    above = {
        mark
        for sentence in sentences
        if sentence.status in ("quoted", "replaced")
        for mark in sentence.citations
    }
    items = "\n".join(
        quoted.source(citation, quoted=mark not in above)
        for mark, citation in quoted.citations.items()
        if mark in quoted.shown
    )
    heading = f"<h2{ours}>{words(quoted.said.sources)}</h2>"
    return section_of(f'{heading}\n<ul class="sources">{items}</ul>') if items else ""


def section_of(inner: str) -> str:
    return f"<section>\n{inner}\n</section>" if inner else ""


def box_of(tone: str, inner: str, ours: str) -> str:
    return f'<section class="{tone}"{ours} role="note"><p>{inner}</p></section>' if inner else ""


def written_by(
    sentences: Sequence[SummarySentence], style: str, model: str, said: SummaryWords
) -> str:
    if style != "compose" or not sentences:
        return ""
    counts = Counter(sentence.status for sentence in sentences)
    told = ", ".join(said.frame.status(status, counts[status]) for status in _WRITTEN)
    return said.written.format(model=model, counts=told)


def code_of(language: str) -> str:
    return language if _LANGUAGE.fullmatch(language) else ""


def lang_of(language: str) -> str:
    """An attribute for words in another language than the page's."""
    return f' lang="{code_of(language)}"' if code_of(language) else ""
