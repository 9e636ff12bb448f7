"""A store is for its owner alone: looked at before anything in it is opened.

Looked at is what lies in the store, in `runs/`, `chroma/` and each `chroma/<n>/`: a few hundred
entries at most; and the folder the store lies in, where others could put another in its place.
Everything that ragkit makes is 0700 or 0600, so others have got in by a copy, a restored backup or a
chmod, and then the text may have been read.
"""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ragkit.errors import StorageFault
from ragkit.files import OTHERS

LOOKED_INTO = ("", "runs", "chroma", "chroma/*")
"""Folders of a store whose entries are looked at."""
CHANGED_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
WITHOUT_MODES = frozenset(
    {"vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk", "9p", "cifs", "smb3"}
)
"""File systems on which chmod changes nothing; what they show is decided where they are mounted."""
MOUNTS = Path("/proc/self/mountinfo")


def require_private(store: Path) -> None:
    """Raises StorageFault for what others have access to, and for links, with the command that mends it.

    A store that is a link is followed: the folder may lie on another disk.
    """
    try:
        root = store.resolve()
        for folder in {store.absolute().parent, root.parent}:
            _require_unchangeable(folder)
        for path, status in _looked_at(root):
            if stat.S_ISLNK(status.st_mode):
                raise StorageFault(
                    f"{path} is a link, and ragkit makes none: nothing was opened.",
                    hint=f"rm {shlex.quote(str(path))}, and put the file itself there.",
                )
            if status.st_mode & OTHERS:
                raise _open_to_others(root, path, status)
    except OSError as error:
        raise StorageFault(
            f"{error.filename or store} cannot be used: {error.strerror}.",
            hint="Check the folder's permissions.",
        ) from None


def _require_unchangeable(folder: Path) -> None:
    """Raises StorageFault where others may rename what lies in it, unless each only what is their own."""
    status = folder.stat()
    mode = stat.S_IMODE(status.st_mode)
    if mode & CHANGED_BY_OTHERS and not mode & stat.S_ISVTX:
        if file_system_of(status.st_dev) in WITHOUT_MODES:
            return  # told of the store itself
        raise StorageFault(
            f"Others can put another store in the place of this one: they may write to {folder} "
            f"(mode {mode:04o}); nothing was opened.",
            hint=f"chmod go-w {shlex.quote(str(folder))}",
        )


def _looked_at(root: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """The store and what lies in its folders; what goes away meanwhile is no matter."""
    yield root, root.lstat()
    for pattern in LOOKED_INTO:
        for folder in sorted(root.glob(pattern)) if "*" in pattern else [root / pattern]:
            if folder.is_dir() and not folder.is_symlink():
                yield from _entries(folder)


def _entries(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                yield Path(entry.path), entry.stat(follow_symlinks=False)


def _open_to_others(root: Path, path: Path, status: os.stat_result) -> StorageFault:
    kind = file_system_of(status.st_dev)
    if kind in WITHOUT_MODES:
        return StorageFault(
            f"{root} lies on a disk ({kind}) that keeps no permissions: others can read it.",
            hint="Mount it with umask=077 and your uid, or set `store` in pipelines.yaml to a "
            "folder on another disk.",
        )
    return StorageFault(
        f"{path} can be read by others (mode {stat.S_IMODE(status.st_mode):04o}); nothing was opened.",
        hint=f"chmod -R go= {shlex.quote(str(root))}",
    )


def file_system_of(device: int) -> str:
    """The kind of file system of a device number, such as "ext4"; "" where it cannot be told."""
    name = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        words = line.split()
        if len(words) > 4 and words[2] == name and "-" in words:
            return words[words.index("-") + 1]
    return ""
