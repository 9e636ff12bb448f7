"""`ragkit init`."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import click

from ragkit.cli.door import Door, common_options
from ragkit.errors import EXIT_OK, UsageFault
from ragkit.folding import folded
from ragkit.nightsteps import describe_steps
from ragkit.settings import describe_settings


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@common_options
def command(door: Door, folder: Path) -> int:
    """Write a commented pipelines.yaml for FOLDER, a folder of documents (default: this one)."""
    if not folder.is_dir():
        raise UsageFault(f"{folder} is not a folder.", hint="ragkit init FOLDER")
    name = _pipeline_name(folder)
    text = _settings(name, folder, door.config)
    try:
        with door.config.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageFault(
            f"{door.config} is already there and was left as it is.",
            hint="Add a pipeline to it by hand, or choose another file with --config.",
        ) from None
    except OSError as error:
        raise UsageFault(f"{door.config} cannot be written: {error.strerror}.") from None
    next_step = door.with_config(f"ragkit ingest {name}")
    data: dict[str, object] = {"version": 1, "config": str(door.config), "pipeline": name}
    door.result(data, lambda: f"{door.config} describes the pipeline {name!r}. Next: {next_step}")
    return EXIT_OK


def _pipeline_name(folder: Path) -> str:
    """The folder's name as a pipeline's: "Señor Núñez – 2024" becomes "senor-nunez-2024"."""
    return (
        re.sub(r"[^a-z0-9_-]+", "-", folded(folder.resolve().name)).strip("-_")[:63] or "documents"
    )


def _settings(name: str, folder: Path, config: Path) -> str:
    """The file's text: the folder, and every other setting as a comment with its default."""
    lines = [
        "# Settings of ragkit. Lines that begin with # show the defaults.",
        "version: 1",
        "",
        "# Where the index is kept. It holds the text of your documents: keep it on an encrypted disk.",
        "store: .ragkit",
        "",
        "pipelines:",
        f"  {name}:",
        f"    folders: [{json.dumps(_relative(folder, config), ensure_ascii=False)}]",
    ]
    section = ""
    for key, default, about in describe_settings():
        if key == "folders":
            continue
        above, _, last = key.rpartition(".")
        if above != section:
            section = above
            if above:
                lines += ["", f"    # {above}:"]
        indent = "    #   " if above else "    # "
        lines += [f"{indent}{line}" for line in (f"# {about}", f"{last}: {default}")]
    lines += [f"    # {line}" for line in _steps()]
    return "\n".join(lines) + "\n"


def _steps() -> Iterator[str]:
    """What can stand in after_ingest, the last of the settings."""
    yield "#   - summarize: {output: summaries, words: 200}"
    yield "#   - sweep: {questions: due-diligence, output: sweeps/due-diligence.xlsx}"
    for key, default, about in describe_steps():
        yield f"#   {key} ({default}): {about}"


def _relative(folder: Path, config: Path) -> str:
    """The folder as pipelines.yaml must name it: relative to itself, absolute if it was given so."""
    if folder.is_absolute():
        return str(folder)
    return os.path.relpath(folder, config.parent)
