"""How many pages a document has, also where the last ones are blank."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.types import Page, UnreadPage


def up_to_the_last(
    pages: Sequence[Page], unread: Sequence[UnreadPage], count: int
) -> tuple[Page, ...]:
    """The pages, with an empty one for the last if that is blank.

    Blank pages before others tell themselves by the numbers of those; without this nobody would know of
    those behind. pages: those with text, numbered. count: of all pages of the file, 0 where it has none.
    """
    told = {*(page.number for page in pages), *(page.number for page in unread)}
    if not count or count in told:
        return tuple(pages)
    return (*pages, Page(count, pages[-1].end if pages else 0, ""))
