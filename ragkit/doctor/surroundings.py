"""What lies around the data and can carry it away: clouds, disks, swap, core dumps, backups."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ragkit.config import Pipeline
from ragkit.doctor.clouds import synchronised
from ragkit.doctor.disks import Encryption, device_encryption, encryption_of, mount_of
from ragkit.doctor.findings import Area, on_linux, quoted, read
from ragkit.isolation import current
from ragkit.isolation.process import leaves_no_dump
from ragkit.types.doctor import Finding

SURROUNDINGS = Area("surroundings")
_BACKUPS = {
    "~/.config/borg": "Borg",
    "~/.config/restic": "restic",
    "~/.cache/restic": "restic",
    "~/.cache/deja-dup": "Déjà Dup",
    "~/.config/duplicati": "Duplicati",
    "/etc/timeshift/timeshift.json": "Timeshift",
    "/etc/snapper/configs": "snapper",
    "/.snapshots": "file system snapshots",
    "/Volumes/com.apple.TimeMachine.localsnapshots": "Time Machine",
}
_WITH_SNAPSHOTS = frozenset({"btrfs", "zfs", "apfs", "bcachefs"})
_ENCRYPT_MEND = (
    "Move it to an encrypted disk (LUKS, FileVault), or encrypt the folder: fscrypt encrypt FOLDER"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where data lies. is_store: what ragkit wrote, else the user's own documents."""

    path: Path
    what: str
    is_store: bool


def places_of(pipelines: Sequence[Pipeline]) -> list[Place]:
    """Stores and folders of documents, each once."""
    found = {each.store: Place(each.store, f"the index of {each.name}", True) for each in pipelines}
    for each in pipelines:
        for folder in each.folders:
            found.setdefault(folder, Place(folder, f"the documents of {each.name}", False))
    return list(found.values())


def look_around(places: Sequence[Place], home: Path) -> Iterator[Finding]:
    """home: the user's, where other programs keep their settings."""
    for place in places:
        yield from _cloud(place, home)
    yield from _disks(places)
    yield from _swap()
    yield _core_dumps()
    yield from _temporary()
    yield from _backups(places, home)


def _cloud(place: Place, home: Path) -> Iterator[Finding]:
    mount = mount_of(place.path)
    found = synchronised(place.path, home, mount.kind if mount else "")
    name = "synchronised folders"
    if mount is not None and mount.is_remote:
        text = f"{place.path} ({place.what}) lies on another machine ({mount.kind} {mount.source})."
        yield SURROUNDINGS.warning(
            "network file systems", text, "Move it to a disk of this machine."
        )
    if found is None:
        return
    text = f"{place.path} ({place.what}) is copied elsewhere by {found.program}: {found.sign}."
    if place.is_store:
        yield SURROUNDINGS.fault(name, text, _move(place.path, home))
    else:
        mend = f"mv {quoted(place.path)} {quoted(home)}/, and name the new place in pipelines.yaml"
        yield SURROUNDINGS.warning(name, text, mend)


def _move(store: Path, home: Path) -> str:
    return (
        f"mkdir -m 700 -p {quoted(home)}/.ragkit && mv {quoted(store)} {quoted(home)}/.ragkit/, "
        f"and in pipelines.yaml: store: {home}/.ragkit"
    )


def _disks(places: Sequence[Place]) -> Iterator[Finding]:
    """One finding for each disk, with what lies on it."""
    by_disk: dict[tuple[str, str, str], list[str]] = {}
    for place in places:
        mount = mount_of(place.path)
        answer, why = encryption_of(place.path, mount)
        by_disk.setdefault((answer, why, str(mount.point) if mount else ""), []).append(place.what)
    for (told, why, point), what in by_disk.items():
        yield _one_disk(told, why, f"The disk at {point or '?'}, with {', '.join(what)}")


def _one_disk(answer: str, why: str, where: str) -> Finding:
    if answer == "yes":
        return SURROUNDINGS.ok("disk encryption", f"{where}, is encrypted: {why}.")
    if answer == "no":
        text = f"{where}, is not encrypted, as far as can be told: {why}."
        return SURROUNDINGS.warning("disk encryption", text, _ENCRYPT_MEND)
    text = f"{where}: whether it is encrypted cannot be told here ({why}). It should be."
    return SURROUNDINGS.note("disk encryption", text, "lsblk -o NAME,TYPE,MOUNTPOINT")


def _swap() -> Iterator[Finding]:
    lines = read("/proc/swaps").splitlines()[1:]
    if not lines:
        told = "No swap is in use." if Path("/proc/swaps").exists() else "Swap cannot be told here."
        yield SURROUNDINGS.ok("swap", told)
    for line in lines:
        yield _one_swap(Path(line.split()[0]))


def _one_swap(area: Path) -> Finding:
    if area.name.startswith("zram"):
        return SURROUNDINGS.ok("swap", f"{area} is compressed memory, on no disk.")
    answer, why = _encryption_of_swap(area)
    if answer == "yes":
        return SURROUNDINGS.ok("swap", f"{area} is encrypted: {why}.")
    told = "is not encrypted" if answer == "no" else "may not be encrypted"
    text = f"{area} {told} ({why}): parts of documents in memory may be written to it."
    return SURROUNDINGS.warning("swap", text, "sudo swapoff -a, or encrypt it in /etc/crypttab")


def _encryption_of_swap(area: Path) -> Encryption:
    if not area.is_block_device():
        return encryption_of(area, mount_of(area))
    number = area.stat().st_rdev
    return device_encryption(f"{os.major(number)}:{os.minor(number)}")


def _core_dumps() -> Finding:
    pattern = read("/proc/sys/kernel/core_pattern").strip()
    where = f" (this system's go to {pattern})" if pattern else ""
    if leaves_no_dump():
        text = f"This process, which shut itself in as every command does, leaves none{where}."
        return SURROUNDINGS.ok("core dumps", text)
    text = f"A process of ragkit that crashes may leave its memory on the disk{where}."
    return SURROUNDINGS.warning("core dumps", text, "ulimit -c 0, before ragkit is started")


def _temporary() -> Iterator[Finding]:
    folder = Path(os.environ.get("TMPDIR", "/tmp"))
    mount = mount_of(folder)
    kept = "kept in memory" if mount and mount.is_in_memory else "on a disk"
    if current().files == "":
        text = f"{folder} is {kept}; the kernel refuses ragkit's processes to write there."
        yield SURROUNDINGS.ok("temporary files", text)
    else:
        text = f"{folder} is {kept}; ragkit puts no text there, which the kernel does not enforce here."
        yield SURROUNDINGS.note("temporary files", text, "findmnt --target /tmp")


def _backups(places: Sequence[Place], home: Path) -> Iterator[Finding]:
    found = [
        program
        for written, program in _BACKUPS.items()
        if (home / written[2:] if written.startswith("~/") else Path(written)).exists()
    ]
    kinds = {mount.kind for mount in (mount_of(each.path) for each in places) if mount}
    found += [f"snapshots of {kind}" for kind in sorted(kinds & _WITH_SNAPSHOTS)]
    if found:
        text = (
            f"There are signs of backups ({', '.join(dict.fromkeys(found))}): what they hold of an index "
            "is not reached by ragkit purge."
        )
        mend = "Leave the stores out of them: the catalog can be made again from the documents."
        yield SURROUNDINGS.note("backups", text, mend)
    elif on_linux():
        yield SURROUNDINGS.ok(
            "backups", "No sign of a backup program or of snapshots, as far as can be told."
        )
