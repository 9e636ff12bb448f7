"""What the usual stack does, as its tutorials do it, in a process of its own.

    python -m ragkit.bench.baseline ingest    {"texts", "store", "model"} -> {"windows"}
    python -m ragkit.bench.baseline fill      {"store", "vectors", "texts"} -> {"windows"}
    python -m ragkit.bench.baseline search    {"store", "model", "questions"} -> {"seconds": [...]}
    python -m ragkit.bench.baseline find      {"store", "model", "questions", "texts", "nearest"}
                                              -> {"done", "total"}..., {"found": [[...]...]}

The request is JSON on standard input. Texts are cut into windows of 1000 characters with an overlap
of 200, encoded with the library's defaults (float32, batches of 32), and added with their text to a
persistent Chroma collection; a question is encoded and the nearest four windows are taken.
`find` takes texts that are cut already, says how far it is, a line each time, and at last which of them
are nearest to each question, by their number.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from ragkit.bench.windows import windows
from ragkit.isolation import seal

COLLECTION = "documents"
NEAREST = 4
TOLD_EVERY = 128
"""Texts encoded between two lines of progress: four of the library's batches."""


def ingest(texts: Path, store: Path, model: Path) -> dict[str, object]:
    """All .txt files of `texts` into a new collection in `store`."""
    cut = [
        window
        for path in sorted(texts.glob("*.txt"))
        for window in windows(path.read_text(encoding="utf-8"))
    ]
    _add(store, cut, open_model(model).encode(cut))
    return {"windows": len(cut)}


def fill(store: Path, texts: list[str], vectors: Path) -> dict[str, object]:
    """A new collection of texts whose vectors, a .npy file, are made already."""
    import numpy as np

    _add(store, texts, np.load(vectors))
    return {"windows": len(texts)}


def search(store: Path, model: Path, questions: list[str]) -> dict[str, object]:
    """Seconds for each question, the model and the collection being open."""
    encoder = open_model(model)
    collection = open_collection(store)
    seconds = []
    for question in questions:
        started = time.perf_counter()
        vector = encoder.encode([question])
        collection.query(query_embeddings=vector, n_results=NEAREST)
        seconds.append(time.perf_counter() - started)
    return {"seconds": seconds}


def find(
    store: Path, model: Path, texts: list[str], questions: list[str], nearest: int
) -> dict[str, object]:
    """For each question the numbers of the texts nearest to it, best first."""
    encoder = open_model(model)
    _add(store, texts, _encoded(encoder, texts))
    collection = open_collection(store)
    found = []
    for vector in encoder.encode(questions):
        near = collection.query(
            query_embeddings=vector[None], n_results=min(nearest, len(texts)), include=[]
        )
        found.append([int(name) for name in near["ids"][0]])
    return {"found": found}


def _encoded(encoder: Any, texts: list[str]) -> Any:
    """float32, shape (texts, dimension); tells of its progress on standard output."""
    import numpy as np

    vectors = []
    for at in range(0, len(texts), TOLD_EVERY):
        vectors.append(encoder.encode(texts[at : at + TOLD_EVERY]))
        done = min(at + TOLD_EVERY, len(texts))
        sys.stdout.write(json.dumps({"done": done, "total": len(texts)}) + "\n")
        sys.stdout.flush()
    return np.concatenate(vectors)


def _add(store: Path, texts: list[str], vectors: Any) -> None:
    """In the largest batches that Chroma takes. No embedding function: the default one downloads a model."""
    client = _open_client(store)
    collection = client.create_collection(COLLECTION, embedding_function=None)
    largest = client.get_max_batch_size()
    for at in range(0, len(texts), largest):
        part = texts[at : at + largest]
        names = [str(number) for number in range(at, at + len(part))]
        collection.add(ids=names, documents=part, embeddings=vectors[at : at + largest])


def _open_client(store: Path) -> Any:
    import chromadb

    # Its SQLite writes temporary files: under the seal of ragkit only where the work is.
    store.mkdir(mode=0o700, exist_ok=True)
    os.environ["SQLITE_TMPDIR"] = str(store.absolute())
    return chromadb.PersistentClient(str(store))


def open_collection(store: Path) -> Any:
    """The one that `ingest` or `fill` has made."""
    return _open_client(store).get_collection(COLLECTION, embedding_function=None)


def open_model(folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def main(arguments: list[str]) -> int:
    """The child's side."""
    # The parent has decided what level it accepts, and its filter is inherited.
    seal(accept_weak=True)
    request = json.load(sys.stdin)
    store = Path(request["store"])
    if arguments == ["ingest"]:
        answer = ingest(Path(request["texts"]), store, Path(request["model"]))
    elif arguments == ["fill"]:
        answer = fill(store, request["texts"], Path(request["vectors"]))
    elif arguments == ["find"]:
        asked, nearest = request["questions"], request["nearest"]
        answer = find(store, Path(request["model"]), request["texts"], asked, nearest)
    else:
        answer = search(store, Path(request["model"]), request["questions"])
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
