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
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from itertools import chain
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from ragkit.catalog.store import file_faults
from ragkit.config import Pipeline
from ragkit.errors import Busy, UsageFault
from ragkit.files import make_private, write_atomically
from ragkit.flows.linking import links_to_what_is_there
from ragkit.rendering.fields import fields_csv
from ragkit.rendering.markdown import show_document, show_folder
from ragkit.rendering.summary_folder_page import folder_page
from ragkit.rendering.summary_links import SummaryLinks
from ragkit.rendering.summary_page import document_page
from ragkit.rendering.sweep_rows import BYTE_ORDER
from ragkit.types import DocumentSummary, Summary

INDEX_NAME = ".ragkit.json"
OVERVIEW = "summary"
PAGES = (".md", ".html", ".json")
SUFFIXES = (*PAGES, ".csv")
"""What files of ours end in; the table is written for all documents together alone."""
ALL_OF_THEM = ""
"""Stands in the index for the documents together; no document has this path."""
_PLAIN = frozenset(" ._-,()'&+")
_LONGEST = 120
"""Bytes of a name; longer ones are cut and told apart by a digest."""


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
        pipeline's; StorageFault if it cannot be written.
        """
        with file_faults(self.path), self._locked():
            self._names = self._read_index()
            self._remove_leftovers()
            told = {document.document: document for document in summary.documents}
            written = [*told, *([] if summary.folder is None else [ALL_OF_THEM])]
            gone = sorted(set(self._names).difference(written)) if whole else []
            for document in gone:  # first: what stops the rest must not keep words of theirs
                self._remove(document)
            self._refuse_strangers(written)
            self._write_index()
            for document in written:
                stem = self._names[document]
                for suffix, text in self._texts(document, told, summary):
                    self._replace(f"{stem}{suffix}", text)
        return gone

    def _texts(
        self, document: str, told: Mapping[str, DocumentSummary], summary: Summary
    ) -> Iterator[tuple[str, str]]:
        """(suffix, what stands in the file). One at a time: there may be ten thousand documents."""
        links = self._links(document, told, summary)
        if document == ALL_OF_THEM:
            yield ".md", f"{show_folder(summary, links)}\n"
            yield ".html", folder_page(summary, links)
            yield ".json", _whole_json(summary)
            yield ".csv", BYTE_ORDER + fields_csv(summary.documents)
        else:
            one = told[document]
            yield ".md", f"{show_document(one, summary.focus, links)}\n"
            yield ".html", document_page(one, summary.focus, links)
            yield ".json", _as_json(one.as_dict())

    def _links(
        self, shown: str, told: Mapping[str, DocumentSummary], summary: Summary
    ) -> SummaryLinks:
        """To what is written now, as seen from the file of `shown`."""
        folder = PurePosixPath(self._names[shown]).parent

        def page(document: str) -> str:
            there = summary.folder is not None if document == ALL_OF_THEM else document in told
            if not there:
                return ""
            way = posixpath.relpath(self._names[document], folder)
            return quote(way) if way.startswith("../") else f"./{quote(way)}"

        return SummaryLinks(self._file, page)

    # Names

    def _refuse_strangers(self, documents: Iterable[str]) -> None:
        """Give new documents a name. Raises UsageFault where a file that is not ours has it."""
        taken = {_same(stem) for stem in self._names.values()} | {OVERVIEW}
        for document in documents:
            if document in self._names:
                continue
            stem = _free_stem(document, taken)
            for suffix in _suffixes(document):
                if os.path.lexists(self.path / f"{stem}{suffix}"):
                    raise UsageFault(
                        f"{self.path / stem}{suffix} is there, and ragkit did not write it.",
                        hint="Give the summaries a folder of their own.",
                    )
            self._names[document] = stem
            taken.add(_same(stem))

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
            strange = [stem for stem in names.values() if not _is_inside(stem)]
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
            for suffix in _suffixes(document)
        }
        ours.add(INDEX_NAME)  # it names documents
        for path in self.path.rglob(".*.new"):
            name = path.name[1:].rsplit(".", 2)[0]
            if path.with_name(name).relative_to(self.path).as_posix() in ours:
                path.unlink()

    def _remove(self, document: str) -> None:
        """With the folders that are empty then; those of a run that was killed here may be gone."""
        stem = self._names.pop(document)
        for suffix in _suffixes(document):
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


def _whole_json(summary: Summary) -> str:
    """The same with every document, of which one at a time is spelled out: there may be ten thousand."""
    whole = _as_json(replace(summary, documents=()).as_dict())
    documents = ",\n".join(_as_json(document.as_dict()) for document in summary.documents)
    return whole.replace('\n  "documents": []', f'\n  "documents": [{documents}]', 1)


def _suffixes(document: str) -> tuple[str, ...]:
    return SUFFIXES if document == ALL_OF_THEM else PAGES


def _free_stem(document: str, taken: Collection[str]) -> str:
    """No two alike, also where a disk does not tell capitals or ways of writing an accent apart."""
    stem = safe_stem(document) if document else OVERVIEW
    if document and _same(stem) in taken:
        stem = f"{stem}%{_digest(document)}"
    return stem


def safe_stem(document: str) -> str:
    """The path of a document's summary without suffix: its own path in signs that any disk takes.

    "%" and two digits stand for another sign, "~" for the "::" before an attachment; so no two
    documents have the same. No part begins with a dot, and no folder ends as a file of ours does.
    """
    *folders, name = document.split("/")
    return "/".join([*(_safe(folder, is_folder=True) for folder in folders), _safe(name)])


def _safe(part: str, *, is_folder: bool = False) -> str:
    text = "~".join("".join(map(_sign, piece)) for piece in part.split("::")) or "%"
    if text[0] in ". ":
        text = _percent(text[0]) + text[1:]
    if text[-1] in ". ":
        text = text[:-1] + _percent(text[-1])
    if is_folder and text.casefold().endswith(SUFFIXES):
        stem, _, suffix = text.rpartition(".")
        text = f"{stem}%2E{suffix}"
    if len(text.encode()) > _LONGEST:
        text = f"{text.encode()[:_LONGEST].decode(errors='ignore')}%{_digest(part)}"
    return text


def _sign(sign: str) -> str:
    return sign if sign.isalnum() or sign in _PLAIN else _percent(sign)


def _percent(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "surrogatepass"))


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _same(stem: str) -> str:
    return unicodedata.normalize("NFKC", stem).casefold()


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except FileNotFoundError:
        return False


def _is_inside(stem: str) -> bool:
    parts = stem.split("/")
    return all(part and not part.startswith(".") for part in parts)
