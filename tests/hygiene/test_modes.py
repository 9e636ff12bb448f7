"""Row 14: what ragkit makes is its owner's alone, and what others can read is refused before it is read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ragkit.catalog import Catalog, WriterLock, privacy
from ragkit.catalog.privacy import require_private
from ragkit.errors import StorageFault
from ragkit.workspace import Workspace
from tests.hygiene.desk import LEASE, LETTER, RENT, Desk
from tests.hygiene.models import FakeBuilder


def readable_by_others(root: Path) -> list[str]:
    """As `find -perm /077` says it; links are no files."""
    found = [root, *root.rglob("*")]
    return [str(path) for path in found if not path.is_symlink() and path.stat().st_mode & 0o077]


def test_nothing_is_readable_by_others_whatever_the_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a process that has not been sealed, which would set the umask."""
    monkeypatch.setattr("ragkit.workspace.base.Builder", FakeBuilder)
    before = os.umask(0)
    try:
        desk = Desk(tmp_path)
        desk.write("a", "lease.md", LEASE)
        desk.write("a", "letter.md", LETTER)
        with Workspace(tmp_path / "pipelines.yaml", models=tmp_path / "home") as workspace:
            workspace.ingest("a")
            workspace.nightly("a")
            workspace.ask("a", RENT)
            workspace.summarize("a")
            workspace.purge("a", ["letter.md"], still_there=True)
            assert workspace.verify_ledger("a").sound
            assert readable_by_others(tmp_path / ".ragkit") == []
    finally:
        os.umask(before)
    assert readable_by_others(tmp_path / ".ragkit") == []
    assert readable_by_others(tmp_path / "a") != []  # the control: the documents are as they were


def test_nothing_is_after_a_killed_ingest(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for number in range(30):
        desk.write("a", f"{number}.md", LEASE + LETTER * number)
    desk.killed((desk.store() / "catalog.db-wal").exists, "ingest", "a")
    assert (desk.store() / "catalog.db-wal").exists()
    assert readable_by_others(desk.root / ".ragkit") == []


def published(store: Path) -> None:
    """A store with all kinds of files, and none of them open to others."""
    with WriterLock(store), Catalog.open_for_writing(store):
        pass
    for name in ("chroma/1", "runs"):
        (store / name).mkdir(mode=0o700, parents=True)
    (store / "chroma").chmod(0o700)
    for name in ("chroma/1/data.bin", "runs/1.json", "ledger.jsonl"):
        (store / name).touch(0o600)


PLACES = (
    "",
    "catalog.db",
    "lock",
    "ledger.jsonl",
    "chroma",
    "chroma/1",
    "chroma/1/data.bin",
    "runs/1.json",
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("bits", [0o040, 0o004, 0o020, 0o001])
def test_what_others_have_access_to_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, bits: int
) -> None:
    store = tmp_path / "a store"
    published(store)
    require_private(store)
    path = store / place
    path.chmod(path.stat().st_mode | bits)
    monkeypatch.setattr("ragkit.catalog.store._connect", _never)
    for opens in (Catalog.open_for_reading, Catalog.open_for_writing):
        with pytest.raises(StorageFault, match="can be read by others") as raised:
            opens(store)
        assert raised.value.exit_code == 4
        assert raised.value.hint == f"chmod -R go= '{store}'"
    assert os.system(raised.value.hint) == 0
    require_private(store)


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_in_which_others_could_replace_the_store_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    stores = tmp_path / "all stores"
    stores.mkdir(mode=0o700)
    published(stores / "a")
    for harmless in (0o700, 0o755, 0o711, 0o1777):
        stores.chmod(harmless)
        require_private(stores / "a")
    stores.chmod(mode)
    monkeypatch.setattr("ragkit.catalog.store._connect", _never)
    for opens in (Catalog.open_for_reading, Catalog.open_for_writing):
        with pytest.raises(StorageFault, match="put another store in the place") as raised:
            opens(stores / "a")
        assert raised.value.exit_code == 4
        assert raised.value.hint == f"chmod go-w '{stores}'"
    assert os.system(raised.value.hint) == 0
    require_private(stores / "a")


def test_nor_is_the_link_to_a_store_to_be_replaced(tmp_path: Path) -> None:
    published(tmp_path / "store")
    links = tmp_path / "links"
    links.mkdir(mode=0o700)
    (links / "a").symlink_to(tmp_path / "store")
    require_private(links / "a")
    links.chmod(0o777)
    with pytest.raises(StorageFault, match="put another store in the place"):
        require_private(links / "a")


def _never(*given: object, **named: object) -> None:
    raise AssertionError("something was opened")


@pytest.mark.parametrize(
    "place", ["catalog.db", "ledger.jsonl", "chroma", "chroma/1", "chroma/1/data.bin"]
)
def test_links_in_a_store_are_refused(tmp_path: Path, place: str) -> None:
    store = tmp_path / "store"
    published(store)
    (store / place).rename(tmp_path / "elsewhere")
    (store / place).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageFault, match="is a link"):
        Catalog.open_for_writing(store)


def test_a_disk_without_permissions_is_said_to_be_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    published(store)
    mounts = tmp_path / "mountinfo"
    device = f"{os.major(store.stat().st_dev)}:{os.minor(store.stat().st_dev)}"
    mounts.write_text(f"36 35 {device} / /media/stick rw,relatime shared:1 - vfat /dev/sdb1 rw\n")
    monkeypatch.setattr(privacy, "MOUNTS", mounts)
    require_private(store)  # mounted with umask=077
    store.chmod(0o755)
    with pytest.raises(StorageFault, match=r"\(vfat\) that keeps no permissions") as raised:
        require_private(store)
    assert "umask=077" in raised.value.hint


def test_the_kind_of_file_system_is_told(tmp_path: Path) -> None:
    assert privacy.file_system_of(tmp_path.stat().st_dev)


@pytest.mark.parametrize(
    "ask", [["ask", "a", RENT], ["status"], ["audit", "show"], ["ingest", "a"]]
)
def test_every_door_refuses_such_a_store(
    made: Desk, run: Callable[..., int], ask: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (made.store() / "catalog.db").chmod(0o640)
    assert run(*ask) == 4
    said = capsys.readouterr()
    assert "chmod -R go=" in said.err
    assert "rent" not in said.out
    (made.store() / "catalog.db").chmod(0o600)
    assert run(*ask) == 0
