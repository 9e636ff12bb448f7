"""The steps of `after_ingest`: what a night can do after the ingest, and with which settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ragkit.setting import described, setting


@dataclass(frozen=True, slots=True)
class SummarizeStep:
    """`summarize:` after the ingest of a night: every document and the folder, to files."""

    output: str = setting(
        about="Folder for the summaries, relative to pipelines.yaml; {pipeline} stands for the "
        "pipeline's name. What was written there for documents that are gone is removed."
    )
    words: int = setting(
        0,
        "How long each summary is. Left out: by the size of the document.",
        minimum=10,
        maximum=5000,
    )
    style: Literal["auto", "quote", "compose"] = setting(
        "auto", "As generator.style, for these summaries alone; auto: what that says."
    )
    focus: str = setting("", "A question that the summaries are to answer.")
    language: Literal["auto", "en", "es"] = setting(
        "auto",
        "Of labels and headings; quotes stay as written. auto: that of each document, and for all of them "
        "together that of most.",
    )


@dataclass(frozen=True, slots=True)
class SweepStep:
    """`sweep:` after the ingest of a night: questions of every document, to one file."""

    questions: str = setting(
        about="A file of questions, relative to pipelines.yaml, or a set that comes with ragkit, such "
        "as due-diligence."
    )
    output: str = setting(
        about="File for the rows, relative to pipelines.yaml: .csv, .xlsx, .jsonl or .html; {pipeline} "
        "stands for the pipeline's name. It is written anew every night."
    )
    style: Literal["auto", "quote", "compose"] = setting(
        "auto", "As generator.style, for this sweep alone; auto: what that says."
    )


PIPELINE_SIGN = "{pipeline}"
"""What stands for the pipeline's name in an output; there is no other sign."""
NightStep = SummarizeStep | SweepStep
STEPS: dict[str, type[NightStep]] = {"summarize": SummarizeStep, "sweep": SweepStep}
"""What can stand in `after_ingest`, by name."""
SWEEP_FILES = (".csv", ".xlsx", ".jsonl", ".html")
"""What the file of a sweep can end in."""


def name_of_step(step: NightStep) -> str:
    """What it is called in the settings."""
    return next(name for name, kind in STEPS.items() if isinstance(step, kind))


def describe_steps() -> Iterator[tuple[str, str, str]]:
    """The same as `describe_settings` for the keys of each step, such as "sweep.questions"."""
    for name, kind in STEPS.items():
        yield from described(kind, f"{name}.")
