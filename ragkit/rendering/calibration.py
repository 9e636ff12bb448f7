"""What came of calibrating, for people."""

from __future__ import annotations

from ragkit.types.calibration import CalibrationReport, Rates


def show_calibration(report: CalibrationReport) -> str:
    """From how many questions, what it gains, and which thresholds are in use."""
    lines = []
    if report.before and report.after:
        lines = [
            f"{report.answered} questions with an answer and {report.unanswered} without one, on "
            f"{report.documents} documents.",
            "On documents that they were not fitted to:",
            f"  {'':22}  in use  fitted",
            *(_line(name, report.before, report.after) for name in ("answered", "refused")),
            f"  {'both, mean':22}  {report.before.balanced:6.3f}  {report.after.balanced:6.3f}  "
            f"{report.after.balanced - report.before.balanced:+.3f} "
            f"({report.low:+.3f} to {report.high:+.3f})",
        ]
    return "\n".join([*lines, _verdict(report)])


def _line(name: str, before: Rates, after: Rates) -> str:
    said = {"answered": "rightly answered", "refused": "rightly refused"}[name]
    return f"  {said:22}  {getattr(before, name):6.3f}  {getattr(after, name):6.3f}"


def _verdict(report: CalibrationReport) -> str:
    thresholds = f"topic {report.topic:g}, clause {report.clause:g}"
    if report.undone:
        return f"Undone: the thresholds that ragkit comes with are in use again ({thresholds})."
    if report.adopted:
        return (
            f"In use now: {thresholds}. Back: ragkit eval {report.pipeline} --calibrate --undo. "
            "Other questions or another embedder need it anew."
        )
    whose = "fitted before" if report.is_fitted else "that ragkit comes with"
    return f"Not used. {report.reason} In use: those {whose} ({thresholds})."
