"""Sources: a YAML header and a body in a small Markdown dialect, parsed into blocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "sources"
CORPORA = ("medical", "legal")
CLAUSE = re.compile(r"^(\d+(?:\.\d+)+)\s+(.*)$", re.DOTALL)
ITEM = re.compile(r"^(\([a-z]{1,4}\)|-)\s+(.*)$", re.DOTALL)
HEADING = re.compile(r"^(#{1,3})\s+(.*)$", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One piece of a body: a heading, paragraph, clause, item, table, signature or page break."""

    kind: str
    text: str = ""
    label: str = ""
    rows: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True)
class Source:
    """A parsed source file: its header, its body and the document it is rendered to."""

    path: Path
    target: Path
    meta: dict[str, Any]
    body: str

    @property
    def lang(self) -> str:
        """Return the language of the document, English unless told otherwise."""
        return str(self.meta.get("lang", "en"))


def split_header(text: str) -> tuple[dict[str, Any], str]:
    """Split a source text into its YAML header and its body."""
    _, header, body = text.split("---\n", 2)
    return yaml.safe_load(header) or {}, body.strip() + "\n"


def load_source(path: Path) -> Source:
    """Read one source; a header with ``template`` fills that template's placeholders."""
    meta, body = split_header(path.read_text(encoding="utf-8"))
    if "template" in meta:
        shared, body = split_header((SOURCES / meta["template"]).read_text(encoding="utf-8"))
        meta = {**shared, **meta}
        for name, value in meta["values"].items():
            body = body.replace("{{" + name + "}}", str(value).strip())
    if "{{" in body:
        raise ValueError(f"{path}: a placeholder was left unfilled")
    corpus, *rest = path.relative_to(SOURCES).with_suffix("").parts
    return Source(path, ROOT.joinpath(corpus, "documents", *rest), meta, body)


def find_sources() -> list[Path]:
    """List the sources to render; folders that start with an underscore hold parts of others."""
    found = [path for corpus in CORPORA for path in (SOURCES / corpus).rglob("*.md")]
    return sorted(
        path
        for path in found
        if not any(part.startswith("_") for part in path.relative_to(SOURCES).parts)
    )


def parse_table(chunk: str) -> Block:
    """Parse a pipe table; a line of dashes only is dropped."""
    lines = [line.strip().strip("|").split("|") for line in chunk.split("\n")]
    rows = [[cell.strip() for cell in line] for line in lines]
    return Block("table", rows=[row for row in rows if not all(set(c) <= set("-: ") for c in row)])


def parse_signatures(chunk: str) -> list[list[str]]:
    """Parse signature lines: ``::sign Name | Role | Company``."""
    lines = [line.removeprefix("::sign ").split("|") for line in chunk.split("\n")]
    return [[part.strip() for part in line] for line in lines]


def parse_text(chunk: str) -> Block:
    """Parse a chunk of running text: a heading, a numbered clause, an item or a paragraph."""
    text = re.sub(r"\\\n", "\v", chunk).replace("\n", " ").replace("\v", "\n")
    if match := HEADING.match(text):
        return Block(f"h{len(match[1])}", match[2])
    if match := CLAUSE.match(text):
        return Block("clause", match[2], match[1])
    if match := ITEM.match(text):
        return Block("item", match[2], "•" if match[1] == "-" else match[1])
    return Block("para", text)


def parse_chunk(chunk: str) -> Block:
    """Parse one chunk of a body: the lines between two blank lines."""
    if chunk.startswith("|"):
        return parse_table(chunk)
    if chunk == "\\pagebreak":
        return Block("break")
    if chunk.startswith("::sign "):
        return Block("sign", rows=parse_signatures(chunk))
    if chunk.startswith("::notes "):
        return Block("notes", chunk.removeprefix("::notes ").replace("\n", " "))
    return parse_text(chunk)


def parse_body(body: str) -> list[Block]:
    """Parse a body into blocks; a line that starts a list item or a heading starts a new block."""
    spaced = re.sub(r"\n(?=- |\([a-z]{1,4}\) |#{1,3} )", "\n\n", body)
    chunks = (chunk.strip("\n") for chunk in re.split(r"\n\s*\n", spaced))
    return [parse_chunk(chunk) for chunk in chunks if chunk]


def bold_runs(text: str) -> Iterator[tuple[str, bool]]:
    """Split a text at its ``**bold**`` marks."""
    for number, part in enumerate(text.split("**")):
        if part:
            yield part, number % 2 == 1
