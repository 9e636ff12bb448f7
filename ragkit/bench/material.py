"""The same plain text for both sides, in a folder that goes away.

Everything made of documents during a benchmark lies in a scratch folder of the pipeline's store.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ragkit.config import Pipeline
from ragkit.errors import UsageFault
from ragkit.flows.surveying import SourceFile, survey
from ragkit.protocols import ParseRequest, ParserPool
from ragkit.types import ParsedDocument, Step

_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Material:
    """Texts as .txt files in `folder`; each keeps its document's name, which headers are made of."""

    folder: Path
    documents: int
    characters: int


def read_material(
    pipeline: Pipeline,
    parsers: ParserPool,
    target: Path,
    files: int,
    on_step: Callable[[Step], None],
) -> Material:
    """The text of at most `files` of the pipeline's files, spread over all of them, attachments included.

    What cannot be read is left out. Raises UsageFault if there is nothing to read.
    """
    target.mkdir(mode=0o700)
    chosen = _spread([file for file in survey(pipeline).files if file.size], files)
    requests = (ParseRequest(file.path, Path(file.absolute), file.suffix) for file in chosen)
    documents = characters = 0
    for done, outcome in enumerate(parsers.parse_all(requests), start=1):
        on_step(Step("reading", done, len(chosen)))
        for text in _texts(outcome.document):
            stem = PurePosixPath(outcome.key).stem[:_LONGEST_NAME]
            path = target / f"{stem} {documents:05}.txt"
            path.write_text(text, encoding="utf-8", newline="")
            documents += 1
            characters += len(text)
    if not documents:
        raise UsageFault(f"There is no text in the folders of {pipeline.name}.")
    return Material(target, documents, characters)


def _spread(files: list[SourceFile], most: int) -> list[SourceFile]:
    """Evenly over the list, which is in order of path."""
    count = min(most, len(files))
    return [files[place * len(files) // count] for place in range(count)]


def _texts(document: ParsedDocument | None) -> Iterator[str]:
    if document is None:
        return
    if document.text.strip():
        yield document.text
    for child in document.children:
        yield from _texts(child.document)


def write_settings(work: Path, pipeline: Pipeline, texts: Path, model: str) -> Path:
    """A pipelines.yaml with the pipeline's own way of embedding over `texts`. JSON is YAML."""
    embedder = pipeline.settings.embedder
    entry = {
        "folders": [str(texts)],
        "parsing": {"workers": pipeline.settings.parsing.workers},
        "embedder": {"model": model, "engine": embedder.engine},
    }
    path = work / "pipelines.yaml"
    settings = {"version": 1, "store": str(work / "store"), "pipelines": {pipeline.name: entry}}
    path.write_text(json.dumps(settings), encoding="utf-8")
    return path
