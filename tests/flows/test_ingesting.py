"""What an ingest must do with new, changed, moved, deleted and unreadable files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ragkit.catalog import Catalog, Runs, WriterLock
from ragkit.errors import Busy, Interrupted, StorageFault, UsageFault
from ragkit.flows.ingesting import ingest
from ragkit.flows.passwords import Passwords
from ragkit.parsers.fake import TextParserPool
from ragkit.protocols import ParseOutcome
from tests.flows.corpus import Corpus


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("a.txt", "Alpha signs the lease. The rent is 900 euros.")
    corpus.write("sub/b.txt", "Beta delivers pumps. Payment falls due in thirty days.")
    corpus.write("bad.txt", "UNREADABLE")
    return corpus


def test_first_ingest_reads_everything(corpus: Corpus) -> None:
    report = corpus.ingest()
    assert (report.added, report.changed, report.removed) == (2, 0, 0)
    assert (report.documents, report.generation) == (2, 1)
    assert [item.document for item in report.unreadable] == ["bad.txt"]
    assert report.new_failures == ("bad.txt",)
    assert corpus.matches("pumps") == ["sub/b.txt"]


def test_second_ingest_reads_nothing(corpus: Corpus) -> None:
    corpus.ingest()
    report = corpus.ingest()
    assert corpus.parsers.parsed == []
    assert corpus.embedder.texts == []
    assert (report.unchanged, report.files_read, report.generation) == (3, 0, 1)
    assert report.new_failures == ()


def test_touched_file_is_hashed_not_read(corpus: Corpus) -> None:
    corpus.ingest()
    corpus.age(corpus.root / "docs" / "a.txt")
    report = corpus.ingest()
    assert corpus.parsers.parsed == []
    assert (report.changed, report.unchanged, report.generation) == (0, 3, 1)


def test_edited_file_replaces_its_old_text(corpus: Corpus) -> None:
    corpus.ingest()
    corpus.write("a.txt", "Gamma signs the lease. The rent is 900 euros.")
    report = corpus.ingest()
    assert corpus.parsers.parsed == ["a.txt"]
    assert (report.added, report.changed, report.generation) == (0, 1, 2)
    assert corpus.matches("alpha") == []
    assert corpus.matches("gamma") == ["a.txt"]


def test_old_text_of_edited_file_is_erased(corpus: Corpus) -> None:
    corpus.write("a.txt", "Zyzzyva signs the lease.")
    corpus.ingest()
    corpus.write("a.txt", "Gamma signs the lease.")
    corpus.ingest()
    store = corpus.pipeline.store
    left = [file for file in store.rglob("*") if file.is_file() and b"yzzyva" in file.read_bytes()]
    assert left == []


def test_renamed_file_is_not_embedded_again(corpus: Corpus) -> None:
    corpus.ingest()
    (corpus.root / "docs" / "a.txt").rename(corpus.root / "docs" / "renamed.txt")
    report = corpus.ingest()
    assert (report.renamed, report.added, report.removed) == (1, 0, 0)
    assert corpus.parsers.parsed == []
    assert corpus.embedder.texts == []
    assert corpus.matches("alpha") == ["renamed.txt"]


def test_deleted_file_is_gone(corpus: Corpus) -> None:
    corpus.ingest()
    (corpus.root / "docs" / "a.txt").unlink()
    report = corpus.ingest()
    assert (report.removed, report.documents) == (1, 1)
    assert corpus.matches("alpha") == []


def test_same_names_and_same_texts_stay_apart(corpus: Corpus) -> None:
    corpus.write("one/report.txt", "Delta holds the licence.")
    corpus.write("two/report.txt", "Delta holds the licence.")
    report = corpus.ingest()
    assert report.documents == 4
    assert corpus.matches("delta") == ["one/report.txt", "two/report.txt"]
    (corpus.root / "docs/one/report.txt").unlink()
    corpus.ingest()
    assert corpus.matches("delta") == ["two/report.txt"]


def test_same_text_is_embedded_once(corpus: Corpus) -> None:
    corpus.write("copy.txt", "Alpha signs the lease. The rent is 900 euros.")
    corpus.ingest()
    assert len(corpus.embedder.texts) == len(set(corpus.embedder.texts)) == 2


def test_two_folders_keep_equal_paths_apart(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, folders=("north", "south"))
    corpus.write("x.txt", "Epsilon is north.", folder="north")
    corpus.write("x.txt", "Epsilon is south.", folder="south")
    corpus.ingest()
    assert corpus.matches("epsilon") == ["north/x.txt", "south/x.txt"]


def test_quarantined_file_is_tried_again_when_it_changes(corpus: Corpus) -> None:
    corpus.ingest()
    corpus.write("bad.txt", "Now it reads well.")
    report = corpus.ingest()
    assert (report.added, report.unreadable) == (1, ())


def test_quarantined_file_is_tried_again_on_request(corpus: Corpus) -> None:
    corpus.ingest()
    corpus.ingest(retry=True)
    assert corpus.parsers.parsed == ["bad.txt"]


def test_document_that_can_no_longer_be_read_stops_answering(corpus: Corpus) -> None:
    corpus.ingest()
    corpus.write("a.txt", "UNREADABLE now")
    report = corpus.ingest()
    assert corpus.matches("alpha") == []
    assert report.new_failures == ("a.txt",)


def test_attachments_are_documents_of_their_own(corpus: Corpus) -> None:
    corpus.write(
        "mail.txt",
        "See attached.\nATTACHED note.txt Zeta pays.\nATTACHED x.txt UNREADABLE\n"
        "ATTACHED note.txt Eta pays.\n",
    )
    report = corpus.ingest()
    assert corpus.matches("zeta") == ["mail.txt::note.txt"]
    assert corpus.matches("eta") == ["mail.txt::note (2).txt"]
    assert "mail.txt::x.txt" in [item.document for item in report.unreadable]
    (corpus.root / "docs/mail.txt").unlink()
    report = corpus.ingest()
    assert corpus.matches("pays") == []
    assert [item.document for item in report.unreadable] == ["bad.txt"]


@pytest.mark.parametrize("part", ["chunker_version", "embedder_version", "analyser_version"])
def test_changed_settings_remake_everything_without_reading(corpus: Corpus, part: str) -> None:
    corpus.ingest()
    setattr(corpus, part, "2")
    report = corpus.ingest()
    assert corpus.parsers.parsed == []
    assert (report.remade, report.changed, report.added) == (2, 0, 0)
    assert bool(corpus.embedder.texts) == (part == "embedder_version")
    assert corpus.ingest().unchanged == 3


def test_new_parser_version_reads_again(corpus: Corpus) -> None:
    corpus.ingest()
    corpus.parsers.version = "2"
    corpus.ingest()
    assert sorted(corpus.parsers.parsed) == ["a.txt", "bad.txt", "sub/b.txt"]


def test_interrupted_ingest_goes_on_where_it_stopped(corpus: Corpus) -> None:
    undisturbed = Corpus(corpus.root)
    whole = undisturbed.ingest() and undisturbed.state()
    for number in range(5):
        corpus.write(f"new{number}.txt", f"Document number {number} of many.")

    def interrupt() -> None:
        raise KeyboardInterrupt

    corpus.embedder.before = interrupt
    with pytest.raises(Interrupted):
        corpus.ingest()
    assert corpus.state() == whole
    corpus.embedder.before = lambda: None
    report = corpus.ingest()
    assert corpus.parsers.parsed == []
    assert report.added == 5


@pytest.mark.parametrize("remade", [False, True])
def test_closed_folder_keeps_its_documents(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, remade: bool
) -> None:
    corpus.ingest()
    scandir = os.scandir

    def refuse(path: str | int) -> object:
        if str(path).endswith("/sub"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("os.scandir", refuse)
    corpus.embedder_version = "2" if remade else corpus.embedder_version
    report = corpus.ingest()
    assert report.removed == 0
    assert "sub" in [item.document for item in report.unreadable]
    assert corpus.matches("pumps") == ["sub/b.txt"]


def test_links_and_pipes_are_named_not_opened(corpus: Corpus) -> None:
    (corpus.root / "docs/link.txt").symlink_to("/etc/hostname")
    os.mkfifo(corpus.root / "docs/pipe.txt")
    report = corpus.ingest()
    assert {item.document for item in report.unreadable} == {"bad.txt", "link.txt", "pipe.txt"}
    assert corpus.ingest().generation == 1


def test_hidden_and_left_behind_files_are_no_documents(corpus: Corpus) -> None:
    for name in (".hidden.txt", "~$a.docx", "x.tmp"):
        corpus.write(name, "Not a document.")
    assert corpus.ingest().documents == 2


def test_empty_folder_is_refused_and_changes_nothing(corpus: Corpus) -> None:
    corpus.ingest()
    for file in (corpus.root / "docs").rglob("*.txt"):
        file.unlink()
    with pytest.raises(UsageFault, match="no documents"):
        corpus.ingest()
    assert corpus.matches("alpha") == ["a.txt"]
    assert corpus.ingest(allow_empty=True).documents == 0


def test_one_of_several_folders_that_has_become_empty_is_refused(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, folders=("docs", "mounted"))
    corpus.write("a.txt", "Alpha signs the lease.")
    there = corpus.write("b.txt", "Beta delivers pumps.", folder="mounted")
    corpus.ingest()
    there.unlink()
    with pytest.raises(UsageFault, match=r"no documents in .*mounted; nothing was changed"):
        corpus.ingest()
    assert corpus.matches("pumps") == ["mounted/b.txt"]
    assert corpus.ingest(allow_empty=True).removed == 1
    assert corpus.ingest().unchanged == 1


def test_missing_folder_is_refused(corpus: Corpus) -> None:
    corpus.ingest()
    (corpus.root / "docs").rename(corpus.root / "unmounted")
    with pytest.raises(UsageFault, match="not there"):
        corpus.ingest()
    assert corpus.matches("alpha") == ["a.txt"]


def test_second_writer_is_refused(corpus: Corpus) -> None:
    corpus.ingest()
    with WriterLock(corpus.pipeline.store), pytest.raises(Busy, match=f"process {os.getpid()}"):
        corpus.ingest()


def test_vector_index_is_rebuilt_when_it_falls_behind(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragkit.flows.indexing.LARGEST_TAIL", 1)
    corpus.ingest()
    folder = corpus.pipeline.store / "chroma"
    assert [path.name for path in folder.iterdir()] == ["1"]
    corpus.write("c.txt", "One more.")
    corpus.ingest()
    assert [path.name for path in folder.iterdir()] == ["1"]
    corpus.write("d.txt", "And another.")
    corpus.ingest()
    assert [path.name for path in folder.iterdir()] == ["2"]


def test_store_is_closed_to_others(corpus: Corpus) -> None:
    before = os.umask(0o077)  # as every command sets it
    try:
        corpus.ingest()
    finally:
        os.umask(before)
    for path in (corpus.pipeline.store, *corpus.pipeline.store.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_mail_is_published_with_all_its_attachments_or_not_at_all(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragkit.flows.preparing.EMBED_AT_ONCE", 1)
    corpus.publish_minutes = 0
    attached = "".join(f"ATTACHED {n}.txt Attachment number {n}.\n" for n in range(4))
    corpus.write("mail.txt", f"See attached.\n{attached}")
    published: list[list[str]] = []
    corpus.embedder.before = lambda: published.append(corpus.mail_parts())
    corpus.ingest()
    published.append(corpus.mail_parts())
    assert {len(paths) for paths in published} <= {0, 5}
    assert len(published[-1]) == 5


def test_names_that_look_like_attachments_are_refused(corpus: Corpus) -> None:
    corpus.write("mail.txt", "See attached.\nATTACHED note.txt Zeta pays.\n")
    corpus.write("mail.txt::note.txt", "A real file.")
    report = corpus.ingest()
    assert corpus.matches("zeta") == ["mail.txt::note.txt"]
    assert "mail.txt::note.txt" in {item.document for item in report.unreadable}


def test_damaged_vector_index_is_made_again(corpus: Corpus) -> None:
    corpus.ingest()
    (corpus.pipeline.store / "chroma" / "1" / "ids").unlink()
    corpus.ingest()
    assert [path.name for path in (corpus.pipeline.store / "chroma").iterdir()] == ["2"]


def test_a_vector_index_that_cannot_be_built_is_a_note(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageFault("No space.")

    monkeypatch.setattr("tests.flows.corpus.write_ids", fail)
    report = corpus.ingest()
    assert report.documents == 2
    assert "No space." in report.notes[0]
    assert corpus.matches("pumps") == ["sub/b.txt"]


def test_old_names_are_erased_once_a_report_has_told_of_the_renaming(corpus: Corpus) -> None:
    path = corpus.write("qwertzuiop.txt", "Kappa holds the licence.")
    corpus.ingest()
    path.rename(path.with_name("other.txt"))
    corpus.ingest()
    with Catalog.open_for_writing(corpus.pipeline.store) as catalog:
        assert "other.txt" in Runs(catalog).unreported_changes().added
        Runs(catalog).keep_report(2, {})
    corpus.ingest()
    files = [file for file in corpus.pipeline.store.rglob("*") if file.is_file()]
    assert [file.name for file in files if b"qwertzuiop" in file.read_bytes()] == []


def test_retry_reads_mails_with_unreadable_attachments_again(corpus: Corpus) -> None:
    corpus.write("mail.txt", "See attached.\nATTACHED x.txt UNREADABLE\n")
    corpus.ingest()
    corpus.ingest(retry=True)
    assert sorted(corpus.parsers.parsed) == ["bad.txt", "mail.txt"]
    assert corpus.ingest().generation == corpus.ingest().generation


def test_permissions_given_later_are_noticed(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("ragkit.flows.comparing.digest_of", refuse)
    assert len(corpus.ingest().unreadable) == 3
    monkeypatch.undo()
    report = corpus.ingest()
    assert (report.added, len(report.unreadable)) == (2, 1)


def test_settings_and_store_inside_the_folder_are_no_documents(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, folders=(".",))
    corpus.write("a.txt", "Alpha signs.", folder=".")
    (tmp_path / "pipelines.yaml").write_text("pipelines: {}", encoding="utf-8")
    report = corpus.ingest()
    assert (report.documents, report.unreadable) == (1, ())


def test_the_same_bytes_under_another_suffix_are_read_again(corpus: Corpus) -> None:
    path = corpus.write("a.txt", "Alpha signs the lease.")
    corpus.ingest()
    path.rename(path.with_suffix(".md"))
    corpus.ingest()
    assert corpus.parsers.parsed == ["a.md"]


def test_another_ocr_reads_only_what_is_concerned(corpus: Corpus) -> None:
    corpus.write("scan.txt", "A page with text.\n\fSCANNED The pump was replaced in June.")
    first = corpus.ingest()
    assert [item.document for item in first.unreadable] == ["bad.txt", "scan.txt"]
    corpus.parsers.ocr = "tesseract 5"
    report = corpus.ingest()
    assert corpus.parsers.parsed == ["scan.txt"]
    assert (report.ocr_pages, report.doubtful[0].page) == (1, 2)
    assert [item.document for item in report.unreadable] == ["bad.txt"]
    assert "scan.txt" in corpus.matches("june")
    assert corpus.ingest().files_read == 0
    corpus.parsers.ocr = "tesseract 6"
    assert corpus.ingest().files_read == 1
    corpus.parsers.ocr = ""
    assert corpus.ingest().files_read == 0
    assert "scan.txt" in corpus.matches("june")


def test_scans_that_an_interrupted_ingest_did_not_reach_are_read_by_the_next(
    corpus: Corpus,
) -> None:
    for number in range(4):
        corpus.write(f"scan{number}.txt", f"Text {number}.\n\fSCANNED page {number}")
    corpus.ingest()
    corpus.parsers.ocr = "tesseract 5"
    corpus.publish_minutes = 0

    def stop() -> None:
        raise KeyboardInterrupt

    corpus.embedder.before = stop
    with pytest.raises(Interrupted):
        corpus.ingest()
    corpus.embedder.before = lambda: None
    assert corpus.ingest().ocr_pages == 4


def test_scans_that_a_killed_ingest_kept_unread_are_read_once_ocr_is_there(corpus: Corpus) -> None:
    corpus.write("scan.txt", "Text.\n\fSCANNED The valve was replaced in May.")

    def stop() -> None:
        raise KeyboardInterrupt

    corpus.embedder.before = stop
    with pytest.raises(Interrupted):
        corpus.ingest()
    corpus.embedder.before = lambda: None
    corpus.parsers.ocr = "tesseract 5"
    assert corpus.ingest().ocr_pages == 1
    assert "scan.txt" in corpus.matches("valve")
    assert corpus.ingest().files_read == 0


def test_a_file_that_still_cannot_be_opened_publishes_nothing_new(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.write("closed.txt", "It is not ours.")

    def refuse(path: str) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("ragkit.flows.comparing.digest_of", refuse)
    first = corpus.ingest()
    again = corpus.ingest()
    assert "closed.txt" in [item.document for item in again.unreadable]
    assert again.generation == first.generation


def test_what_is_locked_is_read_once_its_password_is_known(corpus: Corpus) -> None:
    corpus.write("box.txt", "LOCKED sesame\nThe pump was replaced in June.")
    corpus.write("other.txt", "LOCKED secret\nThe valve was replaced in May.")
    corpus.ingest()
    assert corpus.ingest().files_read == 0
    known = Passwords("1", (("box.txt", ("wrong", "sesame")),))
    first = ingest(replace(corpus.parts(), passwords=known))
    assert (first.files_read, first.added) == (1, 1)
    assert corpus.matches("june") == ["box.txt"]
    assert ingest(replace(corpus.parts(), passwords=known)).files_read == 0
    more = Passwords("2", (("other.txt", ("secret",)),))
    assert ingest(replace(corpus.parts(), passwords=more)).files_read == 1
    assert corpus.matches("may") == ["other.txt"]


def test_the_password_of_one_of_two_equal_files_opens_that_one(corpus: Corpus) -> None:
    text = "Cover.\nATTACHED inner.txt LOCKED sesame The seal was replaced in March."
    corpus.write("a.txt", text)
    corpus.ingest()
    corpus.write("b.txt", text)
    known = Passwords("1", (("b.txt", ("sesame",)),))
    assert ingest(replace(corpus.parts(), passwords=known)).files_read == 1
    assert corpus.matches("march") == ["b.txt::inner.txt"]


def test_a_file_that_cannot_be_opened_for_a_while_goes_on_answering(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = corpus.write("letter.txt", "The pump was replaced in June.")
    corpus.ingest()
    corpus.age(path)

    def refuse(path: str) -> str:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("ragkit.flows.comparing.digest_of", refuse)
        report = corpus.ingest()
        assert "Cannot be opened now" in report.notes[0]
        assert "letter.txt" in report.notes[0]
        corpus.chunker_version = "other"
        corpus.ingest()
    assert "letter.txt" in corpus.matches("june")


def test_a_closed_folder_does_not_have_scans_read_every_night(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.write("scan.txt", "Text.\n\fSCANNED The seal was replaced in March.")
    (corpus.root / "docs/closed").mkdir()
    listed = os.scandir

    def scandir(path: object) -> object:
        if str(path).endswith("/closed"):
            raise PermissionError(13, "Permission denied")
        return listed(path)  # type: ignore[call-overload]

    monkeypatch.setattr("ragkit.flows.surveying.os.scandir", scandir)
    corpus.ingest()
    corpus.parsers.ocr = "tesseract 5"
    assert corpus.ingest().files_read == 1
    assert corpus.ingest().files_read == 0


def test_what_is_typed_is_tried_again_and_again(corpus: Corpus) -> None:
    corpus.write("box.txt", "LOCKED sesame\nThe pump was replaced in June.")
    corpus.write("mail.txt", "Cover.\nATTACHED inner.txt LOCKED sesame The seal was new in March.")
    corpus.ingest()
    for word, opened in (("wrong", []), ("worse", []), ("sesame", ["box.txt"])):
        typed = Passwords.none().and_asked({"box.txt": word, "mail.txt": word})
        assert ingest(replace(corpus.parts(), passwords=typed)).files_read == 2
        assert corpus.matches("june") == opened
    assert corpus.matches("march") == ["mail.txt::inner.txt"]
    assert corpus.ingest().files_read == 0


def test_a_file_that_has_another_size_and_cannot_be_opened_is_told(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.write("letter.txt", "The pump was replaced in June.")
    corpus.ingest()
    corpus.write("letter.txt", "The pump was replaced in July, and the valve too.")

    def refuse(path: str) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("ragkit.flows.comparing.digest_of", refuse)
    assert "letter.txt" in [item.document for item in corpus.ingest().unreadable]
    assert corpus.matches("june") == []


def test_a_text_that_is_not_of_the_file_is_refused(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse_all = TextParserPool.parse_all

    def of_another_file(*arguments: Any) -> Iterator[ParseOutcome]:
        for outcome in parse_all(*arguments):
            yield replace(outcome, sha256="0" * 64) if outcome.key == "a.txt" else outcome

    monkeypatch.setattr(TextParserPool, "parse_all", of_another_file)
    reasons = {item.document: item.reason for item in corpus.ingest().unreadable}
    assert "changed while it was read" in reasons["a.txt"]
    monkeypatch.undo()
    assert [item.document for item in corpus.ingest().unreadable] == ["bad.txt"]


def test_new_failures_are_documents_and_pages(corpus: Corpus) -> None:
    assert corpus.ingest().new_failures == ("bad.txt",)
    corpus.write("scan.txt", "Text.\n\fSCANNED nothing")
    assert corpus.ingest().new_failures == ("scan.txt",)
    assert corpus.ingest().new_failures == ()


def test_changes_of_a_killed_run_wait_for_the_report(corpus: Corpus) -> None:
    corpus.ingest()
    with Catalog.open_for_writing(corpus.pipeline.store) as catalog:
        assert "a.txt" in Runs(catalog).unreported_changes().added


def test_every_byte_of_an_idle_index_is_looked_at_once_a_day(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[bool] = []

    def check(folder: Path, *, contents: bool) -> None:
        looked.append(contents)

    corpus.ingest()
    monkeypatch.setattr("tests.flows.corpus.check_ids", check)
    corpus.ingest()
    monkeypatch.setattr("ragkit.flows.indexing.now", lambda: "2999-01-01T00:00:00")
    corpus.ingest()
    assert looked == [False, True]


def test_a_part_of_a_wave_that_fails_ends_the_run_and_keeps_the_rest(corpus: Corpus) -> None:
    def fail() -> None:
        raise StorageFault("No memory.")

    corpus.embedder.before = fail
    with pytest.raises(StorageFault):
        corpus.ingest()
    corpus.embedder.before = lambda: None
    corpus.ingest()
    assert corpus.parsers.parsed == ["bad.txt"]
    assert corpus.matches("pumps") == ["sub/b.txt"]
