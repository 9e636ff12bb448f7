"""Whether a quote stands in a document as it is now: character by character, at its page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ragkit.types import Citation, Page, ParsedDocument
from ragkit.types.rechecks import CheckedQuote, PresentPlace

DIGEST_CHANGED = "the file has changed"
DOUBT = 0.02
"""How far an answer may state another confidence than reading the page gives now: it is rounded to
three digits, and the same tesseract gives the same."""


def missing(citation: Citation, reason: str) -> CheckedQuote:
    why = reason or "there is no such document any more"
    return CheckedQuote(citation, "gone", why, changed=True)


def unreadable(citation: Citation, reason: str) -> CheckedQuote:
    return CheckedQuote(citation, "unreadable", reason.rstrip("."))


def recheck_quote(citation: Citation, sha256: str, document: ParsedDocument) -> CheckedQuote:
    """What became of a citation. sha256: of the document's bytes now."""
    changed = bool(citation.sha256) and citation.sha256 != sha256
    text = document.text
    if text[citation.start : citation.end] == citation.quote:
        here = _standing(document, citation.start, citation.end)
        return _as_it_stands(citation, here, changed)
    found = _found(citation, document, folded=changed)
    if found is None:
        return _lost(citation, document, changed=changed)
    if changed:
        return CheckedQuote(citation, "moved", DIGEST_CHANGED, True, found)
    if found.page != citation.page:
        return CheckedQuote(citation, "altered", _other_page(citation, found), False, found)
    return CheckedQuote(citation, "moved", "it stands elsewhere on its page", False, found)


def _as_it_stands(citation: Citation, here: PresentPlace, changed: bool) -> CheckedQuote:
    """The words stand where they are said to; of the same bytes all the rest must be true as well."""
    if changed:
        return CheckedQuote(citation, "moved", DIGEST_CHANGED, True, here)
    problem = _misstated(citation, here)
    return CheckedQuote(citation, "altered" if problem else "stands", problem, False, here)


def _misstated(citation: Citation, here: PresentPlace) -> str:
    """What an answer says of a quote that is not so; "" if it is."""
    if here.page != citation.page:
        return _other_page(citation, here)
    if citation.mark < 0:  # of a passage no more is said
        return ""
    if citation.read_as and here.read_as != citation.read_as:
        return f'its page is read as "{here.read_as}", not as "{citation.read_as}"'
    if citation.confidence is None:
        return ""
    if here.confidence is None or abs(here.confidence - citation.confidence) > DOUBT:
        return "the confidence with which its page is read is another"
    return ""


def _other_page(citation: Citation, found: PresentPlace) -> str:
    said = "no page" if citation.page is None else f"page {citation.page}"
    truly = "no page" if found.page is None else f"page {found.page}"
    return f"it stands on {truly}, not on {said}"


def _lost(citation: Citation, document: ParsedDocument, *, changed: bool) -> CheckedQuote:
    """Its words are not there: or the page that may hold them could not be read this time."""
    unread = next((page for page in document.unread_pages if page.number == citation.page), None)
    if unread is not None and not changed:
        return CheckedQuote(citation, "unreadable", f"page {unread.number}: {unread.reason}")
    why = f"{DIGEST_CHANGED}, and these words are not in it" if changed else "it is not in the file"
    return CheckedQuote(citation, "altered", why, changed)


def _found(citation: Citation, document: ParsedDocument, *, folded: bool) -> PresentPlace | None:
    """Where the words stand, best on their page, then nearest to where they stood.

    folded: with other white space too: a document that was saved anew has its lines cut elsewhere.
    """
    places = list(_places(citation.quote, document.text, folded=folded))
    if not places:
        return None
    standings = [_standing(document, start, end) for start, end in places]
    return min(
        standings,
        key=lambda here: (here.page != citation.page, abs(here.start - citation.start)),
    )


def _places(quote: str, text: str, *, folded: bool) -> Iterator[tuple[int, int]]:
    start, is_there = text.find(quote), False
    while start >= 0:
        is_there = True
        yield start, start + len(quote)
        start = text.find(quote, start + 1)
    if folded and not is_there and quote.split():
        pattern = re.compile(r"\s+".join(map(re.escape, quote.split())))
        for match in pattern.finditer(text):
            yield match.span()


def _standing(document: ParsedDocument, start: int, end: int) -> PresentPlace:
    page = _page_at(document, start)
    if page is None:
        return PresentPlace(None, start, end, "")
    return PresentPlace(page.number, start, end, page.read_as, page.confidence)


def _page_at(document: ParsedDocument, position: int) -> Page | None:
    """As the catalog tells the place of a citation: by its first character."""
    pages = (page for page in document.pages if page.start <= position < page.end)
    return next(pages, None)
