"""A little of a pipeline's own text, to compare two models on. It never leaves this process's memory."""

from __future__ import annotations

from ragkit.catalog import Catalog, DocumentEntry, Reader
from ragkit.config import Pipeline
from ragkit.errors import IndexMissing
from ragkit.flows.shrinking import Sample

_DOCUMENTS = 4
_CHARACTERS = 1500
"""Of each: together about 1500 tokens, some seconds of reading with a model of 7 billion parameters."""


def sample_of(pipeline: Pipeline) -> Sample:
    """Stretches from the middle of documents that lie evenly spread. Raises IndexMissing."""
    missing = IndexMissing(
        f"The pipeline {pipeline.name} has no text yet.", hint=f"ragkit ingest {pipeline.name}"
    )
    try:
        catalog = Catalog.open_for_reading(pipeline.store)
    except IndexMissing:
        raise missing from None
    with catalog, catalog.snapshot():
        texts = _texts(Reader(catalog))
    if not texts:
        raise missing
    return Sample(tuple(texts), f"the text of {len(texts)} documents of {pipeline.name}")


def _texts(reader: Reader) -> list[str]:
    documents = sorted(reader.documents(), key=lambda document: document.path)
    step = max(1, len(documents) // _DOCUMENTS)
    texts = (_middle(reader, one) for one in documents[::step][:_DOCUMENTS])
    return [text for text in texts if text.strip()]


def _middle(reader: Reader, document: DocumentEntry) -> str:
    length = reader.length(document.content_id)
    start = max(0, (length - _CHARACTERS) // 2)
    return reader.text(document.content_id, start, min(length, start + _CHARACTERS))
