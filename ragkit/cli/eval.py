"""`ragkit eval`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ragkit.cli.door import Door, guarded_options
from ragkit.cli.outputs import require_writable_file
from ragkit.cli.rivals import USUAL_STACK, Asked, Run, rival_of
from ragkit.errors import EXIT_OK, CheckFailed, StorageFault, UsageFault
from ragkit.files import write_atomically

if TYPE_CHECKING:
    from ragkit.types.evaluation import Comparison, Evaluation
    from ragkit.workspace import Workspace

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("eval")
@click.argument("pipeline")
@click.option(
    "--questions",
    type=FILE,
    help="Gold questions, YAML or JSONL. Default: questions.yaml beside the folder of documents, "
    "else the gate's file.",
)
@click.option(
    "--against",
    metavar="X",
    help="Compare with an earlier run (its .json), another pipeline (NAME, or OTHER.yaml:NAME), or "
    f"`{USUAL_STACK}`.",
)
@click.option("--mini", is_flag=True, help="Only the questions marked `mini: true`.")
@click.option("--limit", type=click.IntRange(1), help="Only a sample of so many questions.")
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Of sample and intervals."
)
@click.option(
    "--by", type=click.Choice(["category", "document"]), default="category", show_default=True
)
@click.option(
    "--output",
    "outputs",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="Write the report to FILE.html, FILE.md or FILE.json; may be given several times.",
)
@click.option(
    "--evidence-tokens",
    type=click.IntRange(1),
    help="How many tokens an answer is made from. Default: as the settings say.",
)
@click.option(
    "--style",
    type=click.Choice(["quote", "compose"]),
    default="quote",
    show_default=True,
    help="Of the answers that are measured. To compose them takes the model seconds for each.",
)
@click.option("--show-text", is_flag=True, help="Let the report show words of the documents.")
@click.option(
    "--minimum-recall",
    type=click.FloatRange(0, 1),
    metavar="X",
    help="Exit code 9 if the first 8 passages hold less of the gold text.",
)
@click.option(
    "--calibrate",
    is_flag=True,
    help="Fit what decides whether a question is answered to these questions; used only if it helps on "
    "other documents.",
)
@click.option("--undo", is_flag=True, help="With --calibrate: back to what ragkit comes with.")
@guarded_options
def command(
    door: Door,
    pipeline: str,
    questions: Path | None,
    against: str | None,
    mini: bool,
    limit: int | None,
    seed: int,
    by: str,
    outputs: tuple[Path, ...],
    evidence_tokens: int | None,
    style: str,
    show_text: bool,
    minimum_recall: float | None,
    calibrate: bool,
    undo: bool,
) -> int:
    """Measure how well PIPELINE finds and answers gold questions: your own, whose answers you know.

    A question names the document that answers it and, better, words of it (`quote`) and its short
    answer (`answer`); with `answerable: false` none answers it. Reports name documents and show the
    questions, but no text.
    """
    if calibrate or undo:
        given = (against, mini, limit, outputs, evidence_tokens, minimum_recall)
        return _calibrate(
            door, pipeline, questions, undo and calibrate, any(given) or not calibrate
        )
    rival = rival_of(door, pipeline, against)
    _require_outputs(outputs, questions, rival.file)
    places = [*outputs, *rival.writes]
    with door.open_workspace(writes=places) as workspace:
        rival.check()
        file = _questions_of(door, workspace, pipeline, questions)
        asked = Asked(limit or 0, mini, seed, by, show_text, evidence_tokens or 0, style)
        run = Run(door, workspace, file, asked, outputs)
        now = run.evaluate(pipeline, with_pipelines=rival.names)
        before = rival.run(run)
        comparison = None if before is None else workspace.compare(now, before)
    _write(door, now, comparison, outputs)
    door.result(as_dict(now, comparison), lambda: _as_text(now, comparison))
    return _exit_code(door, now, minimum_recall)


def _calibrate(
    door: Door, pipeline: str, questions: Path | None, undo: bool, has_others: bool
) -> int:
    """Nothing is measured but what decides; all questions are asked. Raises UsageFault."""
    from ragkit.rendering.calibration import show_calibration

    if has_others or (undo and questions is not None):
        raise UsageFault(
            "--calibrate takes --questions or --undo, and no other option of eval.",
            hint=f"ragkit eval {pipeline} --calibrate",
        )
    with door.open_workspace() as workspace, door.progress() as progress:
        if undo:
            report = workspace.undo_calibration(pipeline)
        else:
            file = _questions_of(door, workspace, pipeline, questions)
            report = workspace.calibrate(pipeline, file, on_step=progress)
    door.result(report.as_dict(), lambda: show_calibration(report))
    return EXIT_OK


def _questions_of(door: Door, workspace: Workspace, pipeline: str, given: Path | None) -> Path:
    """The file, which is said where it was not given."""
    from ragkit.flows.evaluating import gold_file

    file = gold_file(workspace.config.pipeline(pipeline), given)
    if given is None:
        door.note(f"The questions: {file}")
    return file


def as_dict(now: Evaluation, comparison: Comparison | None) -> dict[str, object]:
    return {
        **now.as_dict(),
        "comparison": None if comparison is None else comparison.as_dict(),
    }


def _require_outputs(outputs: tuple[Path, ...], *inputs: Path | None) -> None:
    """Before anything is asked. Raises UsageFault."""
    for file in outputs:
        if file.suffix.lower() not in _forms():
            raise UsageFault(
                f"A report is written as .html, .md or .json, not {file.suffix or 'without a suffix'}.",
                hint="--output FILE.html",
            )
        require_writable_file(file)
        for given in inputs:
            if given is not None and file.exists() and file.samefile(given):
                raise UsageFault(f"{file} is read for this; the report needs another file.")


def _forms() -> dict[str, Callable[[Evaluation, Comparison | None], str]]:
    return {".json": _as_json, ".md": _as_markdown, ".html": _as_html}


def _write(
    door: Door, now: Evaluation, comparison: Comparison | None, outputs: tuple[Path, ...]
) -> None:
    for file in outputs:
        text = _forms()[file.suffix.lower()](now, comparison)
        try:
            write_atomically(file, text)
        except OSError as error:
            raise StorageFault(f"{file} cannot be written: {error.strerror}.") from None
        holds = "words of documents" if any(result.gold for result in now.results) else "no text"
        door.note(f"{file} holds the report: names of documents, the questions, {holds}.")


def _exit_code(door: Door, now: Evaluation, minimum: float | None) -> int:
    """9 below the minimum; where no question has a place, the share of right documents counts."""
    if minimum is None:
        return EXIT_OK
    figure = now.figure("recall@8") or now.figure("doc_hit@8")
    if figure is None or figure.value >= minimum:
        return EXIT_OK
    door.alert(f"{now.pipeline}: recall in 8 passages is {figure.value:.3f}, below {minimum:g}.")
    return CheckFailed.exit_code


def _as_text(now: Evaluation, comparison: Comparison | None) -> str:
    from ragkit.rendering.evaluation import as_text

    return as_text(now, comparison)


def _as_json(now: Evaluation, comparison: Comparison | None) -> str:
    return json.dumps(as_dict(now, comparison), ensure_ascii=False, indent=1) + "\n"


def _as_markdown(now: Evaluation, comparison: Comparison | None) -> str:
    from ragkit.rendering.evaluation_markdown import as_markdown

    return as_markdown(now, comparison)


def _as_html(now: Evaluation, comparison: Comparison | None) -> str:
    from ragkit.rendering.evaluation_page import as_html

    return as_html(now, comparison)
