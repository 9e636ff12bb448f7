"""How much of the documents stands behind an answer, in a sentence of its language. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ragkit.rendering.phrases import ENGLISH, Phrases
from ragkit.rendering.terminal import one_line, place_of
from ragkit.types import Coverage, Unreadable

NAMED = 3
"""Of one group at the terminal: JSON has all."""
_LOCKED, _METADATA = "password", "metadata"


def searched_line(coverage: Coverage, said: Phrases = ENGLISH, most: int = NAMED) -> str:
    """'Searched 24 of 25 documents; 1 could not be read: scan_07.pdf (encrypted).'

    most: how many of those not read are named, of each kind.
    """
    return _line(said.searched, coverage, said, most)


def not_found_line(coverage: Coverage, said: Phrases = ENGLISH, most: int = NAMED) -> str:
    """'Not found in 41 of 42 documents; 1 could not be read: scan_07.pdf (encrypted).'"""
    return _line(said.not_found, coverage, said, most)


def has_locked(coverage: Coverage) -> bool:
    """Whether a document would open with a password that was not given."""
    return any(item.kind == _LOCKED for item in coverage.unreadable)


def _line(forms: tuple[str, str], coverage: Coverage, said: Phrases, most: int) -> str:
    first = said.counted(forms, coverage.documents, searched=coverage.searched)
    return "; ".join((first, *_groups(coverage.unreadable, said, most))) + "."


def _groups(unreadable: Sequence[Unreadable], said: Phrases, most: int) -> Iterator[str]:
    """Documents not read, those read in part, and files of metadata that could not be used."""
    metadata = [item for item in unreadable if item.kind == _METADATA]
    partly = [item for item in unreadable if item.pages]
    whole = [item for item in unreadable if not item.pages and item.kind != _METADATA]
    for forms, items in (
        (said.not_searched, whole),
        (said.in_part, partly),
        (said.no_metadata, metadata),
    ):
        if items:
            yield f"{said.counted(forms, len(items))}: {_named(items, said, most)}"


def _named(items: Sequence[Unreadable], said: Phrases, most: int) -> str:
    names = ", ".join(_with_reason(item, said) for item in items[:most])
    more = len(items) - most
    return f"{names} {said.more.format(count=more)}" if more > 0 else names


def _with_reason(item: Unreadable, said: Phrases) -> str:
    """'scan.pdf (encrypted)', 'scan.pdf (without pages 2-4: a picture, not read by OCR)'."""
    why = said.reason(item.kind)
    if item.pages:
        pages = said.counted(said.pages, len(item.pages), pages=page_ranges(item.pages))
        why = f"{pages}: {why}" if why else pages
    elif item.kind not in said.reasons:
        why = one_line(item.reason).rstrip(".")
    return f"{place_of(item.document, None)} ({why})" if why else place_of(item.document, None)


def page_ranges(pages: Sequence[int]) -> str:
    """'2-4, 9'."""
    runs: list[list[int]] = []
    for page in sorted(pages):
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
