"""What became of every page of a summarized document: quoted, read, without text, or unreadable. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.types import Citation, Span, Unreadable
from ragkit.types.summaries import PageCoverage


def pages_covered(
    pages: Sequence[tuple[int | None, Span]],
    citations: Sequence[Citation],
    unreadable: Sequence[Unreadable],
) -> PageCoverage | None:
    """Each page in one of the lists, so that they add up; None where the format has no pages.

    pages: (number, place in the text) of those with text, in order. citations: of the document, all that
    its summary quotes; one may go on overleaf. unreadable: what of the document itself could not be read.
    """
    lost = sorted({number for item in unreadable for number in item.pages})
    numbered = {number for number, _ in pages if number is not None}
    if not numbered and not lost:
        return None
    missing = set(lost) - numbered
    used = {number for number, span in pages if number and _is_quoted(span, citations)}
    every = range(1, max(numbered | missing) + 1)
    first = next((item for item in unreadable if item.pages), None)
    return PageCoverage(
        used=tuple(sorted(used)),
        read=tuple(number for number in every if number in numbered - used),
        empty=tuple(number for number in every if number not in numbered | missing),
        unreadable=tuple(sorted(missing)),
        reason=first.reason.partition(": ")[2].rstrip(".") if first else "",
        kind=first.kind if first else "",
    )


def unread_of(path: str, unreadable: Sequence[Unreadable]) -> str:
    """What of a document, its attachments included, could not be read; "" if all could be."""
    reasons = [item.reason for item in unreadable if item.document == path]
    reasons += [
        f"{item.document.removeprefix(f'{path}::')}: {item.reason}"
        for item in unreadable
        if item.document.startswith(f"{path}::")
    ]
    return "; ".join(reasons)


def _is_quoted(page: Span, citations: Sequence[Citation]) -> bool:
    return any(quote.start < page.end and page.start < quote.end for quote in citations)
