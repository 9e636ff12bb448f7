"""Citing: evidence -> marks 1, 2, ... in the order of their use, and the check of every quote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ragkit.errors import CheckFailed
from ragkit.types import Citation, Evidence


class Marks:
    """Evidence numbers -> marks, in the order in which a text uses them."""

    def __init__(self) -> None:
        self._marks: dict[int, int] = {}

    def of(self, numbers: Iterable[int]) -> tuple[int, ...]:
        """The marks of evidence numbers; one that was not used before gets the next mark."""
        return tuple(self._marks.setdefault(number, len(self._marks) + 1) for number in numbers)

    def citations(self, evidence: Sequence[Evidence]) -> tuple[Citation, ...]:
        """A citation for each mark given so far."""
        by_number = {item.number: item for item in evidence}
        return tuple(cite(mark, by_number[number]) for number, mark in self._marks.items())


def cite(mark: int, item: Evidence) -> Citation:
    """The citation of a piece of evidence."""
    return Citation(
        mark=mark,
        document=item.document,
        sha256=item.sha256,
        page=item.page,
        start=item.start,
        end=item.end,
        quote=item.text,
        read_as=item.read_as,
        confidence=item.confidence,
        fenced=item.fenced,
    )


def require_quotes(citations: Iterable[Citation], document: str, text: str) -> None:
    """Raises CheckFailed if a quote does not stand in `text`, that of `document`, where it says."""
    for citation in citations:
        if text[citation.start : citation.end] != citation.quote:
            raise CheckFailed(
                f"A quote does not stand in {document} at {citation.start} to {citation.end}; "
                "nothing is shown.",
                hint="Please report this: it is a bug in ragkit or a damaged index.",
            )
