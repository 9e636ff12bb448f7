"""What a purge must do beside erasing: whom it takes, what it refuses, how it is ended by another."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ragkit.catalog import Catalog, NightLock, Reader, WriterLock
from ragkit.catalog import erasing as erasing_module
from ragkit.catalog import store as store_module
from ragkit.catalog.erasing import Erasing
from ragkit.catalog.holdings import TABLES, tables_declared, undeclared_files
from ragkit.errors import Busy, IndexMissing, UnknownPipeline, UsageFault
from ragkit.flows.nightly import nightly
from ragkit.flows.purging import _Purge
from ragkit.rendering.certificate import as_text
from ragkit.rendering.certificate_page import as_html
from ragkit.types.erasure import NOT_SOUGHT
from tests.erasure.made_up import MadeUp

SECRET = "Zyzzyvañuelos"

TAKES_THE_INDEX = """
import fcntl, sys
with open(sys.argv[1] + "/catalog.db-shm", "r+b") as index:
    try:
        fcntl.lockf(index, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 128)
    except OSError:
        sys.exit(1)
"""
"""Exit code 1 while somebody has the database open: 128 is the byte that SQLite locks as long
(UNIX_SHM_DMS)."""


@pytest.fixture
def corpus(tmp_path: Path) -> MadeUp:
    made = MadeUp(tmp_path)
    write(made, "patients/0042/letter.txt", f"{SECRET} was seen on Monday. The knee is well again.")
    write(made, "patients/0043/letter.txt", "Beatrice was seen on Tuesday. The shoulder is well.")
    write(made, "mail.txt", "See attached.\nATTACHED scan.txt Quibblethorpe owes 900 euros.\n")
    write(made, "bad.txt", "UNREADABLE")
    made.ingest()
    return made


def write(made: MadeUp, path: str, text: str) -> None:
    file = made.files / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def holding(store: Path, *needles: str) -> list[str]:
    """Files below the store that hold one of the words, in any case."""
    wanted = [form.encode() for word in needles for form in (word, word.casefold(), word.upper())]
    files = [path for path in store.rglob("*") if path.is_file()]
    return [str(path) for path in files if any(form in path.read_bytes() for form in wanted)]


def paths_in(made: MadeUp) -> list[str]:
    with Catalog.open_for_reading(made.store) as catalog, catalog.snapshot():
        return [entry.path for entry in Reader(catalog).documents()]


def test_what_still_lies_in_the_folder_is_refused(corpus: MadeUp) -> None:
    with pytest.raises(UsageFault, match=r"patients/0042/letter\.txt.*still lies") as caught:
        corpus.purge("patients/0042/letter.txt", still_there=False)
    assert "--still-there" in caught.value.hint
    assert "patients/0042/letter.txt" in paths_in(corpus)
    (corpus.files / "patients/0042/letter.txt").unlink()
    certificate = corpus.purge("patients/0042/letter.txt", still_there=False)
    assert (certificate.is_clean, certificate.still_there) == (True, False)
    assert holding(corpus.store, SECRET, "0042") == []


def test_a_folder_and_a_pattern_are_taken_whole(corpus: MadeUp) -> None:
    assert len(corpus.purge("patients/0042/").documents) == 1
    assert len(corpus.purge("patients/*").documents) == 1
    assert paths_in(corpus) == ["mail.txt", "mail.txt::scan.txt"]


def test_an_attachment_goes_with_its_whole_mail(corpus: MadeUp) -> None:
    assert corpus.purge("mail.txt::scan.txt").is_clean
    assert not [path for path in paths_in(corpus) if path.startswith("mail")]
    assert holding(corpus.store, "Quibblethorpe") == []


def test_a_file_that_could_not_be_read_can_be_purged(corpus: MadeUp) -> None:
    nightly(corpus.pipeline, corpus.ingest)
    assert holding(corpus.store, "bad.txt")
    assert corpus.purge("bad.txt").is_clean
    assert holding(corpus.store, "bad.txt") == []


def test_a_name_known_only_from_reports_can_be_purged(corpus: MadeUp) -> None:
    nightly(corpus.pipeline, corpus.ingest)
    (corpus.files / "patients/0042/letter.txt").unlink()
    nightly(corpus.pipeline, corpus.ingest)
    assert "patients/0042/letter.txt" not in paths_in(corpus)
    assert holding(corpus.store, "0042/letter")
    assert corpus.purge("patients/0042/letter.txt").outcome == NOT_SOUGHT
    assert holding(corpus.store, "0042/letter") == []
    latest = (corpus.store / "runs/latest.json").read_text(encoding="utf-8")
    assert "(erased document " in latest


def test_an_unknown_document_is_named_with_similar_ones(corpus: MadeUp) -> None:
    with pytest.raises(UnknownPipeline) as caught:
        corpus.purge("patients/0042/leter.txt")
    assert "patients/0042/letter.txt" in caught.value.hint


def test_nothing_ingested_is_nothing_to_purge(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        MadeUp(tmp_path).purge("a.txt")
    assert not (tmp_path / ".ragkit").exists()


def test_the_same_bytes_under_another_path_stay(corpus: MadeUp) -> None:
    write(corpus, "copy.txt", f"{SECRET} was seen on Monday. The knee is well again.")
    corpus.ingest()
    certificate = corpus.purge("patients/0042/letter.txt")
    assert certificate.is_clean
    assert [document.shared for document in certificate.documents] == [True]
    assert "copy.txt" in paths_in(corpus)
    assert holding(corpus.store, SECRET) != []


def test_a_certificate_names_no_document(corpus: MadeUp) -> None:
    certificate = corpus.purge("patients/0042/letter.txt")
    shown = json.dumps(certificate.as_dict()) + as_text(certificate) + as_html(certificate)
    assert "0042" not in "".join(part for part in shown.split() if len(part) < 60)
    assert SECRET not in shown
    assert certificate.documents[0].sha256 in shown
    assert all(file.sha256 in json.dumps(certificate.as_dict()) for file in certificate.scan.files)


@pytest.mark.parametrize("lock", [WriterLock, NightLock])
def test_nothing_is_erased_while_another_writes(corpus: MadeUp, lock: type[WriterLock]) -> None:
    with lock(corpus.store), pytest.raises(Busy):
        corpus.purge("mail.txt")
    assert "mail.txt" in paths_in(corpus)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "BUSY_SECONDS", 0.1)
    monkeypatch.setattr(erasing_module, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr("ragkit.flows.finishing.READERS_SECONDS", 0.2)


@pytest.mark.usefixtures("impatient")
def test_a_reader_in_the_way_leaves_everything_as_it_was(corpus: MadeUp) -> None:
    with Catalog.open_for_reading(corpus.store) as reading, reading.snapshot():
        assert Reader(reading).generation() == 1
        with pytest.raises(Busy, match="nothing was erased"):
            corpus.purge("patients/0042/letter.txt")
    assert "patients/0042/letter.txt" in paths_in(corpus)
    certificate = corpus.purge("patients/0042/letter.txt")
    assert (certificate.is_clean, certificate.resumed) == (True, False)


def test_reading_every_byte_takes_no_lock_off_the_catalog(
    corpus: MadeUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process that could have this lock would cut the log's index short under this one's feet."""
    seen: list[int] = []

    def another_process(*_: object) -> None:
        done = subprocess.run([sys.executable, "-c", TAKES_THE_INDEX, corpus.store], check=False)
        seen.append(done.returncode)

    monkeypatch.setattr(_Purge, "_note_scan", another_process)
    corpus.purge("patients/0042/letter.txt")
    assert seen == [1]


