"""How well the usual stack finds what gold questions ask for, over a pipeline's own documents.

Windows of 1000 characters that overlap by 200, the pipeline's embedding model through
sentence-transformers as it comes, Chroma, the nearest so many: what tutorials do. It is given the same
texts that the pipeline has indexed, so that only the finding differs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ragkit.bench.children import follow_module
from ragkit.bench.windows import window_spans
from ragkit.build import Builder
from ragkit.catalog import Reader
from ragkit.catalog.scratch import scratch_folder
from ragkit.config import Pipeline
from ragkit.errors import Interrupted, UsageFault
from ragkit.evaluation.measures import DEPTH, Found
from ragkit.flows.evaluating import choose
from ragkit.flows.marking import EvaluationRequest, Marking
from ragkit.flows.stating import published
from ragkit.gold import read_gold
from ragkit.protocols import TokenCounter
from ragkit.retrieval.budget import first_tokens
from ragkit.types import Passage, Step
from ragkit.types.evaluation import Evaluation

STACK = "usual-stack"


@dataclass(frozen=True, slots=True)
class _Window:
    """A stretch of a document's text."""

    document: str
    document_id: int
    content: int
    start: int
    end: int
    text: str


def usual_stack(
    builder: Builder,
    pipeline: Pipeline,
    request: EvaluationRequest,
    on_step: Callable[[Step], None],
) -> Evaluation:
    """The same questions, answered by the usual stack, measured in the same way.

    What it makes of the documents lies in a scratch folder of the store meanwhile. Raises IndexMissing,
    ModelMissing, ConfigFault, UsageFault, NotReady if its process fails, Busy if another state is
    published meanwhile or documents are being purged, Interrupted.
    """
    model, tokens = builder.embedding_model(pipeline).path, builder.token_counter(pipeline)
    questions = read_gold(request.file)
    chosen = choose(questions, request)
    started, clock = datetime.now(UTC), time.perf_counter()
    with published(pipeline) as catalog:
        marking = Marking(Reader(catalog), chosen, request)  # its faults are told first
    # From before the texts are read, so that a purge in between cannot miss them.
    with scratch_folder(pipeline.store) as folder:
        with published(pipeline) as catalog:
            marking.require_same(Reader(catalog))
            windows = list(published_windows(Reader(catalog)))
        if not windows:
            raise UsageFault(f"There is no text in the index of {pipeline.name}.")
        # Encoding takes minutes, during which no state is held.
        asked = [question.question for question in chosen]
        found = _found(model, folder / "chroma", windows, asked, on_step)
    with published(pipeline) as catalog:
        reader = Reader(catalog)
        marking.require_same(reader)
        marking = Marking(reader, chosen, request)
        results = []
        for question, near in zip(chosen, found, strict=True):
            passages = _passages(reader, [windows[at] for at in near])
            read = _read_by_a_model(passages, tokens, request.budget(pipeline))
            results.append(marking.mark(question, passages, read, refused=None))
        return marking.sum_up(
            results,
            pipeline,
            started=started.isoformat("T", "seconds"),
            seconds=time.perf_counter() - clock,
            left_out=len(questions) - len(chosen),
            stack=STACK,
        )


def _read_by_a_model(passages: Sequence[Passage], tokens: TokenCounter, budget: int) -> list[Found]:
    """The passages up to the budget, the last one cut: as they are put into a prompt."""
    ends = first_tokens([tokens.token_spans(passage.text) for passage in passages], budget)
    return [
        Found(passage.document, passage.start, passage.start + end, passage.text[:end])
        for passage, end in zip(passages, ends, strict=True)
        if end
    ]


def published_windows(reader: Reader) -> Iterator[_Window]:
    """Of the text of every published document, attachments too."""
    for entry in reader.documents():
        text = reader.text(entry.content_id, 0, reader.length(entry.content_id))
        for start, end in window_spans(text):
            yield _Window(entry.path, entry.id, entry.content_id, start, end, text[start:end])


def _found(
    model: Path,
    store: Path,
    windows: Sequence[_Window],
    questions: Sequence[str],
    on_step: Callable[[Step], None],
) -> list[list[int]]:
    """For each question the numbers of the nearest windows, best first."""
    request = {
        "store": str(store),
        "model": str(model),
        "texts": [window.text for window in windows],
        "questions": list(questions),
        "nearest": DEPTH,
    }
    stage = "the usual stack encodes"
    on_step(Step(stage, 0, len(windows)))
    said: dict[str, Any] = {}
    try:
        for said in follow_module("ragkit.bench.baseline", "find", request=request):
            if "done" in said:
                on_step(Step(stage, said["done"], said["total"]))
    except KeyboardInterrupt:
        raise Interrupted(
            "Stopped while the usual stack was made; nothing was written and nothing is left of it.",
            hint="--limit N does not shorten this: all documents are encoded.",
        ) from None
    found: list[list[int]] = said["found"]
    return found


def _passages(reader: Reader, windows: Sequence[_Window]) -> list[Passage]:
    return [
        Passage(
            document=window.document,
            page=reader.place(window.content, window.start).page,
            start=window.start,
            end=window.end,
            heading="",
            text=window.text,
            score=0.0,
            rank=rank,
            document_id=window.document_id,
        )
        for rank, window in enumerate(windows, start=1)
    ]
