"""Chunks for an embedder's window: whole sentences, whole sections where they fit, one header.

Where to cut is chosen for the whole document at once (dynamic programming over sentences), so that
no chunk is left with the crumbs of a greedy walk.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ragkit.chunking.facts import facts_of
from ragkit.chunking.headers import HeaderWriter
from ragkit.chunking.sentences import split_sentences
from ragkit.chunking.structure import PATH_SEPARATOR, Sections, headings_of
from ragkit.chunking.tables import CELL_END, Tables, shortened_titles
from ragkit.protocols import TokenCounter
from ragkit.types import Chunk, ChunkedDocument, Heading, ParsedDocument, Span

RULES_VERSION = 6
"""Raised with every change of the rules in this package: it makes every document be cut again."""
SPECIAL_TOKENS = 2
TARGET = 600
"""Characters of a chunk's body that the cuts aim at. Recall at 8 hardly depends on it: inside the
right contract 0.784 with 450, 0.772 with 600, 0.792 with 800 (223 questions), so it is chosen for
the prompt, which pays by the character, and the index, which pays by the chunk."""
_ROWS_SHARE = 0.25
_LONG_TABLE = 2.0
"""A table longer than so many targets, whose columns have headings, is cut at this share of one: its
chunks have the headings anyway, and few words tell its rows apart. Sixty questions on three tables of
300 rows with the same labels: the row is in the first three passages for 52 with 0.25, 40 with 0.5,
31 with 1; answers quote it for 57 instead of 41."""
_CUT_IN_PARAGRAPH = 0.10
_CUT_AFTER_HEADING = 100.0
_CUT_BETWEEN_HEADINGS = 10.0
_CUT_IN_ROW = 10.0
_CUT_AT_HEADING = -0.10
"""Costs of a cut, on the scale of ((length - target) / target) squared. A heading goes with what
follows it; only a run of headings that fills half a window is cut, and rather inside."""

_Marks = tuple[re.Pattern[str], ...]
_CLAUSE_ENDS: _Marks = tuple(re.compile(mark) for mark in (r";\s", r":\s|\s[—–-]\s", r",\s", r"\s"))
_CELL_ENDS = (CELL_END, *_CLAUSE_ENDS)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence or a part of one, with its tokens counted from the document's start.

    share: of the target that a chunk aims at that begins or ends with it.
    """

    span: Span
    first_token: int
    end_token: int
    cut: float
    share: float


@dataclass(frozen=True, slots=True)
class _Outline:
    """What a document's pieces are: `titles`, the pieces of headings, which begin at `starts`."""

    text: str
    titles: set[Span]
    starts: set[int]
    tables: Tables

    def cut_cost(self, before: Span, span: Span) -> float:
        """Cost of starting a chunk at `span`."""
        if before in self.titles or self.tables.is_heading(before):
            is_another = span in self.titles or self.tables.is_heading(span)
            return _CUT_BETWEEN_HEADINGS if is_another else _CUT_AFTER_HEADING
        if span.start in self.starts:
            return _CUT_AT_HEADING
        row = self.tables.row_at(span.start)
        if row is not None and row.span.start < span.start:
            return _CUT_IN_ROW
        return 0.0 if "\n" in self.text[before.end : span.start] else _CUT_IN_PARAGRAPH


