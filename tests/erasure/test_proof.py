"""Erased means erased: after a purge of half the documents an independent scan finds nothing of them.

The same scan finds leftovers after Chroma's own deleting and vacuum, and after our purge when any one
of its protections is taken out: so it is able to find them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ragkit.catalog import Catalog
from ragkit.catalog.erasing import Erasing
from ragkit.catalog.holdings import undeclared_files
from ragkit.catalog.tracing import Traces
from ragkit.erasure.forms import (
    ESCAPED,
    FLOAT16,
    FLOAT32,
    INT8,
    INT16,
    INT32,
    NAMES,
    UTF8,
    UTF16BE,
    UTF16LE,
    VECTOR_KEY,
    WORDS,
)
from ragkit.erasure.matching import Needles
from ragkit.erasure.scan import scan
from ragkit.flows import purging
from ragkit.flows.nightly import nightly
from ragkit.flows.scanning import Scanning
from ragkit.types.erasure import NOT_SOUGHT
from tests.erasure.made_up import MadeUp, token_ids

EVERY_ENCODING = {
    *(UTF8, ESCAPED, UTF16LE, UTF16BE, FLOAT32, FLOAT16, INT8, INT32, INT16),
    *(NAMES, WORDS, VECTOR_KEY),
}
CHROMA_CONTROL = """
import sys, numpy as np, chromadb
folder, documents, ids, vectors, gone = sys.argv[1], *(np.load(p, allow_pickle=False) for p in sys.argv[2:])
client = chromadb.PersistentClient(folder, chromadb.config.Settings(anonymized_telemetry=False))
collection = client.create_collection("plain", embedding_function=None)
collection.add(ids=list(map(str, ids)), embeddings=vectors, documents=list(map(str, documents)))
collection.delete(ids=list(map(str, gone)))
client.close()
"""


def made(root: Path, count: int, *, with_chroma: bool = False) -> tuple[MadeUp, list[str]]:
    corpus = MadeUp(root, with_chroma=with_chroma)
    paths = corpus.write(count)
    report = corpus.ingest()
    assert report.unreadable == ()
    return corpus, paths


def needles_of(corpus: MadeUp, going: list[str], staying: list[str]) -> Needles:
    """The needles as a purge makes them."""
    scanning = Scanning(corpus.pipeline, token_ids)
    with Catalog.open_for_writing(corpus.store) as catalog, catalog.snapshot():
        traces = Traces(catalog, going)
        scanning.note(traces, going, staying, ())
        traces.forget()
    assert scanning.needles is not None
    return scanning.needles


@pytest.mark.parametrize(
    ("count", "batch"), [(12, 6), pytest.param(100, 10, marks=pytest.mark.long)]
)
def test_nothing_is_found_of_half_the_documents(tmp_path: Path, count: int, batch: int) -> None:
    corpus, paths = made(tmp_path, count, with_chroma=True)
    nightly(corpus.pipeline, corpus.ingest)
    going = paths[::2]
    for start in range(0, len(going), batch):
        certificate = corpus.purge(*going[start : start + batch])
        assert certificate.is_clean, certificate.scan.findings
        assert set(certificate.scan.needles) >= EVERY_ENCODING - {INT16}
        assert certificate.scan.bytes > 100_000
        assert undeclared_files(corpus.store) == []


def test_chroma_and_its_vacuum_leave_text_and_vectors(tmp_path: Path) -> None:
    """The control: the same chunks and vectors in a plain collection, deleted and vacuumed."""
    import numpy as np

    corpus, paths = made(tmp_path, 12)
    needles = needles_of(corpus, paths[::2], paths[1::2])
    with Catalog.open_for_writing(corpus.store) as catalog:
        rows = catalog.connection.execute(
            "SELECT entries.id, substr(pages.text, chunks.start + 1, chunks.stop - chunks.start),"
            " vector, documents.id FROM entries JOIN chunks ON chunks.id = chunk_id"
            " JOIN vectors ON vectors.id = vector_id JOIN documents ON documents.id = document_id"
            " JOIN pages USING (content_id) WHERE pages.ordinal = 0"
        ).fetchall()
        marks = ",".join("?" * len(paths[::2]))
        going = catalog.connection.execute(
            f"SELECT id FROM documents WHERE path IN ({marks}) OR parent IN ({marks})",
            paths[::2] * 2,
        ).fetchall()
    gone = {number for (number,) in going}
    arrays = {
        "texts": np.array([text for _, text, _, _ in rows]),
        "ids": np.array([number for number, *_ in rows]),
        "vectors": np.stack([np.frombuffer(vector, "<f4") for _, _, vector, _ in rows]),
        "gone": np.array([number for number, _, _, document in rows if document in gone]),
    }
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    folder = tmp_path / "plain"
    files = [str(tmp_path / f"{name}.npy") for name in arrays]
    subprocess.run([sys.executable, "-c", CHROMA_CONTROL, str(folder), *files], check=True)
    program = str(Path(sys.executable).parent / "chroma")
    vacuum = [program, "vacuum", "--path", str(folder), "--force"]
    done = subprocess.run(vacuum, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = {each.encoding: each.count for each in scan(folder, needles).findings}
    assert {UTF8, FLOAT32} <= found.keys(), found


def without_secure_delete(patch: pytest.MonkeyPatch) -> None:
    real = Catalog.open_for_writing

    def opened(folder: Path) -> Catalog:
        catalog = real(folder)
        catalog.connection.execute("PRAGMA secure_delete = OFF")
        return catalog

    patch.setattr(Catalog, "open_for_writing", opened)
    patch.setattr(Erasing, "rewrite", lambda self: None)


def without_emptying_the_log(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Catalog, "empty_log", lambda self: True)


def without_merging_the_words(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Erasing, "merge_words", lambda self: None)


def without_rebuilding_the_index(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(purging, "renew_vector_index", lambda *given, **named: False)


def without_rewriting_the_reports(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(purging, "leave_kept_reports", lambda *given: None)


@pytest.mark.parametrize(
    ("take_out", "expected"),
    [
        (without_secure_delete, UTF8),
        (without_emptying_the_log, UTF8),
        (without_merging_the_words, WORDS),
        (without_rebuilding_the_index, FLOAT32),
        (without_rewriting_the_reports, NAMES),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_without_a_protection_the_scan_finds_something(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    take_out: Callable[[pytest.MonkeyPatch], None],
    expected: str,
) -> None:
    corpus, paths = made(tmp_path, 8)
    nightly(corpus.pipeline, corpus.ingest)
    with monkeypatch.context() as patch:
        take_out(patch)
        certificate = corpus.purge(*paths[::2])
    assert expected in {finding.encoding for finding in certificate.scan.findings}
    again = corpus.purge(*paths[::2])  # it has no certificate yet: whole again, nothing is left
    assert again.resumed
    assert again.scan.is_clean, again.scan.findings
    assert again.outcome == NOT_SOUGHT
