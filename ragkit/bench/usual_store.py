"""The usual stack's collection of a pipeline's published chunks, with the vectors the pipeline has."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ragkit.bench.children import run_module
from ragkit.catalog import Catalog
from ragkit.catalog.searching import SearchReader
from ragkit.config import Pipeline
from ragkit.errors import UsageFault
from ragkit.flows.owning import require_owner


def fill_usual_store(pipeline: Pipeline, folder: Path) -> tuple[Path, int]:
    """Where the collection lies, below `folder`, and of how many chunks it is.

    Raises UsageFault if the index holds no text.
    """
    texts, vectors = [], []
    with Catalog.open_for_reading(pipeline.store) as catalog, catalog.snapshot():
        reader = SearchReader(catalog)
        require_owner(pipeline, reader)
        for document in reader.documents():
            entries = reader.entries_of_document(document.id)
            found, vector_of = reader.chunks(entries), reader.entry_vectors(entries)
            for entry in entries:
                chunk = found[entry]
                texts.append(reader.text(document.content_id, chunk.start, chunk.end))
                vectors.append(vector_of[entry])
    if not texts:
        raise UsageFault(
            f"There is no text in the index of {pipeline.name} to ask.",
            hint=f"ragkit status {pipeline.name} says why.",
        )
    path, store = folder / "vectors.npy", folder / "chroma"
    np.save(path, np.stack(vectors))
    request = {"store": str(store), "vectors": str(path), "texts": texts}
    run_module("ragkit.bench.baseline", "fill", request=request)
    return store, len(texts)
