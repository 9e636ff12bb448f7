"""Clouds by name, mark and settings; disks by what the system says of them."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import pytest

from ragkit.doctor import surroundings
from ragkit.doctor.clouds import synchronised
from ragkit.doctor.disks import Mount, device_encryption, encryption_of, mount_of
from ragkit.doctor.surroundings import Place, look_around
from ragkit.isolation.kernel import Kernel
from ragkit.isolation.process import leaves_no_dump


@pytest.mark.parametrize(
    ("folder", "program"),
    [
        ("Dropbox/files", "Dropbox"),
        ("Dropbox (Ferrer & Co)/files", "Dropbox"),
        ("OneDrive - Clinic/files", "OneDrive"),
        ("Google Drive/files", "Google Drive"),
        ("Nextcloud/a/b/c", "Nextcloud"),
        ("Library/Mobile Documents/files", "iCloud"),
    ],
)
def test_a_cloud_is_known_by_its_folders_name(home: Path, folder: str, program: str) -> None:
    found = synchronised(home / folder, home)
    assert found is not None
    assert found.program == program


@pytest.mark.parametrize("folder", ["files", "my dropbox notes", "onedriver", "sync"])
def test_other_folders_are_none(home: Path, folder: str) -> None:
    assert synchronised(home / folder, home) is None


@pytest.mark.parametrize(
    ("mark", "program"),
    [(".stfolder", "Syncthing"), (".dropbox.cache", "Dropbox"), (".sync_0a1b.db", "Nextcloud")],
)
def test_a_cloud_is_known_by_its_mark_above(home: Path, mark: str, program: str) -> None:
    (home / "data" / "deep").mkdir(parents=True)
    (home / "data" / mark).touch()
    found = synchronised(home / "data" / "deep", home)
    assert found is not None
    assert program in found.program
    assert synchronised(home / "other", home) is None


@pytest.mark.parametrize(
    ("file", "text", "program"),
    [
        (
            ".config/Nextcloud/nextcloud.cfg",
            "[Accounts]\n0\\Folders\\1\\localPath={}/\n",
            "Nextcloud",
        ),
        (".dropbox/info.json", '{{"personal": {{"path": "{}"}}}}', "Dropbox"),
        (".config/onedrive/config", 'sync_dir = "{}"\n', "OneDrive"),
        (".local/state/syncthing/config.xml", '<folder id="a" path="{}" type="x">', "Syncthing"),
    ],
)
def test_a_cloud_is_known_by_its_settings(home: Path, file: str, text: str, program: str) -> None:
    (home / file).parent.mkdir(parents=True)
    (home / file).write_text(text.format(home / "papers"), encoding="utf-8")
    found = synchronised(home / "papers" / "matter", home)
    assert found is not None
    assert found.program == program
    assert synchronised(home / "papers-of-mine", home) is None


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"personal": 3}', json.dumps({"a": {}})])
def test_settings_that_cannot_be_read_are_no_cloud(home: Path, text: str) -> None:
    (home / ".dropbox").mkdir()
    (home / ".dropbox" / "info.json").write_text(text, encoding="utf-8")
    assert synchronised(home / "papers", home) is None


def test_an_index_in_a_cloud_is_a_fault_and_documents_a_warning(home: Path) -> None:
    places = [
        Place(home / "Dropbox" / "store", "the index of p", True),
        Place(home / "Dropbox" / "papers", "the documents of p", False),
    ]
    found = [f for f in look_around(places, home) if f.name == "synchronised folders"]
    assert [finding.state for finding in found] == ["fault", "warning"]
    assert all("Dropbox" in finding.text and finding.mend for finding in found)


def fake_device(sys_folder: Path, number: str, name: str, uuid: str = "", below: str = "") -> None:
    """What /sys says of a block device."""
    device = sys_folder / "devices" / name
    (device / "slaves").mkdir(parents=True)
    if uuid:
        (device / "dm").mkdir()
        (device / "dm" / "uuid").write_text(f"{uuid}\n", encoding="ascii")
    if below:
        (device / "slaves" / below).symlink_to(sys_folder / "devices" / below)
    links = sys_folder / "dev" / "block"
    links.mkdir(parents=True, exist_ok=True)
    (links / number).symlink_to(device)


def test_encryption_is_found_below_a_logical_volume(home: Path) -> None:
    fake_device(home, "253:1", "dm-1", "LVM-abc", below="dm-0")
    fake_device(home, "253:0", "dm-0", "CRYPT-LUKS2-abc-root")
    fake_device(home, "8:1", "sda1")
    fake_device(home, "254:1", "vda1")
    numbers = ("253:1", "253:0", "8:1", "254:1", "9:9")
    answers = [device_encryption(number, home).answer for number in numbers]
    assert answers == ["yes", "yes", "no", "unknown", "unknown"]


@pytest.mark.parametrize(
    ("kind", "answer"),
    [("tmpfs", "yes"), ("ecryptfs", "yes"), ("fuse.gocryptfs", "yes"), ("nfs4", "unknown")],
)
def test_some_file_systems_say_it_themselves(home: Path, kind: str, answer: str) -> None:
    assert encryption_of(home, Mount(home, kind, "somewhere", "0:99"), home).answer == answer


def test_the_innermost_mount_counts(home: Path) -> None:
    (home / "self").mkdir()
    lines = [
        "1 0 8:1 / / rw - ext4 /dev/sda1 rw",
        f"2 1 8:2 / {home} rw - ext4 /dev/sda2 rw",
        f"3 2 8:3 / {home}/with\\040space rw shared:1 - xfs /dev/sda3 rw",
    ]
    (home / "self" / "mountinfo").write_text("\n".join(lines), encoding="ascii")
    devices = [
        found.device
        for place in (Path("/usr"), home / "a", home / "with space" / "b")
        if (found := mount_of(place, home))
    ]
    assert devices == ["8:1", "8:2", "8:3"]


@pytest.mark.skipif(sys.platform != "linux", reason="measured in Linux's way")
def test_what_a_process_leaves_behind_is_measured(home: Path) -> None:
    """This one is not sealed, so it could leave both."""
    found = {finding.name: finding for finding in look_around([], home)}
    assert found["core dumps"].state == "warning"
    assert "ulimit" in found["core dumps"].mend
    assert found["temporary files"].state == "note"


@pytest.mark.parametrize(
    ("limit", "dumpable", "expected"),
    [(0, 0, True), (1, 0, True), (1, 2, True), (1, 1, False), (2, 0, False), (1, -22, False)],
)
def test_a_dump_is_left_by_the_limit_and_by_the_processs_own_mark(
    monkeypatch: pytest.MonkeyPatch, limit: int, dumpable: int, expected: bool
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda what: (limit, limit))
    monkeypatch.setattr(Kernel, "prctl", lambda self, option, value: dumpable)
    monkeypatch.setattr(sys, "platform", "linux")
    assert leaves_no_dump() is expected


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells of its swap there")
def test_swap_on_a_plain_disk_is_a_warning_and_compressed_memory_is_not(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swaps = (
        "Filename Type Size Used Priority\n/dev/zram0 partition 1 0 1\n/nowhere/swap file 1 0 1\n"
    )
    monkeypatch.setattr(surroundings, "read", lambda path: swaps if path == "/proc/swaps" else "")
    found = [finding for finding in look_around([], home) if finding.name == "swap"]
    assert [finding.state for finding in found] == ["ok", "warning"]
    assert "swapoff" in found[1].mend
