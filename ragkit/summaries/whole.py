"""Sentences made whole again: lines of a PDF that were cut apart, feet of pages glued in, conditions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ragkit.summaries.words import FUNCTION_WORDS, words_of
from ragkit.types import Span

_FULL_LINE = 60
"""Characters of a line from which on what follows in small letters goes on with it."""
_FEWEST_WORDS = 5
"""Words of a line that may break off: shorter ones are labels and entries."""
_PAGE_NUMBER = re.compile(r"(?i)\b(?:page|p[áa]gina|p[áa]g\.)\s+\d+(?:\s+(?:of|de)\s+\d+)?$")
_LINE = re.compile(r"[^\n]+")
_ROW = re.compile(r"[|\t]")
_LINE_END = re.compile(r"[ \t]*\r?\n[ \t]*")
_OPEN_END = re.compile(r"(?:,|(?<!;)\s(?:and|or|y|e|o|u))$", re.IGNORECASE)
_STOPPED = re.compile(r"[.;:?!…][\"'”’»)\]]*$")
_LOWER = re.compile(r"[a-zà-ÿ]{2}")
_MARKED = re.compile(r"\(?\w{1,4}[.)]\s|[-*•·–]\s|\d+(?:\.\d+)+\s")
_CONDITION = re.compile(
    r"(?i)\b(?:unless|except|provided\s+that|save\s+that|salvo|excepto|siempre\s+que|a\s+menos\s+que"
    r"|(?-i:(?:if\s+the|si\s+el|si\s+la)(?=\s+[A-Z])))\b"
)
_EXCEPTION = re.compile(r"(?i)\b(?:does\s+not\s+apply|no\s+se\s+aplicar?á?)\b")
_UNSAID_END = re.compile(
    r"(?i)\b(?:may|shall|must|only|and|or|s[óo]lo|podr[áa]n?|deber[áa]n?|y|o),?$"
)
_BEGINS_UNSAID = re.compile(
    r"(?:\w{1,4}(?:\.\d+)*[.)]?\s+)?(?:If|When|Where|Subject to|Since|Because|Except|Si|Cuando"
    r"|Dado que|En caso de|Salvo|Sin perjuicio)\b"
)
"""What a sentence begins with that says nothing before its first comma."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A sentence with the lines that belong to it. ordinal: the number of the first of its sentences.
    is_rest: whether it begins in small letters after one that broke off; is_open: whether it breaks
    off itself."""

    span: Span
    ordinal: int
    is_rest: bool
    is_open: bool


def wholes_of(text: str, sentences: Sequence[Span], sections: Sequence[str]) -> list[Whole]:
    """The sentences in order; those that a line end cut apart are one, without the foot of a page."""
    feet = _feet_of(text)
    wholes: list[Whole] = []
    for number, sentence in enumerate(sentences):
        span = _without_foot(text, sentence, feet)
        last = wholes[-1] if wholes else None
        is_open = _is_open(text[span.start : span.end])
        if last and sections[last.ordinal] == sections[number] and _goes_on(text, last.span, span):
            span = Span(last.span.start, span.end)
            wholes[-1] = replace(last, span=span, is_open=is_open)
        elif text[span.start : span.end] not in feet:
            is_rest = last is not None and last.is_open and bool(_LOWER.match(text, span.start))
            wholes.append(Whole(span, number, is_rest, is_open))
    return wholes


def _feet_of(text: str) -> frozenset[str]:
    """Lines that stand more than once above a page number, and the numbered ones themselves."""
    lines = [match.group().strip() for match in _LINE.finditer(text)]
    numbered = {line for line in lines if _PAGE_NUMBER.search(line)}
    above = Counter(line for line, below in pairwise(lines) if below in numbered)
    return frozenset(numbered | {line for line, times in above.items() if times > 1})


def held_together(text: str, clauses: Sequence[Span]) -> Iterator[Span]:
    """The clauses of a sentence, as one up to the last that holds a condition, and all as one where
    the first says only when or to what the others apply: no quote drops what limits it."""
    texts = [text[clause.start : clause.end] for clause in clauses]
    last = max((place for place, part in enumerate(texts) if _CONDITION.search(part)), default=0)
    if _BEGINS_UNSAID.match(texts[0]) or _EXCEPTION.search(texts[0]):
        last = len(clauses) - 1
    while last + 1 < len(clauses) and _UNSAID_END.search(texts[last]):
        last += 1
    yield Span(clauses[0].start, clauses[last].end)
    yield from clauses[last + 1 :]


def _without_foot(text: str, span: Span, feet: frozenset[str]) -> Span:
    """Without the feet of pages at its end; itself if it is one line."""
    end = span.end
    while (cut := text.rfind("\n", span.start, end)) >= 0 and text[cut:end].strip() in feet:
        end = span.start + len(text[span.start : cut].rstrip())
    return Span(span.start, end)


def _goes_on(text: str, first: Span, second: Span) -> bool:
    """Whether only a line end keeps the second from being the rest of the first."""
    before, after = text[first.start : first.end], text[second.start : second.end]
    if not _LINE_END.fullmatch(text, first.end, second.start) or _STOPPED.search(before):
        return False
    words = words_of(before)
    if _ROW.search(before + after) or _MARKED.match(after) or len(words) < _FEWEST_WORDS:
        return False
    full = len(before.rpartition("\n")[2]) >= _FULL_LINE
    needs_more = _is_open(before) or words[-1] in FUNCTION_WORDS
    return needs_more or (full and bool(_LOWER.match(after)))


def _is_open(words: str) -> bool:
    """Whether it ends without ending."""
    return bool(_OPEN_END.search(words)) and not _ROW.search(words)
