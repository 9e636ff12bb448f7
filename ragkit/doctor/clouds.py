"""Whether a folder is copied elsewhere by a synchronising program. Reads names and settings, runs nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ragkit.doctor.findings import read

_NAMES = {
    "dropbox": "Dropbox",
    "onedrive": "OneDrive",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "icloud drive": "iCloud",
    "iclouddrive": "iCloud",
    "mobile documents": "iCloud",
    "com~apple~clouddocs": "iCloud",
    "cloudstorage": "a cloud service (macOS CloudStorage)",
    "syncthing": "Syncthing",
    "pclouddrive": "pCloud",
    "megasync": "MEGA",
    "seafile": "Seafile",
}
"""Names that the programs give their folders, in lower case."""
_NAME_WITH_MORE = re.compile(r"(dropbox|onedrive|nextcloud|owncloud|google drive)[ ._(-].+")
_MARKERS = {
    ".stfolder": "Syncthing",
    ".stversions": "Syncthing",
    ".dropbox": "Dropbox",
    ".dropbox.cache": "Dropbox",
    ".nextcloudsync.log": "Nextcloud",
    ".owncloudsync.log": "ownCloud",
    ".tmp.drivedownload": "Google Drive",
}
"""What they leave in the folders that they copy."""
_DATABASES = re.compile(r"\.?_?sync_[0-9a-f]+\.db")
_MOUNTS = re.compile(
    r"fuse\.(rclone|google-drive-ocamlfuse|onedriver|insync|dropbox\w*|gvfsd-fuse)"
)
_LOCAL_PATH = re.compile(r"^\d+\\Folders\\.*localPath=(.+)$", re.MULTILINE)
_SYNC_DIRECTORY = re.compile(r'^\s*sync_dir\s*=\s*"([^"]+)"', re.MULTILINE)
_SYNCTHING_FOLDER = re.compile(r'<folder\b[^>]*\bpath="([^"]+)"')


class Synchronised(NamedTuple):
    """A program that copies, and how that is known."""

    program: str
    sign: str


def synchronised(path: Path, home: Path, file_system: str = "") -> Synchronised | None:
    """What copies `path` elsewhere; None if nothing is known to. file_system: of the disk it lies on."""
    if mount := _MOUNTS.fullmatch(file_system):
        return Synchronised(mount[1], "it is mounted by that program")
    place = path.resolve()
    for program, folder in _configured(home):
        if place == folder or folder in place.parents:
            return Synchronised(program, f"its settings name {folder}")
    for folder in (place, *place.parents):
        if found := _by_name(folder) or _by_marker(folder):
            return found
    return None


def _by_name(folder: Path) -> Synchronised | None:
    name = folder.name.lower()
    more = _NAME_WITH_MORE.fullmatch(name)
    program = _NAMES.get(more[1] if more else name)
    return Synchronised(program, f"the folder is called {folder.name}") if program else None


def _by_marker(folder: Path) -> Synchronised | None:
    for marker, program in _MARKERS.items():
        # ~/.dropbox holds the program's settings; the mark of a copied folder is a file.
        if (folder / marker).exists() and not (marker == ".dropbox" and (folder / marker).is_dir()):
            return Synchronised(program, f"{folder / marker} is its mark")
    try:
        names = [entry.name for entry in folder.iterdir() if entry.name.endswith(".db")]
    except OSError:
        return None
    if any(map(_DATABASES.fullmatch, names)):
        return Synchronised("Nextcloud or ownCloud", f"its database lies in {folder}")
    return None


def _configured(home: Path) -> Iterator[tuple[str, Path]]:
    """Program and folder, as the programs' settings have them."""
    for program, file, pattern in (
        ("Nextcloud", ".config/Nextcloud/nextcloud.cfg", _LOCAL_PATH),
        ("ownCloud", ".config/ownCloud/owncloud.cfg", _LOCAL_PATH),
        ("OneDrive", ".config/onedrive/config", _SYNC_DIRECTORY),
        ("Syncthing", ".config/syncthing/config.xml", _SYNCTHING_FOLDER),
        ("Syncthing", ".local/state/syncthing/config.xml", _SYNCTHING_FOLDER),
    ):
        for found in pattern.findall(read(home / file)):
            yield program, _placed(found.strip(), home)
    yield from (("Dropbox", folder) for folder in _of_dropbox(home))


def _of_dropbox(home: Path) -> Iterator[Path]:
    try:
        accounts = json.loads(read(home / ".dropbox/info.json") or "{}")
        for account in accounts.values():
            yield _placed(str(account["path"]), home)
    except (ValueError, KeyError, TypeError, AttributeError):
        return  # a file of another version: the folder's name and mark are still looked at


def _placed(written: str, home: Path) -> Path:
    """A folder as the settings write it, without a link on the way."""
    return (home / written.removeprefix("~/")).resolve()
