"""Files are the old one or the new one, whatever happens in between."""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from ragkit.files import OTHERS, digest_of, make_private, write_atomically


def test_writes_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "año.txt"
    write_atomically(path, "first\r\n")
    write_atomically(path, "señor\r\n")
    assert path.read_bytes() == "señor\r\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    write_atomically(path, "for all", 0o644)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_fault_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "a.txt"
    write_atomically(path, "old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path if step == "replace" else os, step, fail)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_folders_are_made_for_their_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_private(tmp_path / "a" / "b")
    finally:
        os.umask(before)
    assert [(tmp_path / name).stat().st_mode & OTHERS for name in ("a", "a/b")] == [0, 0]
    make_private(tmp_path / "a")


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1])
def test_the_digest_of_a_file_and_how_far_it_is(tmp_path: Path, size: int) -> None:
    path, told = tmp_path / "file", list[int]()
    path.write_bytes(bytes(size))
    assert digest_of(path, told.append) == sha256(bytes(size)).hexdigest()
    assert told[-1:] == ([size] if size else [])
