"""What every vector index must do, and how near the approximate one is to the exact one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ragkit.errors import StorageFault
from ragkit.protocols import VectorIndex
from ragkit.vectors import chroma
from ragkit.vectors.chroma import COLLECTION, ChromaIndex, build_index, part_sizes
from ragkit.vectors.exact import ExactIndex
from tests.vectors.samples import DIMENSION, clustered

COUNT = 3000
IDS, VECTORS = clustered(COUNT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("store") / "1"
    batches = [(IDS[i : i + 700], VECTORS[i : i + 700]) for i in range(0, COUNT, 700)]
    build_index(made, batches, COUNT, DIMENSION)
    return made


@pytest.fixture(scope="module", params=["exact", "chroma"])
def index(request: pytest.FixtureRequest, folder: Path) -> Iterator[VectorIndex]:
    made = ExactIndex(IDS, VECTORS) if request.param == "exact" else ChromaIndex(folder)
    yield made
    made.close()


def test_a_vector_finds_itself_first(index: VectorIndex) -> None:
    for row in range(0, COUNT, 113):
        ids, similarities = index.query(VECTORS[row], 3)
        assert ids[0] == IDS[row]
        assert similarities[0] == pytest.approx(1, abs=1e-5)


def test_the_answer_is_sorted_typed_and_true(index: VectorIndex) -> None:
    ids, similarities = index.query(VECTORS[5], 64)
    assert ids.dtype == np.int64
    assert similarities.dtype == np.float32
    assert ids.shape == similarities.shape == (64,)
    assert np.all(np.diff(similarities) <= 0)
    rows = {int(one): row for row, one in enumerate(IDS)}
    expected = VECTORS[[rows[int(one)] for one in ids]] @ VECTORS[5]
    np.testing.assert_allclose(similarities, expected, atol=1e-5)


def test_nothing_is_found_for_no_neighbours(index: VectorIndex) -> None:
    ids, similarities = index.query(VECTORS[0], 0)
    assert len(ids) == len(similarities) == 0


def test_more_neighbours_than_there_are() -> None:
    ids, vectors = clustered(5)
    found, _ = ExactIndex(ids, vectors).query(vectors[0], 50)
    assert sorted(found.tolist()) == sorted(ids.tolist())


@pytest.mark.parametrize("count", [1, 2, 150])
def test_small_indexes_hold_everything(tmp_path: Path, count: int) -> None:
    ids, vectors = clustered(count)
    build_index(tmp_path / "1", [(ids, vectors)], count, DIMENSION)
    index = ChromaIndex(tmp_path / "1")
    found, _ = index.query(vectors[0], count + 10)
    index.close()
    assert sorted(found.tolist()) == sorted(ids.tolist())


def test_recall_against_the_exact_search(folder: Path) -> None:
    index, oracle = ChromaIndex(folder), ExactIndex(IDS, VECTORS)
    _, questions = clustered(100, seed=8)
    shares = []
    for question in questions:
        found, wanted = index.query(question, 100)[0][:64], oracle.query(question, 64)[0]
        shares.append(len(set(found.tolist()) & set(wanted.tolist())) / 64)
    index.close()
    assert np.mean(shares) >= 0.98


def test_the_same_answers_as_the_public_client(folder: Path) -> None:
    import chromadb
    from chromadb.config import Settings

    index = ChromaIndex(folder)
    own, similarities = index.query(VECTORS[11], 20)
    index.close()
    settings = Settings(anonymized_telemetry=False, is_persistent=True)
    client = chromadb.PersistentClient(str(folder), settings)
    collection = client.get_collection(f"{COLLECTION}-0", embedding_function=None)
    theirs = collection.query(query_embeddings=VECTORS[11:12], n_results=20, include=["distances"])
    client.close()
    assert [str(one) for one in own] == theirs["ids"][0]
    assert theirs["distances"] is not None
    np.testing.assert_allclose(1 - similarities, theirs["distances"][0], atol=1e-6)


def test_searching_changes_no_byte(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for _ in range(2):
        index = ChromaIndex(folder)
        index.query(VECTORS[3], 10)
        index.close()
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert before == after


def test_searching_imports_no_heavy_library(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; import numpy;"
        "from ragkit.vectors.chroma import ChromaIndex;"
        f"index = ChromaIndex(Path({str(folder)!r}));"
        f"index.query(numpy.full({DIMENSION}, 0.1, numpy.float32), 3);"
        "print({'chromadb', 'onnxruntime', 'opentelemetry', 'httpx'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_missing_vector_is_a_fault(tmp_path: Path) -> None:
    ids, vectors = clustered(10)
    with pytest.raises(StorageFault, match="10 vectors came for an index of 11"):
        build_index(tmp_path / "1", [(ids, vectors)], 11, DIMENSION)
    with pytest.raises(StorageFault, match="no readable manifest"):
        ChromaIndex(tmp_path / "1")


def test_ids_must_fit_vectors() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        ExactIndex(IDS[:3], VECTORS[:4])


def test_parts_are_few_equal_and_hold_everything() -> None:
    for count in (1, 5, chroma.LARGEST_PART, chroma.LARGEST_PART + 1, 200_000):
        parts = part_sizes(count)
        assert sum(parts) == count
        assert max(parts) - min(parts) <= 1
        assert len(parts) == -(-count // chroma.LARGEST_PART)


def test_an_index_of_several_parts_answers_as_one(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma, "LARGEST_PART", 800)
    batches = [(IDS[i : i + 700], VECTORS[i : i + 700]) for i in range(0, COUNT, 700)]
    build_index(tmp_path / "1", batches, COUNT, DIMENSION)
    index, oracle = ChromaIndex(tmp_path / "1"), ExactIndex(IDS, VECTORS)
    assert index.manifest.parts == (750, 750, 750, 750)
    shares = []
    for question in clustered(50, seed=8)[1]:
        found, similarities = index.query(question, 64)
        assert np.all(np.diff(similarities) <= 0)
        assert len(set(found.tolist())) == 64
        shares.append(len(set(found.tolist()) & set(oracle.query(question, 64)[0].tolist())) / 64)
    index.close()
    assert np.mean(shares) >= 0.98


def test_too_many_vectors_for_several_parts_are_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma, "LARGEST_PART", 4)
    ids, vectors = clustered(10)
    with pytest.raises(StorageFault, match="10 vectors came for an index of 9"):
        build_index(tmp_path / "1", [(ids, vectors)], 9, DIMENSION)
