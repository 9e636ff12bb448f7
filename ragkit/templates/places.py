"""Places of a document that rules name: its opening, the clause with its parties, its end."""

from __future__ import annotations

import re

from ragkit.templates.template import Place
from ragkit.types import Span

OPENING = 6_000
"""Characters of the first pages, on which a document says what it is."""
CLOSING = 5_000
"""Characters of the last page, on which it is signed."""
_TITLE = 900
_SEARCHED = 30_000
"""Characters in which the clause with the parties begins: after a cover and a table of contents."""
_BEFORE, _AFTER = 450, 2_200
_JOINED = re.compile(
    r"\b(?:by\s+and\s+(?:between|among)|between|among|entre|de\s+una\s+parte|reunidos)\b[:,]?"
)
_COVER = 3_000
_CONTRACT = re.compile(
    r"(?P<this>\b(?:this|the\s+present|el\s+presente|la\s+presente|present[ea])\b"
    r"(?:[\s\"“,(-]{1,12}\w[\w.&'/-]{0,40}(?<!-)){0,9}?[\s\"“,(-]{1,12}"
    r"(?:agreement|contract|amendment|addendum|lease|deed|contrato|convenio|acuerdo)\b)"
    r"|\b(?:made|entered|dated|agreement|contract|amendment|addendum|lease|contrato|convenio|acuerdo"
    r"|reunidos|parties)\b"
)
_SAYS_MORE = re.compile(r"(?<=[a-z]{3})\.\s|\b(?:shall|will|may|debera|podra)\b")
"""Between "this agreement" and the parties: then it is another sentence."""
_NEAR = 250
_DEFINED = re.compile(
    r"\([^()]{0,80}[\"“«][^()]{1,60}\)|\((?:the|hereinafter|en\s+adelante|el|la|los|las)\s"
)
_ENDS = re.compile(
    r"\b(?:whereas|recitals|witnesseth|exponen|manifiestan|now,?\s+therefore|background\s*:?\s*\n)\b"
    r"|\n\W{0,3}1\.?\s+(?:definitions|interpretation|services|term)"
)


def span_of(place: Place, folded: str) -> Span | None:
    """Where a place is in a folded text; None if it has none."""
    if place == "opening":
        return Span(0, min(OPENING, len(folded)))
    if place == "title":
        return Span(0, min(_TITLE, len(folded)))
    if place == "closing":
        return Span(max(0, len(folded) - CLOSING), len(folded))
    if place == "preamble":
        return _preamble(folded)
    return Span(0, len(folded))


def _preamble(folded: str) -> Span | None:
    """Around the words that join the parties: the first that "this agreement" stands before and a
    definition after, else the first on a cover."""
    cover: Span | None = None
    for joined in _JOINED.finditer(folded, 0, _SEARCHED):
        start = max(0, joined.start() - _BEFORE)
        if not (contract := _CONTRACT.search(folded, start, joined.start())):
            continue
        closing = _ENDS.search(folded, joined.end(), joined.end() + _AFTER)
        end = closing.start() if closing else min(joined.end() + _AFTER, len(folded))
        is_told = _DEFINED.search(folded, joined.end(), end)
        if is_told and contract["this"]:
            if not _SAYS_MORE.search(folded, contract.start(), joined.start()):
                return Span(contract.start(), end)
        elif is_told and joined.start() < _COVER and is_told.start() - joined.end() < _NEAR:
            return Span(start, end)
        if cover is None and joined.start() < _COVER:
            cover = Span(start, end)
    return cover
