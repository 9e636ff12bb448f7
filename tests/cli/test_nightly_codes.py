"""Which exit code a night ends with, and what a log may say of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ragkit.cli.ingest import _exit_code_of, _shown
from ragkit.cli.nightly import exit_code_of, in_brief
from ragkit.types import (
    GateFailure,
    GateVerdict,
    IngestReport,
    NightlyReport,
    StepReport,
    Unreadable,
)
from tests.rendering.test_nightly import HELD_BACK, REPORT

OLD = replace(REPORT, failures=())
ERROR: dict[str, object] = {"error": "Busy", "message": "Busy.", "exit_code": 5}
MISSING: dict[str, object] = {"error": "ModelMissing", "message": "Secret.", "exit_code": 4}
STEP = StepReport("summarize", "/work/out", "done")
FAILED = StepReport("sweep", "/work/secret name.csv", "failed", error=MISSING)


@pytest.mark.parametrize(
    ("report", "code", "said"),
    [
        (OLD, 0, ""),
        (REPORT, 3, "1 document newly could not be read"),
        (
            HELD_BACK,
            7,
            "the quality gate kept the old state, 2 of 4 questions failed; "
            "1 document newly could not be read",
        ),
        (replace(HELD_BACK, failures=(), error=ERROR), 7, "failed (Busy)"),
        (replace(REPORT, error=ERROR), 5, "failed (Busy)"),
        (replace(OLD, after_ingest=(STEP,)), 0, ""),
        (replace(OLD, after_ingest=(STEP, FAILED)), 4, "sweep failed (ModelMissing)"),
        (
            replace(REPORT, after_ingest=(FAILED, STEP, replace(FAILED, error=ERROR))),
            5,
            "1 document newly could not be read; sweep failed (ModelMissing); sweep failed (Busy)",
        ),
        (
            replace(HELD_BACK, failures=(), after_ingest=(FAILED,)),
            7,
            "the quality gate kept the old state, 2 of 4 questions failed; "
            "sweep failed (ModelMissing)",
        ),
    ],
)
def test_a_night(report: NightlyReport, code: int, said: str) -> None:
    assert (exit_code_of(report), in_brief(report)) == (code, said)


def test_an_ingest() -> None:
    failure = GateFailure("q-1", "How long is the notice?", "it is not there", "lease.pdf")
    held = GateVerdict(False, 0.5, 0.9, 2, (failure,))
    done = IngestReport(*("legal", *[0] * 11), (), (), 1.0)
    unread = replace(done, unreadable=(Unreadable("a.pdf", "It is damaged."),))
    codes = [_exit_code_of(r) for r in (done, unread, replace(unread, gate=held))]
    assert codes == [0, 3, 7]
    shown = _shown(replace(done, gate=held))
    assert "Quality gate:\n  q-1: “How long is the notice?”: it is not there (lease.pdf)" in shown
    assert "Quality gate" not in _shown(done)
