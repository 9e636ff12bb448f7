"""What looks like a leftover and is none, what a certificate lists beside, and what it says is to be done."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from ragkit.catalog import Catalog, Reader
from ragkit.catalog.holdings import FILES, TABLES
from ragkit.catalog.tracing import Traces
from ragkit.flows import scanning
from ragkit.ledger import Ledger
from ragkit.rendering.certificate import as_text
from ragkit.rendering.certificate_page import as_html
from ragkit.types.erasure import NOT_SOUGHT, Certificate, Exports
from ragkit.types.ledger import LedgerEntry
from tests.erasure.made_up import MadeUp

STAYS = "Beatrice was seen on Tuesday. The shoulder is well again."
MONDAY = 1_700_000_000_000_000_000


def noted(made: MadeUp, **fields: object) -> None:
    entry = {"at": "2026-03-01T00:00:00+00:00", "command": "ask", "pipeline": "p", "generation": 1}
    rest = {"user": "somebody", "outcome": "answered", "isolation": "A", **fields}
    Ledger(made.store).append(LedgerEntry(**{**entry, **rest}))  # type: ignore[arg-type]


def made_with(root: Path, **texts: str) -> MadeUp:
    made = MadeUp(root)
    for name, text in texts.items():
        (made.files / f"{name}.txt").write_text(text, encoding="utf-8")
    return made


def neighbours_of(kind: str) -> str:
    """The name, without ".txt", that two columns of the document that stays make between them."""
    return sha256(STAYS.encode()).hexdigest()[-2:] if kind == "digest" else "q"


def purge_beside(root: Path, kind: str) -> Certificate:
    """A document whose name stands by chance where a digest, or a time, and the reader's name meet."""
    name = neighbours_of(kind)
    made = made_with(root, stays=STAYS, **{name: "Zyzzyva was seen on Monday."})
    for path in made.files.iterdir():
        os.utime(path, ns=(MONDAY, MONDAY - MONDAY % 256 + ord("q")))
    made.ingest()
    return made.purge(f"{name}.txt")


@pytest.mark.parametrize("kind", ["digest", "time"])
def test_two_columns_side_by_side_make_no_leftover(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "without").mkdir()
    assert purge_beside(tmp_path / "whole", kind).is_clean
    monkeypatch.setattr(Traces, "_rows", lambda self: iter(()))
    assert not purge_beside(tmp_path / "without", kind).is_clean  # the control


def test_of_a_hundred_numbered_files_none_is_found_by_chance(tmp_path: Path) -> None:
    made = made_with(tmp_path, **{f"{n:02}": f"Patient {n} was seen." for n in range(100)})
    made.ingest()
    for number in range(0, 100, 33):
        certificate = made.purge(f"{number:02}.txt")
        assert certificate.is_clean, certificate.scan.findings


def purge_of_a_user(root: Path) -> Certificate:
    made = made_with(root, garcia="Zyzzyva was seen on Monday.", stays=STAYS)
    made.ingest()
    noted(made, user="garcia", exported="/home/garcia/letters/garcia.html")
    return made.purge("garcia.txt")


def test_the_ledger_s_users_and_paths_are_no_leftover_and_are_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "without").mkdir()
    certificate = purge_of_a_user(tmp_path / "whole")
    assert certificate.is_clean, certificate.scan.findings
    assert "the ledger: digests, names of users" in as_text(certificate)
    monkeypatch.setattr(scanning, "_noted", lambda store: iter(()))
    assert not purge_of_a_user(tmp_path / "without").is_clean  # the control


def test_a_file_that_quotes_only_an_attachment_is_listed_as_not_reached(tmp_path: Path) -> None:
    made = made_with(tmp_path, mail="See attached.\nATTACHED scan.txt Quibblethorpe owes 900.\n")
    (made.files / "stays.txt").write_text(STAYS, encoding="utf-8")
    made.ingest()
    with Catalog.open_for_reading(made.store) as catalog, catalog.snapshot():
        digests = {entry.path: entry.sha256 for entry in Reader(catalog).documents()}
    noted(made, documents=(digests["mail.txt::scan.txt"],), exported="/home/a/answers.html")
    noted(made, documents=(digests["stays.txt"],), exported="/home/a/others.html")
    certificate = made.purge("mail.txt")
    assert certificate.exports == Exports(("/home/a/answers.html",))
    assert "/home/a/answers.html" in as_text(certificate)


def test_a_certificate_shows_every_holding_and_how_it_is_purged(tmp_path: Path) -> None:
    made = made_with(tmp_path, letter="Zyzzyva was seen on Monday.", stays=STAYS)
    made.ingest()
    certificate = made.purge("letter.txt")
    shown = {each.name: each for each in certificate.holdings}
    assert shown.keys() == {each.name for each in (*TABLES, *FILES)}
    assert (shown["documents"].count, shown["catalog"].count) == (1, 1)
    page = as_html(certificate)
    assert all(each.purged in page for each in (*TABLES, *FILES))


def test_an_unclean_scan_says_what_to_do(tmp_path: Path) -> None:
    made = made_with(tmp_path, letter="Zyzzyvanian was seen on Monday.", stays=STAYS)
    made.ingest()
    (made.store / "copy.bin").write_bytes(b"\0Zyzzyvanian\0")
    certificate = made.purge("letter.txt")
    assert certificate.undeclared == ("p/copy.bin",)
    text = as_text(certificate)
    assert "p/copy.bin: no file of ragkit's. Look what it is, and remove it." in text
    assert "run the same purge again" in text
    assert "fault of ragkit's" not in text
    (made.store / "copy.bin").unlink()
    again = made.purge("letter.txt")
    assert (again.scan.is_clean, again.outcome) == (True, NOT_SOUGHT)
    assert "What to do" not in as_text(again)


def test_words_that_chroma_itself_writes_are_not_taken_for_a_leftover(tmp_path: Path) -> None:
    """Its own settings and the remarks in its tables hold words that contracts hold too."""
    goes = (
        "This lease renews automatically. An efficient, inverted and stringified clause. Zyzzyva."
    )
    made = MadeUp(tmp_path, with_chroma=True)
    for name, text in {"stays": STAYS, "goes": goes}.items():
        (made.files / f"{name}.txt").write_text(text, encoding="utf-8")
    made.ingest()
    (made.files / "goes.txt").unlink()
    certificate = made.purge("goes.txt")
    assert certificate.scan.findings == ()
    assert len(list((made.store / "chroma").iterdir())) == 1
