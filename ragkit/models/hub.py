"""Models that come from a model hub, through the hub's own client. Owner of huggingface_hub.

`hf_hub_download` throws away what it has when it is interrupted, so the client's two lower calls
are used: `get_hf_file_metadata` (what the file is) and `http_get` (the bytes from a position on).
The hub's address is the user's HF_ENDPOINT, the token the one of `hf auth login`.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragkit.errors import CheckFailed, NotReady, StorageFault, UsageFault
from ragkit.models.files import Progress, sha256_of
from ragkit.models.registry import HubSource, ModelFile

if TYPE_CHECKING:
    from huggingface_hub import HfFileMetadata

_SHA256 = re.compile(r"[0-9a-f]{64}")
_NOT_COMPRESSED = {"Accept-Encoding": "identity"}  # a range of compressed bytes cannot be resumed


@dataclass(frozen=True, slots=True)
class HubFiles:
    """What was fetched, with its digests, and the commit that it comes from."""

    files: tuple[ModelFile, ...]
    commit: str


def fetch_from_hub(
    source: HubSource, files: Iterable[ModelFile], staging: Path, folder: Path, progress: Progress
) -> HubFiles:
    """Put `files` into `folder`; what an interrupted fetch left in `staging` is not sent again.

    Raises NotReady if the hub cannot be reached or wants a login, UsageFault if it has no such
    file, CheckFailed if a file's digest is not the registry's (or the hub's own).
    """
    _quiet_client()
    parts = staging / "parts"
    parts.mkdir(mode=0o700, exist_ok=True)
    commit, arrived = source.revision, []
    for file in files:
        with _hub_faults(source, file):
            metadata = _metadata(replace(source, revision=commit), file)
            commit = metadata.commit_hash or commit
            pinned = replace(source, revision=commit)  # a branch may move while we read from it
            part = parts / hashlib.sha256(f"{file.path}\n{metadata.etag}".encode()).hexdigest()
            _require_space(file, metadata.size or 0, part)
            _download(pinned, file, metadata, part, progress)
        arrived.append((part, _checked(file, metadata, part, progress)))
    for part, file in arrived:
        target = folder / file.path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part.replace(target)
    return HubFiles(tuple(file for _, file in arrived), commit)


def _quiet_client() -> None:
    """Set the client's switches where it reads them: its import may be long past."""
    from huggingface_hub import constants
    from huggingface_hub.utils import logging

    if constants.HF_HUB_OFFLINE:
        raise NotReady(
            "HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set, so the model hub is not asked.",
            hint="unset HF_HUB_OFFLINE TRANSFORMERS_OFFLINE",
        )
    constants.HF_HUB_DISABLE_TELEMETRY = True
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]


def _endpoint() -> str | None:
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or None


def _url(source: HubSource, file: ModelFile) -> str:
    from huggingface_hub import hf_hub_url

    return hf_hub_url(source.repository, file.path, revision=source.revision, endpoint=_endpoint())


def _metadata(source: HubSource, file: ModelFile) -> HfFileMetadata:
    from huggingface_hub import get_hf_file_metadata

    return get_hf_file_metadata(_url(source, file), endpoint=_endpoint())


def _require_space(file: ModelFile, size: int, part: Path) -> None:
    """The registry does not know every file's size; the hub does. Raises StorageFault."""
    missing = size - (part.stat().st_size if part.exists() else 0)
    free = shutil.disk_usage(part.parent).free
    if missing > free:
        raise StorageFault(
            f"{file.path} needs {missing / 1e6:,.0f} MB more on the disk of {part.parent}, "
            f"which has {free / 1e6:,.0f} MB free.",
            hint="Free some space, or set RAGKIT_MODELS to another folder.",
        )


def _download(
    source: HubSource, file: ModelFile, metadata: HfFileMetadata, part: Path, progress: Progress
) -> None:
    """Bring `part` to its full size. The client itself tries again when a connection breaks."""
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    with part.open("ab") as stream:
        if metadata.size is not None and stream.tell() > metadata.size:
            stream.truncate(0)
        http_get(
            _url(source, file),
            stream,
            resume_size=stream.tell(),
            headers={**build_hf_headers(), **_NOT_COMPRESSED},
            expected_size=metadata.size,
            tqdm_class=_bar(file.path, progress),
        )


def _checked(
    file: ModelFile, metadata: HfFileMetadata, part: Path, progress: Progress
) -> ModelFile:
    """The file with its real digest and size. For large files the hub's ETag is their sha256."""
    etag = metadata.etag or ""
    expected = file.sha256 or (etag if _SHA256.fullmatch(etag) else "")
    digest = sha256_of(part, progress, f"checking {file.path}")
    if expected and digest != expected:
        part.unlink()
        raise CheckFailed(
            f"{file.path} is not what it should be: "
            f"sha256 {digest[:16]}… instead of {expected[:16]}…; it was thrown away.",
            hint="Pull it again; if it stays so, the hub serves another file.",
        )
    return ModelFile(file.path, digest, part.stat().st_size)


def _bar(what: str, progress: Progress) -> type[Any]:
    """`progress` in the shape of the progress bar class that the client makes an object of."""

    class Bar:
        def __init__(self, *, total: float | None = None, initial: int = 0, **_: object) -> None:
            self._total, self._done = int(total or 0), initial
            self.update(0)

        def update(self, bytes_more: float | None = 1) -> None:
            self._done += int(bytes_more or 0)
            progress(what, self._done, self._total)

        def __enter__(self) -> Bar:
            return self

        def __exit__(self, *_: object) -> None:
            """Nothing is held."""

    return Bar


@contextmanager
def _hub_faults(source: HubSource, file: ModelFile) -> Iterator[None]:
    """Turn what the client raises into one sentence with the next step."""
    from huggingface_hub import errors

    # The base class of httpx or httpx2, whichever this version of the client stands on.
    transport_error: type[Exception] = errors.HTTPError  # type: ignore[attr-defined]
    where = f"{source.repository} at {source.revision[:12]}"
    try:
        yield
    except errors.GatedRepoError as error:
        raise NotReady(
            f"{source.repository} is only for people who accepted its licence on the model hub.",
            hint=f"Accept it on the page of {source.repository}, then: hf auth login",
        ) from error
    except errors.EntryNotFoundError as error:
        raise UsageFault(f"The model hub has no file {file.path} in {where}.") from error
    except errors.RevisionNotFoundError as error:
        raise UsageFault(f"The model hub has no revision {where}.") from error
    except errors.RepositoryNotFoundError as error:
        raise UsageFault(
            f"The model hub has no repository {source.repository}, or it is private.",
            hint="hf auth login",
        ) from error
    except errors.HfHubHTTPError as error:
        answer = f"{error.response.status_code} {error.response.reason_phrase}"
        raise NotReady(
            f"The model hub did not hand out {file.path} of {where}: {answer}.",
            hint="Try again later; what has arrived is kept.",
        ) from error
    except transport_error as error:
        raise _broken_off(source, file, error) from error
    except OSError as error:
        if error.errno is not None:
            raise  # a fault of this machine's disk
        raise _broken_off(source, file, error) from error


def _broken_off(source: HubSource, file: ModelFile, error: Exception) -> NotReady:
    return NotReady(
        f"The connection to the model hub failed at {file.path} of {source.repository} "
        f"({type(error).__name__}).",
        hint="Check the network and try again; what has arrived is kept.",
    )
