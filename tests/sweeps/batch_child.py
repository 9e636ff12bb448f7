"""A sweep into a file and then composed summaries into a folder, told step by step, to be killed.

    python -m tests.sweeps.batch_child FOLDER

FOLDER is that of a tests.flows.corpus.Corpus. Its embedder and model are made of Python; the model
computes four texts at once, as the engine does. Standard output has a line for every step, written as it
is taken: "judge CONTENT QUESTIONS", "judged CONTENT", "choose CONTENT", "summarized CONTENT", "write
FILE", "count QUESTION YES NO UNCLEAR UNREADABLE", "done DOCUMENTS".
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from ragkit.catalog import Summaries
from ragkit.catalog.findings import Findings
from ragkit.flows import summary_files, sweeping
from ragkit.flows.abridging import Abridger
from ragkit.flows.summarizing import SummaryRequest, summarize
from ragkit.flows.summary_files import SummaryFolder
from ragkit.flows.sweep_files import written_to
from ragkit.retrieval.wording import Wording
from ragkit.types.sweeps import Sweep, SweepQuestion
from tests.flows.corpus import Corpus
from tests.flows.summarizing import parts_of
from tests.llm.lowlevel import ByteGenerator, FakeRuntime

QUESTIONS = (
    SweepQuestion("rent", "How much is the rent?", ("monthly rent",), ("rent",)),
    SweepQuestion("pets", "May the tenant keep pets?", ("pets",)),
)
PAUSE = 0.004
"""Seconds for each step, so that a process can be killed in the middle of it."""


def tell(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())
    time.sleep(PAUSE)


def tell_of_steps() -> None:
    judge_all, keep_found = sweeping._Run._judge_all, Findings.keep
    choose, keep_summary, replaced = Abridger.choose, Summaries.keep, summary_files.write_atomically

    def judging(self: Any, document: Any, names: Any) -> Any:
        tell("judge", document.entry.content_id, *names)
        return judge_all(self, document, names)

    def keeping_found(self: Findings, content_id: int, found: Mapping[str, str]) -> bool:
        kept = keep_found(self, content_id, found)
        tell("judged", content_id)
        return kept

    def choosing(self: Abridger, material: Any) -> Any:
        tell("choose", material.entry.content_id)
        return choose(self, material)

    def keeping_summary(self: Summaries, content_id: int, maker: str, body: str) -> bool:
        kept = keep_summary(self, content_id, maker, body)
        if "folder" not in maker:
            tell("summarized", content_id)
        return kept

    def replacing(path: Path, text: Any) -> None:
        replaced(path, text)
        tell("write", path.name)

    sweeping._Run._judge_all = judging  # type: ignore[method-assign]
    Findings.keep = keeping_found  # type: ignore[method-assign]
    Abridger.choose = choosing  # type: ignore[method-assign]
    Summaries.keep = keeping_summary  # type: ignore[method-assign]
    summary_files.write_atomically = replacing


def sweep_into(corpus: Corpus, output: Path) -> Sweep:
    request = sweeping.SweepRequest(QUESTIONS, Wording())
    with written_to(output, corpus.pipeline, QUESTIONS) as file:
        swept = sweeping.sweep(parts_of(corpus), request, file.row)
        file.end(swept.counts)
    return swept


def summarize_into(corpus: Corpus, output: Path) -> int:
    """How many documents there are."""
    with closing(ByteGenerator(FakeRuntime(cells=16_000, slots=10), 4_000)) as generator:
        parts = replace(
            parts_of(corpus), style="compose", open_generator=lambda: generator, model_name="bytes"
        )
        summary = summarize(parts, SummaryRequest())
    SummaryFolder(output, corpus.pipeline).write(summary, whole=True)
    return len(summary.documents)


def main(folder: Path) -> None:
    tell_of_steps()
    corpus = Corpus(folder)
    swept = sweep_into(corpus, folder / "rows.jsonl")
    for count in swept.counts:
        tell("count", count.id, count.yes, count.no, count.unclear, count.unreadable)
    tell("done", summarize_into(corpus, folder / "summaries"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
