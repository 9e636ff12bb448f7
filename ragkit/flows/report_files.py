"""Nightly reports as files, for those who read them in the morning: <store>/runs/<run>.json and .md.

The catalog holds the reports; the files are made from it, and made again where one is missing.
`latest.json` and `latest.md` are the newest report. A report that the catalog could not hold (it was
busy, or its disk full) is left under the time of its night. They name documents, so they are private
and stay in the store.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from ragkit.catalog import Runs
from ragkit.catalog.store import file_faults, make_private
from ragkit.files import write_atomically
from ragkit.rendering.nightly import as_markdown
from ragkit.types import NightlyReport

FOLDER = "runs"
LATEST = "latest"
KEPT_FILES = 60
"""Reports that lie there as files: two months of nights. `ragkit runs --report` shows older ones."""
UNKEPT_NAME = re.compile(r"failed-[0-9T-]+")


def reports_folder(store: Path) -> Path:
    """Where a pipeline's report files lie."""
    return store / FOLDER


def leave_kept_reports(store: Path, runs: Runs) -> None:
    """Write the files of the newest kept reports that are missing, and remove the oldest.

    The caller holds the WriterLock. Raises StorageFault.
    """
    folder = reports_folder(store)
    with file_faults(folder):
        make_private(folder)
        numbers = runs.reported(KEPT_FILES)
        for number in numbers:
            if not all(path.is_file() for path in _pair(folder, str(number))):
                _write(folder, str(number), _kept(runs, number))
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
    path, _ = _pair(reports_folder(store), LATEST)
    try:
        return NightlyReport.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _kept(runs: Runs, number: int) -> NightlyReport:
    report = runs.report(number)
    assert report is not None  # reported() names only those there are
    return NightlyReport.from_dict(report)


def _pair(folder: Path, name: str) -> tuple[Path, Path]:
    return folder / f"{name}.json", folder / f"{name}.md"


def _write(folder: Path, name: str, report: NightlyReport) -> None:
    data, page = _pair(folder, name)
    write_atomically(data, json.dumps(report.as_dict(), ensure_ascii=False, indent=2) + "\n")
    write_atomically(page, as_markdown(report))


def _remove_old(folder: Path, kept: set[str]) -> None:
    """Files of runs that are not among `kept`, the oldest without a run, and what a kill left."""
    for path in folder.glob(".*.new"):
        path.unlink(missing_ok=True)
    named = sorted({path.stem for path in folder.iterdir() if path.suffix in (".json", ".md")})
    numbered = {name for name in named if name.isdecimal()}
    unkept = [name for name in named if UNKEPT_NAME.fullmatch(name)]
    for name in (numbered - kept).union(unkept[:-KEPT_FILES]):
        for path in _pair(folder, name):
            path.unlink(missing_ok=True)
