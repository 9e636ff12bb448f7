"""The collection of odd, broken and hostile files, through the real pool with its default limits."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ragkit.parsers.pool import WorkerPool
from ragkit.parsers.tesseract import OcrSettings, find_engine
from ragkit.protocols import ParseOutcome, ParseRequest
from ragkit.types import NEEDS_OCR, ParsedDocument

PASSED_SHARE = 0.98
"""Measured: 164 of 164 files of the development part, 134 of 134 in core formats."""

STATUS = {
    "empty": "empty",
    NEEDS_OCR: "needs_ocr",
    "password": "password",
    "unsupported": "unsupported",
    "unknown": "unsupported",
    "crash": "crash",
    "timeout": "timeout",
}


def whole_text(document: ParsedDocument) -> str:
    children = (whole_text(child.document) for child in document.children if child.document)
    return "\n".join((document.text, *children))


def result(outcome: ParseOutcome) -> dict[str, object]:
    """One line of what check_parsing.py reads."""
    return {
        "path": outcome.key,
        "status": "ok" if outcome.document else STATUS.get(outcome.kind, "error"),
        "text": whole_text(outcome.document) if outcome.document else "",
        "error": outcome.reason,
        "seconds": outcome.seconds,
    }


HAS_OCR = bool(find_engine(OcrSettings()).fingerprint)


@pytest.fixture(scope="module")
def outcomes() -> list[ParseOutcome]:
    folder = os.environ.get("RAGKIT_EVAL_DATA")
    if not folder:
        pytest.skip("RAGKIT_EVAL_DATA is not set")
    root = Path(folder) / "parsing"
    manifest = (root / "manifest.jsonl").read_text(encoding="utf-8")
    paths = [json.loads(line)["path"] for line in manifest.splitlines()]
    requests = (ParseRequest(path, root / path, Path(path).suffix.lower()) for path in paths)
    with WorkerPool() as pool:
        return list(pool.parse_all(requests))


@pytest.mark.eval_data
def test_files_are_read_or_refused_as_expected(
    outcomes: list[ParseOutcome], tmp_path: Path
) -> None:
    root = Path(os.environ["RAGKIT_EVAL_DATA"])
    manifest = root / "parsing" / "manifest.jsonl"
    results = tmp_path / "results.jsonl"
    results.write_text("".join(json.dumps(result(outcome)) + "\n" for outcome in outcomes))
    with_ocr = ["--ocr"] if HAS_OCR else []
    checked = subprocess.run(
        [sys.executable, root / "check_parsing.py", "--list", *with_ocr, manifest, results],
        capture_output=True,
        text=True,
        check=False,
    )
    counted = re.search(r"passed (\d+) of (\d+)", checked.stdout)
    assert counted is not None, checked.stderr
    assert int(counted[1]) >= PASSED_SHARE * int(counted[2]), checked.stdout


@pytest.mark.eval_data
def test_every_unread_file_has_a_reason(outcomes: list[ParseOutcome]) -> None:
    unread = [outcome for outcome in outcomes if outcome.document is None]
    assert unread
    assert all(outcome.reason.endswith(".") and outcome.kind for outcome in unread)
    assert all(outcome.sha256 for outcome in outcomes if outcome.kind != "gone")
    assert not {outcome.kind for outcome in outcomes} & {"crash", "timeout"}
