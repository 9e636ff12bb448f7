"""Reading the files that hold metadata: one beside a document, or one for the documents of a folder.

Every fault is told with its line; a file with a fault says nothing, since half of a table that was
saved badly is worse than what was known before.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ragkit.errors import ConfigFault
from ragkit.metadata.values import Metadata, Values, folded, key_fault, tidy, values_of
from ragkit.yamlfile import YamlFile, read_yaml

OWN_ENDINGS = (".meta.yaml", ".meta.yml", ".meta.json")
FOLDER_NAMES = ("metadata.csv", "metadata.yaml", "metadata.yml")
DOCUMENT_COLUMNS = frozenset(
    ("document", "file", "file_name", "filename", "path", "documento", "archivo", "fichero")
)
"""Headings of the column of a metadata.csv that names the document, in any capitals."""
MOST_BYTES = 32_000_000
"""Of a metadata.csv: a million documents with thirty characters each."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a file says of some documents. name: a path or pattern relative to the file's folder."""

    name: str
    metadata: Metadata
    line: int


@dataclass(slots=True)
class Said:
    """All that a file says. faults: "line 3: ..."; with one of them there are no entries."""

    entries: list[Entry] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def without_faulty(self) -> Said:
        return Said([], self.faults) if self.faults else self


def is_sidecar(name: str) -> bool:
    """Whether a file of that name holds metadata and is no document."""
    return name.endswith(OWN_ENDINGS) or name in FOLDER_NAMES


def document_of(name: str) -> str:
    """The name of the document that a file of its own is for; "" for any other file."""
    ending = next((one for one in OWN_ENDINGS if name.endswith(one)), "")
    return name.removesuffix(ending) if ending else ""


def sidecars_of(documents: Iterable[str]) -> list[str]:
    """Paths at which files of metadata for these documents may lie, beside them."""
    return [f"{path}{ending}" for path in documents for ending in OWN_ENDINGS]


def read_sidecar(file: Path) -> Said:
    """What `file` says. Nothing is raised for what is wrong with it, the disk's faults included."""
    name = file.name
    if not file.exists():
        return Said(faults=["it was deleted meanwhile"])
    try:
        if name == "metadata.csv":
            return _read_table(file).without_faulty()
        read = read_yaml(file, as_written=True)
    except ConfigFault as fault:
        found = [f"line {each.line}: {each.problem}" for each in fault.faults]
        return Said(faults=found or [_plain(fault.message, file)])
    except OSError as error:
        return Said(faults=[f"it cannot be read: {error.strerror}"])
    own = document_of(name)
    return (_of_document(read, own) if own else _of_folder(read)).without_faulty()


def _plain(message: str, file: Path) -> str:
    """A sentence about the file without its path, which stands before it anyway."""
    return message.replace(str(file), "it").rstrip(".")


# YAML


def _of_document(file: YamlFile, name: str) -> Said:
    said = Said()
    if isinstance(file.data, dict):
        said.entries.append(Entry(name, _mapping(file, file.data, "", said.faults), 1))
    elif file.data not in (None, ""):
        said.faults.append("line 1: must be a mapping of keys to values, such as 'client: Acme'")
    return said


def _of_folder(file: YamlFile) -> Said:
    said = Said()
    if not isinstance(file.data, dict):
        if file.data not in (None, ""):
            said.faults.append(_WRONG_FORM.format(line=1))
        return said
    for name, given in file.data.items():
        line = file.line(str(name))
        if not isinstance(given, dict):
            said.faults.append(_WRONG_FORM.format(line=line))
            continue
        metadata = _mapping(file, given, str(name), said.faults)
        said.entries.append(Entry(_name(str(name)), metadata, line))
    return said


_WRONG_FORM = (
    "line {line}: must map a file name or pattern to its keys and values, such as "
    "'contract.pdf: {{client: Acme}}'; to have it read as a document, rename it"
)


def _mapping(
    file: YamlFile, given: dict[object, object], place: str, faults: list[str]
) -> Metadata:
    found: dict[str, Values] = {}
    for key, value in given.items():
        line = file.line(f"{place}.{key}" if place else str(key))
        if fault := key_fault(key):
            faults.append(f"line {line}: {fault}")
            continue
        values, fault = values_of(value)
        if fault:
            faults.append(f"line {line}: the value of {_shown(key)} {fault}")
        elif not _note(found, str(key), values):
            faults.append(f"line {line}: {_shown(key)} stands there twice")
    return found


def _note(found: dict[str, Values], key: str, values: Values) -> bool:
    """False if the key is there, maybe in other capitals."""
    name = tidy(key)
    if folded(name) in map(folded, found):
        return False
    found[name] = values
    return True


def _shown(key: object) -> str:
    return repr(str(key))


# Tables


def _read_table(file: Path) -> Said:
    if file.stat().st_size > MOST_BYTES:
        return Said(faults=[f"it is larger than {MOST_BYTES // 1_000_000} MB"])
    data = file.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Said(faults=[f"line {line}: is not UTF-8: save the table as 'CSV UTF-8'"])
    said = Said()
    try:
        said.entries += _rows(text, said.faults)
    except csv.Error as error:
        said.faults.append(f"it cannot be read as a table: {error}")
    return said


def _rows(text: str, faults: list[str]) -> Iterator[Entry]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    headings = [tidy(cell) for cell in next(reader, [])]
    while headings and not headings[-1]:
        headings.pop()  # the empty columns that spreadsheets leave behind
    place = next((at for at, cell in enumerate(headings) if folded(cell) in DOCUMENT_COLUMNS), None)
    if place is None:
        faults.append(
            "line 1: has no column 'document'; to have the file read as a document, rename it"
        )
        return
    faults += _heading_faults(headings)
    begins = reader.line_num + 1
    for row in reader:
        line, begins = begins, reader.line_num + 1
        if any(cell.strip() for cell in row):
            yield from _entry(row, headings, place, line, faults)


def _delimiter(text: str) -> str:
    """The sign that stands most often in the first line: Excel in Spanish writes semicolons."""
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _heading_faults(headings: list[str]) -> Iterator[str]:
    seen: set[str] = set()
    for number, heading in enumerate(headings, start=1):
        if fault := key_fault(heading):
            yield f"line 1, column {number}: {fault}"
        elif folded(heading) in seen:
            yield f"line 1, column {number}: {_shown(heading)} stands there twice"
        seen.add(folded(heading))


def _entry(
    row: list[str], headings: list[str], place: int, line: int, faults: list[str]
) -> Iterator[Entry]:
    if any(cell.strip() for cell in row[len(headings) :]):
        faults.append(f"line {line}: has {len(row)} cells, and the first line {len(headings)}")
        return
    name = _name(row[place]) if place < len(row) else ""
    if not name:
        faults.append(f"line {line}: names no document")
        return
    found: dict[str, Values] = {}
    for at, (heading, cell) in enumerate(zip(headings, row, strict=False)):
        values, fault = values_of(cell)
        if fault:
            faults.append(f"line {line}: the value of {_shown(heading)} {fault}")
        elif at != place and values:  # an empty cell says nothing
            found[heading] = values
    yield Entry(name, found, line)


def _name(given: str) -> str:
    """A path as ragkit writes them; spreadsheets on Windows write backslashes."""
    name = given.strip().replace("\\", "/").replace(" > ", "::").removeprefix("./")
    return str(PurePosixPath(name)) if name else ""
