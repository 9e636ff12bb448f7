"""Render the binary sample documents of both corpora from their text sources.

Every file ``sources/<corpus>/<path>.<ext>.md`` becomes
``<corpus>/documents/<path>.<ext>``. A source starts with a YAML header between two ``---`` lines;
the body is a small Markdown dialect: headings, paragraphs, numbered clauses, bullets and tables.

Usage::

    python corpora/render.py           rewrite every rendered document
    python corpora/render.py --check   exit 1, naming the files whose bytes would differ
"""

import argparse
import io
import sys
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from pypdf import PdfReader
from rendering.office import render_docx, render_pptx, render_xlsx
from rendering.pdf import render_pdf, render_plain_pdf
from rendering.source import ROOT, SOURCES, Source, find_sources, load_source

MIME_TYPES = {
    ".pdf": ("application", "pdf"),
    ".docx": ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


def render_eml(source: Source) -> bytes:
    """Render a message with the headers and the attachments that the source's header names."""
    message = EmailMessage()
    for name, value in source.meta["headers"].items():
        message[name] = value
    message.set_content(source.body, cte="quoted-printable")
    for part in source.meta.get("attachments", []):
        attached = load_source(SOURCES / part)
        name = attached.target.name
        maintype, subtype = MIME_TYPES[Path(name).suffix]
        data = RENDERERS[Path(name).suffix](attached)
        message.add_attachment(data, maintype=maintype, subtype=subtype, filename=name)
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{source.target.stem}_{number}")
    return message.as_bytes(policy=message.policy.clone(linesep="\r\n"))


RENDERERS: dict[str, Callable[[Source], bytes]] = {
    ".pdf": render_pdf,
    ".docx": render_docx,
    ".xlsx": render_xlsx,
    ".pptx": render_pptx,
    ".eml": render_eml,
}


def decrypts_to_source(source: Source) -> bool:
    """Tell whether the encrypted document opens with its password and holds the expected text."""
    reader = PdfReader(source.target)
    if not reader.is_encrypted or not reader.decrypt(source.meta["password"]):
        return False
    expected = PdfReader(io.BytesIO(render_plain_pdf(source)))
    return [page.extract_text() for page in reader.pages] == [
        page.extract_text() for page in expected.pages
    ]


def is_current(source: Source) -> bool:
    """Tell whether the document on disk is what its source renders to."""
    if not source.target.exists():
        return False
    if source.meta.get("password"):
        return decrypts_to_source(source)
    return source.target.read_bytes() == RENDERERS[source.target.suffix](source)


def main(argv: list[str] | None = None) -> int:
    """Render or check all documents; return the exit code."""
    parser = argparse.ArgumentParser(description="Render the sample documents from their sources.")
    parser.add_argument("--check", action="store_true", help="only compare, exit 1 on a difference")
    check = parser.parse_args(argv).check
    sources = [load_source(path) for path in find_sources()]
    stale = [source for source in sources if not is_current(source)]
    for source in stale:
        print(source.target.relative_to(ROOT))
        if not check:
            source.target.parent.mkdir(parents=True, exist_ok=True)
            source.target.write_bytes(RENDERERS[source.target.suffix](source))
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
