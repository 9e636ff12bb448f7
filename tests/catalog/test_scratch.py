"""Scratch folders of comparisons: private, gone afterwards, and never beside a purge."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ragkit.catalog import scratch
from ragkit.catalog.holdings import undeclared_files
from ragkit.catalog.scratch import SCRATCH, clear_scratch, no_scratch, scratch_folder
from ragkit.errors import Busy


def test_it_is_private_declared_and_goes_away(tmp_path: Path) -> None:
    store = tmp_path / "store"

    def interrupted() -> None:
        with scratch_folder(store) as folder:
            (folder / "text.txt").write_text("a clause")
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert undeclared_files(store) == []
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not list(store.rglob("*.txt"))
    with scratch_folder(store):
        pass
    assert list(store.iterdir()) == []


def left_behind(store: Path) -> Path:
    """What a killed comparison leaves: a folder that nobody holds."""
    text = store / SCRATCH / "1" / "text.txt"
    text.parent.mkdir(parents=True)
    text.write_text("a clause")
    return text


def test_what_a_killed_one_left_goes_with_the_next_with_an_ingest_and_a_purge(
    tmp_path: Path,
) -> None:
    text = left_behind(tmp_path)
    with scratch_folder(tmp_path):
        assert not text.exists()
    left_behind(tmp_path)
    clear_scratch(tmp_path)  # as an ingest does
    assert list(tmp_path.iterdir()) == []
    left_behind(tmp_path)
    with no_scratch(tmp_path):
        assert not text.exists()


def test_a_purge_does_not_run_beside_it_nor_it_beside_a_purge(tmp_path: Path) -> None:
    with scratch_folder(tmp_path) as folder:
        with pytest.raises(Busy, match="lays out texts"), no_scratch(tmp_path):
            raise AssertionError
        clear_scratch(tmp_path)
        assert folder.is_dir()
    with no_scratch(tmp_path), pytest.raises(Busy, match="being purged"), scratch_folder(tmp_path):
        raise AssertionError


def test_a_fault_inside_is_not_taken_for_a_lock(tmp_path: Path) -> None:
    with pytest.raises(BlockingIOError), no_scratch(tmp_path):
        raise BlockingIOError


def test_a_lock_on_a_folder_that_was_removed_meanwhile_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a purge would hold one beside a comparison that holds another."""
    take = scratch._take
    removed: list[Path] = []

    def slow(place: int, how: int, busy: str) -> None:
        if not removed:
            removed.append(tmp_path / SCRATCH)
            removed[0].rmdir()
        take(place, how, busy)

    monkeypatch.setattr(scratch, "_take", slow)
    with no_scratch(tmp_path), pytest.raises(Busy), scratch_folder(tmp_path):
        raise AssertionError


def test_a_stray_file_does_not_keep_a_purge_from_its_work(tmp_path: Path) -> None:
    (tmp_path / SCRATCH).mkdir()
    (tmp_path / SCRATCH / "stray").write_text("x")
    with no_scratch(tmp_path):
        assert list((tmp_path / SCRATCH).iterdir()) == []
