"""A certificate of erasure in words: sections of lines, shown as text here and as a page beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ragkit.rendering.terminal import one_line
from ragkit.types.erasure import CLEAN, HIDDEN_NAME, NOT_SOUGHT, Certificate, ErasedDocument

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
    if certificate.outcome == CLEAN:
        return f"Nothing was found: looked through {looked}."
    if certificate.outcome == NOT_SOUGHT:
        missing = sum(not each.is_text_sought for each in certificate.documents)
        return (
            f"TEXT NOT LOOKED FOR: of {missing} of {len(certificate.documents)} documents only names "
            f"could be looked for. Nothing was found: looked through {looked}."
        )
    return f"NOT CLEAN: looked through {looked}; see what was found."


def parts_of(certificate: Certificate) -> Iterator[Part]:
    """The sections, the most important first."""
    scan = certificate.scan
    if not scan.is_clean:
        found = [
            f"{one_line(each.path)}: {each.encoding}, {each.count} times, first at byte {each.offset}"
            for each in scan.findings
        ]
        unread = [f"{one_line(path)}: cannot be read" for path in scan.unread]
        yield Part("Found", (*found, *unread), "bad")
        yield Part("What to do", tuple(_advice(certificate)), "bad")
    yield Part("To be known", tuple(_remarks(certificate)), "bad")
    yield Part("Documents, by digests", tuple(map(_document, certificate.documents)))
    erased = [f"{each.holding}: {each.count} {each.unit}" for each in certificate.erased]
    if certificate.also_erased:
        erased.append(
            f"kept for the next ingest and shown by no document: {certificate.also_erased} contents"
        )
    yield Part("Erased", tuple(erased))
    yield Part(
        "What is kept of documents, and how each is purged", _holdings(certificate), is_long=True
    )
    yield Part("Not reached", (*_outside(certificate), *certificate.not_reached))
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
    content = document.sha256 or "not known any more"
    sought = "" if document.is_text_sought else "; text not looked for"
    shared = "; another document with the same bytes stays" if document.shared else ""
    return f"SHA-256 {content}, path {document.path_sha256}{shared}{sought}"


def _outside(certificate: Certificate) -> Iterator[str]:
    """Where else the documents are, or may be, as far as ragkit can know."""
    exports = certificate.exports
    until = f"until a night has written it anew (ragkit nightly {certificate.pipeline})"
    for path in exports.sure:
        shows = f": shows it {until}" if path in exports.outputs else ""
        yield f"{one_line(path)}{shows}"
    for path in exports.outputs:
        if path not in exports.sure:
            yield f"{one_line(path)}: may show it {until}"
    for path in exports.possible:
        if path not in exports.outputs:
            yield f"may show it or a former state of it: {one_line(path)}"
    if exports.unknown:
        yield f"files written with --output: not known, {one_line(exports.unknown)}"
    yield from map(one_line, certificate.elsewhere)


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
    yield "Then run the same purge again: it stays open until nothing is found."


def _holdings(certificate: Certificate) -> tuple[str, ...]:
    return tuple(
        f"{each.name} ({each.holds}): {each.purged}; {each.count} {each.unit}"
        for each in certificate.holdings
    )


def _remarks(certificate: Certificate) -> Iterator[str]:
    if not all(each.is_text_sought for each in certificate.documents):
        yield (
            "Text left the index before this scan, with an earlier ingest or purge: it could not be "
            "looked for. If you still have the file: ingest it, then purge it again."
        )
        if certificate.undeclared:
            files = ", ".join(map(one_line, certificate.undeclared))
            yield f"No files of ragkit's, so look what they are: {files}."
    elif certificate.resumed:
        yield (
            "An earlier purge looked for the text and found nothing, but its certificate was not kept: "
            "of its documents only names were looked for again."
        )
    if any(each.earlier for each in certificate.documents):
        yield "Former states of a file were not looked for: they left the index with earlier ingests."
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
