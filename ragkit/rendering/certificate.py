"""A certificate of erasure in words: sections of lines, shown as text here and as a page beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ragkit.rendering.terminal import one_line
from ragkit.types.erasure import HIDDEN_NAME, Certificate, ErasedDocument

LINES_SHOWN = 12
"""Of one section at the terminal; the file holds all."""


class Part(NamedTuple):
    """A heading with its lines. tone: "bad", "good" or "plain". is_long: folded on a page."""

    heading: str
    lines: tuple[str, ...]
    tone: str = "plain"
    is_long: bool = False


def title_of(certificate: Certificate) -> str:
    count = len(certificate.documents)
    documents = f"{count} document{'s' if count != 1 else ''}"
    return f"Certificate of erasure: {documents} of {one_line(certificate.pipeline)}"


def verdict_of(certificate: Certificate) -> str:
    scan = certificate.scan
    needles = sum(scan.needles.values())
    looked = f"{len(scan.files)} files ({_size(scan.bytes)}) for {needles:,} stretches"
    if certificate.is_clean:
        return f"Nothing was found: looked through {looked}."
    return f"NOT CLEAN: looked through {looked}; see what was found."


def parts_of(certificate: Certificate) -> Iterator[Part]:
    """The sections, the most important first."""
    scan = certificate.scan
    if not certificate.is_clean:
        found = [
            f"{one_line(each.path)}: {each.encoding}, {each.count} times, first at byte {each.offset}"
            for each in scan.findings
        ]
        unread = [f"{one_line(path)}: cannot be read" for path in scan.unread]
        yield Part("Found", (*found, *unread), "bad")
        yield Part("What to do", tuple(_advice(certificate)), "bad")
    yield Part("Documents, by digests", tuple(map(_document, certificate.documents)))
    if certificate.resumed or certificate.still_there:
        yield Part("To be known", tuple(_remarks(certificate)), "bad")
    erased = [f"{each.holding}: {each.count} {each.unit}" for each in certificate.erased]
    if certificate.also_erased:
        erased.append(
            f"kept for the next ingest and shown by no document: {certificate.also_erased} contents"
        )
    yield Part("Erased", tuple(erased))
    yield Part(
        "What is kept of documents, and how each is purged", _holdings(certificate), is_long=True
    )
    yield Part("Not reached", (*map(one_line, certificate.exported), *certificate.not_reached))
    yield Part(
        "Looked for", tuple(f"{name}: {count:,}" for name, count in scan.needles.items() if count)
    )
    files = [f"{one_line(each.path)}  {each.size} bytes  {each.sha256}" for each in scan.files]
    yield Part("Files looked through, by SHA-256", tuple(files), is_long=True)
    yield Part("Made by", tuple(_made_by(certificate)))


def as_text(certificate: Certificate) -> str:
    """For a terminal. The list of files is left to the file."""
    lines = [title_of(certificate), verdict_of(certificate)]
    for part in parts_of(certificate):
        if not part.is_long and part.lines:
            lines += ["", f"{part.heading}:", *(f"  {line}" for line in part.lines[:LINES_SHOWN])]
            if len(part.lines) > LINES_SHOWN:
                lines.append(f"  and {len(part.lines) - LINES_SHOWN} more")
    return "\n".join(lines)


def _document(document: ErasedDocument) -> str:
    content = document.sha256 or "never read"
    shared = "; another document with the same bytes stays" if document.shared else ""
    return f"SHA-256 {content}, path {document.path_sha256}{shared}"


def _advice(certificate: Certificate) -> Iterator[str]:
    """What mends each kind of finding; the same purge then makes another certificate."""
    scan, own = certificate.scan, f"{certificate.pipeline}/"
    found = dict.fromkeys(finding.path for finding in scan.findings)
    for path in scan.unread:
        yield f"{one_line(path)}: make it readable for you (chmod u+r)."
    for path in found:
        if path in certificate.undeclared:
            yield f"{one_line(path)}: no file of ragkit's. Look what it is, and remove it."
        elif path == HIDDEN_NAME:
            yield "A file or folder in the store bears an erased name: ragkit makes none; remove it."
        elif not path.startswith(own):
            yield f"{one_line(path)}: remove it; it is prepared anew when it is needed."
    if any(path.startswith(own) and path not in certificate.undeclared for path in found):
        yield (
            "A file of ragkit's own that holds what was erased is a fault of ragkit's: please report "
            f"the lines above, they hold no text. To be rid of it, remove all files but ledger.* from "
            f".ragkit/{own} and run: ragkit ingest {certificate.pipeline}"
        )
    yield "Then run the same purge again: this one stays open until its certificate is clean."


def _holdings(certificate: Certificate) -> tuple[str, ...]:
    return tuple(
        f"{each.name} ({each.holds}): {each.purged}; {each.count} {each.unit}"
        for each in certificate.holdings
    )


def _remarks(certificate: Certificate) -> Iterator[str]:
    if certificate.resumed:
        yield (
            "An earlier purge of these was interrupted, or found something, after the text had gone "
            "from the tables: of its documents no more than the names given could be looked for."
        )
    if certificate.still_there:
        yield "A file still lies in the folder of documents: the next ingest reads it again."


def _made_by(certificate: Certificate) -> Iterator[str]:
    generation = f"{certificate.generation_before} -> {certificate.generation_after}"
    yield f"{certificate.finished} (UTC), generation {generation}"
    yield ", ".join(f"{name} {version}" for name, version in certificate.versions.items())
    seconds = {**certificate.steps, "scanning": certificate.scan.seconds}
    yield ", ".join(f"{name} {took:.1f} s" for name, took in seconds.items())


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
