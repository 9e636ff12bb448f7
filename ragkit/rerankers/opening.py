"""What everything above calls: prepare a model folder once, then open it quickly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ragkit.acceleration.child import prepare_in_child
from ragkit.acceleration.conversion import read_conversion
from ragkit.errors import NotReady
from ragkit.protocols import Reranker
from ragkit.rerankers.base import RerankerSpec
from ragkit.rerankers.folder import read_shape
from ragkit.rerankers.preparing import open_way
from ragkit.rerankers.records import PreparedReranker, converted_folder, read_record

_HINT = "ragkit ingest"


def describe(model_folder: Path, *, digest: str, threads: int = 0) -> RerankerSpec:
    """Fingerprint and window of a reranker, without opening it. Raises ModelMissing, UsageFault."""
    return RerankerSpec(model_folder, digest, read_shape(model_folder), threads)


def prepare(
    model_folder: Path,
    *,
    digest: str,
    cache: Path,
    progress: Callable[[str], None] | None = None,
) -> PreparedReranker:
    """Convert the model for this machine and measure the ways, if that was not done before.

    In a child process; `progress` is told when that begins. Raises ModelMissing, UsageFault,
    NotReady if the child fails.
    """
    read_shape(model_folder)
    if not is_prepared(digest=digest, cache=cache):
        if progress is not None:
            progress("Preparing the reranker for this machine (once)")
        paths = [str(model_folder.absolute()), digest, str(cache.absolute())]
        prepare_in_child("ragkit.rerankers.preparing", paths, model_folder.name, _HINT)
    record = read_record(cache, digest)
    if record is None:
        raise NotReady(f"{cache}: what was measured cannot be read", hint=_HINT)
    return record


def is_prepared(*, digest: str, cache: Path) -> bool:
    """Whether `open_reranker` will succeed; reads two small files."""
    converted = read_conversion(converted_folder(cache, digest))
    return converted is not None and read_record(cache, digest) is not None


def open_reranker(model_folder: Path, *, digest: str, cache: Path, threads: int = 0) -> Reranker:
    """The reranker, in the way that was chosen. Never converts anything.

    digest: sha256 of the weights, already verified. threads: 0 for all cores.
    Raises ModelMissing, UsageFault, and NotReady if it was not prepared.
    """
    spec = describe(model_folder, digest=digest, threads=threads)
    record = read_record(cache, digest)
    if record is None:
        raise NotReady(f"{model_folder.name} is not prepared for this machine", hint=_HINT)
    return open_way(record.way, spec, converted_folder(cache, digest))
