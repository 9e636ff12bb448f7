"""The folder that summaries are written to.

Each file appears whole or not at all, for its owner alone. `.ragkit.json` notes what was written, and
for which document: only that is ever replaced or removed. It is written before the files it names, so
that a run that was killed in between leaves nothing that the next one would not know as its own.
"""

from __future__ import annotations

import fcntl
import json
import os
import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from ragkit.catalog.store import file_faults
from ragkit.config import Pipeline
from ragkit.errors import Busy, UsageFault
from ragkit.files import make_private, write_atomically
from ragkit.flows.linking import links_to_what_is_there
from ragkit.flows.summaries_kept import paths_of
from ragkit.flows.summary_names import (
    ALL_OF_THEM,
    OVERVIEW,
    free_stem,
    is_inside,
    same_name,
    suffixes_of,
)
from ragkit.rendering.fields import fields_csv
from ragkit.rendering.markdown import show_document, show_folder
from ragkit.rendering.summary_folder_page import folder_page
from ragkit.rendering.summary_links import SummaryLinks
from ragkit.rendering.summary_page import document_page
from ragkit.rendering.sweep_rows import BYTE_ORDER
from ragkit.types import Summary

INDEX_NAME = ".ragkit.json"


class SummaryFolder:
    """A folder of one pipeline's summaries; made when something is written to it.

    Raises UsageFault for one that lies in the pipeline's documents or its index, or around them.
    """

    def __init__(self, path: Path, pipeline: Pipeline, others: Iterable[Pipeline] = ()) -> None:
        self.path = path
        self._pipeline = pipeline
        self._names: dict[str, str] = {}
        self._file = links_to_what_is_there(pipeline)
        place = path.resolve()
        places = [(*each.folders, each.store) for each in (pipeline, *others)]
        for folder in chain.from_iterable(places):
            other = folder.resolve()
            if place == other or other in place.parents or place in other.parents:
                raise UsageFault(
                    f"Summaries in {path} would mix with what is in {folder}.",
                    hint="Give the summaries a folder of their own.",
                )

    def write(self, summary: Summary, *, whole: bool) -> list[str]:
        """Write what was summarized. whole: it is all there is, so that what was written for other
        documents is removed. Returns those documents.

        Raises UsageFault if the folder holds files of those names, or summaries, that are not this
        pipeline's, or leads elsewhere by a link; StorageFault if it cannot be written.
        """
        with file_faults(self.path), self._locked():
            self._names = self._read_index()
            self._remove_leftovers()
            told = paths_of(summary.documents)
            written = [*told, *([] if summary.folder is None else [ALL_OF_THEM])]
            gone = sorted(set(self._names).difference(written)) if whole else []
            for document in gone:  # first: what stops the rest must not keep words of theirs
                if self._link_before(self._names[document]) is None:
                    self._remove(document)
            self._refuse_strangers(written)
            self._refuse_links()
            self._write_index()
            self._write_all(summary, frozenset(written))
        return gone

    def _write_all(self, summary: Summary, written: Collection[str]) -> None:
        """Document by document: there may be ten thousand, which are read as they are gone through."""
        for document in summary.documents:
            links = self._links(document.document, written)
            stem = self._names[document.document]
            self._replace(f"{stem}.md", f"{show_document(document, summary.focus, links)}\n")
            self._replace(f"{stem}.html", document_page(document, summary.focus, links))
            self._replace(f"{stem}.json", _as_json(document.as_dict()))
        if summary.folder is not None:
            links, stem = self._links(ALL_OF_THEM, written), self._names[ALL_OF_THEM]
            self._replace(f"{stem}.md", f"{show_folder(summary, links)}\n")
            self._replace(f"{stem}.html", folder_page(summary, links))
            self._replace(f"{stem}.csv", BYTE_ORDER + fields_csv(summary.documents))
            write_atomically(self.path / f"{stem}.json", _whole_json(summary))

    def _links(self, shown: str, written: Collection[str]) -> SummaryLinks:
        """To what is written now, as seen from the file of `shown`."""
        folder = PurePosixPath(self._names[shown]).parent

        def page(document: str) -> str:
            if document not in written:
                return ""
            way = posixpath.relpath(self._names[document], folder)
            return quote(way) if way.startswith("../") else f"./{quote(way)}"

        return SummaryLinks(self._file, page)

    # Names

    def _refuse_strangers(self, documents: Iterable[str]) -> None:
        """Give new documents a name. Raises UsageFault where a file that is not ours has it."""
        taken = {same_name(stem) for stem in self._names.values()} | {OVERVIEW}
        for document in documents:
            if document in self._names:
                continue
            stem = free_stem(document, taken)
            for suffix in suffixes_of(document):
                if os.path.lexists(self.path / f"{stem}{suffix}"):
                    raise UsageFault(
                        f"{self.path / stem}{suffix} is there, and ragkit did not write it.",
                        hint="Give the summaries a folder of their own.",
                    )
            self._names[document] = stem
            taken.add(same_name(stem))

    def _refuse_links(self) -> None:
        """Raises UsageFault where a link stands on the way to a file: behind it nothing is touched."""
        link = next(filter(None, map(self._link_before, self._names.values())), None)
        if link is not None:
            raise UsageFault(
                f"{link} is a link, and summaries are written and removed in {self.path} alone.",
                hint="Remove that link, or give the summaries a folder of their own.",
            )

    def _link_before(self, stem: str) -> Path | None:
        """The link that one of the folders of a file is, the nearest; None for none."""
        folders = PurePosixPath(stem).parents[:-1]  # the last is the folder of the summaries itself
        return next((link for link in map(self.path.joinpath, folders) if link.is_symlink()), None)

    # Files

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time; the lock goes with the process."""
        make_private(self.path)
        folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(
                    f"Another process writes summaries into {self.path}.",
                    hint="Wait for it to end; what was summarized is kept.",
                ) from None
            yield
        finally:
            os.close(folder)

    def _read_index(self) -> dict[str, str]:
        """document -> the name of its files without suffix, as noted."""
        path = self.path / INDEX_NAME
        if not path.is_file():
            return {}
        try:
            index = json.loads(path.read_text(encoding="utf-8"))
            pipeline, settings, names = index["pipeline"], index["settings_file"], index["files"]
            strange = [stem for stem in names.values() if not is_inside(stem)]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UsageFault(
                f"{path} is damaged.", hint="Remove that folder of summaries, or take another."
            ) from None
        ours = settings == str(self._pipeline.settings_file) or not Path(settings).exists()
        if strange or pipeline != self._pipeline.name or not ours:
            raise UsageFault(
                f"{self.path} holds the summaries of {pipeline} of {settings}.",
                hint="Give the summaries a folder of their own.",
            )
        return dict(names)

    def _write_index(self) -> None:
        index = {
            "version": 1,
            "pipeline": self._pipeline.name,
            "settings_file": str(self._pipeline.settings_file),
            "files": self._names,
        }
        self._replace(INDEX_NAME, json.dumps(index, indent=2))

    def _replace(self, name: str, text: str) -> None:
        path = self.path / name
        if _holds(path, text):
            return  # every night, thousands of files of which a few have changed
        make_private(path.parent)
        write_atomically(path, text)

    def _remove_leftovers(self) -> None:
        """Half-written files of a run that was killed: they hold words of documents."""
        ours = {
            f"{stem}{suffix}"
            for document, stem in self._names.items()
            for suffix in suffixes_of(document)
        }
        ours.add(INDEX_NAME)  # it names documents
        for path in self.path.rglob(".*.new"):
            name = path.name[1:].rsplit(".", 2)[0]
            if path.with_name(name).relative_to(self.path).as_posix() in ours:
                path.unlink()

    def _remove(self, document: str) -> None:
        """With the folders that are empty then; those of a run that was killed here may be gone."""
        stem = self._names.pop(document)
        for suffix in suffixes_of(document):
            (self.path / f"{stem}{suffix}").unlink(missing_ok=True)
        for folder in (self.path / stem).parents:
            if folder == self.path:
                break
            if folder.is_dir():
                if any(folder.iterdir()):
                    break
                folder.rmdir()


def _as_json(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _whole_json(summary: Summary) -> Iterator[str]:
    """The same with every document, of which one at a time is spelled out."""
    whole = _as_json(replace(summary, documents=()).as_dict())
    before, _, after = whole.partition('\n  "documents": []')
    yield f'{before}\n  "documents": ['
    for number, document in enumerate(summary.documents):
        yield f"{',' if number else ''}\n{_as_json(document.as_dict())}"
    yield f"]{after}"


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except FileNotFoundError:
        return False
