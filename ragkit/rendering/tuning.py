"""What was learned and what is marked, for people. Questions are shown inert: they may be pasted."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.rendering.terminal import one_line, place_of, shortened
from ragkit.types.tuning import AdapterStatus, Gained, MarkedPassage, MarkedQuestion, TuningReport


def show_tuning(report: TuningReport) -> str:
    """What was learned from how much, what it gains, and whether it is in use."""
    if report.undone or not report.questions:
        return "\n".join([_verdict(report), *_unused(report)])
    lines = [
        f"{report.questions} questions on {report.documents} documents "
        f"({report.groups} groups that are judged together)."
    ]
    lines += [*_unused(report), *_measured(report), _verdict(report)]
    return "\n".join(lines)


def show_adapter(status: AdapterStatus, pipeline: str) -> str:
    """One line for `status`; "" where nothing is learned or marked."""
    marked = f"{status.marked} question{'s' if status.marked != 1 else ''} marked"
    if not status.fingerprint:
        return f"nothing learned yet; {marked}: ragkit tune {pipeline}" if status.marked else ""
    learned = (
        f"learned {status.fingerprint} from {status.questions} questions on {status.documents} "
        f"documents, {status.made[:10]}"
    )
    if not status.is_used:
        return f"{learned}: off, it is for another embedder: ragkit tune {pipeline}"
    gains = ", ".join(f"{m.name} {m.gain:+.3f}" for m in status.measures if m.low > 0)
    return f"{learned}: {gains}; {marked}"


def show_marked(questions: Sequence[MarkedQuestion]) -> str:
    """Every marked question with its passages."""
    if not questions:
        return "Nothing is marked."
    return "\n".join(line for question in questions for line in _marked(question))


def _measured(report: TuningReport) -> list[str]:
    if not report.measures:
        return []
    head = (
        f"On documents that it was not trained on ({report.folds} folds):",
        f"  {'':12}  without     with     gain (95 % interval)",
    )
    return [*head, *(f"  {_line(measure)}" for measure in report.measures)]


def _line(measure: Gained) -> str:
    return (
        f"{measure.name:12}  {measure.before:7.3f}  {measure.after:7.3f}  {measure.gain:+7.3f} "
        f"({measure.low:+.3f} to {measure.high:+.3f})"
    )


def _unused(report: TuningReport) -> list[str]:
    return [f"Not used: {count}, since {reason}." for reason, count in report.unused]


def _verdict(report: TuningReport) -> str:
    now = f"In use now: {report.adapter}." if report.adapter else "Nothing learned is in use."
    if report.undone:
        return f"Undone. {now}"
    if not report.adopted:
        return f"{report.reason} {now}".strip()
    return f"It helps, and is in use from now on: {report.adapter}. Back: ragkit tune {report.pipeline} --undo"


def _marked(question: MarkedQuestion) -> list[str]:
    return [
        f"{question.id}. {shortened(question.question)}",
        *(f"   {_passage(passage)}" for passage in question.passages),
    ]


def _passage(passage: MarkedPassage) -> str:
    verdict = "right" if passage.is_right else "wrong"
    changed = "  (changed since; not learned from)" if passage.is_stale else ""
    place = one_line(place_of(passage.document, None))
    return f"{verdict}  {place}:{passage.start}-{passage.end}{changed}"
