"""Nightly reports as files, for those who read them in the morning: <store>/runs/<run>.md, .html, .json.

The catalog holds the reports; the files are made from it, and made again where one is missing or
names a document that was erased since. `latest.*` is the newest report. A report that the catalog
could not hold (it was busy, or its disk full) is left under the time of its night, without names of
documents. The files name documents, so they are private and stay in the store.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from ragkit.catalog import Runs
from ragkit.catalog.store import file_faults
from ragkit.files import make_private, write_atomically
from ragkit.rendering.nightly import as_markdown
from ragkit.rendering.nightly_page import as_html
from ragkit.types import NightlyReport, StepReport

FOLDER = "runs"
LATEST = "latest"
SUFFIXES = (".md", ".html", ".json")
"""In the order in which they are written: the JSON that is up to date says that the others are."""
KEPT_FILES = 60
"""Reports that lie there as files: two months of nights. `ragkit runs --report` shows older ones."""
UNKEPT_NAME = re.compile(r"failed-[0-9T-]+")


def reports_folder(store: Path) -> Path:
    """Where a pipeline's report files lie."""
    return store / FOLDER


def reports_naming(store: Path, names: Collection[str]) -> list[str]:
    """The reports beside the catalog that hold one of these names, by theirs without the suffix.

    Raises StorageFault.
    """
    folder = reports_folder(store)
    with file_faults(folder):
        return list(_naming(folder, names))


def remove_reports(store: Path, reports: Iterable[str]) -> None:
    """Remove reports, by their names without the suffix. Raises StorageFault."""
    folder = reports_folder(store)
    with file_faults(folder):
        _remove(folder, reports)


def leave_kept_reports(store: Path, runs: Runs, erased: Collection[str] = ()) -> None:
    """Write the files of the newest kept reports that are missing or out of date, remove the oldest.

    erased: names that Runs.forget_names has forgotten; a report beside the catalog that holds one
    of them is removed. The caller holds the WriterLock. Raises StorageFault.
    """
    folder = reports_folder(store)
    with file_faults(folder):
        make_private(folder)
        numbers = runs.reported(KEPT_FILES)
        for number in numbers:
            report = _kept(runs, number)
            if not _is_up_to_date(folder, str(number), report):
                _write(folder, str(number), report)
        _remove(folder, list(_naming(folder, erased)))
        if numbers:
            _write(folder, LATEST, _kept(runs, numbers[0]))
        _remove_old(folder, {str(number) for number in numbers})


def leave_unkept_report(store: Path, report: NightlyReport) -> None:
    """Write a report that the catalog does not hold. Raises StorageFault."""
    folder = reports_folder(store)
    with file_faults(folder):
        make_private(folder)
        _write(folder, f"failed-{report.started[:19].replace(':', '-')}", report)
        _write(folder, LATEST, report)


def read_latest_report(store: Path) -> NightlyReport | None:
    """The report in latest.json; None if there is none that can be read."""
    return _read(reports_folder(store) / f"{LATEST}.json")


def _read(path: Path) -> NightlyReport | None:
    try:
        return NightlyReport.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def as_json(report: NightlyReport) -> str:
    """The report for programs."""
    return json.dumps(report.as_dict(), ensure_ascii=False, indent=2) + "\n"


def steps_told(store: Path) -> Iterator[StepReport]:
    """What the reports that lie there say of the steps after an ingest."""
    for path in reports_folder(store).glob("*.json"):
        report = _read(path)
        yield from report.after_ingest if report else ()


def told_of_steps(store: Path) -> Iterator[str]:
    """What the reports that lie there say of the steps after an ingest, in words of the settings: where they
    write, and what the questions of their sweeps are called."""
    for step in steps_told(store):
        yield from (step.name, step.output, *(count.id for count in step.counts))


def _kept(runs: Runs, number: int) -> NightlyReport:
    report = runs.report(number)
    assert report is not None  # reported() names only those there are
    return NightlyReport.from_dict(report)


def _files(folder: Path, name: str) -> list[Path]:
    return [folder / f"{name}{suffix}" for suffix in SUFFIXES]


def _is_up_to_date(folder: Path, name: str, report: NightlyReport) -> bool:
    *_, data = files = _files(folder, name)
    if not all(path.is_file() for path in files):
        return False
    return data.read_bytes() == as_json(report).encode("utf-8")


def _write(folder: Path, name: str, report: NightlyReport) -> None:
    texts = (as_markdown(report, folder), as_html(report, folder), as_json(report))
    for path, text in zip(_files(folder, name), texts, strict=True):
        write_atomically(path, text)


def _remove_old(folder: Path, kept: set[str]) -> None:
    """Files of runs that are not among `kept`, the oldest without a run, and what a kill left."""
    for path in folder.glob(".*.new"):
        path.unlink(missing_ok=True)
    named = sorted({path.stem for path in folder.iterdir() if path.suffix in SUFFIXES})
    numbered = {name for name in named if name.isdecimal()}
    unkept = [name for name in named if UNKEPT_NAME.fullmatch(name)]
    _remove(folder, (numbered - kept).union(unkept[:-KEPT_FILES]))


def _naming(folder: Path, erased: Collection[str]) -> Iterator[str]:
    for data in folder.glob("[fl]*.json") if erased else ():  # failed-... and latest
        text = data.read_text(encoding="utf-8")
        if any(json.dumps(name, ensure_ascii=False)[1:-1] in text for name in erased):
            yield data.stem


def _remove(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        for path in _files(folder, name):
            path.unlink(missing_ok=True)
