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

    pages: (number, place in the text) of those with text, in order, and of the last. citations: of the
    document, all that its summary quotes; one may go on overleaf. unreadable: what of the document itself
    could not be read.
    """
    lost = sorted({number for item in unreadable for number in item.pages})
    every = range(
        1, max([*lost, *(number for number, _ in pages if number is not None)], default=0) + 1
    )
    if not every:
        return None
    numbered = {number for number, span in pages if number is not None and span.start < span.end}
    missing = set(lost) - numbered
    used = {number for number, span in pages if number and _is_quoted(span, citations)}
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
    return "; ".join(
        item.reason
        if item.document == path
        else f"{item.document.removeprefix(f'{path}::')}: {item.reason}"
        for item in missing_of(path, unreadable)
    )


def missing_of(path: str, unreadable: Sequence[Unreadable]) -> tuple[Unreadable, ...]:
    """What of a document could not be read, its attachments last."""
    own = [item for item in unreadable if item.document == path]
    return (*own, *(item for item in unreadable if item.document.startswith(f"{path}::")))


def _is_quoted(page: Span, citations: Sequence[Citation]) -> bool:
    return any(quote.start < page.end and page.start < quote.end for quote in citations)
