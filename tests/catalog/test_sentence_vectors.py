"""Sentence vectors as they are kept: near what was given, with their vector, and gone with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ragkit.catalog import Catalog, Contents
from ragkit.catalog.contents import embedded_spans, embedded_text
from ragkit.catalog.sentence_vectors import read_sentence_vectors

DIMENSION = 48
BIDI, ZERO_WIDTH, SOFT_HYPHEN = "\u202e", "\u200b", "\u00ad"


@pytest.fixture
def contents(tmp_path: Path) -> Contents:
    return Contents(Catalog.open_for_writing(tmp_path / "store"))


def unit(count: int, seed: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSION))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def spans(count: int) -> NDArray[np.int32]:
    return np.array([(20 * at, 20 * at + 15) for at in range(count)], np.int32).reshape(-1, 2)


def keep(contents: Contents, *counts: int) -> list[bytes]:
    """A vector for each count, with so many sentences; entries 1, 2, ... show them."""
    keys = [bytes([at]) * 16 for at in range(len(counts))]
    contents.keep_vectors(
        "e",
        keys,
        unit(len(counts), 0),
        [spans(count) for count in counts],
        [unit(count, 1 + at) for at, count in enumerate(counts)],
    )
    connection = contents._connection
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute(
        "INSERT INTO entries (id, document_id, chunk_id, vector_id) SELECT id, 1, 1, id FROM vectors"
    )
    connection.execute("PRAGMA foreign_keys = ON")
    return keys


def test_what_is_read_is_near_what_was_kept(contents: Contents) -> None:
    keep(contents, 3, 1)
    found = read_sentence_vectors(contents._connection, [2, 1])
    assert list(found) == [1, 2]
    for entry, count in ((1, 3), (2, 1)):
        places, vectors = found[entry]
        assert places.tolist() == spans(count).tolist()
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert np.min(np.sum(vectors * unit(count, entry), axis=1)) > 0.999


def test_an_entry_without_sentences_is_left_out(contents: Contents) -> None:
    keep(contents, 0, 2)
    assert list(read_sentence_vectors(contents._connection, [1, 2, 99])) == [2]


def test_no_entries_no_rows(contents: Contents) -> None:
    assert read_sentence_vectors(contents._connection, []) == {}


def test_a_vector_alone_is_not_enough(contents: Contents) -> None:
    """A store of an older version has vectors without those of sentences."""
    first, second = keep(contents, 2, 2)
    assert contents.missing_vectors("e", [first, second]) == set()
    contents._connection.execute("DELETE FROM sentence_vectors WHERE vector_id = 1")
    assert contents.missing_vectors("e", [first, second]) == {first}
    contents.keep_vectors("e", [first], unit(1, 9), [spans(4)], [unit(4, 9)])
    assert contents.missing_vectors("e", [first, second]) == set()
    found = read_sentence_vectors(contents._connection, [1])
    assert len(found[1][1]) == 4


def test_they_go_with_their_vector(contents: Contents) -> None:
    keep(contents, 2, 2)
    contents._connection.execute("DELETE FROM entries WHERE id = 1")
    contents._connection.execute("DELETE FROM vectors WHERE id = 1")
    left = contents._connection.execute("SELECT vector_id FROM sentence_vectors").fetchall()
    assert left == [(2,)]


def test_a_thousand_entries_are_read_in_parts(contents: Contents) -> None:
    keep(contents, *[1] * 250)
    wanted = [*range(1, 251), *range(10_000, 12_000)]
    assert len(read_sentence_vectors(contents._connection, wanted)) == 250


@pytest.mark.parametrize("header", ["", "Lease | Acme", f"Le{SOFT_HYPHEN}ase"])
@pytest.mark.parametrize(
    "body",
    [
        "The rent is due. The term is two years.",
        f"The{ZERO_WIDTH} rent is{BIDI} due. The te{SOFT_HYPHEN}rm is two years.",
        f"{BIDI}The rent is due.{ZERO_WIDTH} The term is two years.",
    ],
)
def test_places_follow_what_cannot_be_seen(header: str, body: str) -> None:
    at = body.index("term" if "term" in body else "te")
    places = np.array([(body.index("rent"), body.index("due") + 3), (at, len(body))], np.int32)
    text = embedded_text(header, body)
    shown = [text[start:end] for start, end in embedded_spans(header, body, places)]
    assert shown == ["rent is due", "term is two years."]
