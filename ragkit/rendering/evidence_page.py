"""An answer with its evidence as one HTML page: opens anywhere, runs nothing, loads nothing.

The quotes are marked on pictures of their pages, where those could be drawn, else in the text around
them. All words of documents are escaped, and what would hide or reorder them is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ragkit.rendering import phrases
from ragkit.rendering.covered import not_found_line, searched_line
from ragkit.rendering.evidence_words import BY_LANGUAGE, ENGLISH, EvidenceWords
from ragkit.rendering.explain import scope_line
from ragkit.rendering.page import page, words
from ragkit.rendering.phrases import Phrases
from ragkit.rendering.terminal import inert, place_of
from ragkit.rendering.times import local_time
from ragkit.types import READ_OCR, Answer, AnswerSentence
from ragkit.types.drawings import DrawnPage, Rectangle
from ragkit.types.packs import EvidencePack, PackedPage, PackedQuote

TONES = {"found": "good", "not_found": "warn", "ambiguous": "warn"}
ALL_NAMED = 10_000
"""Of the documents that could not be read: a page has room for every one."""
EVIDENCE_STYLE = """
.answer p{margin:.35rem 0;overflow-wrap:anywhere}
.status{color:var(--soft);font-size:.85rem}
.facts{font-size:1.15rem;font-weight:650;margin:.2rem 0 .6rem}
.note{background:var(--warn-ground);border-radius:.3rem;padding:.3rem .6rem}
a{color:inherit}
.digest{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.8rem;
overflow-wrap:anywhere}
blockquote{margin:.6rem 0;padding:.1rem 0 .1rem .8rem;border-left:.2rem solid #e0a800;
overflow-wrap:anywhere}
.around{white-space:pre-wrap;overflow-wrap:anywhere;color:var(--soft);border:1px solid var(--line);
border-radius:.3rem;padding:.6rem .8rem;margin:.5rem 0}
.around mark{color:#1b1f24;background:#ffe27a}
figure{margin:.6rem 0}
svg{display:block;width:100%;height:auto;border:1px solid var(--line);background:#fff}
.hit{fill:#ffd400;fill-opacity:.38;stroke:#b98700;stroke-width:1.5;mix-blend-mode:multiply}
.tag{fill:#8a5300;font:700 15px system-ui,sans-serif;paint-order:stroke;stroke:#fff;stroke-width:4px}
.about{display:grid;grid-template-columns:max-content 1fr;gap:.2rem .9rem;margin:.5rem 0 0}
.about dt{color:var(--soft)}.about dd{margin:0;overflow-wrap:anywhere}
"""


def as_html(pack: EvidencePack) -> str:
    """The whole page."""
    return _Page(pack).whole()


class _Page:
    """One page in the language of the answer's frame."""

    def __init__(self, pack: EvidencePack) -> None:
        language = pack.answer.language
        self._pack = pack
        self._answer = pack.answer
        self._reached: set[int] = set()
        self._said: EvidenceWords = BY_LANGUAGE.get(language, ENGLISH)
        self._frame: Phrases = phrases.BY_LANGUAGE.get(language, phrases.ENGLISH)
        self._language = language if language in BY_LANGUAGE else "en"

    def whole(self) -> str:
        body = "\n".join((self._head(), self._text(), *self._pages(), self._about()))
        title = f"{self._said.title}: {self._answer.question}"
        pictures = any(each.picture.png for each in self._pack.pages)
        return page(title, body, EVIDENCE_STYLE, language=self._language, pictures=pictures)

    # The answer

    def _head(self) -> str:
        outcome = self._answer.outcome
        return (
            f'<header>\n<span class="outcome {TONES[outcome]}">{words(self._said.outcomes[outcome])}'
            f'</span>\n<h1 dir="auto">{words(self._answer.question)}</h1>\n'
            f'<p class="when">{words(self._said.title)}</p>\n</header>'
        )

    def _text(self) -> str:
        return f'<section class="answer {TONES[self._answer.outcome]}">\n{self._said_of_it()}\n</section>'

    def _said_of_it(self) -> str:
        shown = {"found": self._found, "not_found": self._not_found, "ambiguous": self._ambiguous}
        return "\n".join(shown[self._answer.outcome]())

    def _found(self) -> Iterator[str]:
        answer = self._answer
        if answer.facts:
            facts = "; ".join(f"{words(f.text)}{_links(f.citations)}" for f in answer.facts)
            yield f'<p class="facts" dir="auto">{facts}</p>'
        yield from map(self._sentence, answer.sentences)
        if all(sentence.status == "quoted" for sentence in answer.sentences):
            yield f'<p class="status">{words(self._said.all_quoted)}</p>'
        for note in answer.notes:
            yield f'<p class="note" dir="auto">{words(note.text)}{_links(note.citations)}</p>'

    def _sentence(self, sentence: AnswerSentence) -> str:
        text = f"{words(sentence.text)}{_links(sentence.citations)}"
        if self._answer.style == "quote":  # said once, below
            return f'<p dir="auto">{text}</p>'
        status = words(self._said.statuses[sentence.status])
        return f'<p dir="auto">{text} <span class="status">({status})</span></p>'

    def _not_found(self) -> Iterator[str]:
        coverage = self._answer.coverage
        yield f"<p>{words(not_found_line(coverage, self._frame, ALL_NAMED))}</p>"

    def _ambiguous(self) -> Iterator[str]:
        yield f"<p>{words(self._frame.ambiguous)}</p>"
        named = (f"<li>{words(place_of(name, None))}</li>" for name in self._answer.candidates)
        yield f"<ul>{''.join(named)}</ul>"
        yield f"<p>{words(self._frame.ask_again)}</p>"

    # The evidence

    def _pages(self) -> Iterator[str]:
        heading = self._said.evidence if self._answer.citations else self._said.nearest
        if self._pack.pages:
            yield f"<h2>{words(heading)}</h2>"
        yield from map(self._page, self._pack.pages)

    def _page(self, shown: PackedPage) -> str:
        place = place_of(shown.document, shown.page, self._frame)
        parts = [f'<h2 dir="auto"><bdi>{words(place)}</bdi></h2>', self._origin(shown)]
        places = shown.picture.places
        if shown.picture.png:
            parts.append(self._figure(shown, place))
        else:
            parts.append(f'<p class="aside">{words(self._why(shown.picture))}</p>')
        for number, quote in enumerate(shown.quotes):
            has_place = bool(shown.picture.png) and bool(places[number])
            parts.append(self._quote(quote, marked=has_place, drawn=bool(shown.picture.png)))
        return "<section>\n" + "\n".join(parts) + "\n</section>"

    def _origin(self, shown: PackedPage) -> str:
        """How the page was read, and which bytes it is of."""
        read = self._said.read_as.get(shown.read_as, shown.read_as)
        if shown.confidence is not None:
            form = self._said.sure if shown.read_as == READ_OCR else self._said.quality
            read += f" ({form.format(share=self._frame.share(shown.confidence))})"
        told = "; ".join(filter(None, (read, self._said.file[shown.file])))
        return (
            f'<p class="aside">{words(told[:1].upper() + told[1:])}.<br>{words(self._said.digest)}: '
            f'<span class="digest">{words(shown.sha256)}</span></p>'
        )

    def _why(self, picture: DrawnPage) -> str:
        known = self._said.no_picture.get(picture.reason)
        return known or self._said.not_drawn.format(reason=picture.reason)

    def _quote(self, quote: PackedQuote, *, marked: bool, drawn: bool) -> str:
        """The words that are marked on the picture; where they are not, with the text around them."""
        number = quote.citation.mark
        label = f"<b{self._target(number)}>{words(self._label(number))}</b>"
        if marked:
            return f'<blockquote dir="auto">{label} {words(quote.text)}</blockquote>'
        why = f'<p class="aside">{words(self._said.not_found)}</p>' if drawn else ""
        before, after = _lines(quote.before), _lines(quote.after)
        start = "… " if before else ""
        end = " …" if after else ""
        return (
            f'{why}<p>{label}</p><div class="around" dir="auto">{start}{before}'
            f"<mark>{_lines(quote.text)}</mark>{after}{end}</div>"
        )

    def _target(self, mark: int) -> str:
        """Where links to a mark lead: to its first part, where a quote goes on overleaf."""
        if mark in self._reached:
            return ""
        self._reached.add(mark)
        return f' id="q{mark}"'

    def _label(self, mark: int) -> str:
        return f"[{mark}]" if mark > 0 else self._said.nearest_mark.format(number=-mark)

    def _figure(self, shown: PackedPage, place: str) -> str:
        picture = shown.picture
        size = f"{picture.width} {picture.height}"
        inner = "".join(self._hits(shown.quotes, picture.places))
        label = words(self._said.picture_of.format(place=place))
        return (
            f'<figure><svg viewBox="0 0 {size}" role="img" aria-label="{label}">'
            f'<image href="data:image/png;base64,{words(picture.png)}" '
            f'width="{picture.width}" height="{picture.height}"/>{inner}</svg></figure>'
        )

    def _hits(
        self, quotes: Sequence[PackedQuote], places: Sequence[Sequence[Rectangle]]
    ) -> Iterator[str]:
        for quote, rectangles in zip(quotes, places, strict=True):
            for r in rectangles:
                yield (
                    f'<rect class="hit" x="{r.left}" y="{r.top}" width="{r.right - r.left}" '
                    f'height="{r.bottom - r.top}"/>'
                )
            if rectangles:
                x, y = max(2, rectangles[0].left - 30), max(14, rectangles[0].top - 3)
                label = words(self._label(quote.citation.mark))
                yield f'<text class="tag" x="{x}" y="{y}">{label}</text>'

    # How it was made

    def _about(self) -> str:
        rows = "".join(
            f"<dt>{words(self._said.facts[name])}</dt><dd>{words(value)}</dd>"
            for name, value in self._facts(self._answer)
            if value
        )
        return (
            f"<section>\n<h2>{words(self._said.about)}</h2>\n"
            f'<dl class="about">{rows}</dl>\n</section>\n<footer>{words(self._said.made)}</footer>'
        )

    def _facts(self, answer: Answer) -> Iterator[tuple[str, str]]:
        coverage = answer.coverage
        yield "coverage", searched_line(coverage, self._frame, ALL_NAMED)
        yield "scope", scope_line(coverage.scope, ALL_NAMED, self._frame) if coverage.scope else ""
        yield "pipeline", answer.pipeline
        yield "generation", str(answer.generation)
        yield "style", answer.style
        yield "model", answer.model
        yield "seconds", self._frame.seconds.format(seconds=self._frame.number(answer.seconds))
        yield "made", local_time(self._pack.made)


def _links(marks: Sequence[int]) -> str:
    """To where the quotes stand below, in this page."""
    return "".join(f' <a href="#q{mark}">[{mark}]</a>' for mark in marks)


def _lines(text: str) -> str:
    """Escaped and inert, with its line breaks; white space at the ends is kept to one space."""
    escaped = [words(line) for line in inert(text).split("\n")]
    first = " " if text[:1].isspace() else ""
    last = " " if text[-1:].isspace() else ""
    return first + "\n".join(escaped).strip("\n") + last
