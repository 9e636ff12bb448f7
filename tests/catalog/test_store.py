"""The catalog file: what readers see while a writer works, and what is said when the disk fails."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest

from ragkit.catalog import CATALOG_NAME, Catalog, Reader
from ragkit.catalog.schema import MIGRATIONS
from ragkit.catalog.store import storage_faults
from ragkit.errors import Busy, IndexMissing, NotReady, StorageFault
from tests.flows.corpus import Corpus


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("a.txt", "Alpha signs the lease.")
    return corpus


def test_nothing_ingested_yet(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        Catalog.open_for_reading(tmp_path)


def test_reader_sees_one_state_while_another_is_published(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragkit.catalog.store.BUSY_SECONDS", 0.1)  # what an ingest waits for it
    corpus.ingest()
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        reader = Reader(catalog)
        assert reader.generation() == 1
        corpus.write("b.txt", "Beta signs too.")
        assert corpus.ingest().generation == 2
        assert reader.generation() == 1
        assert [entry.path for entry in reader.documents()] == ["a.txt"]
    assert corpus.matches("beta") == ["b.txt"]


def test_reader_cannot_write(corpus: Corpus) -> None:
    corpus.ingest()
    with (
        Catalog.open_for_reading(corpus.pipeline.store) as catalog,
        pytest.raises(sqlite3.OperationalError),
    ):
        catalog.connection.execute("DELETE FROM documents")


def test_full_disk_leaves_what_was_published(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.ingest()
    for number in range(40):
        corpus.write(f"{number}.txt", f"Document {number}. " + "It has many words. " * 400)
    opened = Catalog.open_for_writing

    def nearly_full(folder: Path) -> Catalog:
        catalog = opened(folder)
        pages = catalog.connection.execute("PRAGMA page_count").fetchone()[0]
        catalog.connection.execute(f"PRAGMA max_page_count = {pages + 40}")
        return catalog

    monkeypatch.setattr(Catalog, "open_for_writing", nearly_full)
    with pytest.raises(StorageFault, match="full") as caught:
        corpus.ingest()
    assert caught.value.exit_code == 4
    assert corpus.matches("alpha") == ["a.txt"]
    monkeypatch.undo()
    assert corpus.ingest().documents == 41


def test_newer_catalog_is_refused(corpus: Corpus) -> None:
    corpus.ingest()
    path = corpus.pipeline.store / CATALOG_NAME
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(NotReady, match="newer ragkit"):
        corpus.ingest()
    with pytest.raises(NotReady, match="newer ragkit"):
        Catalog.open_for_reading(corpus.pipeline.store)


def test_older_catalog_is_brought_up_to_date_by_the_next_ingest(corpus: Corpus) -> None:
    corpus.pipeline.store.mkdir(parents=True)
    connection = sqlite3.connect(corpus.pipeline.store / CATALOG_NAME)
    connection.executescript(f"{MIGRATIONS[0]}; PRAGMA user_version = 1;")
    connection.close()
    with pytest.raises(NotReady, match="older ragkit") as caught:
        Catalog.open_for_reading(corpus.pipeline.store)
    assert caught.value.hint == "ragkit ingest test"
    corpus.ingest()
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog:
        assert Reader(catalog).generation() == 1


def test_damaged_catalog_is_told_in_one_sentence(corpus: Corpus) -> None:
    corpus.ingest()
    path = corpus.pipeline.store / CATALOG_NAME
    path.write_bytes(b"this was a database" * 1000)
    with pytest.raises(StorageFault, match="damaged"):
        Catalog.open_for_reading(corpus.pipeline.store)


def test_a_changed_name_in_the_schema_is_told_as_damage(tmp_path: Path) -> None:
    """What SQLite says of it is only "error", and "no such fts5 table" or the like."""
    connection = sqlite3.connect(tmp_path / CATALOG_NAME)
    connection.execute("CREATE VIRTUAL TABLE words USING fts5vocab (missing_terms, row)")
    with pytest.raises(StorageFault, match="damaged"), storage_faults(tmp_path):
        connection.execute("SELECT * FROM words").fetchall()
    connection.close()


def test_a_failed_transaction_leaves_nothing(corpus: Corpus) -> None:
    corpus.ingest()
    with Catalog.open_for_writing(corpus.pipeline.store) as catalog:
        with pytest.raises(sqlite3.IntegrityError):
            _change_and_fail(catalog)
        assert Reader(catalog).generation() == 1


def _change_and_fail(catalog: Catalog) -> None:
    with catalog.transaction() as connection:
        connection.execute("UPDATE state SET value = '99' WHERE key = 'generation'")
        connection.execute("INSERT INTO state (key, value) VALUES ('generation', '100')")


@pytest.mark.parametrize(("free", "said"), [(0, "is full"), (1 << 30, "cannot be used")])
def test_a_write_that_fails_on_a_full_disk_is_put_down_to_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, said: str
) -> None:
    usage = SimpleNamespace(free=free)
    monkeypatch.setattr("ragkit.catalog.store.shutil.disk_usage", lambda _: usage)
    with pytest.raises(StorageFault, match=said), storage_faults(tmp_path):
        raise sqlite3.OperationalError("disk I/O error")


def test_another_process_that_stopped_while_it_opened_the_catalog(tmp_path: Path) -> None:
    with pytest.raises(Busy, match="was just being opened by") as refused, storage_faults(tmp_path):
        raise sqlite3.OperationalError("locking protocol")  # what SQLite says after ten seconds
    assert refused.value.hint == "Let a suspended ragkit go on (fg), or end it."
