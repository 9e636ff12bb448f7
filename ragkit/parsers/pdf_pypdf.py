"""The owner of pypdf: a second opinion on what PDFium cannot open, or reads nothing of."""

from __future__ import annotations

import io
import logging
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from ragkit.errors import UnreadableDocument
from ragkit.parsers.limits import ParseLimits, needs_password

if TYPE_CHECKING:
    from pypdf import PdfReader

_DAMAGED = "It is damaged or cut off: it cannot be opened as a PDF."


def preload() -> None:
    import pypdf  # noqa: F401 - imported to be there before the fork


def page_texts(data: bytes, limits: ParseLimits, wanted: Collection[int]) -> dict[int, str]:
    """The texts of the pages in `wanted` (from 0); none of a page that pypdf cannot read.

    Raises UnreadableDocument if pypdf cannot open the file.
    """
    reader = _open(data)
    texts: dict[int, str] = {}
    for number in sorted(wanted):
        try:
            texts[number] = reader.pages[number].extract_text()
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - pypdf raises anything on a broken page
            continue
        limits.check_characters(sum(map(len, texts.values())))
    return texts


def rewritten(data: bytes, passwords: tuple[str, ...] = ()) -> bytes:
    """The document written anew: without encryption, and with its faults mended.

    passwords: tried where it needs one. Raises UnreadableDocument if pypdf cannot open the file either.
    """
    from pypdf import PdfWriter

    reader = _open(data, passwords)
    try:
        target = io.BytesIO()
        PdfWriter(clone_from=reader).write(target)
    except MemoryError:
        raise
    except Exception as error:  # pypdf raises anything on a broken file
        raise UnreadableDocument(_DAMAGED) from error
    return target.getvalue()


def _open(data: bytes, passwords: tuple[str, ...] = ()) -> PdfReader:
    import pypdf

    # Its warnings quote what is in the file.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        opened = not reader.is_encrypted or any(map(reader.decrypt, _spellings(passwords)))
    except MemoryError:
        raise
    except Exception as error:  # pypdf raises anything on a broken file
        raise UnreadableDocument(_DAMAGED) from error
    if not opened:
        raise needs_password(len(passwords))
    return reader


def _spellings(passwords: tuple[str, ...]) -> Iterator[str | bytes]:
    """None at all, then each as the standard writes its letters, and as many programs do."""
    yield ""
    for password in passwords:
        yield from (password, password.encode("utf-8"))