@pytest.mark.usefixtures("impatient")
def test_a_reader_that_comes_later_leaves_no_certificate_and_the_next_purge_ends_it(
    corpus: MadeUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Erasing, "require_no_reader", lambda self: None)
    with Catalog.open_for_reading(corpus.store) as reading, reading.snapshot():
        assert Reader(reading).generation() == 1
        with pytest.raises(Busy, match="holds an older state"):
            corpus.purge("patients/0042/letter.txt")
    assert "patients/0042/letter.txt" not in paths_in(corpus)
    again = corpus.purge("patients/0042/letter.txt")
    assert (again.outcome, again.resumed) == (NOT_SOUGHT, True)
    assert holding(corpus.store, SECRET) == []


def test_a_name_with_a_line_break_is_meant_by_the_form_that_is_shown(corpus: MadeUp) -> None:
    write(corpus, "new\nline.txt", f"{SECRET} came back.")
    corpus.ingest()
    (corpus.files / "new\nline.txt").unlink()
    assert corpus.purge("new line.txt", still_there=False).is_clean
    assert "new\nline.txt" not in paths_in(corpus)


def test_a_name_that_is_shown_for_two_is_refused(corpus: MadeUp) -> None:
    write(corpus, "new\nline.txt", "One.")
    write(corpus, "new\tline.txt", "Two.")
    corpus.ingest()
    with pytest.raises(UnknownPipeline):
        corpus.purge("new line.txt")


