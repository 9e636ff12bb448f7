"""Models of the user's own that were given a name: GGUF files in the folder `own` of the models folder.

<root>/own/NAME.gguf           what was imported or made smaller here
<root>/.partial/own-NAME.gguf  what is being copied or made; never taken for a model
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ragkit.errors import StorageFault, UsageFault
from ragkit.files import PRIVATE, make_private
from ragkit.models.files import (
    Progress,
    flush_file,
    flush_folder,
    only_one,
    sha256_of,
    storage_faults,
)
from ragkit.models.own import forget_own, note_own
from ragkit.models.pulling import PARTIAL

OWN_FOLDER = "own"
_LONGEST = 100
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{_LONGEST - 1}}}")
_IN_PLACE = "name the file's path in pipelines.yaml, where it lies"
_BLOCK = 4 * 1024 * 1024


def named_model(root: Path, name: str) -> Path | None:
    """Where the own model of that name lies; None if there is none."""
    if not _NAME.fullmatch(name):
        return None
    path = root / OWN_FOLDER / f"{name}.gguf"
    return path if path.is_file() else None


def named_models(root: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted((root / OWN_FOLDER).glob("*.gguf"))}


def name_for(stem: str, ending: str = "") -> str:
    """The name that a file's stem suggests; `ending`, of a name's characters, is kept whole."""
    kept = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._")[: _LONGEST - len(ending)]
    return (kept or "model") + ending


def require_name(root: Path, name: str) -> None:
    """Raises UsageFault unless an own model may be called so: it is a name, and not taken."""
    if not _NAME.fullmatch(name):
        raise UsageFault(
            f"{name!r} is no name for a model: letters, digits, dots, dashes and underscores, at most "
            f"{_LONGEST}.",
            hint=f"Another name, such as: --name {name_for(name)}",
        )
    if (root / OWN_FOLDER / f"{name}.gguf").exists():
        raise UsageFault(f"There is a model {name} already.", hint=f"ragkit models remove {name}")


@contextmanager
def new_named(root: Path, name: str, progress: Progress) -> Iterator[Path]:
    """A path to write a whole GGUF file to, which then becomes the own model of that name, its digest noted.

    After an exception, also Ctrl-C, nothing of it is left. Raises UsageFault, Busy, StorageFault.
    """
    require_name(root, name)
    target = root / OWN_FOLDER / f"{name}.gguf"
    aside = _aside(root, name)
    with storage_faults(root), only_one(aside.with_suffix(".lock"), name):
        require_name(root, name)  # another process may have made it before the lock was ours
        aside.unlink(missing_ok=True)
        try:
            yield aside
            digest = sha256_of(aside, progress, f"checking {name}")
            _publish(aside, target)
            _note(root, target, digest)
        finally:
            aside.unlink(missing_ok=True)


def _aside(root: Path, name: str) -> Path:
    return root / PARTIAL / f"own-{name}.gguf"


def _note(root: Path, target: Path, digest: str) -> None:
    """A model that is not noted would be as good after a change as before it: it is not kept."""
    try:
        note_own(root, target, digest)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def add_named(file: Path, name: str, root: Path, progress: Progress) -> Path:
    """Copy `file` into the folder of own models and note its digest; returns where it lies."""
    with new_named(root, name, progress) as aside:
        require_space(file.stat().st_size, aside.parent)
        _copy(file, aside, progress)
    return root / OWN_FOLDER / f"{name}.gguf"


def remove_named(name: str, root: Path) -> int:
    """Delete an own model and what was noted of it; returns the bytes freed."""
    path = root / OWN_FOLDER / f"{name}.gguf"
    with storage_faults(root), only_one(_aside(root, name).with_suffix(".lock"), name):
        size = path.stat().st_size
        path.unlink()
    forget_own(root, path)
    return size


def require_space(size: int, folder: Path, otherwise: str = _IN_PLACE) -> None:
    """size: bytes. otherwise: what else can be done. Raises StorageFault."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise StorageFault(
            f"It needs {size / 1e6:,.0f} MB on the disk of {folder.parent}, which has "
            f"{free / 1e6:,.0f} MB free.",
            hint=f"Free some space, or {otherwise}.",
        )


def _copy(source: Path, target: Path, progress: Progress) -> None:
    total, done = source.stat().st_size, 0
    with source.open("rb") as reading, target.open("xb") as writing:
        while block := reading.read(_BLOCK):
            writing.write(block)
            done += len(block)
            progress(f"copying {source.name}", done, total)


def _publish(aside: Path, target: Path) -> None:
    make_private(target.parent)
    aside.chmod(PRIVATE)
    flush_file(aside)
    aside.rename(target)
    flush_folder(target.parent)
