"""What everything above calls: prepare a model folder once, then open it quickly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ragkit.acceleration.child import prepare_in_child
from ragkit.acceleration.conversion import read_conversion
from ragkit.embedders.base import EmbedderSpec, family_of
from ragkit.embedders.folder import read_shape
from ragkit.embedders.preparing import open_way
from ragkit.embedders.records import (
    WAYS,
    PreparedEmbedder,
    Way,
    converted_folder,
    read_record,
)
from ragkit.errors import CheckFailed, NotReady
from ragkit.protocols import Embedder

__all__ = [
    "WAYS",
    "PreparedEmbedder",
    "Way",
    "describe",
    "is_prepared",
    "measured_rate",
    "open_embedder",
    "prepare",
]

_HINT = "ragkit ingest"


def describe(
    model_folder: Path,
    *,
    digest: str,
    query_prefix: str = "",
    passage_prefix: str = "",
    languages: tuple[str, ...] = ("*",),
    threads: int | None = None,
    way: Way = "auto",
) -> EmbedderSpec:
    """Fingerprint, dimension and window of an embedder, without opening it. Raises ModelMissing."""
    return EmbedderSpec(
        model_folder,
        digest,
        read_shape(model_folder),
        query_prefix,
        passage_prefix,
        languages,
        threads or 0,
        family_of(way),
    )


def prepare(
    model_folder: Path,
    *,
    digest: str,
    cache: Path,
    way: Way = "auto",
    progress: Callable[[str], None] | None = None,
) -> PreparedEmbedder:
    """Convert the model for this machine and measure the ways, if that was not done before.

    About 20 seconds, in a child process. `progress` is told when that begins. The result holds the
    way that `open_embedder` will take. "openvino-int8" is made and measured when it is first asked
    for. Raises ModelMissing, NotReady if the child fails, and CheckFailed if `way` is not "auto" and
    does not come near the reference here.
    """
    read_shape(model_folder)
    if way == "reference":
        return PreparedEmbedder(way, "asked for")
    record = read_record(cache, digest)
    if record is None or not record.knows(way):
        if progress is not None:
            progress("Preparing the embedding model for this machine (once)")
        paths = [str(model_folder.absolute()), digest, str(cache.absolute()), way]
        prepare_in_child("ragkit.embedders.preparing", paths, model_folder.name, _HINT)
        record = read_record(cache, digest)
    if record is None:
        raise NotReady(f"{cache}: what was measured cannot be read", hint=_HINT)
    if way == "auto":
        return record
    if not record.accepts(way):
        usable = ", ".join(one for one in WAYS if one == "auto" or record.accepts(one))
        raise CheckFailed(
            f"{model_folder.name}: {way} does not come near the reference on this machine;"
            f" possible: {usable}"
        )
    return PreparedEmbedder(way, "asked for", record.figures)


def is_prepared(model_folder: Path, *, digest: str, cache: Path, way: Way = "auto") -> bool:
    """Whether `open_embedder` will succeed; reads two small files."""
    if way == "reference":
        return model_folder.is_dir()
    record = read_record(cache, digest)
    if record is None or read_conversion(converted_folder(cache, digest)) is None:
        return False
    return way == "auto" or record.accepts(way)


def measured_rate(*, digest: str, cache: Path, way: Way = "auto") -> float | None:
    """Passages of 200 tokens a second in that way on this machine; None if it was not measured."""
    record = read_record(cache, digest)
    figure = record and record.figure_of(record.way if way == "auto" else way)
    return figure.texts_per_second if figure else None


def open_embedder(
    model_folder: Path,
    *,
    digest: str,
    cache: Path,
    way: Way = "auto",
    query_prefix: str = "",
    passage_prefix: str = "",
    languages: tuple[str, ...] = ("*",),
    threads: int | None = None,
) -> Embedder:
    """The embedder, in the way that was chosen or asked for. Never converts anything.

    digest: sha256 of the weights, already verified. threads: None for all cores.
    Raises ModelMissing, and NotReady if the way asked for was not prepared.
    """
    spec = describe(
        model_folder,
        digest=digest,
        query_prefix=query_prefix,
        passage_prefix=passage_prefix,
        languages=languages,
        threads=threads,
        way=way,
    )
    if not is_prepared(model_folder, digest=digest, cache=cache, way=way):
        raise NotReady(f"{model_folder.name} is not prepared for this machine", hint=_HINT)
    record = read_record(cache, digest)
    chosen = record.way if way == "auto" and record is not None else way
    return open_way(chosen, spec, converted_folder(cache, digest))
