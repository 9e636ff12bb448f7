"""Where the links of a written summary lead: to the files it quotes, and to the other summaries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SummaryLinks:
    """Addresses in which every sign that a page could take for its own is percent-encoded; "" for none.

    file: of a document's file, at a page where the file has pages that can be addressed.
    page: of a document's summary, relative to the one that is shown and without its suffix; of the
    summary of all documents for "".
    """

    file: Callable[[str, int | None], str]
    page: Callable[[str], str]


NO_LINKS = SummaryLinks(lambda document, page: "", lambda document: "")
