"""The walls between pipelines: a store answers for one pipeline, of one settings file, over its folders."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ragkit.catalog import Reader
from ragkit.config import Pipeline, load_config
from ragkit.errors import ConfigFault, NotReady, UsageFault


def owner_of(pipeline: Pipeline) -> dict[str, str]:
    """What is noted in the index. Folders as they are written, so that all may be moved together."""
    folders = json.dumps(sorted(pipeline.settings.folders), ensure_ascii=False)
    return {
        "settings_file": str(pipeline.settings_file),
        "pipeline": pipeline.name,
        "folders": folders,
    }


def require_owner(pipeline: Pipeline, reader: Reader) -> None:
    """Raises UsageFault if the index belongs to another settings file that still exists, or to
    another pipeline.

    Two files beside each other with a pipeline of the same name would share a store otherwise, and
    a store that was copied, moved or linked would answer for the pipeline whose place it took.
    """
    noted = reader.state("settings_file")
    if noted and noted != str(pipeline.settings_file) and Path(noted).exists():
        raise UsageFault(
            f"The index in {pipeline.store} belongs to the pipeline {pipeline.name} of {noted}.",
            hint="Give this pipeline another name, or its settings file a `store` of its own. If this "
            "folder was moved here, or is a backup that takes the other's place, rename the old "
            f"settings file ({noted}): then this one has the index, and its ledger, as they are.",
        )
    name = reader.state("pipeline")
    if name and name != pipeline.name and not _was_renamed(pipeline, name, reader):
        raise UsageFault(
            f"The index in {pipeline.store} belongs to the pipeline {name}, not to {pipeline.name}.",
            hint=f"Move that folder away, then ragkit ingest {pipeline.name}.",
        )


def require_same_folders(pipeline: Pipeline, reader: Reader) -> None:
    """Raises NotReady if the settings name other folders than the index was made from."""
    noted = reader.state("folders")
    if noted and noted != owner_of(pipeline)["folders"]:
        raise NotReady(
            f"The settings of {pipeline.name} name other folders than its index was made from.",
            hint=f"ragkit ingest {pipeline.name}",
        )


def require_own_store(pipeline: Pipeline, pipelines: Iterable[Pipeline]) -> None:
    """Raises UsageFault if its store is that of another of `pipelines`, or one lies in the other."""
    place = pipeline.store.resolve()
    for other in pipelines:
        there = other.store.resolve()
        if other.name == pipeline.name:
            continue
        if place == there or place in there.parents or there in place.parents:
            raise UsageFault(
                f"The store of {pipeline.name} is or lies in that of {other.name}, or holds it: "
                f"{place}; pipelines are kept apart, so neither is opened.",
                hint=f"Remove the link at {_link_of(pipeline, other)}.",
            )


def _link_of(pipeline: Pipeline, other: Pipeline) -> Path:
    """Stores lie beside each other by their names: where they meet, one of them is a link."""
    return pipeline.store if pipeline.store.is_symlink() else other.store


def _was_renamed(pipeline: Pipeline, name: str, reader: Reader) -> bool:
    """Whether the store was moved along with its pipeline: the old name is gone from the settings
    file, and the folders are the same."""
    if reader.state("folders") != owner_of(pipeline)["folders"]:
        return False
    try:
        return name not in load_config(pipeline.settings_file).pipelines
    except ConfigFault:
        return False