def test_a_large_catalog_is_written_anew_by_way_of_a_file(
    corpus: MadeUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing_module, "LARGEST_IN_MEMORY", 0)
    assert corpus.purge("patients/0042/letter.txt").is_clean
    assert undeclared_files(corpus.store) == []


def test_the_last_document_leaves_no_vector_index(corpus: MadeUp) -> None:
    assert corpus.purge("*").is_clean
    assert paths_in(corpus) == []
    assert list((corpus.store / "chroma").iterdir()) == []


# What was deleted from the folder, or edited, at the next ingest


def test_deleted_and_edited_documents_leave_every_file_at_the_next_ingest(corpus: MadeUp) -> None:
    vectors = (corpus.store / "chroma/1/vectors").read_bytes()
    (corpus.files / "patients/0042/letter.txt").unlink()
    write(corpus, "mail.txt", "See attached.\nATTACHED scan.txt Somebody owes 900 euros.\n")
    corpus.ingest()
    assert holding(corpus.store, SECRET, "Quibblethorpe") == []
    kept = b"".join(path.read_bytes() for path in corpus.store.rglob("*") if path.is_file())
    there = [vectors[at : at + 64] in kept for at in range(0, len(vectors), 4 * 384)]
    assert there.count(True) == 2  # those of the letter of 0043 and of the mail's unchanged body


def test_with_keep_the_index_is_not_built_for_one_document(tmp_path: Path) -> None:
    corpus = MadeUp(tmp_path, on_delete="keep")
    for number in range(12):
        write(corpus, f"{number}.txt", f"{SECRET} number {number} was seen.")
    corpus.ingest()
    (corpus.files / "3.txt").unlink()
    corpus.ingest()
    assert (corpus.store / "chroma/1").is_dir()
    MadeUp(tmp_path).ingest()  # the setting is changed to purge: nothing has to be deleted again
    assert not (corpus.store / "chroma/1").exists()


def test_nothing_is_built_or_written_anew_where_nothing_was_erased(
    corpus: MadeUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Erasing, "rewrite", lambda self: pytest.fail("it was written anew"))
    write(corpus, "new.txt", "Something came.")
    corpus.ingest()
    corpus.ingest()
    assert (corpus.store / "chroma/1").is_dir()


@pytest.mark.usefixtures("impatient")
def test_a_busy_reader_is_told_of_and_the_next_ingest_ends_it(corpus: MadeUp) -> None:
    (corpus.files / "patients/0042/letter.txt").unlink()
    with Catalog.open_for_reading(corpus.store) as reading, reading.snapshot():
        assert Reader(reading).generation() == 1
        assert any("A reader was busy" in note for note in corpus.ingest().notes)
    assert corpus.ingest().notes == ()
    assert holding(corpus.store, SECRET) == []


# The registry


def test_every_declared_table_exists_and_every_table_is_declared(corpus: MadeUp) -> None:
    with Catalog.open_for_reading(corpus.store) as catalog:
        rows = catalog.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        there = {name for (name,) in rows} - {"sqlite_sequence"}
    assert tables_declared() == there
    assert len({table.name for table in TABLES}) == len(TABLES)


def test_a_file_that_no_one_declared_is_named(corpus: MadeUp) -> None:
    assert undeclared_files(corpus.store) == []
    (corpus.store / "cache.bin").write_bytes(b"x")
    assert undeclared_files(corpus.store) == ["cache.bin"]
