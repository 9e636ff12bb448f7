"""The disk that a folder lies on, and whether it is encrypted, as far as that can be told from outside."""

from __future__ import annotations

import array
import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple

from ragkit.doctor.findings import read

Encrypted = Literal["yes", "no", "unknown"]
_PROC, _SYS = Path("/proc"), Path("/sys")
_GET_FLAGS, _ENCRYPTED_FLAG = 0x80086601, 0x800
_STACKED = frozenset({"ecryptfs", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs", "fuse.securefs"})
_REMOTE = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "ceph", "virtiofs"}
)
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_VIRTUAL = ("vd", "xvd", "nbd")


class Mount(NamedTuple):
    """Where a file system is mounted, its kind, the device as mounted, and "major:minor"."""

    point: Path
    kind: str
    source: str
    device: str

    @property
    def is_in_memory(self) -> bool:
        return self.kind in _IN_MEMORY

    @property
    def is_remote(self) -> bool:
        return self.kind in _REMOTE


class Encryption(NamedTuple):
    """answer and why."""

    answer: Encrypted
    why: str


def mount_of(path: Path, proc: Path = _PROC) -> Mount | None:
    """The file system of `path`, or of what lies above where it is not there yet; None if unknown."""
    place = path.resolve()
    found: Mount | None = None
    for mount in _mounts(proc):
        inside = mount.point == place or mount.point in place.parents
        if inside and (found is None or len(mount.point.parts) >= len(found.point.parts)):
            found = mount
    return found


def _mounts(proc: Path) -> Iterator[Mount]:
    for line in read(proc / "self/mountinfo").splitlines():
        first, _, second = line.partition(" - ")
        words, rest = first.split(), second.split()
        if len(words) >= 5 and len(rest) >= 2:
            yield Mount(Path(_unescaped(words[4])), rest[0], _unescaped(rest[1]), words[2])


def _unescaped(text: str) -> str:
    """Spaces and the like are written as three octal digits."""
    return text.encode("latin-1", "replace").decode("unicode_escape") if "\\" in text else text


def encryption_of(path: Path, mount: Mount | None, sys: Path = _SYS) -> Encryption:
    """Whether what is written to `path` is encrypted on its disk."""
    if mount is None:
        return Encryption("unknown", "its file system is not known")
    if mount.is_in_memory:
        return Encryption("yes", "it is kept in memory only, and gone at the next start")
    if mount.kind in _STACKED:
        return Encryption("yes", f"by {mount.kind}")
    if mount.is_remote:
        return Encryption("unknown", f"it lies on another machine ({mount.kind})")
    if _has_own_key(path):
        return Encryption("yes", "the folder has a key of its own (fscrypt)")
    if mount.kind == "zfs":
        return Encryption("unknown", f"zfs get encryption {mount.source} tells")
    return device_encryption(_number(mount), sys)


def device_encryption(number: str, sys: Path = _SYS) -> Encryption:
    """The same of a block device, "major:minor", with those below it."""
    device = sys / "dev/block" / number
    if not device.exists():
        return Encryption("unknown", "the disk cannot be seen from here")
    names = [device.resolve().name]
    if any(_is_crypt(each) for each in _with_below(device)):
        return Encryption("yes", "by dm-crypt (LUKS)")
    names += [each.name for each in _with_below(device)]
    if any(name.startswith(_VIRTUAL) for name in names):
        return Encryption("unknown", "the disk is virtual: whoever runs the machine knows")
    return Encryption("no", "no dm-crypt below it; a disk that encrypts by itself cannot be told")


def _with_below(device: Path) -> Iterator[Path]:
    """The device and what it is made of: a logical volume lies on a partition."""
    yield device
    with suppress(OSError):
        for below in (device / "slaves").iterdir():
            yield from _with_below(below.resolve())


def _is_crypt(device: Path) -> bool:
    return read(device / "dm/uuid").startswith("CRYPT-")


def _number(mount: Mount) -> str:
    """Of the device. File systems with subvolumes show a number of their own: then the source's is taken."""
    if not mount.device.startswith("0:"):
        return mount.device
    with suppress(OSError):
        status = Path(mount.source).stat()
        return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
    return mount.device


def _has_own_key(path: Path) -> bool:
    place = next(folder for folder in (path, *path.parents) if folder.exists())
    with suppress(OSError):
        descriptor = os.open(place, os.O_RDONLY | os.O_NONBLOCK)
        try:
            flags = array.array("l", [0])
            fcntl.ioctl(descriptor, _GET_FLAGS, flags, True)
            return bool(flags[0] & _ENCRYPTED_FLAG)
        finally:
            os.close(descriptor)
    return False
