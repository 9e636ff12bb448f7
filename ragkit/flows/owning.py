"""The wall between pipelines: an index answers only for the settings file and the folders it was made for."""

from __future__ import annotations

import json
from pathlib import Path

from ragkit.catalog import Reader
from ragkit.config import Pipeline
from ragkit.errors import NotReady, UsageFault


def owner_of(pipeline: Pipeline) -> dict[str, str]:
    """What is noted in the index. Folders as they are written, so that all may be moved together."""
    folders = json.dumps(sorted(pipeline.settings.folders), ensure_ascii=False)
    return {"settings_file": str(pipeline.settings_file), "folders": folders}


def require_owner(pipeline: Pipeline, reader: Reader) -> None:
    """Raises UsageFault if the index belongs to another settings file that still exists.

    Two files beside each other with a pipeline of the same name would share a store otherwise.
    """
    noted = reader.state("settings_file")
    if noted and noted != str(pipeline.settings_file) and Path(noted).exists():
        raise UsageFault(
            f"The index in {pipeline.store} belongs to the pipeline {pipeline.name} of {noted}.",
            hint="Give this pipeline another name, or its settings file a `store` of its own.",
        )


def require_same_folders(pipeline: Pipeline, reader: Reader) -> None:
    """Raises NotReady if the settings name other folders than the index was made from."""
    noted = reader.state("folders")
    if noted and noted != owner_of(pipeline)["folders"]:
        raise NotReady(
            f"The settings of {pipeline.name} name other folders than its index was made from.",
            hint=f"ragkit ingest {pipeline.name}",
        )
