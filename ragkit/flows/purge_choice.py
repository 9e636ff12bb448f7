"""Whom a purge takes: files that the catalog knows, and what an interrupted purge has left open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from ragkit.catalog import Catalog
from ragkit.catalog.intent import Intent, name_digest
from ragkit.config import Pipeline
from ragkit.errors import UnknownPipeline, UsageFault
from ragkit.flows.naming import paths_named
from ragkit.flows.surveying import prefix_of, survey
from ragkit.metadata.sidecars import sidecars_of
from ragkit.rendering.terminal import one_line


@dataclass(frozen=True, slots=True)
class Chosen:
    """files: paths of files that are there. given: digest of a name as it was given -> digests of the
    files that it stands for. resumed: digests of paths that an interrupted purge has erased already.
    names: those of them that are known, since they were given. lying: files that the next ingest reads.
    """

    files: frozenset[str]
    given: Mapping[str, tuple[str, ...]]
    resumed: frozenset[str]
    names: frozenset[str]
    lying: frozenset[str]


def choose(
    pipeline: Pipeline,
    catalog: Catalog,
    intent: Intent,
    documents: Sequence[str],
    still_there: bool,
) -> Chosen:
    """The files that these names mean, and of `intent` what the same names have begun to erase.

    Raises UnknownPipeline for a name that fits neither, UsageFault if a file still lies there.
    """
    known = known_paths(catalog)
    files: set[str] = set()
    resumed: set[str] = set()
    names: set[str] = set()
    given: dict[str, tuple[str, ...]] = {}
    for document in documents:
        name = _plain(document)
        pending = intent.pending(name)
        found = _files_named(document, known, may_be_gone=bool(pending))
        files |= found
        resumed |= pending
        names |= {one for one in (name, name.partition("::")[0]) if name_digest(one) in pending}
        given[name_digest(name)] = tuple(sorted(map(name_digest, found)))
    lying = _lying(pipeline, files)
    if lying and not still_there:
        raise _still_there(sorted(lying))
    return Chosen(frozenset(files), given, frozenset(resumed), frozenset(names), frozenset(lying))


def known_paths(catalog: Catalog) -> set[str]:
    """Every path that a table has: published, in quarantine, or told of in a report."""
    tables = ("documents", "quarantine", "names")
    rows = (catalog.connection.execute(f"SELECT path FROM {table}") for table in tables)
    return {path for (path,) in chain.from_iterable(rows)}


def _plain(document: str) -> str:
    """A name as paths are written."""
    return document.replace(" > ", "::").removeprefix("./").rstrip("/")


def _files_named(document: str, known: Collection[str], *, may_be_gone: bool) -> set[str]:
    try:
        return {path.partition("::")[0] for path in paths_named(document, known)}
    except UnknownPipeline:
        if may_be_gone:
            return set()
        shown = {path for path in known if one_line(path) == one_line(_plain(document))}
        if len(shown) == 1:  # a name with a line break, in the form in which people see it
            return {path.partition("::")[0] for path in shown}
        raise


def _lying(pipeline: Pipeline, files: Collection[str]) -> set[str]:
    """Those that the next ingest would read."""
    named = {*files, *sidecars_of(files)}
    there = {path for path in named if _lies_at(pipeline, path)}
    if not there:
        return set()
    found = survey(pipeline)
    return there & (found.seen() | {file.path for file in found.sidecars})


def _lies_at(pipeline: Pipeline, path: str) -> bool:
    for folder in pipeline.folders:
        prefix = prefix_of(pipeline, folder)
        if path.startswith(prefix) and (folder / path.removeprefix(prefix)).exists():
            return True
    return False


def _still_there(lying: Sequence[str]) -> UsageFault:
    more = f" and {len(lying) - 1} more" if len(lying) > 1 else ""
    return UsageFault(
        f"{lying[0]}{more} still lies in the folder: the next ingest would read it again; "
        "nothing was erased.",
        hint="Delete it there first, or take it all the same: --still-there.",
    )