class SentenceChunker:
    """Implements protocols.Chunker.

    window: tokens the embedder sees, special tokens included. header_tokens: most of a header.
    target: characters a chunk's body aims at; the window is the limit.
    """

    def __init__(
        self, tokens: TokenCounter, window: int, header_tokens: int = 48, target: int = TARGET
    ) -> None:
        self._tokens = tokens
        self._target = target
        self._body_tokens = window - header_tokens - SPECIAL_TOKENS
        self._headers = HeaderWriter(tokens, header_tokens)
        rules = f"sentences {RULES_VERSION}/{window}/{header_tokens}/{target}"
        self.fingerprint = f"{rules} {tokens.fingerprint}"

    def chunk(self, document: ParsedDocument) -> ChunkedDocument:
        """Every sentence of the document in exactly one chunk, in reading order."""
        text = document.text
        facts = facts_of(text, document.title)
        tables = Tables(document.tables, text)
        whole = split_sentences(text, tables.rows)
        prose = [span for span in whole if tables.row_at(span.start) is None]
        headings = document.headings or headings_of(text, prose)
        tokens = self._tokens.token_spans(text)
        spans = self._window_spans(text, whole, _title_spans(whole, headings), tables, tokens)
        titles = _title_spans(spans, headings)
        outline = _Outline(text, titles, {heading.start for heading in headings}, tables)
        pieces = _pieces(spans, tokens, outline, _LONG_TABLE * self._target)
        sections, header_of = Sections(headings), self._headers.of(facts)
        chunks = []
        for ordinal, (first, last) in enumerate(self._cuts(pieces)):
            start, end = spans[first].start, spans[last].end
            path = sections.path_at(_first_text(spans[first : last + 1], titles))
            columns = tables.titles_at(start)
            heading = PATH_SEPARATOR.join(filter(None, (path, shortened_titles(columns))))
            chunks.append(Chunk(ordinal, start, end, heading, header_of(path, columns)))
        return ChunkedDocument(facts, tuple(chunks), tuple(spans))

    def _window_spans(
        self,
        text: str,
        whole: Sequence[Span],
        titles: set[Span],
        tables: Tables,
        tokens: NDArray[np.int64],
    ) -> list[Span]:
        """The sentences, cut where one with the headings before it has more tokens than a body.

        A row is cut only where it alone has more.
        """
        spans: list[Span] = []
        lead = 0
        for span in whole:
            row = tables.row_at(span.start)
            room = self._body_tokens - (0 if row else lead)
            spans += self._fitting(text, span, tokens, room, _CELL_ENDS if row else _CLAUSE_ENDS)
            first, end = np.searchsorted(tokens[:, 0], (span.start, span.end))
            lead = min(lead + int(end - first), self._body_tokens // 2) if span in titles else 0
        return spans

    def _fitting(
        self, text: str, span: Span, tokens: NDArray[np.int64], room: int, marks: _Marks
    ) -> list[Span]:
        """The sentence, or its clauses: the first of at most `room` tokens, the others of a body's.

        marks: where it is cut, the strongest first.
        """
        first, end = (int(at) for at in np.searchsorted(tokens[:, 0], (span.start, span.end)))
        parts, start = [], span.start
        while end - first > room:
            cut = _clause_end(text, start, int(tokens[first + room, 0]), marks)
            parts.append(_trimmed(text, start, cut))
            start = _next_start(text, cut)
            first, room = int(np.searchsorted(tokens[:, 0], start)), self._body_tokens
        return [*parts, Span(start, span.end)] if start < span.end else parts

    def _cuts(self, pieces: Sequence[_Piece]) -> list[tuple[int, int]]:
        """(first, last) piece of each chunk, by least total cost."""
        best = [0.0] + [float("inf")] * len(pieces)
        previous = [0] * (len(pieces) + 1)
        for end in range(1, len(pieces) + 1):
            last = pieces[end - 1]
            for first in range(end - 1, -1, -1):
                if (
                    first < end - 1
                    and last.end_token - pieces[first].first_token > self._body_tokens
                ):
                    break
                length = last.span.end - pieces[first].span.start
                target = self._target * min(pieces[first].share, last.share)
                cost = best[first] + pieces[first].cut + (length / target - 1) ** 2
                if cost < best[end]:
                    best[end], previous[end] = cost, first
                if length > 3 * self._target:
                    break
        cuts, end = [], len(pieces)
        while end:
            cuts.append((previous[end], end - 1))
            end = previous[end]
        return cuts[::-1]


def _pieces(
    spans: Sequence[Span], tokens: NDArray[np.int64], outline: _Outline, long_table: float
) -> list[_Piece]:
    """long_table: characters from which on a table is cut finely."""
    starts = np.array([span.start for span in spans], dtype=np.int64)
    ends = np.array([span.end for span in spans], dtype=np.int64)
    first = np.searchsorted(tokens[:, 0], starts).tolist()
    end = np.searchsorted(tokens[:, 0], ends).tolist()
    pieces = []
    for index, span in enumerate(spans):
        cut = outline.cut_cost(spans[index - 1], span) if index else 0.0
        is_long = outline.tables.named_length_at(span.start) > long_table
        share = _ROWS_SHARE if is_long else 1.0
        pieces.append(_Piece(span, first[index], end[index], cut, share))
    return pieces


def _clause_end(text: str, start: int, limit: int, strongest_first: _Marks) -> int:
    """Where to end the part that begins at `start`, at most at `limit`: the last of the strongest
    marks in its second half, else the token limit itself."""
    half = start + (limit - start) // 2
    for mark in strongest_first:
        ends = [match.end() for match in mark.finditer(text, half, limit)]
        if ends:
            return ends[-1]
    return max(limit, start + 1)


def _trimmed(text: str, start: int, end: int) -> Span:
    while end > start + 1 and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def _next_start(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _title_spans(spans: Sequence[Span], headings: Sequence[Heading]) -> set[Span]:
    """The pieces that are nothing but a heading, or a part of one."""
    starts = [heading.start for heading in headings]
    found = set()
    for span in spans:
        index = bisect.bisect_right(starts, span.start) - 1
        if index >= 0 and span.end <= headings[index].end:
            found.add(span)
    return found


def _first_text(spans: Sequence[Span], titles: set[Span]) -> int:
    """The position whose section a chunk is said to be in: of its first sentence that is text."""
    return next((span.start for span in spans if span not in titles), spans[-1].start)
