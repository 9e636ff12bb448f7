"""`ragkit summarize`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ragkit.cli.batch import exported
from ragkit.cli.door import Door, guarded_options, read_question
from ragkit.cli.outputs import require_writable_folder
from ragkit.errors import EXIT_NOT_FOUND, EXIT_OK, EXIT_SOME_FAILED, strongest_exit_code
from ragkit.rendering.counting import counted
from ragkit.rendering.markdown import show_summary, without_escapes
from ragkit.rendering.phrases import BY_LANGUAGE
from ragkit.rendering.summary_plan import show_plan
from ragkit.types import Summary

if TYPE_CHECKING:  # it loads what opens documents
    from ragkit.flows.summary_files import SummaryFolder


@click.command("summarize")
@click.argument("pipeline")
@click.argument("documents", nargs=-1, metavar="[DOCUMENT...]")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder for summary.html, .md and .json, and one of each for every document.",
)
@click.option(
    "--style",
    type=click.Choice(["auto", "quote", "compose"]),
    default=None,
    help="quote: the documents' sentences. compose: the model writes, checked. "
    "Default: as in the settings.",
)
@click.option(
    "--words",
    type=click.IntRange(10, 5000),
    default=None,
    help="How long each summary is. Default: by the size of the document.",
)
@click.option(
    "--focus",
    metavar="QUESTION",
    default=None,
    help='Summarize with regard to a question ("-": read it from standard input).',
)
@click.option(
    "--language",
    type=click.Choice(["auto", *BY_LANGUAGE]),
    default="auto",
    help="Of what is said of the documents; quotes stay as written. Default: each document's own, and "
    "for all of them together that of most.",
)
@click.option(
    "--dry-run", is_flag=True, help="Only tell what would be summarized, and how long it takes."
)
@guarded_options
def command(
    door: Door,
    pipeline: str,
    documents: tuple[str, ...],
    output: Path | None,
    style: str | None,
    words: int | None,
    focus: str | None,
    language: str,
    dry_run: bool,
) -> int:
    """Summarize the documents of PIPELINE, every sentence with its quote.

    DOCUMENT is a path as `ask` shows it, a folder, or a pattern such as "2024/*.pdf"; without one all
    documents are summarized, and all of them together. What was made before is used again.
    Exit code 3: done, but some documents could not be read.
    """
    question = "" if focus is None else read_question(focus)
    if output:
        require_writable_folder(output)
    with door.open_workspace(writes=[output] if output else ()) as workspace:
        if dry_run:
            with door.progress() as progress:
                plan = workspace.plan_summary(
                    pipeline, documents, style=style, words=words, focus=question, on_step=progress
                )
            door.result(plan.as_dict(), lambda: show_plan(plan))
            return EXIT_OK
        # Loads what opens documents: after the network is shut off.
        from ragkit.flows.summary_files import SummaryFolder

        folder = output and SummaryFolder(
            output, workspace.config.pipeline(pipeline), workspace.config.pipelines.values()
        )
        with door.progress() as progress:
            summary = workspace.summarize(
                pipeline,
                documents,
                style=style,
                words=words,
                focus=question,
                language="" if language == "auto" else language,
                on_step=progress,
                exported=exported(output),
            )
    _tell(door, summary, folder or None, whole=not documents)
    return _exit_code(summary)


def _tell(door: Door, summary: Summary, folder: SummaryFolder | None, *, whole: bool) -> None:
    """Write it to the folder and say what was written, else show it. whole: it is of all documents."""
    reused = sum(document.reused for document in summary.documents)
    count = counted(len(summary.documents), "document")
    counts = f"{count} summarized, {reused} of them before"
    if folder:
        removed = folder.write(summary, whole=whole)
        report = {
            "version": 1,
            "pipeline": summary.pipeline,
            "output": str(folder.path),
            "documents": len(summary.documents),
            "reused": reused,
            "removed": removed,
            "unreadable": [item.as_dict() for item in summary.unreadable],
            "seconds": round(summary.seconds, 3),
        }
        door.result(report, lambda: f"{counts}: {folder.path}")
    else:
        door.note(f"{counts}.")
        door.result(summary.as_dict(), lambda: _shown(summary))


def _shown(summary: Summary) -> str:
    """Markdown, for a file; at a terminal without what keeps signs from being marks."""
    page = show_summary(summary)
    return without_escapes(page) if sys.stdout.isatty() else page


def _exit_code(summary: Summary) -> int:
    says_something = any(document.sentences or document.facts for document in summary.documents)
    return strongest_exit_code(
        (
            EXIT_SOME_FAILED if summary.unreadable else EXIT_OK,
            EXIT_OK if says_something else EXIT_NOT_FOUND,
        )
    )
