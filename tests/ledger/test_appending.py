"""Appending: by many at once, killed, on a full disk, to a long file; for the owner alone."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ragkit.errors import Busy, StorageFault
from ragkit.ledger import FILE_NAMES, Ledger
from ragkit.ledger.chain import line_of, parse
from ragkit.ledger.files import locked, read_last
from ragkit.ledger.head import write_head
from tests.ledger.book import QUESTION, announce, entry, filled, lines, rewrite

APPENDING = """
import sys
from pathlib import Path
from ragkit.ledger import Ledger
from tests.ledger.book import entry
for number in range(int(sys.argv[2])):
    print(Ledger(Path(sys.argv[1])).append(entry()).n, flush=True)
"""


def appender(store: Path, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", APPENDING, str(store), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_eight_processes_append_at_once_and_none_is_lost(tmp_path: Path) -> None:
    store = tmp_path / "store"
    said = [
        process.communicate(timeout=120)[0] for process in [appender(store, 10) for _ in range(8)]
    ]
    numbers = sorted(int(line) for text in said for line in text.split())
    assert numbers == list(range(1, 81))
    verdict = Ledger(store).verify("p")
    assert (verdict.sound, verdict.entries) == (True, 80)


def test_what_was_answered_for_survives_a_kill(tmp_path: Path) -> None:
    store = tmp_path / "store"
    answered = 0
    for _ in range(6):
        process = appender(store, 10_000)
        assert process.stdout is not None
        for _ in range(5):
            answered = int(process.stdout.readline())
        process.kill()
        answered = max([answered, *map(int, process.communicate(timeout=60)[0].split())])
        verdict = Ledger(store).verify("p")
        assert verdict.sound
        assert verdict.entries >= answered
    assert Ledger(store).append(entry()).n >= answered + 1
    assert Ledger(store).verify("p").sound


@pytest.mark.parametrize("length", [1, 100, -1])
def test_a_line_cut_off_while_it_was_written_is_told_and_taken_away(
    tmp_path: Path, length: int
) -> None:
    store = tmp_path / "store"
    ledger = filled(store, 4)
    *kept, fourth = lines(store)
    last = parse(kept[-1])
    assert last is not None
    rewrite(store, [*kept, fourth[:length]])
    announce(store, fourth)
    verdict = ledger.verify("p")
    assert (verdict.sound, verdict.torn, verdict.entries) == (True, True, 3)
    assert ledger.append(entry(4)).before == last.hash
    assert lines(store)[:3] == kept
    assert (ledger.verify("p").torn, ledger.verify("p").entries) == (False, 4)


def test_a_kill_between_the_entry_and_the_head_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    ledger = filled(store, 2)

    def killed(*given: object, following: str = "") -> None:
        if not following:
            raise KeyboardInterrupt
        write_head(*given, following=following)  # type: ignore[arg-type]

    monkeypatch.setattr("ragkit.ledger.book.write_head", killed)
    with pytest.raises(KeyboardInterrupt):
        ledger.append(entry(3))
    monkeypatch.undo()
    assert (ledger.verify("p").sound, ledger.verify("p").entries) == (True, 3)
    assert ledger.append(entry(4)).n == 4
    assert ledger.verify("p").sound


def test_a_full_disk_leaves_the_ledger_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    ledger = filled(store, 2)
    before = (store / "ledger.jsonl").read_bytes()
    real = os.pwrite

    def half(descriptor: int, data: bytes, at: int) -> int:
        if at == len(before):
            return real(descriptor, data[: len(data) // 2], at)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", half)
    with pytest.raises(StorageFault):
        ledger.append(entry(3))
    monkeypatch.undo()
    assert (store / "ledger.jsonl").read_bytes() == before
    assert ledger.append(entry(3)).n == 3


def test_a_store_that_cannot_be_written_says_how_to_go_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFault) as raised:
        Ledger(tmp_path / "file" / "store").append(entry())
    mend, _, off = raised.value.hint.partition("Whoever answers for the audit")
    assert "Mend the disk or the permissions" in mend
    assert "ledger: off" in off


def test_appending_reads_the_end_of_the_file_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    ledger = filled(store, 40)
    read = 0
    real = os.pread

    def counted(descriptor: int, count: int, at: int) -> bytes:
        nonlocal read
        data = real(descriptor, count, at)
        read += len(data)
        return data

    monkeypatch.setattr(os, "pread", counted)
    monkeypatch.setattr("ragkit.ledger.files._BLOCK", 512)
    ledger.append(entry())
    assert read < (store / "ledger.jsonl").stat().st_size / 4


def test_a_last_line_longer_than_a_block_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragkit.ledger.files._BLOCK", 7)
    store = tmp_path / "store"
    filled(store, 3)
    descriptor = os.open(store / "ledger.jsonl", os.O_RDONLY)
    found = read_last(descriptor)
    os.close(descriptor)
    assert found.entry is not None
    assert line_of(found.entry) == lines(store)[-1]


def test_who_does_not_let_go_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(Busy):
        Ledger(tmp_path, patience=0.05).append(entry())


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_its_files_are_the_owners_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        filled(tmp_path / "a" / "store", 1)
    finally:
        os.umask(before)
    found = {path.name for path in (tmp_path / "a/store").iterdir()}
    assert found == set(FILE_NAMES)
    assert not [path for path in (tmp_path / "a").rglob("*") if path.stat().st_mode & 0o077]


@pytest.mark.parametrize("name", FILE_NAMES)
def test_links_are_not_followed(tmp_path: Path, name: str) -> None:
    store, target = tmp_path / "store", tmp_path / "target"
    filled(store, 1)
    (store / name).rename(target)
    (store / name).symlink_to(target)
    kept = target.read_bytes()
    with pytest.raises(StorageFault):
        Ledger(store).append(entry())
    assert target.read_bytes() == kept


def test_a_question_is_found_again_and_cannot_be_guessed_without_the_key(tmp_path: Path) -> None:
    ledger, other = filled(tmp_path / "store", 1), filled(tmp_path / "other", 1)
    asked = ledger.question(QUESTION)
    assert ledger.question(f"  {QUESTION.upper()} ") == asked
    assert ledger.question("What is the liability cap?") != asked
    assert other.question(QUESTION) != asked


def test_fields_of_an_entry_are_checked_when_it_is_read(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    good: dict[str, Any] = json.loads(lines(tmp_path)[0])
    for name, value in {"n": "1", "documents": "ab", "accepted_weak": 1, "user": 3}.items():
        bad = json.dumps({**good, name: value}, sort_keys=True, separators=(",", ":"))
        assert parse(f"{bad}\n".encode()) is None
