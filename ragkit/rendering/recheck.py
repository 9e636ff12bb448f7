"""What became of saved answers, for people: what stands in a line, what does not by name."""

from __future__ import annotations

from collections.abc import Iterator

from ragkit.rendering.terminal import indented, one_line, place_of, shortened
from ragkit.types.rechecks import CheckedAnswer, CheckedQuote, Recheck, UnsupportedText

BEGINNING = 100
"""Characters of a quote that tell a person which one is meant."""
STATES = {
    "moved": "still stands",
    "altered": "no longer stands",
    "gone": "no longer stands",
    "unreadable": "could not be checked",
}


def show_recheck(recheck: Recheck, *, width: int = 100) -> str:
    """Each answer with what does not stand, or stands elsewhere; then how it is with all of them."""
    lines = [line for answer in recheck.answers for line in _answer(answer, width)]
    return "\n".join([*lines, _verdict(recheck)])


def _answer(answer: CheckedAnswer, width: int) -> Iterator[str]:
    standing = sum(quote.holds for quote in answer.quotes)
    said = answer.statements - len(answer.unsupported)
    yield (
        f"{one_line(answer.place)} ({one_line(answer.pipeline)}): "
        f"{standing} of {len(answer.quotes)} quotes stand, "
        f"{max(0, said)} of {answer.statements} statements say what they quote."
    )
    for quote in answer.quotes:
        if quote.state != "stands":
            yield _quote(quote, width)
    for text in answer.unsupported:
        yield _unsupported(text, width)


def _quote(quote: CheckedQuote, width: int) -> str:
    citation, now = quote.citation, ""
    if quote.state == "moved" and quote.now is not None:
        page = "" if quote.now.page is None else f"p. {quote.now.page}, "
        now = f" (now {page}characters {quote.now.start} to {quote.now.end})"
    head = f"{mark_of(citation.mark)} {place_of(citation.document, citation.page)}: "
    why = f"{STATES[quote.state]}{now}: {one_line(quote.why)}"
    said = f"{head}{why}: “{shortened(citation.quote, BEGINNING)}”"
    return indented(said, "  ", width, hanging="      ")


def _unsupported(text: UnsupportedText, width: int) -> str:
    said = f"A {text.what}: {one_line(text.why)}: “{shortened(text.text, BEGINNING)}”"
    return indented(said, "  ", width, hanging="      ")


def mark_of(mark: int) -> str:
    """'[2]', or 'nearest 1' for a passage that was shown where nothing was found."""
    return f"[{mark}]" if mark > 0 else f"nearest {-mark}"


def _verdict(recheck: Recheck) -> str:
    read = f"{_counted(recheck.documents, 'file')} read again in {recheck.seconds:.1f} s."
    if recheck.fails:
        return f"Something no longer stands. {read}"
    if recheck.unreadable:
        return f"Not everything could be checked. {read}"
    changed = " Files have changed since, and their quotes still stand." if recheck.changed else ""
    return f"Everything stands.{changed} {read}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
