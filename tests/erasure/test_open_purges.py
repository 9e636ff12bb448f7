"""Purges that have begun and have no certificate yet: none is lost, and each is ended by its own command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ragkit.catalog import Catalog
from ragkit.catalog.erasing import Erasing
from ragkit.catalog.intent import Intent, name_digest
from ragkit.cli.purge import command
from ragkit.errors import StorageFault, UnknownPipeline, UsageFault
from ragkit.flows import purging
from ragkit.flows.nightly import nightly
from ragkit.flows.purging import purge
from ragkit.rendering.certificate import as_text
from ragkit.types.erasure import CLEAN, NOT_CLEAN, NOT_SOUGHT, Certificate
from tests.erasure.made_up import MadeUp

SECRET = "Zyzzyva"
FAILED_NIGHT = "failed-2026-03-01T02-00-00.json"


class Killed(BaseException):
    """Stands for a kill: nothing after it is carried out."""


@pytest.fixture
def corpus(tmp_path: Path) -> MadeUp:
    made = MadeUp(tmp_path)
    fill(made)
    return made


def fill(made: MadeUp) -> None:
    for number in range(3):
        write(made, f"2024/{number}.txt", f"{SECRET} number {number} was seen on Monday.")
        write(made, f"2025/{number}.txt", f"Beatrice number {number} was seen on Tuesday.")
    write(made, "mail.txt", "See attached.\nATTACHED scan.txt Quibblethorpe owes 900 euros.\n")
    made.ingest()


def write(made: MadeUp, path: str, text: str) -> None:
    file = made.files / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@contextmanager
def killed_at(monkeypatch: pytest.MonkeyPatch, owner: type, step: str) -> Iterator[None]:
    def dies(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, step, dies)
        try:
            yield
        except Killed:
            return
    pytest.fail(f"{step} was not reached")


def intent_of(made: MadeUp) -> Intent:
    with Catalog.open_for_writing(made.store) as catalog:
        return Erasing(catalog).intent


@pytest.mark.parametrize("name", ["2024", "./2024/", "2024/*", "mail.txt::scan.txt", "2024/1.txt"])
def test_the_same_command_ends_a_purge_that_was_killed(
    corpus: MadeUp, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with killed_at(monkeypatch, Erasing, "merge_words"):
        corpus.purge(name)
    taken = intent_of(corpus).documents
    certificate = corpus.purge(name)
    assert (certificate.outcome, certificate.resumed) == (NOT_SOUGHT, True)
    assert "TEXT NOT LOOKED FOR" in as_text(certificate)
    assert {each.path_sha256 for each in certificate.documents} == taken.keys()
    assert [each.sha256 for each in certificate.documents] == [
        taken[key][0] for key in sorted(taken)
    ]
    assert not intent_of(corpus)
    with pytest.raises(UnknownPipeline):
        corpus.purge(name)


def test_a_folder_that_no_purge_has_begun_with_is_unknown(
    corpus: MadeUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    with killed_at(monkeypatch, Erasing, "merge_words"):
        corpus.purge("2024/*")
    with pytest.raises(UnknownPipeline):
        corpus.purge("2023/*")


def test_another_purge_in_between_takes_no_certificate_away(
    corpus: MadeUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    with killed_at(monkeypatch, Erasing, "merge_words"):
        corpus.purge("2024/*")
    other = corpus.purge("2025/1.txt")
    assert (other.is_clean, other.resumed, len(other.documents)) == (True, False, 1)
    certificate = corpus.purge("2024/*")
    assert (certificate.outcome, certificate.resumed) == (NOT_SOUGHT, True)
    assert len(certificate.documents) == 3
    assert not intent_of(corpus)


def test_what_was_ingested_again_meanwhile_goes_once_more(
    corpus: MadeUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    with killed_at(monkeypatch, Erasing, "merge_words"):
        corpus.purge("2024/1.txt")
    corpus.ingest()
    certificate = corpus.purge("2024/1.txt")
    assert (certificate.is_clean, len(certificate.documents)) == (True, 1)
    assert not intent_of(corpus)


def test_a_certificate_that_could_not_be_kept_is_made_again(corpus: MadeUp) -> None:
    def cannot(_: Certificate) -> None:
        raise StorageFault("The disk is full.")

    with pytest.raises(StorageFault):
        purge(corpus.purge_parts(), ["2024/*"], still_there=True, on_certificate=cannot)
    kept: list[Certificate] = []
    certificate = purge(
        corpus.purge_parts(), ["2024/*"], still_there=True, on_certificate=kept.append
    )
    assert kept == [certificate]
    assert (certificate.outcome, len(certificate.documents)) == (CLEAN, 3)
    assert "its certificate was not kept" in as_text(certificate)


# What a scan has found stays open

LEFT = "note.bak"


def left_behind(made: MadeUp) -> Path:
    (made.store / "chroma").mkdir(exist_ok=True)
    left = made.store / "chroma" / LEFT
    left.write_text(f"{SECRET} number 1 was seen on Monday.", encoding="utf-8")
    return left


@pytest.mark.parametrize("change", ["none", "moved", "edited"])
def test_what_was_found_must_be_gone_though_its_text_is_no_longer_known(
    corpus: MadeUp, change: str
) -> None:
    left = left_behind(corpus)
    corpus.purge("2024/0.txt", "2024/2.txt")
    assert corpus.purge("2024/1.txt").outcome == NOT_CLEAN
    if change == "moved":
        left = left.rename(corpus.store / "other")
    elif change == "edited":
        left.write_text(f"{SECRET} number 1 was seen.", encoding="utf-8")
    again = corpus.purge("2024/1.txt")
    assert again.outcome == NOT_CLEAN
    assert left.name in as_text(again)
    left.unlink()
    last = corpus.purge("2024/1.txt")
    assert (last.outcome, last.is_clean) == (NOT_SOUGHT, False)
    assert not intent_of(corpus)


def test_the_findings_of_one_purge_are_not_held_against_another(corpus: MadeUp) -> None:
    left_behind(corpus)
    corpus.purge("2024/0.txt", "2024/2.txt")
    assert corpus.purge("2024/1.txt").outcome == NOT_CLEAN
    assert corpus.purge("2025/1.txt").outcome == CLEAN


def test_a_name_that_an_ingest_has_taken_out_is_not_called_clean(corpus: MadeUp) -> None:
    nightly(corpus.pipeline, corpus.ingest)
    (corpus.files / "2024/1.txt").unlink()
    corpus.ingest()
    certificate = corpus.purge("2024/1.txt", still_there=False)
    assert (certificate.outcome, certificate.resumed) == (NOT_SOUGHT, False)
    (document,) = certificate.documents
    digest = sha256(f"{SECRET} number 1 was seen on Monday.".encode()).hexdigest()
    assert document.earlier == (digest,)  # no nightly report has told of it yet
    text = as_text(certificate)
    assert "SHA-256 not known any more" in text
    assert "If you still have the file: ingest it, then purge it again" in text


def test_a_fault_on_the_way_says_that_the_documents_are_out(
    corpus: MadeUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageFault("The vector index failed to build.", hint="ragkit ingest p")

    with monkeypatch.context() as patch:
        patch.setattr(purging, "renew_vector_index", lambda *given, **named: full())
        with pytest.raises(
            StorageFault, match=r"out of the index.*no certificate.*MB are free"
        ) as caught:
            corpus.purge("2024/1.txt")
    assert "same purge again" in caught.value.hint
    assert corpus.purge("2024/1.txt").scan.is_clean


# Ended by an ingest


def test_an_ingest_merges_the_words_that_a_killed_purge_left(
    corpus: MadeUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    (corpus.files / "mail.txt").unlink()
    with killed_at(monkeypatch, Erasing, "merge_words"):
        corpus.purge("mail.txt")
    assert b"quibblethorpe" in (corpus.store / "catalog.db").read_bytes()
    corpus.ingest()
    assert b"quibblethorpe" not in (corpus.store / "catalog.db").read_bytes()
    with Catalog.open_for_writing(corpus.store) as catalog:
        assert not Erasing(catalog).has_words_left


def test_with_keep_an_open_purge_is_cleansed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = MadeUp(tmp_path, on_delete="keep")
    fill(corpus)
    with killed_at(monkeypatch, Erasing, "rewrite"):
        corpus.purge("2024/1.txt")
    (corpus.files / "2024/1.txt").unlink()
    corpus.ingest()
    assert intent_of(corpus).is_cleansed
    assert intent_of(corpus).documents.keys() == {name_digest("2024/1.txt")}
    monkeypatch.setattr(Erasing, "rewrite", lambda self: pytest.fail("on_delete is keep"))
    (corpus.files / "2024/2.txt").unlink()
    corpus.ingest()


@pytest.mark.parametrize("by_ingest", [False, True])
def test_reports_of_failed_nights_go_with_their_documents_and_not_before(
    corpus: MadeUp, monkeypatch: pytest.MonkeyPatch, by_ingest: bool
) -> None:
    report = corpus.store / "runs" / FAILED_NIGHT
    report.parent.mkdir(mode=0o700)
    report.write_text(json.dumps({"reason": "2024/1.txt cannot be read"}), encoding="utf-8")
    with killed_at(monkeypatch, Catalog, "transaction"):
        corpus.purge("2024/*")
    assert report.is_file()
    with killed_at(monkeypatch, Erasing, "merge_words"):
        corpus.purge("2024/*")
    if by_ingest:
        corpus.ingest()
    else:
        assert corpus.purge("2024/*").scan.is_clean
    assert not report.exists()


# The command


class FakeDoor:
    """Stands for the door: one workspace, and what was said."""

    def __init__(self, certificate: Certificate) -> None:
        self.certificate = certificate
        self.shown: list[dict[str, object]] = []
        self.complaints: list[str] = []
        self.asked = 0

    @contextmanager
    def open_workspace(self, writes: object) -> Iterator[Any]:
        yield SimpleNamespace(purge=self._purge)

    def _purge(self, *_: object, on_certificate: Any, **__: object) -> Certificate:
        self.asked += 1
        on_certificate(self.certificate)
        return self.certificate

    @contextmanager
    def progress(self) -> Iterator[None]:
        yield

    def result(self, data: dict[str, object], text: object) -> None:
        self.shown.append(data)

    def complain(self, fault: Exception) -> None:
        self.complaints.append(str(fault))


def purge_by_command(door: FakeDoor, file: Path) -> int:
    called: Any = command.callback
    return int(called.__wrapped__(door, "p", ("2024/*",), file, still_there=True))


def test_a_certificate_without_a_folder_is_refused_before_anything_is_erased(
    corpus: MadeUp, tmp_path: Path
) -> None:
    door = FakeDoor(corpus.purge("2024/*"))
    with pytest.raises(UsageFault, match="nothing was erased"):
        purge_by_command(door, tmp_path / "missing/c.html")
    assert door.asked == 0


def test_a_certificate_that_cannot_be_written_is_shown_all_the_same(
    corpus: MadeUp, tmp_path: Path
) -> None:
    door = FakeDoor(corpus.purge("2024/*"))
    (tmp_path / "c.json").mkdir()  # stands for a disk that is full
    assert purge_by_command(door, tmp_path / "c.json") == StorageFault.exit_code
    assert [data["clean"] for data in door.shown] == [True]
    assert "cannot be written" in door.complaints[0]
