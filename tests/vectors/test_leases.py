"""No index is removed while it is opened; a reader that never ends is not waited for for ever."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from ragkit.errors import StorageFault
from ragkit.vectors.leases import leased, remove_index


def index(tmp_path: Path) -> Path:
    folder = tmp_path / "1"
    folder.mkdir()
    (folder / "data").write_bytes(b"vectors")
    return folder


def test_removal_waits_for_a_reader_that_opens_the_index(tmp_path: Path) -> None:
    folder = index(tmp_path)
    removal = threading.Thread(target=remove_index, args=(folder,))
    with leased(folder):
        removal.start()
        time.sleep(0.1)
        assert (folder / "data").read_bytes() == b"vectors"
    removal.join(5)
    assert list(tmp_path.iterdir()) == []


def test_removal_goes_on_beside_a_reader_that_was_stopped(tmp_path: Path) -> None:
    folder = index(tmp_path)
    with leased(folder):
        remove_index(folder, patience=0.05)
        assert list(tmp_path.iterdir()) == []


def test_what_an_interrupted_removal_left_is_removed(tmp_path: Path) -> None:
    left = tmp_path / "1.removed"
    left.mkdir()
    (left / "data").write_bytes(b"vectors")
    remove_index(left)
    assert list(tmp_path.iterdir()) == []


def test_an_index_that_is_gone_cannot_be_leased(tmp_path: Path) -> None:
    with pytest.raises(StorageFault, match="cannot be opened"), leased(tmp_path / "2"):
        pytest.fail("it was leased")
