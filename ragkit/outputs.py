"""Where the steps after an ingest write, and which of these places would do harm.

What lies among documents would be read as one by the next ingest; what lies in a store would be lost,
or mixed up with the index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Output:
    """A step's output. where: its place in the settings. path: absolute. is_folder: else a file."""

    where: str
    path: Path
    is_folder: bool

    @property
    def folder(self) -> Path:
        """The folder that is written to; of a file that is a link that of what it leads to."""
        return self.path if self.is_folder else self.path.resolve().parent


def output_faults(
    outputs: Sequence[Output], taken: Collection[Path], own_files: Collection[Path]
) -> Iterator[tuple[str, str]]:
    """(place in the settings, problem) of outputs that cannot be used.

    taken: folders of documents and of stores, of every pipeline. own_files: what the settings name to
    be read.
    """
    folders = {folder.resolve(): folder for folder in taken}
    files = {file.resolve() for file in own_files}
    for number, output in enumerate(outputs):
        place = output.path.resolve()  # what a link leads to is written
        mixed = [named for there, named in folders.items() if _mixes(output, place, there)]
        if mixed:
            yield output.where, f"{output.path} would mix with what is in {mixed[0]}"
        if place in files:
            yield output.where, f"{output.path} is read by ragkit, and would be written over"
        if any(_same(output, place, other) for other in outputs[:number]):
            yield (
                output.where,
                f"another step writes to {output.path} too; {{pipeline}} in it stands for a pipeline's name",
            )
        elif any(_lies_in(output, place, other) for other in outputs):
            yield (
                output.where,
                f"{output.path} would mix with the summaries of another step; name a file beside their folder",
            )


def _mixes(output: Output, place: Path, folder: Path) -> bool:
    """A folder of summaries may not lie around another either: it is looked through for its own files."""
    if output.is_folder:
        return place == folder or folder in place.parents or place in folder.parents
    return folder in place.parents


def _lies_in(output: Output, place: Path, other: Output) -> bool:
    """Whether it is a file in a folder of summaries, which may have, or take, that name for one of its own."""
    return other.is_folder and not output.is_folder and other.path.resolve() in place.parents


def _same(output: Output, place: Path, other: Output) -> bool:
    there = other.path.resolve()
    if output.is_folder and other.is_folder:
        return place == there or there in place.parents or place in there.parents
    return place == there
